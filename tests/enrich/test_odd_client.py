"""No step raises, however odd the client's texts are: each hit becomes an event or a named drop.

FOOTFALL_FUZZ_SEED repeats a run, FOOTFALL_FUZZ_EXAMPLES makes it longer. A failure shows the seed.
"""

import os
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st

from footfall.collect.address import ClientAddress
from footfall.collect.client import read_client
from footfall.collect.header import Headers
from footfall.collect.raw import decode_raw_event
from footfall.collect.wire import decode_public, decode_server_event, hit_of_public
from footfall.enrich.agent import read_agent
from footfall.model.errors import BadRequest
from footfall.model.event import DROP_REASONS, Dropped, Event
from footfall.model.hit import NO_HINTS, ClientHints

from .conftest import CHROME, SALTS, WEBSITE, make_hit

SEED = int(os.environ.get("FOOTFALL_FUZZ_SEED", "1"))
EXAMPLES = int(os.environ.get("FOOTFALL_FUZZ_EXAMPLES", "300"))
NOW = 1_760_000_000_000
DATA = Path(__file__).parent / "data"
USER_AGENTS = [
    line.rpartition("\t")[2]
    for name in ("people.txt", "bots.txt")
    for line in (DATA / name).read_text().splitlines()
    if not line.startswith("#")
]
# numbers that isdigit() or \d take and others do not, or that are none
NUMBERS = [
    *("²", "½", "١٢", "१८", "𝟙𝟚", "Ⅷ", "", "0", "-1", "+1", "00", "0.b5", "b5", "1e999", "0x1F"),
    *("NaN", "inf", "1_0", "1,5", "9" * 20, "9" * 5000, ".", "..", "1.", ".1", "\0", "\ud800", " "),
]
PIECES = [
    *("\0", "\ud800", "\udfff", "\u202e", "\n", "\r\n", "\x7f", "\u2028", "%00", "%ff", "%"),
    *("(", ")", ";", "/", "[", "]", '"', "\\", "{", "}", "|", "()", "((((", "bot", "…"),
]


@st.composite
def mutated(draw, texts):
    """A real text with odd numbers and pieces put in, cut, doubled or repeated."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(("number", "number", "piece", "cut", "repeat"))):
            case "number":
                places = list(re.finditer(r"\d+", text))
                if places:
                    place = draw(st.sampled_from(places))
                    number = draw(st.sampled_from(NUMBERS))
                    text = text[: place.start()] + number + text[place.end() :]
            case "piece":
                at = draw(st.integers(0, len(text)))
                text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
            case "cut":
                at = draw(st.integers(0, len(text)))
                text = draw(st.sampled_from((text[:at], text[at:])))
            case "repeat":
                text = (text * draw(st.sampled_from((2, 50))))[:100_000]
    return text


ANY = st.text(st.characters(), max_size=20)
USER_AGENT = mutated(USER_AGENTS) | ANY
LANGUAGE = ANY | mutated(
    ["de-AT,de;q=0.9,en;q=0.8", "en", "zh-Hans-CN", "sr_Latn_RS", "*", "x-pig-latin", "en-US-u-1"]
)
SCREEN = mutated(["1440x900", "1440X900", " 390x844 ", "0x0", "1440×900", "1x1x1"]) | ANY
ADDRESS = mutated(
    ["192.0.2.1", "2001:db8::1", "[2001:db8::1]:443", "::ffff:192.0.2.1", "fe80::1%eth0"]
)
URL = ANY | mutated(
    [
        "https://example.com/a?utm_source=x&gclid=1#b",
        "https://user:pass@example.com:8443/%C3%A4?x=%ff",
        "app://com.example/Home",
        "http://[::1]:80/",
        "https://xn--mnchen-3ya.example/",
        "https://münchen.example:١٢/",
        "android-app://com.google.android.gm/",
        "https://1.1.1.1/a;jsessionid=1",
        "//example.com:99999/",
    ]
)
BRANDS = mutated(
    [
        '"Chromium";v="133.0.6943.53", "Brave";v="133", "Not(A:Brand";v="99.0.0.0"',
        '"Microsoft Edge";v="133"',
        '"Opera";v = "117.1.2"',
    ]
)
VERSION = mutated(['"15.0.0"', '"0.3.0"', '"10.0"', '"14.5.0"', '"16"'])
HINTS = st.builds(
    ClientHints,
    brands=BRANDS | ANY,
    platform=mutated(['"Windows"', '"macOS"', '"Android"', '"Chrome OS"', '"Linux"', '"iOS"']),
    platform_version=VERSION | ANY,
    mobile=st.sampled_from(("?0", "?1", "", "1")) | ANY,
)
PROPERTIES = st.none() | st.dictionaries(
    ANY | st.sampled_from(("url", "email", "user_id", "image", "value")),
    ANY
    | URL
    | st.integers()
    | st.sampled_from((10**400, -(10**30), 1e308, float("inf"), float("nan"), True, None))
    | st.lists(ANY, max_size=2),
    max_size=3,
)
HEADERS = (
    *(b"user-agent", b"sec-ch-ua", b"sec-ch-ua-platform-version", b"sec-ch-ua-mobile"),
    *(b"sec-ch-ua-platform", b"x-forwarded-for", b"forwarded", b"referer"),
)
CLIENT = {
    "user_agent": USER_AGENT,
    "hints": HINTS,
    "language": LANGUAGE,
    "screen": SCREEN,
    "client_address": ADDRESS | ANY,
    "referrer": URL,
    "url": URL.map("https://example.com/".__add__) | URL,
    "title": ANY | mutated(["Pricing – Example", "a" * 300]),
    "properties": PROPERTIES,
    "type": st.sampled_from(("page", "track", "outbound", "identify", "engagement", "transaction")),
    "name": ANY | st.just("signup"),
    "timezone": mutated(["Europe/Vienna", "Etc/GMT+12", "UTC"]) | ANY,
    "version": VERSION | ANY,
    "country": mutated(["DE", "Germany", "AUT"]) | ANY,
    "is_public": st.booleans(),
    "is_hash_route": st.booleans(),
    "is_cookieless": st.booleans(),
}
in_short = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


def storable(text):
    """The text without half characters, which `drop_unstorable` refuses."""
    return text.encode("utf-8", "replace").decode()


def check(outcome):
    note(f"FOOTFALL_FUZZ_SEED={SEED}")
    if isinstance(outcome, Dropped):
        assert outcome.reason in DROP_REASONS
        assert outcome.reason != "internal_error"
        return
    assert isinstance(outcome, Event)
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=Event) == outcome


@seed(SEED)
@in_short
@given(fields=st.fixed_dictionaries({}, optional=CLIENT))
def test_any_client_is_an_event_or_a_named_drop(enricher, fields):
    check(enricher.enrich(make_hit(**fields), WEBSITE, SALTS))


@seed(SEED)
@in_short
@given(user_agent=USER_AGENT, hints=HINTS)
def test_versions_have_digits_or_the_names_that_people_know(user_agent, hints):
    note(f"FOOTFALL_FUZZ_SEED={SEED}")
    agent = read_agent(storable(user_agent[:1024]), hints)
    assert agent.browser_version.startswith(agent.browser)
    assert agent.os_version.startswith(agent.os)
    assert agent.device in ("Desktop", "Mobile", "Tablet", "")


@seed(SEED)
@in_short
@given(
    fields=st.fixed_dictionaries(
        {"url": URL},
        optional={
            "title": ANY,
            "referrer": URL,
            "language": LANGUAGE,
            "screen": SCREEN,
            "userAgent": USER_AGENT,
            "timestamp": mutated(["2026-01-31T12:00:00Z", "2026-01-31", "0001-01-01T00:00+23:59"]),
            "ip": ADDRESS,
            "engaged_s": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
            "type": st.sampled_from(("page", "track", "engagement", "identify", "outbound")),
            "name": ANY,
            "properties": PROPERTIES,
        },
    ),
    number=st.sampled_from(NUMBERS),
)
def test_any_json_is_an_event_or_a_named_drop_in_each_wire_format(enricher, fields, number):
    body = encoded(fields).replace(b"1", number.encode("utf-8", "surrogatepass")[:300])
    raw = msgspec.Raw(body)
    sdk = msgspec.Raw(
        b'{"type":"page","channel":"web","version":"1","anonymous_id":"a","context":%s,'
        b'"properties":%s,"original_timestamp":"2026-01-31T12:00:00Z","sent_at":"%s"}'
        % (body.replace(b'"url"', b'"page_url"'), body, number.encode("utf-8", "ignore")[:60])
    )
    for decode in (
        lambda: decode_server_event(raw, NOW),
        lambda: decode_raw_event(sdk, NOW),
        lambda: decode_tracker(body),
    ):
        check(enricher.decode_and_enrich(decode, WEBSITE, SALTS))


def decode_tracker(body):
    (event,) = decode_public(body.replace(b"{", b'{"websiteId":"flid_test",', 1))
    if isinstance(event, BadRequest):
        raise event
    return hit_of_public(event, NOW)


def encoded(fields):
    """JSON of anything: what msgspec does not take is left as an odd text."""
    try:
        return msgspec.json.encode(fields)
    except (UnicodeError, OverflowError, ValueError):
        return msgspec.json.encode({"url": "https://example.com/", "title": repr(fields)})


@seed(SEED)
@in_short
@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(HEADERS),
            st.binary(max_size=40) | USER_AGENT.map(lambda text: text.encode("utf-8", "replace")),
        ),
        max_size=6,
    )
)
def test_any_headers_are_those_of_a_client(enricher, headers):
    scope = {"type": "http", "headers": headers, "client": ("192.0.2.9", 1)}
    client = read_client(scope, Headers(headers), ClientAddress(("192.0.2.9",)))
    hit = make_hit(client_address=client.address, user_agent=client.user_agent, hints=client.hints)
    check(enricher.enrich(hit, WEBSITE, SALTS))


@pytest.mark.parametrize("number", NUMBERS)
def test_an_odd_number_in_any_place_of_real_user_agents_raises_nothing(number):
    for user_agent in USER_AGENTS[::40]:
        for place in re.finditer(r"\d+", user_agent):
            odd = storable(user_agent[: place.start()] + number + user_agent[place.end() :])
            read_agent(odd[:1024], NO_HINTS)
    for odd in (f'"{number}.0"', f'"{number}"', f'"15.{number}"'):
        brands = f'"Brave";v={odd}, "Chromium";v={odd}'
        for platform in ("Windows", "macOS", "Android"):
            read_agent(CHROME, ClientHints(storable(brands), platform, storable(odd), "?0"))
