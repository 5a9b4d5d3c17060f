"""The registry follows the catalog: its own process's commits and others'."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.catalog import Catalog, Registry

NOW = 1_795_000_000_000
DAY = 86_400_000


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_ms: int = NOW) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Catalog]:
    """The same catalog as another process has it open."""
    elsewhere = Catalog(tmp_path)
    yield elsewhere
    elsewhere.close()


def test_a_website_added_elsewhere_is_known_at_once(
    catalog: Catalog, elsewhere: Catalog, clock: HandClock
) -> None:
    registry = Registry(catalog, clock)
    assert registry.website_by_domain("example.com") is None
    website = elsewhere.add_website("example.com", now_ms=NOW)
    assert registry.website_by_tracking_id(website.tracking_id) == website
    assert registry.website_by_id(website.id) == website
    assert registry.website_by_domain("www.Example.com") == website
    assert registry.websites() == (website,)


def test_a_list_has_a_website_added_elsewhere_at_once(
    catalog: Catalog, elsewhere: Catalog, clock: HandClock
) -> None:
    registry = Registry(catalog, clock)
    assert registry.websites() == ()
    website = elsewhere.add_website("example.com", now_ms=NOW)
    assert registry.websites() == (website,)
    elsewhere.remove_website(website.id, now_ms=NOW)
    assert registry.websites() == ()


def test_a_miss_is_never_remembered(catalog: Catalog, elsewhere: Catalog, clock: HandClock) -> None:
    registry = Registry(catalog, clock)
    assert registry.website_by_id(5) is None
    secret, token = elsewhere.add_token(website_id=None, scopes=["read"], now_ms=NOW)
    assert registry.token(secret) == token


def test_a_change_elsewhere_is_seen_after_a_second(
    catalog: Catalog, elsewhere: Catalog, clock: HandClock
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    secret, token = catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW)
    registry = Registry(catalog, clock)
    elsewhere.update_website(
        website.id, timezone="Asia/Kolkata", return_hostnames=("pay.example.net",)
    )
    elsewhere.revoke_token(token.id)
    clock.now_ms += 999
    assert registry.website_by_id(website.id) == website
    clock.now_ms += 1
    seen = registry.website_by_id(website.id)
    assert seen is not None
    assert seen.timezone == "Asia/Kolkata"
    assert seen.return_hostnames == ("pay.example.net",)
    assert registry.token(secret) is None


def test_a_change_is_seen_though_the_clock_was_set_back(
    catalog: Catalog, elsewhere: Catalog, clock: HandClock
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    registry = Registry(catalog, clock)
    elsewhere.remove_website(website.id, now_ms=NOW)
    clock.now_ms -= 3_600_000
    assert registry.website_by_id(website.id) is None
    assert registry.websites() == ()


def test_an_expired_token_is_refused_without_any_change(catalog: Catalog, clock: HandClock) -> None:
    secret, token = catalog.add_token(
        website_id=None, scopes=["read"], expires_at=NOW + 10, now_ms=NOW
    )
    registry = Registry(catalog, clock)
    assert registry.token(secret) == token
    clock.now_ms += 10
    assert registry.token(secret) is None


def test_a_websites_key_prefix_is_that_of_its_newest_own_key(
    catalog: Catalog, clock: HandClock
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    registry = Registry(catalog, clock)
    assert registry.key_prefix(website.id) is None
    catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW)
    _, newest = catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW + 1)
    catalog.add_token(website_id=website.id, scopes=["read"], kind="formo", now_ms=NOW + 2)
    catalog.add_token(website_id=None, scopes=["read"], now_ms=NOW + 3)
    registry.refresh()
    assert registry.key_prefix(website.id) == newest.prefix


def test_todays_salt_is_tomorrows_yesterday(catalog: Catalog, clock: HandClock) -> None:
    registry = Registry(catalog, clock)
    midnight = NOW - NOW % DAY
    today, evening = registry.salts(midnight), registry.salts(midnight + DAY - 1)
    tomorrow = registry.salts(midnight + DAY)
    assert today == evening
    assert tomorrow.yesterday == today.today
    assert len({today.yesterday, today.today, tomorrow.today}) == 3


def test_processes_share_the_days_salts(
    catalog: Catalog, elsewhere: Catalog, clock: HandClock
) -> None:
    assert Registry(catalog, clock).salts(NOW) == Registry(elsewhere, clock).salts(NOW)
