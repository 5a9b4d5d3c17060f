"""The catalog on a real SQLite file: websites, tokens, salts, imports."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import update

from footfall.catalog import Catalog
from footfall.catalog.database import writing
from footfall.catalog.table import WEBSITES
from footfall.catalog.token import digest
from footfall.model.errors import BadRequest, Conflict, NotFound, Unavailable
from footfall.model.website import Exclusions

NOW = 1_795_000_000_000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_a_new_website_is_found_by_id_tracking_id_and_domain(catalog: Catalog) -> None:
    website = catalog.add_website(
        "Example.COM", timezone="Europe/Berlin", currency="eur", now_ms=NOW
    )
    assert (website.domain, website.name) == ("example.com", "example.com")
    assert (website.timezone, website.currency, website.created_at) == ("Europe/Berlin", "EUR", NOW)
    assert website.tracking_id.startswith("flid_")
    assert len(website.tracking_id) == 21
    assert 0 < website.id < 2**32
    for selector in (website.public_id, website.tracking_id, "example.com", "www.Example.com"):
        assert catalog.find_website(selector) == website


def test_a_website_outlives_the_process(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    website = catalog.add_website("example.com", kpi="signup", now_ms=NOW)
    catalog.close()
    again = Catalog(tmp_path)
    assert again.websites() == [website]
    again.close()


def test_a_domain_is_tracked_once(catalog: Catalog) -> None:
    catalog.add_website("example.com", now_ms=NOW)
    with pytest.raises(Conflict, match=r"example\.com is already tracked"):
        catalog.add_website("www.example.com", now_ms=NOW)


def test_of_two_that_add_a_domain_at_once_one_wins(catalog: Catalog) -> None:
    def add(_: int) -> bool:
        try:
            catalog.add_website("example.com", now_ms=NOW)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(8))) == 1


@pytest.mark.parametrize(
    ("domain", "hint"),
    [
        ("https://Example.com/a?b", "as in example.com"),
        ("example.com:8080", "as in example.com"),
        ("exa mple.com", "domain"),
        ("", "domain"),
        ("a..b", "domain"),
        ("-a.com", "domain"),
        ("x" * 64 + ".com", "domain"),
        (".".join(["abcdefgh"] * 40), "domain"),
        ("a\0b.com", "domain"),
        ("\ud800.com", "domain"),
        ("http://[", "domain"),
        ("<script>", "domain"),
    ],
)
def test_a_wrong_domain_is_refused_with_a_hint(catalog: Catalog, domain: str, hint: str) -> None:
    with pytest.raises(BadRequest, match=hint) as error:
        catalog.add_website(domain, now_ms=NOW)
    assert error.value.field == "domain"


def test_a_domain_with_other_letters_is_kept_in_its_ascii_form(catalog: Catalog) -> None:
    website = catalog.add_website("Bücher.example", now_ms=NOW)
    assert website.domain == "xn--bcher-kva.example"
    assert catalog.find_website("bücher.example") == website


@pytest.mark.parametrize("spelling", ["straße.example", "STRAßE.example.", "xn--strae-oqa.example"])
def test_a_website_is_found_by_its_domain_however_it_is_written(
    catalog: Catalog, spelling: str
) -> None:
    website = catalog.add_website("www.Straße.example", now_ms=NOW)
    assert website.domain == "xn--strae-oqa.example"
    assert catalog.find_website(spelling) == website


def test_exclusions_take_unicode_hosts_names_of_countries_and_escapes(catalog: Catalog) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    given = Exclusions(
        paths=(r"/a\*b",),
        hostnames=("*.München.example",),
        countries=("Côte d’Ivoire", "Korea, Republic of", "DEU", "fr"),
    )
    changed = catalog.update_website(website.id, exclusions=given)
    assert changed.exclusions == Exclusions(
        paths=(r"/a\*b",),
        hostnames=("*.xn--mnchen-3ya.example",),
        countries=("CI", "KR", "DE", "FR"),
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Berlin"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "America"),
        ("timezone", "localtime"),
        ("timezone", ""),
        ("currency", "EURO"),
        ("currency", "ZZZ"),
        ("kpi", "Sign up"),
        ("kpi", "x" * 65),
        ("name", ""),
        ("name", "x" * 256),
        ("name", "a\0b"),
        ("kpi_color_scheme", "mauve"),
        ("logo", "javascript:alert(1)"),
        ("logo", "http://["),
        ("retain_days", 0),
        ("retain_days", True),
        ("retain_days", 36_501),
        ("allow_hostname", ("https://x",)),
        ("return_hostname", ("https://x",)),
        ("return_hostname", ("a b",)),
        ("return_hostname", ("",)),
        ("domain", "other.example"),
        ("removed_at", 1),
    ],
)
def test_a_wrong_setting_names_its_field_and_changes_nothing(
    catalog: Catalog, field: str, value: object
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    lists = {"allow_hostname": "allowed_hostnames", "return_hostname": "return_hostnames"}
    setting = lists.get(field, field)
    with pytest.raises(BadRequest) as error:
        catalog.update_website(website.id, **{"name": "Other", setting: value})
    assert error.value.field == field
    assert field in error.value.message
    assert catalog.find_website("example.com") == website


def test_settings_can_be_changed_and_cleared(catalog: Catalog) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    exclusions = Exclusions(("203.0.113.7", "10.1.2.3/8"), ("/admin/**",), ("*.Dev.test",), ("de",))
    changed = catalog.update_website(
        website.id,
        name="Shop",
        timezone="Asia/Kolkata",
        currency="INR",
        kpi="signup",
        kpi_color_scheme="teal",
        logo="https://example.com/logo.svg",
        retain_days=90,
        exclusions=exclusions,
        allowed_hostnames=("Shop.example.net", "www.example.org"),
        return_hostnames=("Pay.münchen.example", "pay.example.org"),
    )
    assert changed.return_hostnames == ("pay.xn--mnchen-3ya.example", "pay.example.org")
    assert changed.allowed_hostnames == ("shop.example.net", "example.org")
    assert catalog.find_website("example.com") == changed
    assert changed.exclusions == Exclusions(
        ("203.0.113.7", "10.0.0.0/8"), ("/admin/**",), ("*.dev.test",), ("DE",)
    )
    cleared = catalog.update_website(
        website.id,
        kpi="revenue",
        kpi_color_scheme=None,
        logo=None,
        retain_days=None,
        exclusions=Exclusions(),
    )
    assert (cleared.kpi, cleared.logo, cleared.retain_days) == (None, None, None)
    assert cleared.exclusions == Exclusions()
    assert cleared.name == "Shop"


@pytest.mark.parametrize(
    ("exclusions", "field"),
    [
        (Exclusions(addresses=("1.2.3",)), "exclude_address"),
        (Exclusions(paths=("admin",)), "exclude_path"),
        (Exclusions(hostnames=("https://x",)), "exclude_hostname"),
        (Exclusions(referrers=("https://x",)), "exclude_referrer"),
        (Exclusions(countries=("Atlantis",)), "exclude_country"),
        (Exclusions(hostnames=("mü*.example",)), "exclude_hostname"),
        (Exclusions(paths=("/a\\",)), "exclude_path"),
        (Exclusions(countries=tuple(["DE"] * 1001)), "exclude_country"),
    ],
)
def test_a_wrong_exclusion_names_its_field(
    catalog: Catalog, exclusions: Exclusions, field: str
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    with pytest.raises(BadRequest) as error:
        catalog.update_website(website.id, exclusions=exclusions)
    assert error.value.field == field


def test_a_removed_website_is_gone_with_its_tokens_and_waits_to_be_purged(
    catalog: Catalog,
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    job = catalog.import_job(website.id, "aa")
    catalog.import_salt(job.id, "2026-11-21", NOW)
    secret, _ = catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW)
    catalog.remove_website(website.id, now_ms=NOW)
    assert catalog.websites() == []
    assert catalog.find_token(secret, NOW) is None
    with pytest.raises(NotFound):
        catalog.find_website(website.public_id)
    with pytest.raises(NotFound):
        catalog.update_website(website.id, name="x")
    with pytest.raises(NotFound):
        catalog.remove_website(website.id, now_ms=NOW)
    with pytest.raises(NotFound):
        catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW)
    with pytest.raises(NotFound):
        catalog.import_job(website.id, "bb")
    assert catalog.removed_websites(NOW) == []
    assert catalog.removed_websites(NOW + 1) == [website.id]
    catalog.forget_website(website.id)
    assert catalog.removed_websites(NOW + 1) == []


def test_a_removed_websites_domain_can_be_added_again(catalog: Catalog) -> None:
    first = catalog.add_website("example.com", now_ms=NOW)
    catalog.remove_website(first.id, now_ms=NOW)
    second = catalog.add_website("example.com", now_ms=NOW)
    assert second.id != first.id
    catalog.forget_website(second.id)
    assert catalog.websites() == [second]


@pytest.mark.parametrize(
    "selector", ["", "nope.example", "0000000g", "ffffffff", "'; --", "\ud800"]
)
def test_an_unknown_selector_is_not_found(catalog: Catalog, selector: str) -> None:
    with pytest.raises(NotFound):
        catalog.find_website(selector)


def test_a_secret_is_found_and_never_stored(catalog: Catalog, tmp_path: Path) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    of_workspace, first = catalog.add_token(website_id=None, scopes=["read", "write"], now_ms=NOW)
    of_website, second = catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW + 1)
    flow, third = catalog.add_token(
        website_id=website.id, scopes=["collect"], kind="formo", now_ms=NOW + 2
    )
    assert of_workspace.startswith("flow_ws_")
    assert of_website.startswith("flow_")
    assert flow.startswith("formo_")
    assert catalog.tokens() == [third, second, first]
    stored = everything_on_disk(tmp_path)
    for secret, token in ((of_workspace, first), (of_website, second), (flow, third)):
        assert catalog.find_token(secret, NOW) == token
        assert secret.startswith(token.prefix)
        assert len(token.prefix) == len(secret) - 43 + 4
        assert secret.encode() not in stored
        assert digest(secret) in stored
    assert catalog.find_token(of_website + "x", NOW) is None
    assert catalog.find_token("\ud800", NOW) is None


def test_a_token_ends_at_its_time_and_when_revoked(catalog: Catalog) -> None:
    secret, token = catalog.add_token(
        website_id=None, scopes=["read"], expires_at=NOW + 1000, now_ms=NOW
    )
    assert catalog.find_token(secret, NOW + 999) == token
    assert catalog.find_token(secret, NOW + 1000) is None
    catalog.revoke_token(token.id)
    assert catalog.find_token(secret, NOW) is None
    with pytest.raises(NotFound):
        catalog.revoke_token(token.id)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"scopes": ["admin"]}, "scope"),
        ({"scopes": []}, "scope"),
        ({"scopes": ["read"], "kind": "share"}, "kind"),
        ({"scopes": ["read"], "kind": "formo"}, "website"),
        ({"scopes": ["read"], "expires_at": NOW}, "expires_at"),
    ],
)
def test_a_wrong_token_is_refused(catalog: Catalog, options: dict[str, object], field: str) -> None:
    with pytest.raises(BadRequest) as error:
        catalog.add_token(website_id=None, now_ms=NOW, **options)  # type: ignore[arg-type]
    assert error.value.field == field


def test_a_days_salt_stays_and_differs_from_the_next_days(catalog: Catalog) -> None:
    salt = catalog.salt("2026-11-21")
    assert len(salt) == 32
    assert catalog.salt("2026-11-21") == salt
    assert catalog.salt("2026-11-22") != salt


def test_processes_that_race_for_a_new_folder_agree_on_the_salt(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from footfall.catalog import Catalog;"
        "print(Catalog(Path(sys.argv[1])).salt('2026-11-21').hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data")], stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert all(process.returncode == 0 for process in started)


def test_a_dropped_salt_is_nowhere_on_disk(catalog: Catalog, tmp_path: Path) -> None:
    old, kept = catalog.salt("2026-11-19"), catalog.salt("2026-11-20")
    assert old in everything_on_disk(tmp_path)
    catalog.keep_salts(["2026-11-20"], NOW)
    stored = everything_on_disk(tmp_path)
    assert old not in stored
    assert kept in stored
    assert catalog.salt("2026-11-20") == kept


def test_an_imports_salts_are_its_own_and_go_with_its_end(catalog: Catalog, tmp_path: Path) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    job = catalog.import_job(website.id, "aa")
    other = catalog.import_job(website.id, "bb")
    salt = catalog.import_salt(job.id, "2015-05-17", NOW)
    assert catalog.import_salt(job.id, "2015-05-17", NOW) == salt
    others = catalog.import_salt(other.id, "2015-05-17", NOW)
    assert len({salt, others, catalog.import_salt(job.id, "2015-05-18", NOW)}) == 3
    catalog.drop_import_salts(job.id)
    stored = everything_on_disk(tmp_path)
    assert salt not in stored
    assert others in stored


def test_a_token_is_not_made_for_a_website_that_is_removed_meanwhile(
    catalog: Catalog, tmp_path: Path
) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    other = Catalog(tmp_path)
    found: list[Exception] = []

    def add() -> None:
        try:
            other.add_token(website_id=website.id, scopes=["read"], now_ms=NOW)
        except NotFound as error:
            found.append(error)

    adding = Thread(target=add)
    with writing(catalog.database) as connection:  # what `remove_website` does, slowly
        is_it = WEBSITES.c.id == website.id
        connection.execute(update(WEBSITES).where(is_it).values(removed_at=NOW))
        adding.start()
        time.sleep(0.3)
    adding.join()
    assert len(found) == 1
    catalog.forget_website(website.id)
    assert catalog.removed_websites(NOW + 1) == []


def test_a_removed_websites_last_token_does_not_keep_it(catalog: Catalog) -> None:
    """An earlier version could make one."""
    website = catalog.add_website("example.com", now_ms=NOW)
    catalog.add_token(website_id=website.id, scopes=["read"], now_ms=NOW)
    with writing(catalog.database) as connection:
        connection.execute(update(WEBSITES).values(removed_at=NOW))
    catalog.forget_website(website.id)
    assert (catalog.removed_websites(NOW + 1), catalog.tokens()) == ([], [])


def test_an_import_of_the_same_file_continues_where_it_was(catalog: Catalog) -> None:
    website = catalog.add_website("example.com", now_ms=NOW)
    job = catalog.import_job(website.id, "aa")
    assert (job.emitted, job.is_done, job.counts) == (0, False, {})
    catalog.set_job_progress(job.id, 500, False, {"accepted": 400})
    catalog.set_job_progress(job.id, 700, True)
    again = catalog.import_job(website.id, "aa")
    assert again.id == job.id
    assert (again.emitted, again.is_done, again.counts) == (700, True, {"accepted": 400})
    assert catalog.import_jobs(website.id) == [again]


def test_the_change_counter_sees_own_and_foreign_commits(tmp_path: Path) -> None:
    catalog, other = Catalog(tmp_path), Catalog(tmp_path)
    start = catalog.change_counter()
    assert catalog.change_counter() == start
    catalog.add_website("a.example", now_ms=NOW)
    own = catalog.change_counter()
    assert own != start
    other.add_website("b.example", now_ms=NOW)
    assert catalog.change_counter() != own
    catalog.close()
    other.close()


def test_what_is_written_is_synced_and_deleted_for_real(catalog: Catalog) -> None:
    """Every pooled connection has the settings on which the promises stand."""
    with catalog.database.connect() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("secure_delete", 1),
            ("foreign_keys", 1),
            ("busy_timeout", 5000),
        ):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_current_catalog_opens_without_alembic(tmp_path: Path) -> None:
    Catalog(tmp_path).close()
    program = (
        "import sys; from pathlib import Path; from footfall.catalog import Catalog;"
        "Catalog(Path(sys.argv[1])); print('alembic' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"


def test_a_catalog_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Catalog(tmp_path).close()
    with sqlite3.connect(tmp_path / "catalog.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    from footfall.catalog.database import CatalogTooNew

    with pytest.raises(CatalogTooNew, match="newer version"):
        Catalog(tmp_path)


def test_what_cannot_be_written_is_unavailable(catalog: Catalog, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "catalog.sqlite") as database:
        database.execute("DROP TABLE salts")
    database.close()
    with pytest.raises(Unavailable, match="cannot be used now"):
        catalog.keep_salts(["2026-11-20"], NOW)


def test_a_file_that_is_not_a_catalog_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"something else" * 1000)
    with pytest.raises(Unavailable, match="not a database"):
        Catalog(tmp_path)
