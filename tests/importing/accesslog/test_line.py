"""Reading one line of an access log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.importing.accesslog.asset import is_asset
from footfall.importing.accesslog.line import Request, parse_line
from footfall.importing.format import Row
from footfall.model.event import DROP_REASONS

AT = 1_431_857_103_000  # 2015-05-17T10:05:03Z
CHROME = "Mozilla/5.0 (X11; Linux x86_64) Chrome/32.0.1700.77"


def line(
    request: str = "GET /about?x=1 HTTP/1.1",
    *,
    head: str = "203.0.113.7 - -",
    time: str = "17/May/2015:10:05:03 +0000",
    status: int = 200,
    tail: str = f' 512 "https://search.example/?q=x" "{CHROME}"',
) -> bytes:
    return f'{head} [{time}] "{request}" {status}{tail}'.encode()


def page(raw: bytes) -> Request:
    outcome = parse_line(raw).outcome
    assert isinstance(outcome, Request)
    return outcome


def test_a_combined_line_becomes_a_page_request():
    assert parse_line(line()) == Row(
        AT,
        Request("", "203.0.113.7", "/about?x=1", "https://search.example/?q=x", CHROME),
        format="combined",
    )


def test_a_common_line_has_neither_referrer_nor_user_agent():
    assert page(line(tail=" 512")) == Request("", "203.0.113.7", "/about?x=1", "", None)


def test_dashes_are_missing_values():
    request = page(line(tail=' - "-" "-"'))
    assert (request.referrer, request.user_agent) == ("", "")


def test_a_host_in_front_is_read_without_its_port():
    request = page(line(head="Shop.Example:443 2001:db8::7 - frank"))
    assert (request.host, request.address) == ("shop.example", "2001:db8::7")


def test_a_user_name_with_a_space_is_not_a_host():
    request = page(line(head="203.0.113.7 - frank miller"))
    assert (request.host, request.address) == ("", "203.0.113.7")


def test_escapes_in_quoted_fields_are_undone():
    request = page(
        line(r"GET /caf\xc3\xa9 HTTP/1.1", tail=r' 5 "-" "A \"quoted\" \\ agent\x41 and \xff"')
    )
    assert request.target == "/café"
    assert request.user_agent == 'A "quoted" \\ agentA and \ufffd'


def test_a_user_agent_whose_end_was_cut_off_is_taken_as_it_is():
    assert page(line(tail=' 5 "-" "Mozilla/5.0 (compatible; Some')).user_agent.endswith("Some")


def test_fields_behind_the_user_agent_are_ignored():
    assert page(line(tail=f' 5 "-" "{CHROME}" "198.51.100.9" 0.002')).user_agent == CHROME


def test_a_full_address_as_target_is_cut_to_its_path():
    assert page(line("GET http://other.example/a?b HTTP/1.1")).target == "/a?b"
    assert page(line("GET http://other.example HTTP/1.1")).target == "/"


def test_the_offset_of_the_time_is_applied():
    assert parse_line(line(time="17/May/2015:12:35:03 +0230")).occurred_at == AT
    assert parse_line(line(time="17/May/2015:03:05:03 -0700")).occurred_at == AT


@pytest.mark.parametrize(
    "time",
    [
        "17/Foo/2015:10:05:03 +0000",
        "32/May/2015:10:05:03 +0000",
        "31/Apr/2015:10:05:03 +0000",
        "29/Feb/2015:10:05:03 +0000",
        "17/May/2015:10:05:03 +9900",
        "17/May/2015:10:05:03 +0060",
        "17/May/2015:24:05:03 +0000",
        "17/May/0000:10:05:03 +0000",
        "17/May/1985:10:05:03 +0000",
        "2015-05-17T10:05:03+00:00",
    ],
)
def test_a_line_without_a_believable_time_is_invalid(time: str):
    assert parse_line(line(time=time)).outcome == "invalid"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "invalid"),
        (b"# a comment", "invalid"),
        (line("POST /about HTTP/1.1"), "not_get"),
        (line("HEAD / HTTP/1.1"), "not_get"),
        (line("POST /about HTTP/1.1", status=500), "not_get"),
        (line(status=404), "error_status"),
        (line(status=301), "error_status"),
        (line("-", status=408), "error_status"),
        (line(r"\x16\x03\x01", status=400), "error_status"),
        (line("-", status=200), "invalid"),
        (line(tail=' 5 "http://a/"b" "Agent"'), "invalid"),
        (line(tail=' 5 "http://cut.off'), "invalid"),
        (line("GET * HTTP/1.1"), "invalid"),
        (line("GET /style.css HTTP/1.1"), "asset"),
        (line("GET /style.css HTTP/1.1", status=404), "error_status"),
    ],
)
def test_a_line_that_is_not_a_page_request_has_a_reason(raw: bytes, reason: str):
    assert parse_line(raw).outcome == reason


@pytest.mark.parametrize("status", [200, 204, 206, 304])
def test_success_and_not_modified_are_answers(status: int):
    assert page(line(status=status))


@pytest.mark.parametrize(
    "target",
    [
        "/a/style.CSS",
        "/app.js?v=3",
        "/favicon.ico",
        "/robots.txt",
        "/feed/",
        "/blog/feed",
        "/?flav=rss20",
        "/blog?format=atom",
        "/paper.pdf",
        "/release.tar.gz",
        "/.well-known/security.txt",
    ],
)
def test_files_and_feeds_are_assets(target: str):
    assert is_asset(target)


@pytest.mark.parametrize(
    "target",
    ["/", "/about", "/index.html", "/a.xhtml", "/blog/tags/css", "/v1.2/notes", "/x.php?f=a.css"],
)
def test_pages_are_not_assets(target: str):
    assert not is_asset(target)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_line(raw: bytes):
    outcome = parse_line(raw).outcome
    assert isinstance(outcome, Request) or outcome in DROP_REASONS


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_in_the_fields_give_clean_text(request: bytes, referrer: bytes, agent: bytes):
    raw = b'1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /%s HTTP/1.1" 200 5 "http://%s" "%s"'
    outcome = parse_line(raw % (request, referrer, agent)).outcome
    if isinstance(outcome, Request):
        for field in outcome:
            assert field is not None
            field.encode()  # a lone surrogate would raise


def test_a_long_hostile_line_is_read_in_no_time():
    for filler in (b"\\", b'"', b"[", b" ", b"GET /", b'\\"'):
        assert parse_line(b"1 - - [17/May/2015:10:05:03 +0000] " + b'"' + filler * 30_000)
