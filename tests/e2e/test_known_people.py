"""Once loaded, the data by which people identified themselves is only in the catalog."""

from pathlib import Path

from e2e.senders import BROWSER
from e2e.server import BASE, Server, running
from e2e.test_privacy import rows_of_all_tables

MARKS = ("marked-user", "Marked Name", "marked@example.com", "marked-customer")
ANN = dict(zip(("user_id", "name", "email", "customerId"), MARKS, strict=True))
PROFILES = "catalog.sqlite"  # and its log beside it


def identify_everywhere(server: Server) -> str:
    """By the tracker, a backend and an SDK; cookieless, too, and as a bot. Answers a token."""
    website = server.website("shop.test")
    token = server.token(website)
    key = server.token(website, kind="formo")
    page = {"websiteId": website.tracking_id, "url": "http://shop.test/", "visitorUid": "ann"}
    event = page | {"type": "identify", "properties": ANN | {"plan": "pro"}}
    for agent in (BROWSER, "Googlebot/2.1"):
        for body in (page, event, event | {"cookieless": True}, event | {"properties": MARKS[2]}):
            assert server.ask("POST", "/events", "", body, {"User-Agent": agent})[0] == 202
    backend = {"type": "identify", "visitorUid": "ben", "properties": ANN}
    nobody = {"type": "identify", "properties": ANN}
    cookieless = nobody | {"ip": "81.2.69.142", "userAgent": BROWSER}
    bodies = [backend, nobody, cookieless]
    status, answer = server.ask("POST", f"{BASE}/events", token, bodies)
    assert (status, answer["data"][0]["accepted"]) == (202, 3)
    raw = {"type": "identify", "version": "1", "channel": "web", "anonymous_id": "eve"}
    raw |= {"user_id": MARKS[0], "properties": ANN}
    assert server.ask("POST", "/v0/raw_events", key, [raw])[1]["successful_rows"] == 1
    server.wait_for_loading()
    return token


def test_names_are_in_no_row_segment_batch_or_log_but_in_the_catalog(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        token = identify_everywhere(server)
        for visitor in ("ann", "ben", "eve"):
            profile = server.get(f"/visitors/{visitor}", token)["data"]["profile"]
            assert profile == dict(
                zip(("userId", "name", "email", "customerId"), MARKS, strict=True)
            )
        shown = str(server.get("/realtime/map", token))
        server.stop()
        server.start()  # the journal goes on in a new segment, and the old one goes once it is read
        server.ask("POST", f"{BASE}/events", token, [{"url": "http://shop.test/"}])
        server.wait_for_loading()
    texts = {
        "the map": shown,
        "the log": server.logged(),
        **dict(rows_of_all_tables(server.folder)),
    }
    for path in server.folder.rglob("*"):
        if path.is_file() and not path.name.startswith(PROFILES):
            texts[str(path)] = path.read_bytes().decode("latin-1")
    kept = [(mark, name) for name, text in texts.items() for mark in MARKS if mark in text]
    assert kept == []
    assert any('"plan":"pro"' in text for text in texts.values())
