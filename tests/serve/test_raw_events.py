"""POST /v0/raw_events from the request to the rows, and GET /v0/quarantine."""

import gzip
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from footfall.collect.address import ClientAddress
from footfall.collect.count import AddressShare
from footfall.collect.sdk import SdkCollector
from footfall.journal.writer import Journal
from footfall.model.key import session_key, visitor_key
from footfall.model.website import Exclusions, Website
from footfall.serve.v0.app import v0_app
from footfall.store.engine import Engine

from .conftest import NOON, Api, enricher

PATH = "/v0/raw_events"
BROWSER = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.4 Safari/605.1.15"
)
CONTEXT = {
    "user_agent": BROWSER,
    "location": "FR",
    "locale": "de-AT",
    "timezone": "Europe/Vienna",
    "page_url": "https://app.example.com/swap?utm_source=web",
    "page_title": "Swap",
    "referrer": "https://blog.example.net/post?x=1",
    "utm_source": "newsletter",
    "screen_width": 1440,
    "screen_height": 900,
}
EVENT = {
    "type": "page",
    "channel": "web",
    "version": "1",
    "anonymous_id": "visitor-1",
    "context": CONTEXT,
}


def event(**fields: Any) -> dict[str, Any]:
    return EVENT | fields


class Sender:
    """A website with a key, and the rows that its events become."""

    def __init__(self, api: Api, *scopes: str, kind: str = "formo") -> None:
        self.api = api
        self.website: Website = api.website()
        self.key = api.token(self.website, *(scopes or ("collect",)), kind=kind)

    def post(self, body: Any, **options: Any) -> httpx2.Response:
        headers = {"User-Agent": BROWSER, **options.pop("headers", {})}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.api.ask("POST", PATH, self.key, content=content, headers=headers, **options)

    def send(self, *events: Any) -> tuple[int, int]:
        """The numbers of successful and quarantined events; they are loaded."""
        answer = self.post(list(events))
        assert answer.status_code == 200, answer.text
        self.api.load()
        counted = answer.json()
        assert set(counted) == {"successful_rows", "quarantined_rows"}
        return counted["successful_rows"], counted["quarantined_rows"]

    def rows(self, columns: str, table: str = "events", order: str = "seq") -> list[list[Any]]:
        where = f"WHERE website_id = {self.website.id} ORDER BY {order}"
        sql = f"SELECT {columns} FROM {table} {where}"
        return self.api.parts.engine.query(sql).rows

    def quarantine(self, **params: Any) -> dict[str, Any]:
        answer = self.api.get(
            "/v0/quarantine", self.api.token(self.website, "read", kind="formo"), params=params
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def sender(api: Api) -> Sender:
    return Sender(api)


def test_events_of_all_kinds_are_rows_with_their_facts(sender: Sender) -> None:
    paid = {"status": "confirmed", "chain_id": 1, "value": 10**21, "function_name": "swap"}
    sent = (
        event(),
        event(type="connect", address="0xAb", properties={"chain_id": 1}),
        event(type="transaction", address="0xAb", event="Swap it", properties=paid),
        event(type="track", event="Swap Completed", properties={"volume": 1.5}),
        event(type="decoded_log", event="Transfer", anonymous_id=None, address="0xCd"),
    )
    assert sender.send(*sent) == (5, 0)
    assert sender.rows("type, name, path, address, visitor_id != 0") == [
        ["page", "", "/swap", "", 1],
        ["connect", "", "/swap", "0xAb", 1],
        ["transaction", "Swap it", "/swap", "0xAb", 1],
        ["track", "Swap Completed", "/swap", "", 1],
        ["decoded_log", "Transfer", "/swap", "0xCd", 0],
    ]
    facts = "hostname, referrer, referrer_url, utm_source, channel, language, timezone, sdk_version"
    assert sender.rows(f"{facts}, screen", "sessions FINAL", "1") == [
        [
            *("app.example.com", "blog.example.net", "https://blog.example.net/post"),
            *("newsletter", "Email", "de-at", "Europe/Vienna", "1", "1440x900"),
        ]
    ]


def test_what_a_wei_amount_becomes_can_be_read_by_the_engine(sender: Sender) -> None:
    wei = {"value": 10**21, "args": {"deep": [-(10**21)]}, "status": "confirmed"}
    sender.send(event(type="transaction", properties=wei))
    read = (
        "JSONExtractString(properties, 'value'), JSONExtractString(properties, 'status'),"
        " JSONExtractString(properties, 'args', 'deep', 1)"
    )
    assert sender.rows(read) == [[str(10**21), "confirmed", str(-(10**21))]]


def test_one_event_alone_is_taken_too(sender: Sender) -> None:
    assert sender.post(EVENT).json() == {"successful_rows": 1, "quarantined_rows": 0}
    assert sender.post([]).json() == {"successful_rows": 0, "quarantined_rows": 0}


def test_a_wrong_event_is_quarantined_alone_and_can_be_read_back(sender: Sender) -> None:
    wrong = event(type="track", event="x", message_id="m1", context={"page_url": 5})
    assert sender.send(event(), wrong, 7, event(type="track", event="ok")) == (2, 2)
    assert sender.rows("type") == [["page"], ["track"]]
    found = sender.quarantine()
    assert [column["name"] for column in found["meta"]] == list(found["data"][0])
    assert found["data"] == [
        {
            "received_at": "2026-11-21T12:00:00.000Z",
            "message_id": "",
            "type": "",
            "event": "",
            "field": "",
            "message": "event: Expected `object`, got `int`",
        },
        {
            "received_at": "2026-11-21T12:00:00.000Z",
            "message_id": "m1",
            "type": "track",
            "event": "x",
            "field": "context.page_url",
            "message": "context.page_url: Expected `str | null`, got `int`",
        },
    ]
    assert (found["rows"], found["rows_before_limit_at_least"]) == (2, 2)


def test_a_request_of_wrong_events_alone_leaves_its_reasons(sender: Sender) -> None:
    assert sender.send({}, event(version=None)) == (0, 2)
    assert sender.quarantine()["rows"] == 2


SPAM = CONTEXT | {"referrer": "http://semalt.com"}


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"type": "track", "event": "payment"}, "event", "reserved_goal"),
        ({"type": "track", "event": ""}, "event", "invalid"),
        ({"anonymous_id": "a b"}, "anonymous_id", "invalid"),
        ({"session_id": "x" * 64 + "\n"}, "session_id", "invalid"),
        ({"session_id": "a/b"}, "session_id", "invalid"),
        ({"address": "0x 1"}, "address", "invalid"),
        ({"message_id": "a\0"}, "message_id", "invalid"),
        ({"context": CONTEXT | {"page_url": "/relative"}}, "context.page_url", "invalid"),
        ({"context": CONTEXT | {"utm_source": "a\0"}}, "context.utm_source", "invalid"),
        ({"context": SPAM}, "context.referrer", "spam_referrer"),
        ({"properties": {"a": "x" * 9000}}, "properties", "invalid"),
        ({"properties": {str(n): n for n in range(51)}}, "properties", "invalid"),
    ],
)
def test_whatever_is_not_taken_is_named_in_the_senders_words_and_counted(
    sender: Sender, fields: dict[str, Any], field: str, reason: str
) -> None:
    assert sender.send(event(**fields)) == (0, 1)
    (row,) = sender.quarantine()["data"]
    assert row["field"] == field
    if reason == "invalid":
        assert row["message"].startswith(field)
    assert row["message"]
    assert sender.rows("via, outcome, hits", "ingestion FINAL", "1") == [["sdk", reason, 1]]


@pytest.mark.parametrize("scope", ["collect", "write"])
def test_what_the_website_excludes_is_quarantined_with_every_key(api: Api, scope: str) -> None:
    sender = Sender(api, scope)
    excluded = Exclusions(paths=("/swap",), addresses=("8.8.8.8",), countries=("FR",))
    api.catalog.update_website(sender.website.id, exclusions=excluded)
    api.now_ms += 1_000
    elsewhere = event(context={"page_url": "https://app.example.com/", "location": "FR"})
    sender.post([event(), elsewhere], headers={"X-Forwarded-For": "8.8.8.8"})
    api.load()
    reasons = sender.rows("outcome", "ingestion FINAL", "outcome")
    excluded = {"collect": "excluded_address", "write": "excluded_country"}[scope]
    assert reasons == [[excluded], ["excluded_path"]]
    assert "excluded by the website" in sender.quarantine()["data"][0]["message"]


def test_a_message_that_comes_again_is_successful_and_counted_once(sender: Sender) -> None:
    same = event(message_id="f" * 64)
    assert sender.send(same, same) == (2, 0)
    assert sender.send(same) == (1, 0)
    assert sender.rows("count()", order="1") == [[1]]
    assert sender.quarantine()["rows"] == 0


def test_an_explicit_session_wins_over_the_thirty_minute_rule(sender: Sender) -> None:
    early = {"original_timestamp": "2026-11-21T09:00:00Z", "sent_at": "2026-11-21T12:00:00Z"}
    sender.send(event(session_id="s1"), event(session_id="s2"), event(session_id="s1", **early))
    visitor = visitor_key(sender.website.id, "visitor-1")
    ids = {uid: session_key(sender.website.id, visitor, uid) for uid in ("s1", "s2")}
    found = dict(sender.rows("session_id, pageviews", "sessions FINAL", "1"))
    assert found == {ids["s1"]: 2, ids["s2"]: 1}


def test_an_events_time_is_its_receipt_less_its_wait(sender: Sender) -> None:
    waited = {"original_timestamp": "2020-01-01T00:00:00Z", "sent_at": "2020-01-01T00:00:05Z"}
    sender.send(event(**waited))
    assert sender.rows("toUnixTimestamp64Milli(occurred_at)") == [[NOON - 5000]]


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/124.0.0.0 Mobile Safari/537.36"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
IS_IPHONE = ["", "Mobile", "Mobile Safari", "iOS"]
IS_ANDROID = ["", "Mobile", "Chrome", "Android"]
IS_MAC = ["", "Desktop", "Safari", "Mac OS"]
IS_UNKNOWN = ["", "", "", ""]
LIBRARIES = (
    *("node", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "undici", "axios/1.6.8"),
    *("okhttp/4.9.2", "okhttp/5.0.0-alpha.14", "python-requests/2.31.0", "python-httpx/0.27"),
    *("aiohttp/3.9 Python/3.11", "Go-http-client/2.0", "Java/17.0.2", "Java-http-client/17"),
    *("ktor-client", "Ktor client", "Dart/3.3 (dart:io)", "Expo/2.30.11 CFNetwork/1494 Darwin/23"),
    *("MyApp/1 CFNetwork/1410.0.3 Darwin/22.6.0", "MyApp/5 (com.my.app; iOS 17.4) Alamofire/5.8"),
    *("Apache-HttpClient/4.5.14 (Java/11)", "curl/8.4.0", "Wget/1.21", "reqwest/0.12", "got/14"),
    *("GuzzleHttp/7", "Ruby", "Faraday v2.9", "RestSharp/110", "PostmanRuntime/7.37", "Bun/1.1"),
    *("Deno/1.40", "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)", "MyApp/2.0", "-"),
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621",
)


@pytest.mark.sample(12)
@pytest.mark.parametrize("header", ["", "  ", *LIBRARIES])
@pytest.mark.parametrize(
    ("own", "facts"), [(IPHONE, IS_IPHONE), (ANDROID, IS_ANDROID), ("", IS_UNKNOWN)]
)
def test_a_librarys_own_agent_says_nothing_about_the_device(
    sender: Sender, header: str, own: str, facts: list[str]
) -> None:
    answer = sender.post(
        [event(context=CONTEXT | {"user_agent": own})], headers={"User-Agent": header}
    )
    assert answer.json() == {"successful_rows": 1, "quarantined_rows": 0}
    sender.api.load()
    assert sender.rows("bot, device, browser, os") == [facts]


@pytest.mark.parametrize(
    ("header", "own", "facts"),
    [
        (BROWSER, None, IS_MAC),
        (BROWSER, " ", IS_MAC),
        (BROWSER, IPHONE, IS_IPHONE),
        (IPHONE, None, IS_IPHONE),
        (GOOGLEBOT, IPHONE, IS_IPHONE),
        (GOOGLEBOT, None, ["search", "", "Googlebot", ""]),
        (BROWSER, GOOGLEBOT, ["search", "", "Googlebot", ""]),
        ("okhttp/4.9.2", "okhttp/4.9.2", ["library", "", "okhttp", ""]),
    ],
)
def test_the_contexts_agent_counts_and_without_one_a_browsers_header(
    sender: Sender, header: str, own: str | None, facts: list[str]
) -> None:
    sender.post([event(context=CONTEXT | {"user_agent": own})], headers={"User-Agent": header})
    sender.api.load()
    assert sender.rows("bot, device, browser, os") == [facts]


@pytest.mark.parametrize(
    ("header", "own", "browser", "system"),
    [
        (CHROME, None, "Brave", "Windows 11"),
        (CHROME, CHROME, "Brave", "Windows 11"),
        (CHROME, ANDROID, "Chrome", "Android 13"),
        ("okhttp/4.9.2", CHROME, "Chrome", "Windows 10"),
        ("okhttp/4.9.2", None, "", ""),
    ],
)
def test_hints_belong_to_the_agent_that_sent_them(
    sender: Sender, header: str, own: str | None, browser: str, system: str
) -> None:
    headers = {
        "User-Agent": header,
        "Sec-CH-UA": '"Brave";v="140", "Chromium";v="140"',
        "Sec-CH-UA-Platform": '"Windows"',
        "Sec-CH-UA-Platform-Version": '"15.0.0"',
        "Sec-CH-UA-Mobile": "?0",
    }
    sender.post([event(context=CONTEXT | {"user_agent": own})], headers=headers)
    sender.api.load()
    assert sender.rows("browser, os_version") == [[browser, system]]


def test_a_public_keys_country_is_the_connections(sender: Sender) -> None:
    sender.send(event())
    assert sender.rows("country") == [[""]]


def test_events_without_an_id_have_no_visitor_whatever_their_agent(sender: Sender) -> None:
    alone = event(anonymous_id=None, address="0xAb", type="connect")
    assert sender.send(alone, alone | {"message_id": "m2"}) == (2, 0)
    assert sender.rows("visitor_id, session_id") == [[0, 0], [0, 0]]


def test_a_public_keys_client_is_found_behind_a_proxy(sender: Sender) -> None:
    sender.post([event()], headers={"X-Forwarded-For": "8.8.8.8"})
    sender.api.load()
    assert sender.rows("country") == [["US"]]


def test_a_secret_keys_context_speaks_for_its_client(api: Api) -> None:
    sender = Sender(api, "read", "write", kind="flow")
    own = {"page_url": "https://app.example.com/", "location": "FR"}
    person = event(context=own | {"user_agent": BROWSER})
    bot = event(anonymous_id="b", context=own | {"user_agent": "Googlebot/2.1"})
    sender.send(person, event(context=own), bot)
    assert sender.rows("bot, browser, country") == [
        ["", "Safari", "FR"],
        ["", "Safari", "FR"],
        ["search", "Googlebot", "FR"],
    ]


def test_a_key_for_pages_is_not_believed_even_where_it_may_write(api: Api) -> None:
    sender = Sender(api, "write", "collect")
    sender.send(event())
    assert sender.rows("bot, browser, country") == [["", "Safari", ""]]


def test_no_hostname_is_foreign_to_a_key(sender: Sender) -> None:
    context = CONTEXT | {"page_url": "https://elsewhere.test/a"}
    assert sender.send(event(context=context)) == (1, 0)


@pytest.mark.parametrize("kind", ["flow", "formo"])
def test_a_key_that_may_neither_collect_nor_write_is_refused(api: Api, kind: str) -> None:
    answer = Sender(api, "read", kind=kind).post([EVENT])
    assert answer.status_code == 403
    assert "'collect'" in answer.json()["error"]["message"]


@pytest.mark.parametrize("key", [None, "formo_unknown"])
def test_without_a_known_key_nothing_is_taken(api: Api, key: str | None) -> None:
    answer = api.ask("POST", PATH, key, json=[EVENT])
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")


def test_a_workspace_token_names_the_website(api: Api) -> None:
    website = api.website()
    token = api.token()
    assert api.ask("POST", PATH, token, json=[EVENT]).status_code == 400
    params = {"websiteId": website.public_id}
    assert api.ask("POST", PATH, token, json=[EVENT], params=params).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"5", b"null", b'"x"', b"[1,", b"\xff"])
def test_a_body_that_is_neither_an_array_nor_an_event_is_refused(
    sender: Sender, body: bytes
) -> None:
    answer = sender.post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("body: ")


def test_more_than_a_thousand_events_or_eight_megabytes_are_too_much(sender: Sender) -> None:
    assert sender.post([{}] * 1001).status_code == 400
    assert sender.post(b"[" + b" " * 8 * 1024 * 1024 + b"]").status_code == 413
    packed = gzip.compress(b"[" + b" " * 8 * 1024 * 1024 + b"]")
    answer = sender.post(packed, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413


def test_a_body_may_be_packed_and_of_any_content_type(sender: Sender) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain;charset=UTF-8"}
    answer = sender.post(gzip.compress(json.dumps([EVENT]).encode()), headers=headers)
    assert answer.json() == {"successful_rows": 1, "quarantined_rows": 0}


def test_a_full_journal_is_reported_and_keeps_nothing(
    api: Api, sender: Sender, tmp_path: Path
) -> None:
    async def open_journal() -> Journal:
        return Journal(tmp_path / "journal" / "full", max_bytes=0, min_free_bytes=0)

    journal = api.run(open_journal())
    collector = SdkCollector(
        registry=api.registry,
        enricher=enricher(),
        journal=journal,
        client_address=ClientAddress(()),
        address_share=AddressShare(),
        clock=api.clock,
    )
    api.v0 = v0_app(api.parts, collector)
    answer = sender.post([EVENT, 5])
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-allow-origin"] == "*"
    api.load()
    assert sender.rows("count()", order="1") == [[0]]
    assert sender.quarantine()["rows"] == 0
    api.run(journal.close())


def test_raw_events_are_not_under_the_reports_rate_limit(tmp_path: Path, engine: Engine) -> None:
    api = Api(tmp_path, engine, rate_limit_per_minute=1)
    try:
        sender = Sender(api)
        assert [sender.post([]).status_code for _ in range(3)] == [200] * 3
    finally:
        api.close()


def test_the_quarantine_is_a_table_by_pages_the_newest_first(api: Api, sender: Sender) -> None:
    for n in range(3):
        api.now_ms = NOON + n * 1000 + n
        sender.send({"message_id": f"m{n}"})
    found = sender.quarantine(limit=1, offset=1)
    assert [row["message_id"] for row in found["data"]] == ["m1"]
    assert found["data"][0]["received_at"] == "2026-11-21T12:00:01.001Z"
    assert (found["rows"], found["rows_before_limit_at_least"]) == (1, 3)
    assert set(found["statistics"]) == {"elapsed", "rows_read", "bytes_read"}


@pytest.mark.parametrize("names", [("dateFrom", "dateTo"), ("date_from", "date_to")])
def test_the_quarantine_is_asked_by_days_of_a_timezone(
    sender: Sender, names: tuple[str, str]
) -> None:
    sender.send({})
    day = dict.fromkeys(names, "2026-11-21")
    assert sender.quarantine(**day)["rows"] == 1
    assert sender.quarantine(**day, timezone="Pacific/Kiritimati")["rows"] == 0
    assert sender.quarantine(**dict.fromkeys(names, "2026-11-20"))["rows"] == 0


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"offset": -1}, "offset"),
        ({"dateFrom": "x", "dateTo": "2026-11-21"}, "dateFrom"),
        ({"timezone": "Mars"}, "timezone"),
    ],
)
def test_a_wrong_parameter_of_the_quarantine_is_named(
    api: Api, params: dict[str, Any], named: str
) -> None:
    token = api.token(api.website(), "read", kind="formo")
    answer = api.get("/v0/quarantine", token, params=params)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, named)


def test_the_quarantine_is_read_with_a_key_that_may_read_and_of_its_website_alone(
    api: Api, sender: Sender
) -> None:
    sender.send({})
    assert api.get("/v0/quarantine", sender.key).status_code == 403
    other = api.token(api.website("other.example"), "read", kind="formo")
    assert api.get("/v0/quarantine", other).json()["rows"] == 0


@pytest.mark.parametrize(
    ("method", "key", "options", "status"),
    [
        ("POST", "own", {"content": b"[]"}, 200),
        ("POST", "own", {"content": b"{"}, 400),
        ("POST", "own", {"content": b"[]", "headers": {"Content-Encoding": "br"}}, 400),
        ("POST", "own", {"content": b"[]", "headers": {"Content-Length": "99999999"}}, 413),
        ("POST", "own", {"content": b"[]", "params": {f"x{n}": "y" * 500 for n in range(60)}}, 414),
        ("POST", "", {"content": b"[]"}, 401),
        ("POST", "wrong", {"content": b"[]"}, 401),
        ("POST", "reader", {"content": b"[]"}, 403),
        ("GET", "own", {}, 405),
        ("OPTIONS", "", {}, 204),
    ],
)
def test_no_answer_says_how_it_may_be_cached(
    sender: Sender, method: str, key: str, options: dict[str, Any], status: int
) -> None:
    """With `no-store` Chromium keeps the request's share of what a page may keep alive."""
    reader = sender.api.token(sender.website, "read", kind="formo")
    keys = {"": None, "own": sender.key, "wrong": "formo_x", "reader": reader}
    answer = sender.api.ask(method, PATH, keys[key], **options)
    assert answer.status_code == status
    assert "cache-control" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == "*"


HEX = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
BECH32 = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
BASE58 = "DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (HEX, HEX.lower()),
        (HEX.upper(), HEX.lower()),
        (f"0x{HEX[2:].upper()}", HEX.lower()),
        (f"0X{HEX[2:].lower()}", HEX.lower()),
        (BECH32.upper(), BECH32),
        (BECH32.capitalize(), BECH32.capitalize()),
        (BASE58, BASE58),
        (f"{HEX}A", f"{HEX}A"),
        ("Vitalik.eth", "Vitalik.eth"),
    ],
)
def test_a_wallet_is_stored_in_its_one_spelling(sender: Sender, sent: str, stored: str) -> None:
    assert sender.send(event(type="connect", address=sent)) == (1, 0)
    connect = {"type": "connect", "visitorUid": "v1", "address": sent}
    sender.api.send(sender.website, connect)
    assert sender.rows("address") == [[stored], [stored]]


def test_the_spellings_of_a_wallet_are_one_person(sender: Sender) -> None:
    spellings = (HEX, HEX.upper(), HEX.lower(), f"0x{HEX[2:].upper()}")
    assert sender.send(
        *(
            event(type="connect", address=spelling, anonymous_id=f"visitor-{number}")
            for number, spelling in enumerate(spellings)
        )
    ) == (4, 0)
    token = sender.api.token(sender.website, "read", kind="formo")
    params = {"id_type": "address", "min_users": 1}
    answer = sender.api.get("/v0/retention", token, params=params).json()
    assert answer["data"][0]["metric"]["user_count"] == 1
    for spelling in spellings:
        condition = {"field": "address", "op": "eq", "value": spelling}
        asked = {
            "date_from": "2026-11-01",
            "date_to": "2026-11-30",
            "steps": json.dumps([{"type": "event", "event": "connect"}] * 2),
            "filters": json.dumps([condition]),
            "group_by": "address",
        }
        rows = sender.api.get("/v0/funnel", token, params=asked).json()["data"]
        assert [(row["breakdown"], row["users"]) for row in rows[:1]] == [(HEX.lower(), 4)]
