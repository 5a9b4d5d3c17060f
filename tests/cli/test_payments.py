"""The command `footfall payments`, as a person types it."""

import io
import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cli.running import wait_until

from footfall.catalog import Catalog
from footfall.cli import main
from footfall.model.money import Converted
from footfall.model.payment import Dispute, Payment, Refund
from footfall.money.connection import Connections, WebhookEvent
from footfall.money.ledger import Ledger

NOW = 1_800_000_000_000
SECRET = "whsec_marker0123456789marker"


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
    """Runs a command on the test's data folder, which has the website shop.example."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, piped: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["footfall", *words, "--data", str(tmp_path)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    assert run("website", "add", "shop.example").code == 0
    return run


@pytest.fixture
def website_id(run: Run, tmp_path: Path) -> int:
    del run
    catalog = Catalog(tmp_path)
    found = catalog.find_website("shop.example").id
    catalog.close()
    return found


def connect(run: Run, provider: str = "stripe", *words: str) -> Ran:
    return run(
        "payments",
        "connect",
        provider,
        "--website",
        "shop.example",
        "--secret-stdin",
        *words,
        piped=f"{SECRET}\n",
    )


def test_connecting_shows_address_and_events_and_never_the_secret(
    run: Run, website_id: int
) -> None:
    ran = connect(run)
    assert ran.code == 0
    assert f"https://HOST/webhooks/stripe/{website_id:08x}" in ran.out
    assert "checkout.session.completed" in ran.out
    assert "marker" not in ran.out + ran.err


def test_a_connection_is_listed_without_its_secret(run: Run) -> None:
    connect(run)
    listed = run("payments", "list")
    assert "shop.example" in listed.out
    assert "never" in listed.out
    [row] = run("payments", "list", "--json").json
    assert (row["provider"], row["website"], row["lastEventAt"]) == ("stripe", "shop.example", None)
    assert "marker" not in listed.out + json.dumps(row)


def test_the_secret_is_stored_as_the_provider_shows_it(
    run: Run, website_id: int, tmp_path: Path
) -> None:
    connect(run)
    catalog = Catalog(tmp_path)
    assert Connections(catalog).secret_of(website_id, "stripe") == SECRET
    catalog.close()


@pytest.mark.parametrize("provider", ["generic", "lemonsqueezy"])
def test_a_secret_that_we_generate_is_shown_once(
    run: Run, website_id: int, tmp_path: Path, provider: str
) -> None:
    ran = run("payments", "connect", provider, "--website", "shop.example", "--json")
    catalog = Catalog(tmp_path)
    kept = Connections(catalog).secret_of(website_id, provider)
    catalog.close()
    assert ran.json["secret"] == kept
    assert len(ran.json["secret"]) == 32
    again = run("payments", "connect", provider, "--website", "shop.example")
    assert "It is not shown again" in again.out
    assert ran.json["secret"] not in again.out


def test_the_secret_must_be_piped_when_not_run_interactively(run: Run) -> None:
    ran = run("payments", "connect", "stripe", "--website", "shop.example")
    assert ran.code == 1
    assert "--secret-stdin" in ran.err


def test_a_person_is_asked_without_echo(run: Run, website_id: int, tmp_path: Path) -> None:
    del run
    ours, theirs = pty.openpty()
    words = ["payments", "connect", "stripe", "--website", "shop.example"]
    process = subprocess.Popen(
        [sys.executable, "-m", "footfall", *words, "--data", str(tmp_path)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "dumb"},
        start_new_session=True,
    )
    shown = b""
    while b"signing secret" not in shown:
        shown += os.read(ours, 1024)
    wait_until(lambda: not termios.tcgetattr(theirs)[3] & termios.ECHO, bool)
    os.write(ours, f"{SECRET}\n".encode())
    assert process.wait(timeout=180) == 0
    os.close(theirs)
    try:
        while more := os.read(ours, 1024):
            shown += more
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert b"is connected" in shown
    assert b"marker" not in shown
    catalog = Catalog(tmp_path)
    assert Connections(catalog).secret_of(website_id, "stripe") == SECRET
    catalog.close()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("connect", "paypal", "--website", "shop.example"),
            "stripe, lemonsqueezy, polar, generic",
        ),
        (("connect", "stripe", "--website", "nope.example"), "there is no website"),
        (("disconnect", "stripe", "--website", "shop.example"), "not connected"),
        (("unmatched", "--website", "nope.example"), "there is no website"),
    ],
)
def test_a_mistake_is_one_clear_line(run: Run, words: tuple[str, ...], message: str) -> None:
    ran = run("payments", *words)
    assert ran.code == 1
    assert message in ran.err


def test_a_secret_that_cannot_be_one_is_refused(run: Run) -> None:
    ran = run(
        "payments", "connect", "stripe", "--website", "shop.example", "--secret-stdin", piped="ab\n"
    )
    assert ran.code == 1
    assert "the secret must have" in ran.err


def test_a_disconnected_provider_is_gone(run: Run) -> None:
    connect(run)
    assert run("payments", "disconnect", "stripe", "--website", "shop.example").code == 0
    assert run("payments", "list", "--json").json == []
    assert "footfall payments connect stripe" in run("payments", "list").out


def test_empty_lists_say_so(run: Run) -> None:
    assert "Nothing" in run("payments", "unmatched").out
    assert "No dispute is open" in run("payments", "disputes").out


def test_what_needs_attention_is_listed(run: Run, website_id: int, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    payment = Payment(
        website_id=website_id,
        transaction_id="pi_1",
        amount=Decimal("29.99"),
        currency="USD",
        occurred_at=NOW,
        provider="stripe",
    )
    Ledger(catalog).add_payment(
        payment, Converted(Decimal("29.99"), "USD"), now_ms=NOW, merges=True
    )
    Connections(catalog).remember(
        WebhookEvent(
            website_id=website_id,
            provider="stripe",
            event_id="evt_1",
            received_at=NOW,
            outcome="booked",
            type="checkout.session.completed",
            transaction_id="pi_1",
            amount=Decimal("29.99"),
            currency="USD",
        )
    )
    refund = Refund(
        website_id=website_id,
        transaction_id="pi_unknown",
        refund_id="re_1",
        amount=Decimal(5),
        occurred_at=NOW,
        provider="stripe",
    )
    Ledger(catalog).add_refund(refund, now_ms=NOW, may_wait=True)
    dispute = Dispute(
        website_id=website_id,
        transaction_id="pi_1",
        dispute_id="du_1",
        status="open",
        amount=Decimal("29.99"),
        currency="USD",
        occurred_at=NOW,
        provider="stripe",
    )
    Ledger(catalog).set_dispute(dispute)
    catalog.close()
    rows = run("payments", "unmatched", "--json").json
    assert [(row["transactionId"], row["why"]) for row in rows] == [
        ("pi_1", "the payer is not a known visitor"),
        ("pi_unknown", "the refund's payment is not known"),
    ]
    shown = run("payments", "unmatched", "--website", "shop.example").out
    assert "29.99 USD" in shown
    assert "2027-01-15" in shown
    assert "08:00" in shown  # on a line of its own where the table is narrow
    [disputed] = run("payments", "disputes", "--json").json
    assert (disputed["disputeId"], disputed["amount"]) == ("du_1", "29.99")
    assert "du_1" in run("payments", "disputes").out
