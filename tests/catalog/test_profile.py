"""Profiles on a real SQLite file: which word counts, who is found, what is left of the deleted."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import msgspec
import pytest

from footfall.catalog import Catalog
from footfall.catalog.profile import Profiles
from footfall.model.errors import NotFound
from footfall.model.identity import Identified
from footfall.model.payment import Profile

NOW = 1_795_000_000_000
ANN, BEN = (1 << 64) - 7, 42


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


@pytest.fixture
def website_id(catalog: Catalog) -> int:
    return catalog.add_website("example.com", now_ms=NOW).id


@pytest.fixture
def profiles(catalog: Catalog) -> Profiles:
    return catalog.profiles


def test_nothing_is_known_of_a_new_visitor(profiles: Profiles, website_id: int) -> None:
    assert profiles.get(website_id, ANN) == Profile()
    profiles.set(website_id, ANN, Profile(), NOW)
    assert profiles.get(website_id, ANN) == Profile()


def test_a_value_fills_in_what_is_empty(profiles: Profiles, website_id: int) -> None:
    profiles.set(website_id, ANN, Profile(name="Ann", email="Ann@Example.com"), NOW)
    profiles.set(website_id, ANN, Profile(name="A. N.", customer_id="c1"), NOW)
    assert profiles.get(website_id, ANN) == Profile(
        name="Ann", email="Ann@Example.com", customer_id="c1"
    )


def test_an_identify_replaces_what_it_names_and_clears_nothing(
    profiles: Profiles, website_id: int
) -> None:
    profiles.set(website_id, ANN, Profile(name="Ann", email="ann@example.com"), NOW)
    profiles.set(website_id, ANN, Profile(email="new@example.com"), NOW + 1, replaces=True)
    assert profiles.get(website_id, ANN) == Profile(name="Ann", email="new@example.com")
    assert profiles.find_visitor(website_id, email="new@example.com") == ANN
    assert profiles.find_visitor(website_id, email="ann@example.com") == 0


def test_a_visitor_is_found_by_the_exact_customer_id_else_by_e_mail_in_any_case(
    profiles: Profiles, website_id: int
) -> None:
    profiles.set(website_id, ANN, Profile(email="Ann@Example.com", customer_id="C1"), NOW)
    profiles.set(website_id, BEN, Profile(email="ben@example.com"), NOW)
    find = profiles.find_visitor
    assert find(website_id, customer_id="C1", email="ben@example.com") == ANN
    assert find(website_id, customer_id="c1", email=" BEN@example.com") == BEN
    assert find(website_id, customer_id="c1") == 0
    assert find(website_id, email="ann@example.COM") == ANN
    assert find(website_id, customer_id="Ann@Example.com") == 0
    assert find(website_id) == 0


def test_of_two_visitors_with_an_e_mail_the_one_updated_last_is_found(
    profiles: Profiles, website_id: int
) -> None:
    profiles.set(website_id, ANN, Profile(email="us@example.com"), NOW)
    profiles.set(website_id, BEN, Profile(email="us@example.com"), NOW + 1)
    assert profiles.find_visitor(website_id, email="us@example.com") == BEN


def test_another_websites_visitors_are_not_found(
    catalog: Catalog, profiles: Profiles, website_id: int
) -> None:
    other = catalog.add_website("example.org", now_ms=NOW)
    profiles.set(website_id, ANN, Profile(email="ann@example.com"), NOW)
    assert profiles.find_visitor(other.id, email="ann@example.com") == 0
    assert profiles.get(other.id, ANN) == Profile()


def test_a_deleted_profile_is_nowhere_on_disk(
    profiles: Profiles, website_id: int, tmp_path: Path
) -> None:
    def count() -> int:
        return sum(path.read_bytes().count(b"marker@example.com") for path in tmp_path.iterdir())

    profiles.set(website_id, ANN, Profile(email="marker@example.com"), NOW)
    assert count()
    profiles.set(website_id, ANN, Profile(email="other@example.com"), NOW, replaces=True)
    profiles.delete(website_id, ANN)
    assert count() == 0
    assert profiles.get(website_id, ANN) == Profile()
    assert profiles.find_visitor(website_id, email="other@example.com") == 0


def test_the_clear_text_stands_once(profiles: Profiles, website_id: int, tmp_path: Path) -> None:
    profiles.set(website_id, ANN, Profile(email="marker@example.com"), NOW)
    profiles.delete(website_id, BEN)  # empties the log that writes go to first
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert stored.count(b"marker@example.com") == 1


def test_a_profile_of_no_website_is_not_found(profiles: Profiles) -> None:
    with pytest.raises(NotFound):
        profiles.set(7, ANN, Profile(name="Ann"), NOW)


def identified(website_id: int, at: int, visitor_id: int = ANN, **values: str) -> Identified:
    return Identified(
        website_id=website_id, visitor_id=visitor_id, profile=Profile(**values), stated_at=at
    )


def test_the_newest_statement_of_each_value_counts_in_whatever_order_it_arrives(
    profiles: Profiles, website_id: int
) -> None:
    stated = [
        identified(website_id, NOW, name="Ann", email="old@example.com"),
        identified(website_id, NOW + 1, email="new@example.com"),
        identified(website_id, NOW + 2, name="Anna", user_id="u1"),
    ]
    shop = Profile(name="A. N.", customer_id="c1")
    for number, order in enumerate(permutations(range(4))):
        visitor_id = 1000 + number
        for index in order:
            if index == 3:
                profiles.set(website_id, visitor_id, shop, NOW + 9)
            else:
                each = msgspec.structs.replace(stated[index], visitor_id=visitor_id)
                profiles.set_many([each])
        assert profiles.get(website_id, visitor_id) == Profile(
            user_id="u1", name="Anna", email="new@example.com", customer_id="c1"
        ), order


def test_many_profiles_sent_again_give_the_same_result(profiles: Profiles, website_id: int) -> None:
    batch = [
        identified(website_id, NOW + n % 7, ANN - n % 1500, name=f"n{n}", email=f"{n}@example.com")
        for n in range(4000)
    ]
    profiles.set_many(batch)
    first = [profiles.get(website_id, ANN - n) for n in range(1500)]
    profiles.set_many(batch)
    assert [profiles.get(website_id, ANN - n) for n in range(1500)] == first
    assert profiles.find_visitor(website_id, email=first[3].email) == ANN - 3


def test_profiles_of_a_removed_website_are_left_out(profiles: Profiles, website_id: int) -> None:
    profiles.set_many([identified(7, NOW, name="Eve"), identified(website_id, NOW, name="Ann")])
    assert profiles.get(website_id, ANN).name == "Ann"
    assert profiles.get(7, ANN) == Profile()


def test_a_value_sent_again_is_as_new_as_its_last_statement(
    profiles: Profiles, website_id: int
) -> None:
    profiles.set_many(
        [identified(website_id, NOW, name="Ann"), identified(website_id, NOW + 9, name="Ann")]
    )
    profiles.set_many([identified(website_id, NOW + 5, name="Old")])
    assert profiles.get(website_id, ANN).name == "Ann"
    profiles.purge(website_id, NOW + 9)
    assert profiles.get(website_id, ANN).name == "Ann"


def test_profiles_without_an_update_go_with_the_retention(
    catalog: Catalog, profiles: Profiles, website_id: int
) -> None:
    other = catalog.add_website("example.org", now_ms=NOW)
    profiles.set_many(
        [identified(website_id, NOW, name="Ann"), identified(website_id, NOW + 9, BEN, name="B")]
    )
    profiles.set_many([identified(other.id, NOW, name="Ann")])
    profiles.purge(website_id, NOW + 1)
    assert profiles.get(website_id, ANN) == Profile()
    assert profiles.get(website_id, BEN).name == "B"
    assert profiles.get(other.id, ANN).name == "Ann"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann", [BEN, ANN]),
        ("ANN@", [ANN]),
        ("zoë ÖZ", [BEN]),
        ("ZOË", [BEN]),
        ("u-1", [ANN]),
        ("%", []),
        ("_", []),
        ("nobody", []),
        ("customer", []),
    ],
)
def test_a_search_finds_parts_of_user_id_name_and_email_in_any_case(
    profiles: Profiles, website_id: int, catalog: Catalog, text: str, found: list[int]
) -> None:
    profiles.set(website_id, ANN, Profile(user_id="U-1", email="Ann@Example.com"), NOW)
    profiles.set(website_id, BEN, Profile(name="Zoë Öz-Hannah", customer_id="customer"), NOW)
    other = catalog.add_website("other.example", now_ms=NOW).id
    profiles.set(other, 7, Profile(name="Ann", email="ann@zoë.example"), NOW)
    assert sorted(profiles.search(website_id, text, 10)) == sorted(found)
    assert profiles.search(website_id, text, 1) == profiles.search(website_id, text, 10)[:1]


def test_many_profiles_are_read_at_once(profiles: Profiles, website_id: int) -> None:
    known = {visitor: Profile(name=f"N{visitor}") for visitor in (ANN, *range(1, 1003))}
    for visitor in (ANN, 1, 1002):
        profiles.set(website_id, visitor, known[visitor], NOW)
    found = profiles.get_many(website_id, [*known, 5000])
    assert found == {visitor: known[visitor] for visitor in (ANN, 1, 1002)}
