"""Who is erased, or past the retention, is in no file, row, log or copy any more."""

import hmac
import json
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

from e2e.senders import BROWSER
from e2e.server import BASE, Server, running, wait_until
from e2e.test_privacy import rows_of_all_tables

from footfall.clock import now_ms
from footfall.model.website import Website
from footfall.money.connection import Connections
from footfall.money.ledger import Ledger

DAY_MS = 86_400_000
UID = "marked-uid"
PERSONAL = {
    "user_id": "marked-user",
    "name": "Marked Name",
    "email": "marked@example.com",
    "customerId": "marked-customer",
}
DONE = ("/marked-path", "Marked Title", "marked-property", "marked-goal-value", "marked-message")
WALLET = "0x51234567890abcdef1234567890abcdef1234567"
MARKS = (UID, *PERSONAL.values(), *DONE, WALLET, "51234567890abcdef")
SECRET = "whsec_of_a_provider_to_be_kept"
ALL = ("read", "write", "delete")


def live(server: Server, website: Website, token: str, **fields: Any) -> None:
    """What one person does, by every way in: tracker, backend, SDK, shop and provider."""
    event = {"websiteId": website.tracking_id, "url": f"http://shop.test{DONE[0]}"}
    event |= {"visitorUid": UID, "title": DONE[1], "sessionUid": "marked-session"}
    identify = {"type": "identify", "properties": PERSONAL}
    track = {"type": "track", "name": "signup", "properties": {"plan": DONE[2]}}
    for more in ({}, identify, track):
        assert server.ask("POST", "/events", "", event | more, {"User-Agent": BROWSER})[0] == 202
    wallet = {"type": "signature", "address": WALLET, "properties": {"message": DONE[4]}}
    backend = [event | more | fields for more in ({}, identify, track, wallet)]
    status, answer = server.ask("POST", f"{BASE}/events", token, backend)
    assert (status, answer["data"][0]["rejected"]) == (202, [])
    raw = {"type": "page", "version": "1", "channel": "web", "anonymous_id": UID}
    raw |= {"context": {"page_url": event["url"], "page_title": DONE[1]}, "address": WALLET}
    sdk = server.token(website, "collect", kind="formo")
    assert server.ask("POST", "/v0/raw_events", sdk, [raw])[1]["successful_rows"] == 1
    goal = {"name": "trial", "visitorUid": UID, "metadata": {"a": DONE[3]}}
    assert server.ask("POST", f"{BASE}/goals", token, goal | fields)[0] == 200
    pay(server, token, "t1", visitorUid=UID, **fields)
    pay(server, token, "t2", **fields)  # theirs by the e-mail alone
    assert hook(server, website, transactionId="t3", visitorUid=UID, **fields) == 200


def pay(server: Server, token: str, name: str, **fields: Any) -> None:
    who = {
        "email": PERSONAL["email"],
        "name": PERSONAL["name"],
        "customerId": PERSONAL["customerId"],
    }
    body = {"transactionId": name, "amount": 10, "currency": "EUR"}
    assert server.ask("POST", f"{BASE}/payments", token, body | who | fields)[0] == 200


def hook(server: Server, website: Website, **fields: Any) -> int:
    """A signed webhook; the status of its answer."""
    event = {"type": "payment", "amount": "10", "currency": "EUR", "email": PERSONAL["email"]}
    body = json.dumps(event | fields).encode()
    at = str(int(time.time()))
    signed = hmac.digest(SECRET.encode(), f"{at}.".encode() + body, "sha256").hex()
    header = {"Footfall-Signature": f"t={at},v1={signed}"}
    return server.ask("POST", f"/webhooks/generic/{website.public_id}", "", body, header)[0]


def shop(server: Server) -> tuple[Website, str]:
    website = server.website("shop.test", currency="EUR")
    with server.catalog() as catalog:
        Connections(catalog).add(website.id, "generic", SECRET, now_ms=now_ms())
    return website, server.token(website, *ALL)


def texts_of(folder: Path) -> dict[str, str]:
    """All files of a data folder, and all rows: in files these are packed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts = {str(path): path.read_bytes().decode("latin-1") for path in files}
    return texts | dict(rows_of_all_tables(folder))


def kept(texts: dict[str, str], *marks: str) -> list[tuple[str, str]]:
    return [(mark, name) for name, text in texts.items() for mark in marks if mark in text]


def test_nothing_is_left_of_a_deleted_person(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with running(tmp_path / "data", collectors=2) as server:
        website, token = shop(server)
        live(server, website, token)
        other = {"url": "http://shop.test/other", "visitorUid": "other"}
        assert server.ask("POST", f"{BASE}/events", token, [other])[0] == 202
        server.wait_for_loading()
        before = server.get("/overview", token)["data"][0]
        assert (before["visitors"], before["revenue"]) == (2, 30)
        assert server.get(f"/visitors/{UID}", token)["data"]["profile"]["email"]
        status, answer = server.ask("DELETE", f"{BASE}/visitors/{UID}", token)
        assert status == 200, answer
        shutil.copytree(server.folder, copy, symlinks=True)
        shown = [server.ask("GET", f"{BASE}/visitors/{UID}", token)[0]]
        after = server.get("/overview", token)["data"][0]
        assert (shown, after["visitors"], after["revenue"]) == ([404], 1, 30)
        [row] = server.get("/countries", token)["data"]
        assert (row["value"], row["revenue"]) == ("Unknown", 30)
    found = texts_of(server.folder)
    assert kept(found, *MARKS) == []
    assert kept(texts_of(copy), *MARKS) == []
    assert kept({"the log": server.logged()}, *MARKS) == []
    assert kept(found, "/other")
    assert kept(found | {"the log": server.logged()}, SECRET, token) == []


def test_what_is_past_the_retention_is_in_no_report_at_once_and_in_no_file_a_day_later(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", begins_empty=True) as server:
        website, token = shop(server)
        old = time.strftime("%Y-%m-%dT12:00:00Z", time.gmtime(now_ms() / 1000 - 50 * 86_400))
        event = {"url": "http://shop.test/marked-old", "visitorUid": UID, "timestamp": old}
        new = {"url": "http://shop.test/new", "visitorUid": "other"}
        assert server.ask("POST", f"{BASE}/events", token, [event, new])[0] == 202
        pay(server, token, "marked-old-payment", timestamp=old)
        pay(server, token, "new-payment")
        server.wait_for_loading()
        assert server.get("/overview", token)["data"][0]["revenue"] == 20
        with server.catalog() as catalog:
            catalog.update_website(website.id, retain_days=30)
        time.sleep(1.5)  # the server knows it within a second
        row = server.get("/overview", token)["data"][0]
        assert (row["visitors"], row["revenue"]) == (1, 10)
        server.stop()
        server.start()  # as on the next day
        server.wait_for_loading()
        server.ask("POST", f"{BASE}/events", token, [new])
        server.wait_for_loading()
        with server.catalog() as catalog:
            kept_payments = partial(Ledger(catalog).find_transactions, website.id)
            wait_until(lambda: kept_payments() == ["new-payment"], "daily housekeeping")
        # answered between two turns of the loader: what it has begun is done
        server.ask("DELETE", f"{BASE}/goals?name=none&dryRun=true", token)
    found = texts_of(server.folder)
    assert kept(found, "marked-old") == []
    assert kept(found, "new-payment", "/new")
