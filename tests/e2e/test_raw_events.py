"""Raw events on a real server: what is acknowledged stays, what must not be kept is nowhere."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from e2e.senders import BROWSER
from e2e.server import Server, running, wait_until
from e2e.test_privacy import rows_of_all_tables

from footfall.model.website import Exclusions

PATH = "/v0/raw_events"
ADDRESS = "8.8.8.8"
AGENT_MARK = "Marked/88.456"
VISITOR_UID = "anonymous-id-to-be-hashed"
SESSION_UID = "session-id-to-be-hashed"
QUERY = {
    "email": "bea@example.com",
    "token": "t0ken-of-somebody-else",
    "access_token": "an0ther-token",
    "gclid": "clickid-987654",
    "password": "hunter3hunter3",
}
WRONG_VALUE = "value-of-an-event-that-was-not-taken"
SECRETS = (ADDRESS, AGENT_MARK, VISITOR_UID, SESSION_UID, WRONG_VALUE, *QUERY.values())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data") as server:
        yield server


def event(**fields: Any) -> dict[str, Any]:
    given = {"type": "page", "channel": "web", "version": "1", "anonymous_id": "a1"}
    return given | {"context": {"page_url": "https://app.test/"}} | fields


def secretive_events() -> Iterator[dict[str, Any]]:
    url = f"https://app.test/page?{urlencode(QUERY)}#access_token={QUERY['token']}"
    inner = urlencode({"to": url})
    context = {
        "page_url": url,
        "page_query": urlencode(QUERY),
        "page_hash": f"#token={QUERY['token']}",
        "page_title": "A page",
        "referrer": f"https://other.test/go/{inner}?{urlencode(QUERY)}",
        "user_agent": f"{BROWSER} {AGENT_MARK}",
        "gclid": QUERY["gclid"],
        "ip": ADDRESS,
    }
    ids = {"anonymous_id": VISITOR_UID, "session_id": SESSION_UID}
    properties = {**QUERY, "url": url, "query": urlencode(QUERY), "hash": "#token=x"}
    del properties["gclid"]  # SDKs keep click ids apart
    yield event(**ids, context=context, properties=properties)
    for kind in ("connect", "signature", "transaction", "identify", "detect", "chain"):
        yield event(**ids, type=kind, context=context, properties={"page": url}, address="0xAb")
    yield event(**ids, type="track", event="Deposit", context=context)
    wrong = context | {"page_title": {"secret": WRONG_VALUE}}
    yield event(**ids, context=wrong, properties={"note": WRONG_VALUE}, address=WRONG_VALUE)
    yield event(**ids, context=context | {"page_url": WRONG_VALUE})
    yield event(**ids, user_id=WRONG_VALUE, sent_at=WRONG_VALUE, context=context)


def test_no_address_agent_id_or_secret_is_kept(server: Server) -> None:
    website = server.website("app.test")
    keys = [server.token(website, scope, kind="formo") for scope in ("collect", "write", "read")]
    headers = {"X-Forwarded-For": ADDRESS, "User-Agent": f"{BROWSER} {AGENT_MARK}"}
    for key in keys[:2]:
        status, answer = server.ask("POST", PATH, key, list(secretive_events()), headers)
        assert (status, answer) == (200, {"successful_rows": 8, "quarantined_rows": 3})
        server.ask("POST", PATH, key, b'{"password":"' + WRONG_VALUE.encode(), headers)
        server.ask("POST", f"{PATH}?key={key}", "", [event()], headers)
    server.wait_for_loading()
    found = server.ask("GET", "/v0/quarantine", keys[2])[1]
    assert found["rows"] == 6
    texts = {"the quarantine": str(found)}
    server.stop()
    for path in server.folder.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode("latin-1")
    texts |= {"the log": server.logged(), **dict(rows_of_all_tables(server.folder))}
    kept = [(s, name) for name, text in texts.items() for s in (*SECRETS, *keys) if s in text]
    assert kept == []


def test_what_is_acknowledged_outlives_a_kill(server: Server) -> None:
    website = server.website("app.test")
    key, reader = server.token(website, "collect", kind="formo"), server.token(website)
    events = [event(message_id="m1"), event(type="track", event="Swap"), {"message_id": "wrong"}]
    answers = [server.ask("POST", PATH, key, events)]
    server.kill()
    server.start()
    answers.append(server.ask("POST", PATH, key, events[:1]))
    assert [(status, tuple(answer.values())) for status, answer in answers] == [
        (200, (2, 1)),
        (200, (1, 0)),
    ]
    server.wait_for_loading()
    assert server.get("/overview", reader, bots="include")["data"][0]["pageviews"] == 1
    assert [row["message_id"] for row in _quarantine(server, reader)] == ["wrong"]


def test_a_browser_on_any_page_may_send_and_read_the_answer(server: Server) -> None:
    website = server.website("app.test")
    asking = {
        "Origin": "https://app.test",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    request = urllib.request.Request(server.url + PATH, None, asking, method="OPTIONS")
    with urllib.request.urlopen(request) as reply:
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "authorization" in reply.headers["access-control-allow-headers"].lower()
    key = server.token(website, "collect", kind="formo")
    headers = {"Authorization": f"Bearer {key}", "Origin": "https://app.test"}
    body = json.dumps([event()]).encode()
    request = urllib.request.Request(server.url + PATH, body, headers, method="POST")
    with urllib.request.urlopen(request) as reply:
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in reply.headers


def test_further_collectors_tell_whose_events_they_hand_on(tmp_path: Path) -> None:
    """Requests go to whichever process takes the connection; the address counts in each."""
    with running(tmp_path / "data", collectors=3) as server:
        website = server.website("app.test")
        with server.catalog() as catalog:
            catalog.update_website(website.id, exclusions=Exclusions(addresses=(ADDRESS,)))
        key = server.token(website, "collect", kind="formo")
        wait_until(lambda: len(server.children()) >= 2, "further collectors")
        for address, counted in ((ADDRESS, (0, 1)), ("81.2.69.142", (1, 0))):
            headers = {"X-Forwarded-For": address, "User-Agent": BROWSER}
            answers = [server.ask("POST", PATH, key, [event()], headers) for _ in range(20)]
            assert {tuple(answer.values()) for _, answer in answers} == {counted}


def _quarantine(server: Server, token: str) -> list[dict[str, Any]]:
    status, answer = server.ask("GET", "/v0/quarantine", token)
    assert status == 200, answer
    rows: list[dict[str, Any]] = answer["data"]
    return rows
