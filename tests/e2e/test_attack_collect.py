"""Bad events: each is refused or dropped for a counted reason, and nothing else suffers."""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from e2e.senders import BROWSER
from e2e.server import BASE, Server, running, wait_until

from footfall.model.website import Website

UA = {"User-Agent": BROWSER}
DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("attack") / "data"
    with running(folder, rate_limit_per_minute=0) as server:
        yield server


class Case(NamedTuple):
    """A request to the public collector and what must become of it."""

    body: bytes
    status: int
    outcome: str
    headers: Mapping[str, str] = MappingProxyType({})
    field: str = ""  # that the message must name


def event(website: Website, **fields: object) -> bytes:
    """A good event but for `fields`; bytes among them go into the JSON as they are."""
    given: dict[str, object] = {"websiteId": website.tracking_id, "url": "http://shop.test/a"}
    given |= {"visitorUid": "v1"} | fields
    parts = [
        json.dumps(name).encode() + b":" + (v if isinstance(v, bytes) else json.dumps(v).encode())
        for name, v in given.items()
    ]
    return b"{" + b",".join(parts) + b"}"


def malformed_bodies(website: Website) -> list[Case]:
    good = event(website)
    bodies = [b"", b"{", b"null", b"5", b'"x"', b"true", b"\xff\xfe\x00", b"\0" * 99, DEEP]
    bodies += [good + b"x", good[:-1], b"[" + good, good.replace(b'"v1"', b'"\xff"'), b"{}"]
    cases = [Case(body, 400, "invalid") for body in bodies]
    many = b"[" + b",".join([good] * 21) + b"]"
    bomb = gzip.compress(b" " * 50_000_000)
    return [
        *cases,
        Case(many, 400, "invalid"),
        Case(bomb, 413, "too_large", {"Content-Encoding": "gzip"}),
        Case(zlib.compress(b"0" * 10_000_000), 413, "too_large", {"Content-Encoding": "deflate"}),
        Case(good, 400, "invalid", {"Content-Encoding": "gzip"}),
        Case(gzip.compress(good)[:30], 400, "invalid", {"Content-Encoding": "gzip"}),
        Case(good, 400, "invalid", {"Content-Encoding": "br"}),
    ]


WRONG_FIELDS: list[tuple[str, object]] = [
    ("websiteId", 5),
    ("websiteId", "x" * 100),
    ("type", "nonsense"),
    ("type", ["page"]),
    ("url", ""),
    ("url", None),
    ("url", "javascript:alert(1)"),
    ("url", "data:text/html,<script>alert(1)</script>"),
    ("url", "file:///etc/passwd"),
    ("url", "/relative"),
    ("url", "http://"),
    ("url", "http://[::1"),
    ("url", "http://shop.test:port/"),
    ("url", b'"http://shop.test/\\u0000"'),
    ("title", b'"\\u0000"'),
    ("title", {"$gt": ""}),
    ("visitorUid", "' OR 1=1 --"),
    ("visitorUid", "x" * 65),
    ("sessionUid", "../../etc"),
    ("engaged_s", b"NaN"),
    ("engaged_s", b"-Infinity"),
    ("engaged_s", b"1e400"),
    ("engaged_s", -1),
    ("engaged_s", 10**30),
    ("engaged_s", "5"),
    ("properties", []),
    ("properties", {f"key{n}": n for n in range(5000)}),
    ("properties", {"key": "x" * 9000}),
    ("properties", b'{"a\\u0000b": 1}'),
    ("properties", b'{"a": 1e400}'),
    ("properties", b'{"a":' * 40_000),
    ("properties", b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"),
    ("properties", b'{"a": ' + b"9" * 9000 + b"}"),
    ("cookieless", "yes"),
    ("language", "x" * 300),
    ("screen", 5),
]


def wrong_events(website: Website) -> list[Case]:
    cases = [
        # if it is not JSON at all, only the place can be named
        Case(event(website, **{k: v}), 400, "invalid", field="" if isinstance(v, bytes) else k)
        for k, v in WRONG_FIELDS
    ]
    names = ["", "Robert'); DROP TABLE events;--", "x" * 65, "ünïcode", "a b"]
    return [
        *cases,
        *(Case(event(website, type="track", name=n), 400, "invalid", field="name") for n in names),
        Case(event(website, type="outbound"), 400, "invalid", field="url"),
        Case(
            event(website, type="outbound", properties={"url": "javascript:alert(1)"}),
            400,
            "invalid",
            field="url",
        ),
    ]


def dropped_events(website: Website) -> list[Case]:
    """Well-formed events that a rule leaves out."""
    foreign = ["http://evil.test/", "http://shop.test.evil.test/", "http://shop.test@evil.test/"]
    unknown = ["flid_unknown", "' OR '1'='1", "*"]
    return [
        *(Case(event(website, url=url), 202, "foreign_hostname") for url in foreign),
        *(Case(event(website, websiteId=id_), 400, "unknown_website") for id_ in unknown),
        Case(event(website, type="track", name="payment"), 202, "reserved_goal"),
        Case(event(website, referrer="http://semalt.com/"), 202, "spam_referrer"),
    ]


def odd_events(website: Website) -> list[Case]:
    """What is strange and yet an event: all are accepted, and reports go on answering."""
    names = ("url", "title", "referrer", "language", "screen")
    odd = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "‮evil\u200b\u202e",
        "'; DROP TABLE events; --",
        "%00%ff%2e%2e/{x:String}",
        "\\'\"`\r\n\t",
        "💥" * 60,
    ]
    cases = [event(website, **{name: text}) for name in names[1:] for text in odd[:4]]
    cases += [event(website, title=text) for text in odd]
    cases += [event(website, url=f"http://shop.test/{text}?utm_source={text}") for text in odd]
    cases += [
        event(website, referrer=r) for r in ("javascript:alert(1)", "data:,x", "http://[", 9 * "x")
    ]
    cases += [event(website, properties={f"k{n}": n for n in range(50)})]
    cases += [event(website, title="x" * 3000)]
    cases += [event(website, **{name: b'"http://shop.test/\\ud83d"'}) for name in names]
    cases += [event(website, properties=b'{"a": "\\ud800", "\\ud800": 1}')]
    believed_nowhere = {"ip": "8.8.8.8", "country": "XX", "timestamp": "1970-01-01", "browser": "X"}
    cases += [
        event(website, **believed_nowhere),
        event(website)[:-1] + b',"title":"a","title":"b"}',
    ]
    good = [Case(body, 202, "accepted", UA) for body in cases]
    return [
        *good,
        Case(event(website), 202, "accepted", UA | {"Content-Type": "text/plain"}),
        Case(event(website), 202, "accepted", UA | {"Content-Type": "image/png"}),
        Case(gzip.compress(event(website)), 202, "accepted", UA | {"Content-Encoding": "gzip"}),
        Case(event(website), 202, "bot", {"User-Agent": ""}),
        Case(event(website), 202, "bot", {"User-Agent": "x" * 6000}),
        Case(event(website), 202, "bot", {"User-Agent": "sqlmap/1.7"}),
        *(
            Case(event(website), 202, "accepted", UA | {"X-Forwarded-For": forged})
            for forged in ("' OR 1=1", "1.2.3.4.5", ",,,", "::ffff:999.1.1.1", "x" * 5000, "-1")
        ),
    ]


def outcomes(server: Server) -> Counter[str]:
    """Hits of the public collector by outcome, of all websites and of none."""
    text = server.ask("GET", "/metrics")[1]["text"]
    found = re.findall(r'footfall_hits_total\{outcome="(\w+)",via="collector"\} (\S+)', text)
    return Counter({outcome: int(float(hits)) for outcome, hits in found})


def test_bad_public_events_get_their_answer_and_are_counted(server: Server) -> None:
    website = server.website("shop.test")
    cases = [
        *malformed_bodies(website),
        *wrong_events(website),
        *dropped_events(website),
        *odd_events(website),
    ]
    wrong: list[str] = []
    for case in cases:
        status, answer = server.ask("POST", "/events", body=case.body, headers=case.headers)
        said = json.dumps(answer)
        shown = f"{case.body[:120]!r}: {status} {said[:300]}"
        if status != case.status or (status >= 400) != (answer.get("status") == "error"):
            wrong.append(f"{shown} instead of {case.status}")
        elif case.field not in said:
            wrong.append(f"{shown} does not name {case.field}")
    assert not wrong, "\n".join(wrong)
    expected = Counter(case.outcome for case in cases)
    wait_until(lambda: outcomes(server).total() >= expected.total(), "count of all", 15)
    assert outcomes(server) == expected
    server.wait_for_loading()
    counted: Counter[str] = Counter(server.get("/ingestion", server.token(website))["totals"])
    of_no_website = expected - counted
    assert of_no_website.keys() == {"invalid", "too_large", "unknown_website"}
    assert counted + of_no_website == expected


def test_all_events_of_a_request_but_the_wrong_ones_are_taken(server: Server) -> None:
    website = server.website("mixed.test")
    good = event(website, url="http://mixed.test/")
    foreign = event(website, url="http://evil.test/")
    wrong = event(website, url=5)
    body = b"[" + b",".join([good, wrong, foreign, good]) + b"]"
    status, answer = server.ask("POST", "/events", body=body, headers=UA)
    assert status == 202
    (data,) = answer["data"]
    assert data["accepted"] == 2
    assert [drop["reason"] for drop in data["dropped"]] == ["invalid", "foreign_hostname"]
    assert [drop["field"] for drop in data["dropped"]] == ["url", "url"]


WRONG_OF_BACKENDS: list[tuple[dict[str, object], str]] = [
    ({"timestamp": "1970-01-01T00:00:00Z"}, "timestamp"),
    ({"timestamp": "2090-01-01T00:00:00Z"}, "timestamp"),
    ({"timestamp": "-9999999-01-01"}, "timestamp"),
    ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
    ({"timestamp": "9999-12-31T23:59:59-14:00"}, "timestamp"),
    ({"timestamp": "' OR 1=1"}, "timestamp"),
    ({"timestamp": 1700000000}, "timestamp"),
    ({"ip": "256.1.1.1"}, "ip"),
    ({"ip": "localhost"}, "ip"),
    ({"userAgent": "x" * 5000}, "userAgent"),
    ({"eventId": "x" * 65}, "eventId"),
    ({"eventId": "a\0b"}, "eventId"),
    ({"address": "'; DROP TABLE"}, "address"),
    ({"country": "a\0"}, "country"),
    ({"city": 5}, "city"),
    ({"type": "payment"}, "type"),
    ({"type": "track"}, "name"),
    ({"type": "track", "name": "free_trial"}, "name"),
    ({"type": "decoded_log", "name": "\n"}, "name"),
    ({"type": "engagement", "engaged_s": 3601}, "engaged_s"),
    ({"type": "outbound", "properties": {"url": "javascript:x"}}, "properties.url"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "http://a\0b/"}, "url"),
    ({"visitorUid": "a b"}, "visitorUid"),
    ({"properties": {f"k{n}": 1 for n in range(51)}}, "properties"),
    ({"properties": {"a": "\0"}}, "properties"),
    ({"properties": "text"}, "properties"),
]


def test_a_batch_is_taken_but_for_its_wrong_events_by_index_and_field(server: Server) -> None:
    website = server.website("backend.test")
    token = server.token(website)
    good: dict[str, Any] = {"url": "http://backend.test/", "visitorUid": "v1"}
    wrong = [good | fields for fields, _ in WRONG_OF_BACKENDS]
    events = [event for pair in zip(wrong, [good] * len(wrong), strict=True) for event in pair]
    status, answer = server.ask("POST", f"{BASE}/events", token, events)
    assert status == 202
    (data,) = answer["data"]
    rejected = [(entry["index"], entry["field"]) for entry in data["rejected"]]
    assert rejected == [(2 * n, field) for n, (_, field) in enumerate(WRONG_OF_BACKENDS)]
    assert all(entry["message"] for entry in data["rejected"])
    assert data["accepted"] == len(wrong)
    server.wait_for_loading()
    (row,) = server.get("/overview", token)["data"]
    assert (row["visitors"], row["sessions"], row["pageviews"]) == (1, 1, len(wrong))


BAD_BATCHES: list[tuple[object, int]] = [
    (b"", 400),
    (b"nonsense", 400),
    (b"\xff", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 100_000, 400),
    (5, 400),
    ({"events": 5}, 400),
    ({"events": {}}, 400),
    ({"event": []}, 400),
    ({"websiteId": 5, "events": []}, 400),
    ({"domain": "nowhere.test", "events": []}, 403),
    ([{}] * 1001, 400),
    ([5] * 100_000, 400),
]


def test_a_batch_that_is_none_is_refused_whole(server: Server) -> None:
    token = server.token(server.website("batch.test"))
    for body, expected in BAD_BATCHES:
        status, answer = server.ask("POST", f"{BASE}/events", token, body)
        assert (status, answer["statusCode"]) == (expected, expected), str(body)[:80]
        assert answer["message"]
    bomb = gzip.compress(b" " * 50_000_000)
    packed = {"Content-Encoding": "gzip"}
    assert server.ask("POST", f"{BASE}/events", token, bomb, packed)[0] == 413
    server.wait_for_loading()
    assert server.get("/ingestion", token)["totals"] == {}


def test_an_event_id_counts_once_however_it_comes_again(server: Server) -> None:
    website = server.website("again.test")
    token = server.token(website)
    batch = [{"url": f"http://again.test/{n}", "eventId": f"id{n}"} for n in (1, 2, 1)]
    for _ in range(3):
        status, answer = server.ask("POST", f"{BASE}/events", token, batch)
        assert (status, answer["data"][0]["accepted"]) == (202, 3)
    server.wait_for_loading()
    totals = server.get("/ingestion", token)["totals"]
    assert totals == {"accepted": 2, "duplicate": 7}


def test_links_in_reports_are_http_or_nothing(server: Server) -> None:
    website = server.website("links.test")
    token = server.token(website)
    for referrer in ("javascript:alert(1)", "data:text/html,x", "vbscript:x", "http://ok.test/"):
        page = event(
            website, url="http://links.test/", referrer=referrer, visitorUid="v" + referrer[:2]
        )
        assert server.ask("POST", "/events", body=page, headers=UA)[0] == 202
    server.wait_for_loading()
    values = {row["value"] for row in server.get("/referrers", token)["data"]}
    assert values == {"Direct/None", "ok.test"}
