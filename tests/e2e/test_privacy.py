"""After a run, nothing that must not be kept is anywhere: not in files, rows, logs or answers."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from e2e.senders import BROWSER
from e2e.server import BASE, Server, running

from footfall.model.dimension import DIMENSIONS
from footfall.store.engine import Engine

ADDRESSES = ("194.25.0.68", "81.2.69.142", "2a02:8070::abcd")
AGENT_MARK = "Marked/77.123"  # part of a user agent, as no rule would write it
VISITOR_UID = "visitor-uid-to-be-hashed"
SESSION_UID = "session-uid-to-be-hashed"
QUERY = {
    "email": "ann@example.com",
    "token": "tok3n-of-somebody",
    "gclid": "clickid-123456",
    "fbclid": "fbclick-123456",
    "password": "hunter2hunter2",
    "utm_source": "news",
}
SECRETS = (*ADDRESSES, AGENT_MARK, VISITOR_UID, SESSION_UID, *list(QUERY.values())[:-1])


def send_everything(server: Server) -> list[str]:
    """Send secrets every way in, well and badly. Answers the tokens used."""
    website = server.website("shop.test")
    token, collect = server.token(website), server.token(website, "collect")
    url = f"http://shop.test/page?{urlencode(QUERY)}#access_token={QUERY['token']}"
    agent = {"User-Agent": f"{BROWSER} {AGENT_MARK}"}
    event = {
        "websiteId": website.tracking_id,
        "url": url,
        "referrer": f"http://other.test/?{urlencode(QUERY)}",
        "visitorUid": VISITOR_UID,
        "sessionUid": SESSION_UID,
    }
    link = {"type": "outbound", "properties": {"url": f"http://a.test/x?{urlencode(QUERY)}"}}
    for address in ADDRESSES:
        forwarded = agent | {"X-Forwarded-For": address, "Referer": url}
        for fields in ({}, {"cookieless": True}, link, {"type": "nonsense"}, {"websiteId": "x"}):
            server.ask("POST", "/events", "", event | fields, forwarded)
        pixel = urlencode({"websiteId": website.tracking_id, "url": url})
        server.ask("GET", f"/events?{pixel}", "", None, forwarded)
        backend = event | {"ip": address, "userAgent": agent["User-Agent"]}
        for fields in ({}, {"eventId": VISITOR_UID}, {"timestamp": "1970"}, {"type": "nonsense"}):
            server.ask("POST", f"{BASE}/events", token, [backend | fields], forwarded)
    server.ask("GET", f"{BASE}/overview?token={token}")
    server.ask("GET", f"{BASE}/overview?{urlencode(QUERY)}", token)
    server.ask("GET", f"{BASE}/nowhere/{token}", token)
    server.wait_for_loading()
    assert server.get("/overview", token)["data"][0]["pageviews"] > 0
    return [token, collect]


def rows_of_all_tables(folder: Path) -> Iterator[tuple[str, str]]:
    """Tables and their rows as text: in files they are packed."""
    with closing(Engine(str(folder / "engine"))) as engine:
        tables = engine.query(
            "SELECT database, name FROM system.tables WHERE database = currentDatabase()"
            " OR (database = 'system' AND name LIKE '%_log')"
        ).rows
        assert len(tables) > 4
        for database, name in tables:
            rows = engine.query(f"SELECT * FROM `{database}`.`{name}`").rows
            yield f"{database}.{name}", str(rows)


def test_no_address_agent_id_or_secret_is_kept(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        tokens = send_everything(server)
        answer = server.get("/breakdown", tokens[0], dimension=",".join(DIMENSIONS))
        texts = {"breakdown": str(answer), "map": str(server.get("/realtime/map", tokens[0]))}
        texts["metrics"] = server.ask("GET", "/metrics")[1]["text"]
    for path in server.folder.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode("latin-1")
    texts |= {"the log": server.logged(), **dict(rows_of_all_tables(server.folder))}
    secrets = (*SECRETS, *tokens)
    kept = [(secret, name) for name, text in texts.items() for secret in secrets if secret in text]
    assert kept == []


def test_a_cookieless_visitor_is_another_one_on_another_website(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        for domain in ("one.test", "two.test"):
            website = server.website(domain)
            body = {"websiteId": website.tracking_id, "url": f"http://{domain}/"}
            assert server.ask("POST", "/events", "", body, {"User-Agent": BROWSER})[0] == 202
        server.wait_for_loading()
    texts = dict(rows_of_all_tables(server.folder))
    (events,) = (text for name, text in texts.items() if name.endswith(".events"))
    visitors = re.findall(r"\b\d{17,20}\b", events)
    assert len(set(visitors)) >= 2
