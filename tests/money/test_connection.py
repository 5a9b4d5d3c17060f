"""Connections to payment providers: secrets at rest, and what became of each event."""

import os
import random
import sqlite3
import threading
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from fault import FAULTS
from new_catalog import open_catalog

from footfall.catalog.secret import SecretBox
from footfall.damage import DamageLog
from footfall.model.errors import BadRequest, NotFound
from footfall.model.money import Converted
from footfall.model.payment import Payment
from footfall.money.connection import Connections, WebhookEvent
from footfall.money.ledger import Ledger

NOW = 1_800_000_000_000
SECRET = "whsec_marker0123456789marker"


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog = open_catalog(folder)
        self.connections = Connections(self.catalog)
        self.website_id = self.catalog.add_website("shop.example", now_ms=NOW).id

    def event(self, event_id: str = "evt_1", **fields: object) -> WebhookEvent:
        values: dict[str, object] = {
            "website_id": self.website_id,
            "provider": "stripe",
            "event_id": event_id,
            "received_at": NOW,
            "outcome": "booked",
            "type": "checkout.session.completed",
            "transaction_id": "pi_1",
            "amount": Decimal("29.99"),
            "currency": "USD",
        }
        return WebhookEvent(**values | fields)  # type: ignore[arg-type]

    def with_key(self, environment: dict[str, str]) -> Connections:
        catalog = open_catalog(self.folder)
        catalog.secrets = SecretBox(self.folder, environment)
        return Connections(catalog)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_secret_can_be_read_again(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", f" {SECRET}\n", now_ms=NOW)
    assert shop.connections.secret_of(shop.website_id, "stripe") == SECRET
    assert shop.connections.secret_of(shop.website_id, "polar") is None
    assert shop.connections.secret_of(shop.website_id + 1, "stripe") is None


def test_connecting_again_replaces_the_secret(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    shop.connections.add(shop.website_id, "stripe", "whsec_rolled", now_ms=NOW + 5)
    assert shop.connections.secret_of(shop.website_id, "stripe") == "whsec_rolled"
    [connection] = shop.connections.connected()
    assert (connection.provider, connection.created_at) == ("stripe", NOW)


def test_no_file_of_the_data_folder_holds_the_secret(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    for file in shop.folder.rglob("*"):
        assert b"marker0123" not in file.read_bytes()


def test_the_key_is_a_file_of_its_own_that_only_its_owner_can_read(shop: Shop) -> None:
    assert not (shop.folder / "secret.key").exists()
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    assert (shop.folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in shop.folder.glob("secret.key*")] == ["secret.key"]


def test_the_key_may_come_from_the_environment_instead(shop: Shop) -> None:
    for key in ("A" * 43 + "=", "-_+/" * 10 + "AAA="):
        connections = shop.with_key({"FOOTFALL_SECRET_KEY": key})
        connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
        assert connections.secret_of(shop.website_id, "stripe") == SECRET
        assert not (shop.folder / "secret.key").exists()


@pytest.mark.parametrize("key", ["short", "A" * 43, "ä" * 44, "A" * 60])
def test_an_invalid_key_is_refused_without_showing_it(shop: Shop, key: str) -> None:
    with pytest.raises(BadRequest, match="FOOTFALL_SECRET_KEY does not contain a key") as caught:
        shop.with_key({"FOOTFALL_SECRET_KEY": key}).add(
            shop.website_id, "stripe", SECRET, now_ms=NOW
        )
    assert key not in caught.value.message


def test_a_lost_key_says_what_to_do(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    (shop.folder / "secret.key").unlink()
    with pytest.raises(NotFound, match=r"secret\.key.*connect the providers again"):
        shop.with_key({}).secret_of(shop.website_id, "stripe")


def test_a_key_that_is_lost_while_the_server_runs_is_reported_and_written_again(
    shop: Shop,
) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    (shop.folder / "secret.key").unlink()
    log = DamageLog(shop.folder, lambda: NOW)
    shop.connections.check_secrets(log)
    [entry] = log.unseen()
    assert "webhooks of stripe are refused, at the latest after a restart" in entry.message
    shop.connections.add(shop.website_id, "polar", SECRET, now_ms=NOW)
    for provider in ("stripe", "polar"):
        assert shop.with_key({}).secret_of(shop.website_id, provider) == SECRET


def test_another_key_says_what_to_do(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    with pytest.raises(NotFound, match="cannot be decrypted with this key"):
        shop.with_key({"FOOTFALL_SECRET_KEY": "A" * 43 + "="}).secret_of(shop.website_id, "stripe")


@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_or_missing_key_is_reported(shop: Shop, kind: str) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    key = (shop.folder / "secret.key").read_bytes()
    chance = random.Random(kind)
    for _ in range(20):
        (shop.folder / "secret.key").write_bytes(key)
        log = DamageLog(shop.folder, lambda: NOW)
        known = len(log.entries())
        shop.with_key({}).check_secrets(log)
        assert len(log.entries()) == known
        FAULTS[kind](shop.folder / "secret.key", chance)
        with suppress(NotFound, BadRequest):
            if shop.with_key({}).secret_of(shop.website_id, "stripe") == SECRET:
                continue  # only the line's end, or bits that base64 leaves unused
        shop.with_key({}).check_secrets(log)
        assert log.unseen()
        assert SECRET not in log.unseen()[-1].message


def test_a_secret_moved_to_another_row_does_not_open(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    with sqlite3.connect(shop.folder / "catalog.sqlite") as catalog:
        catalog.execute("UPDATE payment_connections SET provider = 'polar'")
    catalog.close()
    with pytest.raises(NotFound):
        shop.connections.secret_of(shop.website_id, "polar")


def test_a_damaged_secret_does_not_open(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    for damaged in ("zeroblob(0)", "zeroblob(5)", "zeroblob(100)"):
        with sqlite3.connect(shop.folder / "catalog.sqlite") as catalog:
            catalog.execute(f"UPDATE payment_connections SET secret_encrypted = {damaged}")
        catalog.close()
        with pytest.raises(NotFound):
            shop.connections.secret_of(shop.website_id, "stripe")


def test_many_who_need_the_first_key_at_once_make_one(shop: Shop) -> None:
    boxes = [SecretBox(shop.folder, {}) for _ in range(8)]
    sealed: list[bytes] = []
    threads = [
        threading.Thread(target=lambda box=box: sealed.append(box.seal(SECRET, "x")))
        for box in boxes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [boxes[0].open(one, "x") for one in sealed] == [SECRET] * 8


def test_the_same_secret_is_never_stored_twice_alike(shop: Shop) -> None:
    box = SecretBox(shop.folder, {})
    assert box.seal(SECRET, "x") != box.seal(SECRET, "x")


def test_the_key_is_closed_to_others_even_where_new_files_are_not(shop: Shop) -> None:
    before = os.umask(0)
    try:
        shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    finally:
        os.umask(before)
    assert (shop.folder / "secret.key").stat().st_mode & 0o077 == 0


def test_a_removed_website_takes_no_connection_and_no_event(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.connections.add(shop.website_id + 1, "stripe", SECRET, now_ms=NOW)
    with pytest.raises(NotFound):
        shop.connections.remember(shop.event(website_id=shop.website_id + 1))


@pytest.mark.parametrize("secret", ["", "  ", "12345", "x" * 501, "has\nnewline", "nul\0here"])
def test_what_cannot_be_a_secret_is_refused(shop: Shop, secret: str) -> None:
    with pytest.raises(BadRequest) as caught:
        shop.connections.add(shop.website_id, "stripe", secret, now_ms=NOW)
    assert caught.value.field == "secret"


def test_a_removed_connection_is_gone(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    shop.connections.remove(shop.website_id, "stripe")
    assert shop.connections.secret_of(shop.website_id, "stripe") is None
    assert shop.connections.connected(shop.website_id) == []
    with pytest.raises(NotFound):
        shop.connections.remove(shop.website_id, "stripe")


def test_the_last_events_time_is_kept(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    shop.connections.add(shop.website_id, "polar", SECRET, now_ms=NOW)
    shop.connections.remember(shop.event(received_at=NOW + 7))
    assert [(one.provider, one.last_event_at) for one in shop.connections.connected()] == [
        ("polar", None),
        ("stripe", NOW + 7),
    ]


def test_an_event_is_known_by_website_provider_and_id(shop: Shop) -> None:
    shop.connections.remember(shop.event(outcome="waiting"))
    assert shop.connections.outcome_of(shop.website_id, "stripe", "evt_1") == "waiting"
    assert shop.connections.outcome_of(shop.website_id, "polar", "evt_1") is None
    assert shop.connections.outcome_of(shop.website_id + 1, "stripe", "evt_1") is None
    shop.connections.remember(shop.event(outcome="booked"))
    assert shop.connections.outcome_of(shop.website_id, "stripe", "evt_1") == "booked"


def test_unmatched_are_payments_without_a_visitor_and_refused_events(shop: Shop) -> None:
    for name, fields in {
        "pi_nobody": {},
        "pi_person": {"visitor_id": 2**63 + 5},
        "pi_session": {"client_session": 9},
    }.items():
        payment = Payment(
            website_id=shop.website_id,
            transaction_id=name,
            other_ids=(f"cs_{name}",),
            amount=Decimal("29.99"),
            currency="USD",
            occurred_at=NOW,
            provider="stripe",
            **fields,
        )
        converted = Converted(Decimal("29.99"), "USD")
        Ledger(shop.catalog).add_payment(payment, converted, now_ms=NOW, merges=True)
        shop.connections.remember(shop.event(f"evt_{name}", transaction_id=name))
        shop.connections.remember(shop.event(f"evt_cs_{name}", transaction_id=f"cs_{name}"))
    shop.connections.remember(shop.event("evt_bad", outcome="refused", received_at=NOW + 1))
    shop.connections.remember(shop.event("evt_other", outcome="ignored"))
    found = shop.connections.unmatched(shop.website_id)
    assert [(event.event_id, event.outcome) for event in found] == [
        ("evt_bad", "refused"),
        ("evt_cs_pi_nobody", "booked"),
    ]
    assert found[0].amount == Decimal("29.99")
    assert shop.connections.unmatched(shop.website_id + 1) == []


def test_many_events_of_payments_hide_neither_other_payments_nor_refused_events(
    shop: Shop,
) -> None:
    shop.connections.remember(shop.event("evt_bad", outcome="refused", received_at=NOW - 1))
    ledger, converted = Ledger(shop.catalog), Converted(Decimal("29.99"), "USD")
    for number in range(6):
        name = f"pi_{number}"
        payment = Payment(
            website_id=shop.website_id,
            transaction_id=name,
            amount=Decimal("29.99"),
            currency="USD",
            occurred_at=NOW,
            provider="stripe",
        )
        ledger.add_payment(payment, converted, now_ms=NOW, merges=True)
        for event in range(7):
            at = NOW + number * 10 + event
            found = shop.event(f"evt_{number}_{event}", transaction_id=name, received_at=at)
            shop.connections.remember(found)
    events = shop.connections.unmatched(shop.website_id, 5)
    assert [event.event_id for event in events] == [
        *("evt_5_6", "evt_4_6", "evt_3_6", "evt_2_6", "evt_1_6", "evt_bad")
    ]


def test_a_removed_websites_connections_and_events_are_forgotten(shop: Shop) -> None:
    shop.connections.add(shop.website_id, "stripe", SECRET, now_ms=NOW)
    shop.connections.remember(shop.event())
    shop.catalog.remove_website(shop.website_id, now_ms=NOW)
    shop.catalog.forget_website(shop.website_id)
    assert shop.connections.connected() == []
    assert shop.connections.outcome_of(shop.website_id, "stripe", "evt_1") is None
