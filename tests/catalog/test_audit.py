"""The audit log on a real SQLite file: what it keeps, and which people it does not name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.catalog import Catalog

NOW = 1_795_000_000_000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


def test_entries_come_newest_first_of_one_website_or_all(catalog: Catalog) -> None:
    one = catalog.add_website("example.com", now_ms=NOW).id
    two = catalog.add_website("example.org", now_ms=NOW).id
    for number, website_id in enumerate((one, two, one, None)):
        catalog.audit.add(
            website_id,
            "tok_1",
            "delete goals",
            filters={"name": f"signup{number}"},
            counts={"goals": number},
            now_ms=NOW + number,
        )
    assert [entry.filters["name"] for entry in catalog.audit.list()] == [
        "signup3",
        "signup2",
        "signup1",
        "signup0",
    ]
    newest, oldest = catalog.audit.list(one)
    assert (newest.at, newest.actor, newest.action) == (NOW + 2, "tok_1", "delete goals")
    assert (newest.counts, oldest.counts) == ({"goals": 2}, {"goals": 0})
    assert len(catalog.audit.list(limit=3)) == 3


def test_a_person_is_in_it_as_a_keyed_hash_only(catalog: Catalog, tmp_path: Path) -> None:
    website_id = catalog.add_website("example.com", now_ms=NOW).id

    def erase(visitor: str) -> str:
        catalog.audit.add(
            website_id,
            "cli",
            "erase visitor",
            filters={"startAt": "2026-01-01"},
            people={"visitorId": visitor},
            counts={"sessions": 3},
            now_ms=NOW,
        )
        return catalog.audit.list()[0].filters["visitorId"]

    first = erase("marker-7f3a")
    assert first == erase("marker-7f3a")
    assert first != erase("marker-7f3b")
    assert first.startswith("person ")
    assert catalog.audit.list()[0].filters["startAt"] == "2026-01-01"
    assert b"marker-7f3a" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_another_catalog_hashes_the_same_person_to_something_else(tmp_path: Path) -> None:
    found = set()
    for name in ("one", "two"):
        catalog = Catalog(tmp_path / name)
        people = {"visitorId": "v1"}
        catalog.audit.add(None, "cli", "erase", filters={}, people=people, counts={}, now_ms=NOW)
        found.add(catalog.audit.list()[0].filters["visitorId"])
        catalog.close()
    assert len(found) == 2
