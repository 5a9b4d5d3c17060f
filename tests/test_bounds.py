"""However many different values people send, what the server keeps in memory stops growing.

Each test sends thousands of different ones, and then as many again: the second lot must leave
nothing. docs/decisions has the list of all that is kept, with its limits.
"""

import gc
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from enrich.conftest import SALTS, WEBSITE, make_hit
from new_catalog import open_catalog

from footfall.catalog import Registry
from footfall.collect.count import AddressShare, HitCounts
from footfall.enrich.pipeline import Enricher
from footfall.model.errors import BadRequest
from footfall.model.hit import ClientHints
from footfall.model.period import parse_timezone
from footfall.model.website import Token
from footfall.serve.http.rate import RateLimit

pytestmark = pytest.mark.slow

MANY = 2_100  # more than any cache has room for
LEFT = 500


def grown_by(work: Callable[[int], object]) -> int:
    """How many pieces of memory are kept of a second lot of different values."""
    for number in range(MANY):
        work(number)
    gc.collect()
    before = sys.getallocatedblocks()
    for number in range(MANY, 2 * MANY):
        work(number)
    gc.collect()
    return sys.getallocatedblocks() - before


@pytest.fixture(scope="module")
def enricher():
    enricher = Enricher(geo_database="")
    yield enricher
    enricher.close()


@pytest.fixture
def registry(tmp_path: Path):
    catalog = open_catalog(tmp_path)
    catalog.add_website("example.com", now_ms=0)
    yield Registry(catalog, lambda: 0)
    catalog.close()


FIELDS = {
    "paths": lambda n: {"url": f"https://example.com/{n}"},
    "long paths": lambda n: {"url": f"https://example.com/{n}/" + "x" * 2_000},
    "hosts": lambda n: {"url": f"https://h{n}.example.com/"},
    "foreign hosts": lambda n: {"url": f"https://h{n}.example/"},
    "queries": lambda n: {
        "url": f"https://example.com/?utm_source=s{n}&utm_campaign=c{n}&k{n}={n}"
    },
    "secrets": lambda n: {"url": f"https://example.com/?token{n}={n}"},
    "referrers": lambda n: {"referrer": f"https://r{n}.example.net/{n}"},
    "long referrers": lambda n: {"referrer": f"https://r{n}.example.net/" + "y" * 2_000},
    "user agents": lambda n: {"user_agent": f"Mozilla/5.0 (X11; Linux) Firefox/{n}.0"},
    "long user agents": lambda n: {"user_agent": f"Mozilla/5.0 ({n}" + "z" * 2_000},
    "hints": lambda n: {"hints": ClientHints(f'"Brand {n}";v="{n}"', f'"OS {n}"')},
    "addresses": lambda n: {"client_address": f"10.1.{n // 250}.{n % 250}"},
    "languages": lambda n: {"language": f"l{n}-at, de"},
    "screens": lambda n: {"screen": f"{n + 1}x{n + 1}"},
    "visitors": lambda n: {"visitor_uid": f"visitor-{n}", "session_uid": f"session-{n}"},
    "visitors without cookies": lambda n: {
        "visitor_uid": "",
        "is_cookieless": True,
        "client_address": f"10.2.{n // 250}.{n % 250}",
    },
    "event ids": lambda n: {"event_id": f"event-{n}"},
    "goals": lambda n: {"type": "track", "name": f"goal-{n}"},
    "unknown types": lambda n: {"type": f"type-{n}"},
    "properties": lambda n: {"type": "track", "name": "a", "properties": {f"key-{n}": f"v{n}"}},
    "wallets": lambda n: {"type": "connect", "address": f"0x{n:040x}"},
    "links": lambda n: {"type": "outbound", "properties": {"url": f"https://o{n}.example/"}},
    "countries": lambda n: {"country": f"country {n}", "is_public": False},
    "cities": lambda n: {"country": "AT", "city": f"city {n}", "is_public": False},
    "timezones": lambda n: {"timezone": f"Area/Zone{n}"},
    "versions": lambda n: {"version": f"1.{n}"},
    "tags": lambda n: {"tags": {"utm_source": f"source {n}"}, "is_public": False},
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("what", FIELDS)
def test_enriching_keeps_nothing_of_a_second_lot_of_different(what: str, enricher):
    fields = FIELDS[what]
    assert grown_by(lambda n: enricher.enrich(make_hit(**fields(n)), WEBSITE, SALTS)) < LEFT


@pytest.mark.parametrize("find", ["token", "website_by_tracking_id", "find_website"])
def test_the_registry_keeps_nothing_of_unknown(find: str, registry):
    assert grown_by(lambda n: getattr(registry, find)(f"unknown-{n}.example")) < LEFT


def test_counting_drops_keeps_one_number_for_each_website_and_reason():
    counts = HitCounts("collector")
    assert grown_by(lambda n: counts.drop(n % 3, "invalid")) < LEFT


def test_the_share_of_addresses_keeps_the_latest_only():
    share = AddressShare()
    assert grown_by(lambda n: share.add(f"2001:db8::{n:x}")) < LEFT
    assert share.largest()[1] <= 500


def test_the_rate_limit_keeps_one_count_for_each_token():
    rate = RateLimit(1_000_000, lambda: 0)
    token = Token(
        id="t", workspace_id="w", website_id=1, scopes=frozenset(), kind="flow", prefix="p"
    )
    assert grown_by(lambda _: rate.count(token)) < LEFT


def test_unknown_time_zones_of_questions_are_not_kept():
    def ask(number: int) -> None:
        with pytest.raises(BadRequest):
            parse_timezone(f"Area/Zone{number}")

    assert grown_by(ask) < LEFT
