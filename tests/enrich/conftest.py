"""An enricher on a tiny geo database, and short ways to send hits through it."""

from pathlib import Path

import msgspec
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from footfall.enrich.pipeline import Enricher
from footfall.model.event import Dropped, Event
from footfall.model.hit import Hit
from footfall.model.website import Website

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/133.0.0.0 Safari/537.36"
)
SHARED = Path(__file__).parents[3] / "shared"
WEBSITE = Website(
    id=0x0A0B0C0D,
    tracking_id="flid_test",
    domain="example.com",
    name="Example",
    timezone="UTC",
    currency="USD",
    created_at=0,
)


class Salts(msgspec.Struct, frozen=True):
    today: bytes = b"today" * 6
    yesterday: bytes = b"yesterday" * 3


SALTS = Salts()


def write_mmdb(path: Path, records: dict[str, dict[str, object]]) -> str:
    """Write network → record as an .mmdb file; IPv4 and IPv6 together."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return str(path)


def make_hit(**fields) -> Hit:
    """A page view of a person on example.com, with some fields changed."""
    given = {
        "url": "https://example.com/",
        "visitor_uid": "visitor-1",
        "user_agent": CHROME,
        "client_address": "192.0.2.1",
        "occurred_at": 1_760_000_000_000,
    }
    return Hit(**given | fields)


@pytest.fixture(scope="session")
def enricher(tmp_path_factory):
    path = tmp_path_factory.mktemp("geo") / "country.mmdb"
    enricher = Enricher(
        geo_database=write_mmdb(
            path,
            {
                "192.0.2.0/24": {"country_code": "DE"},
                "2001:db8::/32": {"country_code": "FR"},
            },
        )
    )
    yield enricher
    enricher.close()


@pytest.fixture
def run(enricher):
    """Enrich a hit with these fields; `website` may be changed as well."""

    def run(website: Website = WEBSITE, **fields) -> Event | Dropped:
        return enricher.enrich(make_hit(**fields), website, SALTS)

    return run


@pytest.fixture
def accept(run):
    """As `run`, for a hit that must become an event."""

    def accept(website: Website = WEBSITE, **fields) -> Event:
        event = run(website, **fields)
        assert isinstance(event, Event), event
        return event

    return accept


@pytest.fixture
def drop(run):
    """As `run`, for a hit that must be dropped."""

    def drop(website: Website = WEBSITE, **fields) -> Dropped:
        dropped = run(website, **fields)
        assert isinstance(dropped, Dropped), dropped
        return dropped

    return drop
