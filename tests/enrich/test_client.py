"""Place, language, screen."""

from pathlib import Path

import pytest
import structlog

from footfall.enrich.pipeline import Enricher
from footfall.enrich.place import Geo, Place, read_record
from footfall.model.address import plain_address
from footfall.model.event import Event

from .conftest import SALTS, WEBSITE, make_hit, write_mmdb

MAXMIND_CITY = {
    "country": {"iso_code": "US", "names": {"en": "United States"}},
    "subdivisions": [{"iso_code": "CA", "names": {"de": "Kalifornien", "en": "California"}}],
    "city": {"names": {"en": "San Jose"}},
}


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"country_code": "DE"}, Place("DE")),
        ({"country": {"iso_code": "DE"}}, Place("DE")),
        ({"country": "de"}, Place("DE")),
        (
            {"country": "Germany", "country_code": "DE", "region": "Bavaria", "city": "Munich"},
            Place("DE", "Bavaria", "", "Munich"),
        ),
        ({"registered_country": {"iso_code": "DE"}}, Place("DE")),
        (MAXMIND_CITY, Place("US", "California", "US-CA", "San Jose")),
        (
            {"country": {"iso_code": "US"}, "subdivisions": [{"names": {"en": "Texas"}}]},
            Place("US", "Texas"),
        ),
        (
            {"country_code": "US", "state1": "Ohio", "city": "Dayton"},
            Place("US", "Ohio", "", "Dayton"),
        ),
        ({"continent": {"code": "EU"}}, Place()),
    ],
)
def test_every_known_layout_of_databases_is_read(tmp_path, record, place):
    geo = Geo(write_mmdb(tmp_path / "x.mmdb", {"198.51.100.0/24": record}))
    assert geo.place("198.51.100.7") == place
    assert geo.place("203.0.113.1") == Place()
    geo.close()


def test_ipv4_in_ipv6_is_looked_up_as_ipv4(accept):
    assert accept(client_address="::ffff:192.0.2.1").facts.country == "DE"
    assert accept(client_address="2001:db8::1").facts.country == "FR"
    assert accept(client_address="198.51.100.1").facts.country == ""


def test_addresses_have_one_spelling():
    assert plain_address("2001:DB8:0:0::1") == "2001:db8::1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("999.1.1.1") == ""


@pytest.mark.parametrize("content", [None, b"this is no database"])
def test_without_a_readable_database_places_are_unknown(tmp_path, content):
    path = tmp_path / "x.mmdb"
    if content:
        path.write_bytes(content)
    enricher = Enricher(geo_database=str(path))
    event = enricher.enrich(make_hit(), WEBSITE, SALTS)
    assert isinstance(event, Event)
    assert event.facts.country == ""


def test_of_a_damaged_database_the_places_are_unknown_and_one_warning_says_so(tmp_path):
    path = Path(write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": {"country_code": "DE"}}))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x4ccountry_code\x42DE", b"\x4ccountry_code\xff\xff\xff"))
    assert path.read_bytes() != content
    enricher = Enricher(geo_database=str(path))
    with structlog.testing.capture_logs() as logged:
        events = [
            enricher.enrich(make_hit(client_address=f"192.0.2.{last}"), WEBSITE, SALTS)
            for last in range(1, 4)
        ]
    assert [event.facts.country for event in events] == ["", "", ""]
    assert [entry["event"] for entry in logged] == [
        "some places are unknown: the geo database is damaged"
    ]
    enricher.close()


@pytest.mark.parametrize(
    "record", [{"city": {"names": ["x"]}}, {"city": {"names": "x"}}, {"city": 7}]
)
def test_a_record_of_another_layout_gives_no_city(record):
    assert read_record({"country_code": "DE", **record}).city == ""


def place_of(event):
    facts = event.facts
    return facts.country, facts.region, facts.region_code, facts.city


def test_a_stated_place_goes_before_the_look_up(accept):
    event = accept(country="united states", region="California", city="San Jose", is_public=False)
    assert place_of(event) == ("US", "California", "", "San Jose")


def test_a_stated_region_may_be_a_code(accept):
    event = accept(country="US", region="us-ca", is_public=False)
    assert place_of(event) == ("US", "US-CA", "US-CA", "")


def test_nothing_of_another_country_is_left(tmp_path):
    path = write_mmdb(tmp_path / "x.mmdb", {"198.51.100.0/24": MAXMIND_CITY})
    enricher = Enricher(geo_database=path)

    def place(**fields):
        hit = make_hit(client_address="198.51.100.1", is_public=False, **fields)
        return place_of(enricher.enrich(hit, WEBSITE, SALTS))

    assert place(country="CA") == ("CA", "", "", "")
    assert place(country="US") == ("US", "California", "US-CA", "San Jose")
    assert place(region="US-CA") == ("US", "California", "US-CA", "San Jose")
    assert place(region="Nevada") == ("US", "Nevada", "", "")
    assert place(city="Oakland") == ("US", "California", "US-CA", "Oakland")
    enricher.close()


def test_an_unknown_country_is_invalid(drop):
    dropped = drop(country="Atlantis", is_public=False)
    assert (dropped.reason, dropped.field) == ("invalid", "country")


def test_a_backends_address_must_be_one(drop, accept):
    assert drop(client_address="example", is_public=False).field == "ip"
    assert accept(client_address="example").facts.country == ""


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ("", ""),
        ("de", "de"),
        ("de-AT", "de-at"),
        ("en_US", "en-us"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-at"),
        ("en;q=0.8", "en"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("*", ""),
        ("<script>", ""),
        ("a", ""),
    ],
)
def test_language_is_the_first_tag(accept, given, language):
    assert accept(language=given).facts.language == language


@pytest.mark.parametrize(
    ("given", "screen"),
    [
        ("1440x900", "1440x900"),
        (" 390X844 ", "390x844"),
        ("0x0", ""),
        ("1440", ""),
        ("1440x900x24", ""),
        ("100000x1", ""),
        ("x", ""),
    ],
)
def test_screen_has_two_numbers(accept, given, screen):
    assert accept(screen=given).facts.screen == screen


@pytest.mark.parametrize(
    "timezone", ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+1"]
)
def test_a_timezones_name_is_kept(accept, timezone):
    assert accept(timezone=timezone).facts.timezone == timezone


@pytest.mark.parametrize(
    "timezone", ["", "Europe/", "+01:00", "a b", "A" * 65, "A/B/C/D", "../etc", "Wien\n"]
)
def test_an_invalid_timezone_is_dropped(accept, timezone):
    assert accept(timezone=timezone).facts.timezone == ""


def test_a_version_is_kept_on_one_short_line(accept, drop):
    assert accept(version="1.35.0").facts.sdk_version == "1.35.0"
    assert accept(version=" 1\n2 ").facts.sdk_version == "1 2"
    assert accept(version="1" * 40).facts.sdk_version == "1" * 32
    assert drop(version="1\0").field == "version"
