"""Whose address a request has when proxies repeat their headers, over plain sockets; and what a
HEAD on the pixel does not count."""

import json
import socket
from collections.abc import Iterator

import pytest
from e2e.senders import BROWSER
from e2e.server import Server, running, wait_until

from footfall.model.website import Exclusions, Website

CLIENT = "198.51.100.1"
FORGED = "203.0.113.66"
REPEATED = {
    "X-Forwarded-For, a line of the client's own": (
        f"X-Forwarded-For: {FORGED}",
        f"X-Forwarded-For: {CLIENT}",
    ),
    "X-Forwarded-For, a further proxy": (
        f"X-Forwarded-For: {CLIENT}",
        "X-Forwarded-For: 10.0.0.7",
    ),
    "in any case": (f"x-forwarded-for: {CLIENT}", "X-FORWARDED-FOR: 10.0.0.7"),
    "Forwarded, a further proxy": (f"Forwarded: for={CLIENT}", "Forwarded: for=10.0.0.7"),
    "Forwarded, an open quote": (f'Forwarded: for={FORGED};host="', f"Forwarded: for={CLIENT}"),
    "Forwarded, quoted text": (f'Forwarded: for={CLIENT};host="a;for={FORGED}"',),
    "Forwarded, a quoted comma": (f'Forwarded: for={CLIENT};host="a, for={FORGED}"',),
}


@pytest.fixture(scope="module", params=[1, 2], ids=["alone", "two collectors"])
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("proxies") / "data", collectors=request.param) as server:
        if request.param > 1:
            wait_until(server.children, "a further collector")
        yield server


@pytest.fixture(scope="module")
def website(server: Server) -> Website:
    """A website that excludes the client's address: each answer says whether it was found."""
    website = server.website("shop.test")
    with server.catalog() as catalog:
        catalog.update_website(website.id, exclusions=Exclusions(addresses=(CLIENT,)))
    return website


def say(server: Server, line: str, *headers: str, body: bytes = b"") -> tuple[str, str]:
    """Head and body of the answer, without its date."""
    lines = (line, "Host: x", f"User-Agent: {BROWSER}", "Connection: close", *headers)
    lines = (*lines, f"Content-Length: {len(body)}", "", "")
    with socket.create_connection(("127.0.0.1", server.port), timeout=180) as connection:
        connection.sendall("\r\n".join(lines).encode() + body)
        said = b""
        while part := connection.recv(65536):
            said += part
    head, _, rest = said.decode("latin-1").partition("\r\n\r\n")
    kept = [line for line in head.split("\r\n") if not line.lower().startswith("date:")]
    return "\r\n".join(kept), rest


@pytest.mark.parametrize("headers", REPEATED.values(), ids=REPEATED)
def test_the_tracker_is_the_clients(
    server: Server, website: Website, headers: tuple[str, ...]
) -> None:
    event = {"websiteId": website.tracking_id, "type": "page", "url": "https://shop.test/"}
    body = json.dumps(event).encode()
    for _ in range(4):
        answer = say(server, "POST /events HTTP/1.1", *headers, body=body)[1]
        assert '"excluded_address"' in answer


@pytest.mark.parametrize("headers", REPEATED.values(), ids=REPEATED)
def test_an_sdk_is_the_clients(server: Server, website: Website, headers: tuple[str, ...]) -> None:
    key = f"Authorization: Bearer {server.token(website, 'collect', kind='formo')}"
    event = {"type": "page", "channel": "web", "version": "1", "anonymous_id": "a1"}
    body = json.dumps(event | {"context": {"page_url": "https://shop.test/"}}).encode()
    for _ in range(4):
        answer = say(server, "POST /v0/raw_events HTTP/1.1", key, *headers, body=body)[1]
        assert json.loads(answer) == {"successful_rows": 0, "quarantined_rows": 1}


def test_a_head_on_the_pixel_is_not_counted(server: Server, website: Website) -> None:
    token = server.token(website)
    target = f"/events?websiteId={website.tracking_id}&url=https://shop.test/pixel"
    shown = say(server, f"GET {target} HTTP/1.1")
    for _ in range(3):
        asked = say(server, f"HEAD {target} HTTP/1.1")
        assert asked == (shown[0], "")
    server.wait_for_loading()
    rows = server.get("/pages", token)["data"]
    assert [(row["value"], row["pageviews"]) for row in rows] == [("/pixel", 1)]
