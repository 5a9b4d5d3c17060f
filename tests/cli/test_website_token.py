"""The commands `footfall website` and `footfall token`, as a person types them."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footfall.catalog import Catalog, Registry
from footfall.cli import main
from footfall.clock import now_ms
from footfall.model.website import Exclusions


class Ran:
    """What a command printed and the code with which it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, " ".join(err.split())

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the test's data folder."""

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["footfall", *words, "--data", str(tmp_path)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def with_website(run: Run) -> Run:
    assert run("website", "add", "example.com").code == 0
    return run


def test_a_website_is_added_and_its_ids_are_answered(run: Run) -> None:
    added = run(
        *("website", "add", "Example.com", "--name", "Shop", "--timezone", "Europe/Berlin"),
        *("--currency", "eur", "--kpi", "signup", "--json"),
    )
    assert added.code == 0
    assert set(added.json) >= {"id", "domain", "trackingId"}
    assert added.json["domain"] == "example.com"
    assert added.json["trackingId"].startswith("flid_")
    [listed] = run("website", "list", "--json").json
    assert listed == added.json
    assert (listed["timezone"], listed["currency"], listed["kpi"]) == (
        "Europe/Berlin",
        "EUR",
        "signup",
    )


def test_adding_shows_the_line_to_put_into_the_pages(run: Run) -> None:
    added = run("website", "add", "example.com")
    assert '<script defer data-fl-website-id="flid_' in added.out
    assert "example.com" in run("website", "list").out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("website", "add", "https://example.com/"), "as in example.com"),
        (("website", "add", "example.com"), "already tracked"),
        (("website", "add", "b.example", "--timezone", "Berlin"), "timezone 'Berlin'"),
        (("website", "add", "b.example", "--currency", "EURO"), "ISO 4217"),
        (("website", "add", "b.example", "--kpi", "Sign up"), "kpi 'Sign up'"),
        (("website", "set", "nobody.example", "--name", "x"), "no website 'nobody.example'"),
        (("website", "set", "example.com"), "no setting was given"),
        (("website", "set", "example.com", "--retain-days", "ten"), "retain_days"),
        (("website", "set", "example.com", "--retain-days", "0"), "retain_days"),
        (
            ("website", "set", "example.com", "--return-hostname", "https://pay.example/"),
            "return_hostname 'https://pay.example/' is not a host name",
        ),
        (("website", "set", "example.com", "--exclude-address", "1.2"), "exclude_address '1.2'"),
        (
            ("website", "set", "example.com", "--exclude-path", "none", "--exclude-path", "/a"),
            "give no other value",
        ),
        (("website", "remove", "nobody.example", "--yes"), "no website"),
        (("website", "remove", "example.com"), "--yes"),
        (("token", "create"), "--workspace or --website"),
        (("token", "create", "--workspace", "--website", "example.com"), "pass either"),
        (("token", "create", "--website", "nobody.example"), "no website"),
        (("token", "create", "--workspace", "--scope", "admin"), "scope 'admin'"),
        (("token", "create", "--workspace", "--scope", ","), "no scope"),
        (("token", "create", "--workspace", "--kind", "formo"), "one website"),
        (("token", "create", "--workspace", "--kind", "x"), "kind 'x'"),
        (("token", "create", "--workspace", "--expires-in-days", "0"), "expires_in_days"),
        (("token", "revoke", "tok_nope"), "no token 'tok_nope'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    with_website: Run, words: tuple[str, ...], expected: str
) -> None:
    ran = with_website(*words)
    assert ran.code in (1, 2)
    assert expected in ran.err
    assert "Traceback" not in ran.err


def test_a_mistyped_folder_does_not_become_one(run: Run, tmp_path: Path) -> None:
    for words in (("website", "list"), ("token", "list"), ("website", "remove", "a", "--yes")):
        ran = run(*words)
        assert ran.code == 1
        assert "no data in" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_option_that_is_none_ends_with_a_hint(with_website: Run) -> None:
    ran = with_website("website", "list", "--jsn")
    assert ran.code in (1, 2)
    assert "--jsn" in ran.out + ran.err


def test_settings_are_changed_and_cleared(with_website: Run, tmp_path: Path) -> None:
    run = with_website
    changed = run(
        *("website", "set", "example.com", "--name", "Shop", "--currency", "CHF"),
        *("--timezone", "Europe/Zurich", "--kpi", "signup", "--logo", "https://example.com/l.svg"),
        *("--exclude-address", "10.0.0.0/8", "--exclude-address", "203.0.113.7"),
        *("--exclude-path", "/admin/**", "--exclude-hostname", "*.example.com"),
        *("--exclude-country", "de", "--allow-hostname", "shop.example.net"),
        *("--return-hostname", "Pay.example.net", "--return-hostname", "3ds.bank.example"),
        *("--retain-days", "90"),
    )
    assert changed.code == 0
    catalog = Catalog(tmp_path)
    website = catalog.find_website("example.com")
    assert (website.name, website.currency, website.kpi) == ("Shop", "CHF", "signup")
    assert website.exclusions == Exclusions(
        ("10.0.0.0/8", "203.0.113.7"), ("/admin/**",), ("*.example.com",), ("DE",)
    )
    assert (website.allowed_hostnames, website.retain_days) == (("shop.example.net",), 90)
    assert website.return_hostnames == ("pay.example.net", "3ds.bank.example")
    assert "pay.example.net, 3ds.bank.example" in changed.out
    cleared = run(
        *("website", "set", website.public_id, "--exclude-address", "none", "--logo", "none"),
        *("--kpi", "revenue", "--retain-days", "none", "--allow-hostname", "none", "--json"),
        *("--return-hostname", "none"),
    )
    assert cleared.code == 0
    website = catalog.find_website("example.com")
    assert (website.logo, website.kpi, website.retain_days) == (None, None, None)
    assert website.allowed_hostnames == website.return_hostnames == ()
    assert cleared.json["returnHostname"] == []
    assert website.exclusions == Exclusions((), ("/admin/**",), ("*.example.com",), ("DE",))
    assert website.name == "Shop"
    assert cleared.json["excludePath"] == ["/admin/**"]
    catalog.close()


@pytest.mark.parametrize(("typed", "is_left"), [("n\n", True), ("y\n", False)])
def test_removing_asks_first(with_website: Run, tmp_path: Path, typed: str, is_left: bool) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "footfall", "website", "remove", "example.com"),
            *("--data", str(tmp_path)),
        ],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert "permanently?" in ended.stdout
    assert ended.returncode == (1 if is_left else 0)
    assert bool(with_website("website", "list", "--json").json) == is_left


def test_a_website_is_removed_without_asking_with_yes(with_website: Run) -> None:
    removed = with_website("website", "remove", "example.com", "--yes", "--json")
    assert removed.json["removed"] is True
    assert with_website("website", "list", "--json").json == []


def test_a_token_is_shown_once_and_works(with_website: Run, tmp_path: Path) -> None:
    made = with_website("token", "create", "--workspace", "--json").json
    assert set(made) == {"token", "id"}
    catalog = Catalog(tmp_path)
    token = catalog.find_token(made["token"], now_ms())
    assert token is not None
    assert token.id == made["id"]
    assert token.scopes == {"read", "write"}
    listed = with_website("token", "list", "--json")
    assert made["token"] not in listed.out
    assert listed.json[0]["id"] == made["id"]
    assert made["id"] in with_website("token", "list").out
    assert with_website("token", "revoke", made["id"]).code == 0
    assert catalog.find_token(made["token"], now_ms()) is None
    catalog.close()


def test_a_token_has_the_website_scopes_kind_and_end_it_was_given(with_website: Run) -> None:
    made = with_website(
        *("token", "create", "--website", "example.com", "--scope", "read, collect"),
        *("--kind", "formo", "--expires-in-days", "30", "--json"),
    ).json
    assert made["token"].startswith("formo_")
    [listed] = with_website("token", "list", "--json").json
    assert (listed["website"], listed["scopes"]) == ("example.com", ["collect", "read"])
    assert listed["kind"] == "formo"
    assert listed["expiresAt"] > listed["createdAt"]


def test_changes_are_in_the_audit_log(with_website: Run) -> None:
    assert with_website("website", "set", "example.com", "--name", "Shop").code == 0
    made = with_website("token", "create", "--website", "example.com", "--json").json
    assert with_website("token", "revoke", made["id"]).code == 0
    given = ("website", "remove", "example.com", "--yes")
    assert with_website(*given).code == 0
    rows = with_website("audit", "--json").json
    assert [(row["actor"], row["action"]) for row in rows[::-1]] == [
        ("cli", "add website"),
        ("cli", "change website"),
        ("cli", "add token"),
        ("cli", "revoke token"),
        ("cli", "remove website"),
    ]
    prefix = made["token"][:8]
    assert rows[1]["filters"]["token"].startswith(prefix)
    assert made["token"] not in str(rows)
    assert rows[0]["filters"] == {"domain": "example.com"}


def test_a_token_alone_on_a_terminal_is_one_unbroken_line(run: Run) -> None:
    made = run("token", "create", "--workspace")
    assert made.out.splitlines()[0].startswith("flow_ws_")
    assert len(made.out.splitlines()[0]) == 51


def test_a_running_server_knows_what_the_commands_did(run: Run, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    registry = Registry(catalog, now_ms)
    tracking_id = run("website", "add", "example.com", "--json").json["trackingId"]
    assert registry.website_by_tracking_id(tracking_id) is not None
    secret = run("token", "create", "--website", "example.com", "--json").json["token"]
    assert registry.token(secret) is not None
    catalog.close()
