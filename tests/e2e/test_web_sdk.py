"""The official web SDK in a real browser against a real server: every event arrives once.

The SDK posts with `keepalive` and never reads the answer. Chromium lets a page have 64 kB of such
requests at a time, so more than that in one moment is refused there and sent again by the SDK.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from browser import RecordingSite, page
from e2e.server import Server, running, wait_until
from playwright.sync_api import Page

from footfall.model.website import Website

SDK = Path(__file__).parent.parent / "clients/node_modules/@formo/analytics/dist/index.umd.min.js"
PATH = "/v0/raw_events"
ARRIVED_S = 120
"""How long is waited for events: a batch that met a stopped server is sent again after up to
1 + 2 + 4 + 8 + 16 s, and a batch that is not full after 10 s."""
WALLET = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
OPTIONS = {"flushInterval": 10_000, "retryCount": 5}
SEND = """([prefix, from, to, size]) => {
    const sent = []
    for (let n = from; n < to; n++) {
        sent.push(formo.track(prefix + n, {note: "x".repeat(size)}))
    }
    return Promise.all(sent).then(() => sent.length)
}"""
PROVIDER = """
window.ethereum = {
    listeners: {},
    on(name, listener) { (this.listeners[name] ??= []).push(listener) },
    removeListener() {},
    async emit(name, value) {
        for (const listener of this.listeners[name] ?? []) await listener(value)
    },
    async request({method}) {
        if (method === "eth_accounts" || method === "eth_requestAccounts") return window.accounts
        if (method === "eth_chainId") return window.chain
        if (method === "eth_signTypedData_v4") return "0xsigned"
        if (method === "eth_sendTransaction") return "0x" + "ab".repeat(32)
        if (method === "eth_getTransactionReceipt") return {status: "0x1"}
        return null
    },
}
window.accounts = []
window.chain = "0x1"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not SDK.exists():
        pytest.skip("the official SDK is not installed: python tests/clients/install.py")
    with running(tmp_path_factory.mktemp("sdk") / "data") as server:
        server.keeps_port = True
        yield server


class App:
    """A website whose pages carry the SDK, and what arrived of its events."""

    def __init__(self, server: Server, site: RecordingSite, domain: str) -> None:
        self.server = server
        self.site = site
        self.domain = domain
        self.website: Website = server.website(domain)
        self.token = server.token(self.website)
        key = server.token(self.website, "collect", kind="formo")
        endpoint = f"http://stats.test:{server.port}{PATH}"
        options = json.dumps({**OPTIONS, "apiHost": endpoint})
        start = f"formofy({json.dumps(key)}, {options})"
        script = f"<script>{SDK.read_text('utf-8')}</script><script>{start}</script>"
        site.pages["/"] = page(head=f"<script>{PROVIDER}</script>{script}")
        site.pages["/bye"] = page(head="")

    def open(self, tab: Page) -> None:
        tab.goto(self.site.url("/", self.domain))
        tab.wait_for_function("window.formo !== undefined")

    def flow(self, **parameters: str) -> list[dict[str, Any]]:
        days = {"date_from": "2000-01-01", "date_to": "2199-12-31"}
        path = f"/v0/flow?{urlencode({**days, **parameters})}"
        status, answer = self.server.ask("GET", path, self.token)
        assert status == 200, answer
        rows: list[dict[str, Any]] = answer["data"]
        return rows

    def goals(self) -> dict[str, int]:
        """How often each track event arrived, by its name."""
        rows = self.server.get("/goals", self.token, limit=1000)["data"]
        own = (row for row in rows if row["name"] not in ("payment", "free_trial"))
        return {row["name"]: row["completions"] for row in own}

    def wait_for_goals(self, count: int) -> dict[str, int]:
        wait_until(lambda: len(self.goals()) >= count, f"{count} events", ARRIVED_S)
        self.server.wait_for_loading()
        return self.goals()


@pytest.fixture
def app(server: Server, site: RecordingSite, request: pytest.FixtureRequest) -> App:
    name = request.node.name.removeprefix("test_")[:40].strip("_").replace("_", "-")
    return App(server, site, f"{name}.test")


def once(prefix: str, count: int) -> dict[str, int]:
    return {f"{prefix}{number}": 1 for number in range(count)}


def send_group(tab: Page, group: int) -> None:
    """20 events of 2 kB, which the SDK sends as one batch, and its answer."""
    with tab.expect_response(lambda response: response.url.endswith(PATH)):
        tab.evaluate(SEND, ["e", group * 20, group * 20 + 20, 1200])


def test_300_kb_from_one_page_arrive_once(app: App, tab: Page) -> None:
    app.open(tab)
    for group in range(9):
        send_group(tab, group)
    assert app.wait_for_goals(180) == once("e", 180)


def test_a_restart_while_a_page_sends_loses_and_doubles_nothing(app: App, tab: Page) -> None:
    """The SDK sends a batch again, with the same message_id, for up to 31 s with `retryCount: 5`
    (7 s by default). What it cannot deliver by then it drops; it keeps nothing on disk."""
    app.open(tab)
    for group in range(3):
        send_group(tab, group)
    app.server.kill()
    tab.evaluate(SEND, ["e", 60, 100, 1200])
    app.server.start()
    app.wait_for_goals(100)
    for group in range(5, 9):
        send_group(tab, group)
    assert app.wait_for_goals(180) == once("e", 180)


def test_what_a_page_sends_as_it_is_left_arrives_once(app: App, tab: Page) -> None:
    app.open(tab)
    tab.evaluate(
        f"""async () => {{
            await ({SEND})(["e", 0, 25, 100])
            location.href = "/bye"
        }}"""
    )
    tab.wait_for_url("**/bye")
    assert app.wait_for_goals(25) == once("e", 25)


def test_a_wallets_events_arrive_with_address_and_chain(app: App, tab: Page) -> None:
    app.open(tab)
    tab.wait_for_timeout(1000)  # the page view is sent a moment after the page has loaded
    steps = (
        f"accounts = ['{WALLET}']; ethereum.emit('accountsChanged', accounts)",
        "chain = '0x89'; ethereum.emit('chainChanged', chain)",
        f"ethereum.request({{method: 'eth_signTypedData_v4', params: ['{WALLET}', '{{}}']}})",
        "ethereum.request({method: 'eth_sendTransaction',"
        f" params: [{{from: '{WALLET}', to: '{WALLET}', value: '0x1', data: '0x'}}]}})",
        "accounts = []; ethereum.emit('accountsChanged', accounts)",
    )
    for step in steps:
        tab.evaluate(step)
        tab.wait_for_timeout(300)  # they are nodes in the order of their times
    tab.goto(app.site.url("/bye", app.domain))
    on_page = {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__"}
    asked = {"start_step": json.dumps(on_page), "max_steps": "10"}

    def ask(*filters: dict[str, str], **more: str) -> list[tuple[str, str]]:
        rows = app.flow(**asked, **more, filters=json.dumps(filters))
        return [(row["source"], row["target"]) for row in rows]

    wait_until(lambda: len(ask()) >= 8, "a path", ARRIVED_S)
    path = ["/", *(target for _, target in ask())]
    assert path[:5] == ["/", "connect", "chain", "signature:requested", "signature:confirmed"]
    assert path[5:7] == ["transaction:started", "transaction:broadcasted"]
    assert sorted(path[7:]) == ["disconnect", "transaction:confirmed"]
    asked["start_step"] = json.dumps({"type": "event", "event": "connect"})
    wallet = {"field": "address", "op": "eq", "value": WALLET.upper()}
    assert [source for source, _ in ask(wallet)][:2] == ["connect", "chain"]
    asked["start_step"] = json.dumps({"type": "event", "event": "chain"})
    polygon = {"field": "chain_id", "op": "eq", "value": "137"}
    assert [source for source, _ in ask(wallet, polygon)][:2] == ["chain", "signature:requested"]
