"""`footfall rates` and `footfall audit`, as people run them."""

import json
from pathlib import Path

import pytest
from cli.running import forked_footfall as footfall

from footfall.catalog import Catalog

NOW = 1_795_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a website and an entry in the audit log."""
    catalog = Catalog(tmp_path / "data")
    website = catalog.add_website("example.com", now_ms=NOW)
    catalog.audit.add(
        website.id,
        "tok_1",
        "delete goals",
        filters={"name": "[bold]signup"},
        people={"visitorId": "v1"},
        counts={"goals": 2},
        now_ms=NOW,
    )
    catalog.close()
    return tmp_path / "data"


def test_rates_are_listed_by_currency(folder: Path) -> None:
    shown = footfall("rates", "--json", data=folder)
    rows = {row["currency"]: row for row in json.loads(shown.stdout)}
    assert rows["USD"]["firstDay"] == "1999-01-04"
    assert rows["USD"]["lastDay"] >= "2026-01-01"
    assert "currencies against the euro" in footfall("rates", data=folder).stdout


def test_rates_are_updated_from_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("Date,USD\n2099-01-05,1.25\n")
    assert footfall("rates", "update", "--file", str(file), data=folder).returncode == 0
    rows = json.loads(footfall("rates", "--json", data=folder).stdout)
    assert [row["lastDay"] for row in rows if row["currency"] == "USD"] == ["2099-01-05"]


def test_a_file_that_holds_no_rates_is_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("Date,USD\n2026-01-05,-1\n")
    for given, message in ((file, "line 2"), (tmp_path / "absent.csv", "No such file")):
        refused = footfall("rates", "update", "--file", str(given), data=folder)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith("footfall: ")
        assert message in refused.stderr
    assert not (folder / "rates.csv").exists()


def test_without_a_data_folder_no_rates_are_updated(tmp_path: Path) -> None:
    refused = footfall("rates", "update", data=tmp_path / "absent")
    assert refused.returncode == 1
    assert "there is no data" in refused.stderr


def test_the_audit_log_is_shown_with_people_as_hashes(folder: Path) -> None:
    [row] = json.loads(footfall("audit", "--json", data=folder).stdout)
    assert row["at"] == "2026-11-18T11:06:40Z"
    assert (row["website"], row["actor"], row["action"]) == (
        "example.com",
        "tok_1",
        "delete goals",
    )
    assert row["counts"] == {"goals": 2}
    assert row["filters"]["visitorId"].startswith("person ")
    shown = footfall("audit", "--website", "example.com", data=folder).stdout
    assert "[bold]signup" in shown
    assert "goals=2" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--website", "other.example"), "no website"), (("--limit", "0"), "limit 0 must be 1 to")],
)
def test_a_wrong_option_is_named(folder: Path, words: tuple[str, ...], message: str) -> None:
    refused = footfall("audit", *words, data=folder)
    assert refused.returncode == 1
    assert message in refused.stderr
