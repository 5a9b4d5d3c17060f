"""The ledger on a real SQLite file: what counts once, what is refused, what waits, what goes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from new_catalog import open_catalog
from sqlalchemy import insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog import Catalog
from footfall.catalog.access_table import ACCESS_OF_WEBSITE
from footfall.catalog.database import open_database
from footfall.catalog.table import METADATA, OF_WEBSITE, PAYMENTS, PROFILES, SUBSCRIPTIONS
from footfall.model.errors import BadRequest, Conflict, NotFound, Unavailable
from footfall.model.money import Converted
from footfall.model.payment import (
    REFUND_MARK,
    Alias,
    Dispute,
    Movement,
    Payment,
    Profile,
    Refund,
    TrialStart,
)
from footfall.model.website import Website
from footfall.money.ledger import REMOVED_AT_ONCE, Ledger

NOW = 1_795_000_000_000
HOUR = 3_600_000
ANN = (1 << 64) - 7  # a key of the upper half, which SQLite has no room for
BEN = 42


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = open_catalog(tmp_path)
    yield catalog
    catalog.close()


@pytest.fixture
def website(catalog: Catalog) -> Website:
    return catalog.add_website("example.com", currency="EUR", now_ms=NOW)


@pytest.fixture
def ledger(catalog: Catalog) -> Ledger:
    return Ledger(catalog)


@pytest.fixture
def shop(ledger: Ledger, website: Website) -> "Shop":
    return Shop(ledger, website.id)


class Shop:
    """Posts to the ledger of one website."""

    def __init__(self, ledger: Ledger, website_id: int) -> None:
        self.ledger = ledger
        self.website_id = website_id

    def pay(self, transaction_id: str, amount: str = "100.00", **changes: Any) -> bool:
        merges = changes.pop("merges", False)
        converted = changes.pop("converted", Converted(Decimal(amount), "EUR"))
        entry = Payment(
            website_id=self.website_id,
            transaction_id=transaction_id,
            amount=Decimal(amount),
            **{"currency": "EUR", "occurred_at": NOW} | changes,
        )
        return self.ledger.add_payment(entry, converted, now_ms=NOW, merges=merges)

    def refund(self, transaction_id: str, amount: str, refund_id: str = "", **changes: Any) -> bool:
        now_ms, may_wait = changes.pop("now_ms", NOW), changes.pop("may_wait", False)
        entry = Refund(
            website_id=self.website_id,
            transaction_id=transaction_id,
            amount=Decimal(amount),
            refund_id=refund_id,
            **{"occurred_at": NOW + HOUR} | changes,
        )
        return self.ledger.add_refund(entry, now_ms=now_ms, may_wait=may_wait)

    def dispute(self, transaction_id: str, status: Any, **changes: Any) -> None:
        entry = Dispute(
            website_id=self.website_id,
            transaction_id=transaction_id,
            dispute_id="du_1",
            status=status,
            **{
                "amount": Decimal("100"),
                "currency": "EUR",
                "occurred_at": NOW + HOUR,
                "provider": "shop",
            }
            | changes,
        )
        self.ledger.set_dispute(entry)

    def sent(self) -> list[Movement]:
        """What the outbox has gained, which is then empty."""
        entries = self.ledger.outbox()
        if entries:
            self.ledger.drop_outbox(entries[-1][0])
        return [movement for _, movement in entries]


def seen(movements: list[Movement]) -> list[tuple[str, str, str]]:
    return [(plain(m), m.kind, str(m.original_amount)) for m in movements if not m.is_void]


def plain(movement: Movement) -> str:
    return movement.movement_id.replace(REFUND_MARK, "/")


# Payments


def test_a_payment_is_recorded_and_sent_to_reports_exactly(shop: Shop) -> None:
    converted = Converted(
        Decimal("27.39"), "EUR", Decimal("0.913456789012"), is_rate_estimated=True
    )
    assert shop.pay("t1", "29.99", currency="USD", visitor_id=ANN, converted=converted)
    assert shop.sent() == [
        Movement(
            website_id=shop.website_id,
            movement_id="t1",
            kind="new",
            occurred_at=NOW,
            amount=Decimal("27.39"),
            original_amount=Decimal("29.99"),
            original_currency="USD",
            rate=Decimal("0.913456789012"),
            is_rate_estimated=True,
            visitor_id=ANN,
        )
    ]


def test_a_second_use_of_a_transaction_id_is_a_conflict_and_changes_nothing(shop: Shop) -> None:
    shop.pay("t1")
    shop.sent()
    with pytest.raises(Conflict, match="'t1' is recorded already") as refused:
        shop.pay("t1", "5.00", visitor_id=ANN, profile=Profile(email="a@example.com"))
    assert refused.value.field == "transactionId"
    assert shop.sent() == []


def test_another_name_of_a_payment_is_a_conflict_too(shop: Shop) -> None:
    shop.pay("in_1", other_ids=("pi_1",), merges=True)
    with pytest.raises(Conflict):
        shop.pay("pi_1")


def test_another_website_may_use_the_same_transaction_id(catalog: Catalog, shop: Shop) -> None:
    other = catalog.add_website("example.org", currency="EUR", now_ms=NOW)
    assert shop.pay("t1")
    assert Shop(Ledger(catalog), other.id).pay("t1")


def test_a_payment_sent_fifty_times_at_once_is_recorded_once(tmp_path: Path) -> None:
    catalogs = [open_catalog(tmp_path) for _ in range(4)]
    website = catalogs[0].add_website("example.com", currency="EUR", now_ms=NOW)

    def post(number: int) -> bool:
        try:
            return Shop(Ledger(catalogs[number % 4]), website.id).pay("t1", f"{number}.00")
        except Conflict:
            return False

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(post, range(50))) == 1
    assert len(Ledger(catalogs[0]).outbox()) == 1
    for catalog in catalogs:
        catalog.close()


def test_of_fifty_refunds_at_once_no_more_than_was_paid_counts(tmp_path: Path) -> None:
    catalogs = [open_catalog(tmp_path) for _ in range(4)]
    website = catalogs[0].add_website("example.com", currency="EUR", now_ms=NOW)
    Shop(Ledger(catalogs[0]), website.id).pay("t1", "100.00")

    def give_back(number: int) -> bool:
        try:
            return Shop(Ledger(catalogs[number % 4]), website.id).refund("t1", "9.00", f"r{number}")
        except BadRequest:
            return False

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(give_back, range(50))) == 11
    for catalog in catalogs:
        catalog.close()


def test_a_later_entry_fills_in_what_is_missing(shop: Shop) -> None:
    assert shop.pay("t1", merges=True)
    assert not shop.pay("t1", merges=True, visitor_id=ANN, occurred_at=NOW + 5, kind="renewal")
    before, after = shop.sent()
    assert after == msgspec.structs.replace(before, visitor_id=ANN, kind="renewal")


def test_an_entry_that_adds_nothing_is_not_sent_to_reports(shop: Shop) -> None:
    shop.pay("t1", merges=True, visitor_id=ANN)
    shop.sent()
    assert not shop.pay("t1", merges=True)
    assert shop.sent() == []


def test_an_earlier_time_makes_the_movement_of_the_later_one_void(shop: Shop) -> None:
    shop.pay("t1", merges=True)
    shop.pay("t1", merges=True, occurred_at=NOW - 5)
    late, void, early = shop.sent()
    assert void == msgspec.structs.replace(late, is_void=True)
    assert (early.occurred_at, early.is_void) == (NOW - 5, False)


def test_two_payments_that_turn_out_to_be_one_count_once(shop: Shop) -> None:
    shop.pay("pi_1", merges=True, visitor_id=ANN)
    shop.pay("in_1", merges=True)
    shop.sent()
    alias = Alias(
        website_id=shop.website_id, transaction_id="in_1", other_ids=("pi_1",), provider="shop"
    )
    shop.ledger.add_alias(alias)
    void, kept = shop.sent()
    assert (void.movement_id, void.is_void) == ("pi_1", True)
    assert (kept.movement_id, kept.visitor_id) == ("in_1", ANN)
    assert shop.ledger.find_transactions(shop.website_id, transaction_id="pi_1") == ["in_1"]


NO_RATE = Converted(Decimal(0), "EUR", Decimal(0), is_converted=False)
ESTIMATED = Converted(Decimal("26.00"), "EUR", Decimal("0.867"), is_rate_estimated=True)
EXACT = Converted(Decimal("27.39"), "EUR", Decimal("0.913456789012"))


@pytest.mark.parametrize("order", list(permutations((NO_RATE, ESTIMATED, EXACT))))
def test_a_rate_goes_before_none_and_an_exact_one_before_an_estimate(
    shop: Shop, order: tuple[Converted, ...]
) -> None:
    for converted in order:
        shop.pay("t1", "29.99", currency="USD", converted=converted, merges=True)
    last = shop.sent()[-1]
    assert (last.amount, last.rate) == (EXACT.amount, EXACT.rate)
    assert (last.is_converted, last.is_rate_estimated) == (True, False)


def test_a_later_entry_with_a_rate_mends_one_without(shop: Shop) -> None:
    shop.pay("t1", "29.99", currency="USD", converted=NO_RATE)
    shop.pay("t1", "29.99", currency="USD", converted=EXACT, merges=True, occurred_at=NOW + HOUR)
    shown = [(m.amount, m.occurred_at) for m in shop.sent() if not m.is_void]
    assert shown == [(0, NOW), (EXACT.amount, NOW + HOUR)]


def test_an_amount_finer_than_its_currency_is_refused(shop: Shop) -> None:
    with pytest.raises(BadRequest) as refused:
        shop.pay("t1", "10.5", currency="JPY")
    assert refused.value.field == "amount"


def test_a_payment_of_a_website_that_went_is_not_found(catalog: Catalog, shop: Shop) -> None:
    catalog.remove_website(shop.website_id, now_ms=NOW)
    catalog.forget_website(shop.website_id)
    with pytest.raises(NotFound):
        shop.pay("t1")


# People


def test_a_payment_is_that_of_whoever_paid_with_the_same_e_mail(shop: Shop) -> None:
    shop.pay("t1", visitor_id=ANN, profile=Profile(email="Ann@Example.com"))
    shop.pay("t2", profile=Profile(email="ann@example.COM "))
    shop.pay("t3", profile=Profile(email="ben@example.com"))
    assert [m.visitor_id for m in shop.sent()] == [ANN, ANN, 0]


def test_a_payment_finds_its_person_also_when_it_is_known_later(shop: Shop) -> None:
    shop.pay("t1", kind="renewal", profile=Profile(email="ann@example.com", customer_id="c1"))
    shop.pay("t2", kind="renewal", profile=Profile(customer_id="c1"))
    shop.sent()
    shop.pay("t3", visitor_id=ANN, profile=Profile(email="ann@example.com"))
    assert {(m.movement_id, m.visitor_id) for m in shop.sent()} == {
        ("t1", ANN),
        ("t2", ANN),
        ("t3", ANN),
    }


def test_a_customer_id_goes_before_an_e_mail(catalog: Catalog, shop: Shop) -> None:
    catalog.profiles.set(shop.website_id, ANN, Profile(email="us@example.com"), NOW)
    catalog.profiles.set(shop.website_id, BEN, Profile(customer_id="c1"), NOW)
    shop.pay("t1", profile=Profile(email="us@example.com", customer_id="c1"))
    assert [m.visitor_id for m in shop.sent()] == [BEN]


def test_a_payment_fills_in_a_profile_and_replaces_nothing(catalog: Catalog, shop: Shop) -> None:
    catalog.profiles.set(shop.website_id, ANN, Profile(name="Ann"), NOW)
    shop.pay("t1", visitor_id=ANN, profile=Profile(name="A. N.", email="ann@example.com"))
    assert catalog.profiles.get(shop.website_id, ANN) == Profile(
        name="Ann", email="ann@example.com"
    )


def test_a_visitors_payments_come_with_their_refunds_the_newest_first(shop: Shop) -> None:
    shop.pay("t1", visitor_id=ANN)
    shop.pay("t2", visitor_id=ANN, occurred_at=NOW + 5, kind="renewal", provider="shop")
    shop.pay("t3", visitor_id=BEN)
    shop.refund("t1", "30", "r1")
    second, first = shop.ledger.payments_of(shop.website_id, ANN)
    assert (second.transaction_id, second.provider, second.refunds) == ("t2", "shop", ())
    assert seen([first.payment, *first.refunds]) == [
        ("t1", "new", "100.00"),
        ("t1/r1", "refund", "30.00"),
    ]


# Refunds


def test_partial_refunds_add_up_to_the_payment_and_not_past_it(shop: Shop) -> None:
    shop.pay("t1")
    assert shop.refund("t1", "60.00", "r1")
    with pytest.raises(BadRequest, match=r"the rest of the payment: 40\.00 EUR") as refused:
        shop.refund("t1", "40.01", "r2")
    assert refused.value.field == "amount"
    assert shop.refund("t1", "40.00", "r3")
    with pytest.raises(BadRequest, match=r"the rest of the payment: 0\.00 EUR"):
        shop.refund("t1", "0.01", "r4")
    assert seen(shop.sent())[1:] == [("t1/r1", "refund", "60.00"), ("t1/r3", "refund", "40.00")]


def test_a_refund_is_converted_at_its_payments_rate_and_parts_add_up_to_the_whole(
    shop: Shop,
) -> None:
    rate = Decimal("0.333333333333")
    converted = Converted(Decimal("33.33"), "EUR", rate)
    shop.pay("t1", "100.00", currency="USD", visitor_id=ANN, converted=converted)
    for number in range(3):
        shop.refund("t1", "33.33", f"r{number}")
    shop.refund("t1", "0.01", "r3")
    payment, *refunds = shop.sent()
    assert [str(refund.amount) for refund in refunds] == ["11.11", "11.11", "11.11", "0.00"]
    assert sum(refund.amount for refund in refunds) == payment.amount
    assert {(refund.rate, refund.visitor_id) for refund in refunds} == {(rate, ANN)}


def test_a_part_of_a_payment_in_the_websites_currency_is_given_back_exactly(shop: Shop) -> None:
    shop.pay("t1", "100", converted=Converted(Decimal(100), "EUR"))
    shop.refund("t1", "33.33", "r1")
    assert [m.amount for m in shop.sent()] == [Decimal("100"), Decimal("33.33")]


def test_a_refund_of_what_was_not_converted_stays_apart(shop: Shop) -> None:
    unknown = Converted(Decimal(0), "EUR", Decimal(0), is_converted=False)
    shop.pay("t1", "100000", currency="VND", converted=unknown)
    shop.refund("t1", "40000", "r1")
    _, refund = shop.sent()
    assert (refund.is_converted, refund.amount, refund.original_amount) == (False, 0, 40_000)


def test_a_refund_sent_twice_with_its_id_counts_once(shop: Shop) -> None:
    shop.pay("t1")
    assert shop.refund("t1", "10", "r1")
    assert not shop.refund("t1", "10", "r1", occurred_at=NOW + 2 * HOUR)
    with pytest.raises(Conflict, match="with another amount") as refused:
        shop.refund("t1", "20", "r1")
    assert refused.value.field == "refundId"


def test_without_an_id_the_same_amount_counts_again_only_after_a_day(shop: Shop) -> None:
    shop.pay("t1")
    assert shop.refund("t1", "10")
    for at in (NOW, NOW + 24 * HOUR):
        with pytest.raises(Conflict, match="within 24 hours"):
            shop.refund("t1", "10", occurred_at=at, now_ms=at)
    assert shop.refund("t1", "11")
    later = NOW + 24 * HOUR + 1
    assert shop.refund("t1", "10", occurred_at=later, now_ms=later)


def test_a_refund_of_an_unknown_payment_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound) as refused:
        shop.refund("t1", "10", "r1")
    assert refused.value.field == "transactionId"
    shop.pay("t1")
    assert shop.refund("t1", "10", "r1")


@pytest.mark.parametrize("amount", ["0", "0.001", "-1", "NaN"])
def test_a_refund_of_no_amount_is_refused(shop: Shop, amount: str) -> None:
    shop.pay("t1")
    with pytest.raises(BadRequest) as refused:
        shop.refund("t1", amount, "r1")
    assert refused.value.field == "amount"


def test_a_refund_id_that_the_ledger_uses_itself_is_refused(shop: Shop) -> None:
    shop.pay("t1")
    with pytest.raises(BadRequest) as refused:
        shop.refund("t1", "1", "dispute:du_1")
    assert refused.value.field == "refundId"


def test_a_refund_before_its_payment_waits_for_it(shop: Shop) -> None:
    assert shop.refund("pi_1", "30", "r1", may_wait=True)
    [waiting] = shop.ledger.waiting_refunds(shop.website_id)
    assert (waiting.transaction_id, waiting.amount, waiting.currency) == ("pi_1", 30, "")
    assert shop.sent() == []
    shop.pay("in_1", other_ids=("pi_1",), merges=True)
    assert seen(shop.sent()) == [("in_1", "new", "100.00"), ("in_1/r1", "refund", "30.00")]
    assert shop.ledger.waiting_refunds(shop.website_id) == []


def test_what_is_past_the_payment_waits_and_is_listed(shop: Shop) -> None:
    shop.refund("t1", "70", "r1", may_wait=True)
    shop.refund("t1", "50", "r2", may_wait=True, occurred_at=NOW + 2 * HOUR)
    shop.pay("t1")
    assert seen(shop.sent())[1:] == [("t1/r1", "refund", "70.00"), ("t1/r2", "refund", "30.00")]
    [waiting] = shop.ledger.waiting_refunds(shop.website_id)
    assert (waiting.refund_key, str(waiting.amount), waiting.currency) == ("r2", "20.00", "EUR")


def test_money_given_back_in_another_currency_waits_and_is_listed(shop: Shop) -> None:
    shop.refund("t1", "20", "r1", may_wait=True, currency="JPY")
    shop.pay("t1", "29.99")
    shop.refund("t1", "3000", "r2", may_wait=True, currency="JPY", occurred_at=NOW + 2 * HOUR)
    shop.refund("t1", "9.99", "r3", may_wait=True, currency="EUR")
    shop.refund("t1", "2000", may_wait=True, is_total=True, currency="JPY", occurred_at=NOW + 1)
    shop.dispute("t1", "lost", amount=Decimal(10), currency="USD", occurred_at=NOW + 3 * HOUR)
    assert seen(shop.sent()) == [("t1", "new", "29.99"), ("t1/r3", "refund", "9.99")]
    waiting = shop.ledger.waiting_refunds(shop.website_id)
    assert [(one.refund_key, str(one.amount), one.currency) for one in waiting] == [
        ("r1", "20", "JPY"),
        ("r2", "3000", "JPY"),
        ("dispute:du_1", "10.00", "USD"),
    ]
    assert waiting[0].why_waiting == "the refund is in JPY and its payment in EUR"
    assert waiting[2].why_waiting == "the lost dispute is in USD and its payment in EUR"


@pytest.mark.parametrize("is_later_first", [False, True])
def test_a_refund_that_is_corrected_counts_as_the_later_message_says(
    shop: Shop, *, is_later_first: bool
) -> None:
    shop.pay("t1", "29.99")
    messages = [("3000", "JPY", NOW + HOUR), ("5.00", "EUR", NOW + 2 * HOUR)]
    for amount, currency, at in messages[::-1] if is_later_first else messages:
        shop.refund("t1", amount, "r1", may_wait=True, currency=currency, status_at=at)
    assert seen(shop.sent()) == [("t1", "new", "29.99"), ("t1/r1", "refund", "5.00")]
    assert shop.ledger.waiting_refunds(shop.website_id) == []


def test_what_is_in_another_currency_takes_no_room_and_repeats_nothing(shop: Shop) -> None:
    shop.pay("t1", "29.99")
    shop.refund("t1", "20", "r1", may_wait=True, currency="USD")
    shop.dispute("t1", "lost", amount=Decimal(20), currency="USD")
    with pytest.raises(Conflict, match="another amount or currency"):
        shop.refund("t1", "20", "r1", currency="EUR")
    assert shop.refund("t1", "20", currency="EUR")
    assert shop.refund("t1", "9.99", "r2")
    with pytest.raises(BadRequest, match="more than the rest of the payment: 0"):
        shop.refund("t1", "1", "r3")
    refunds = [m.original_amount for m in shop.sent() if m.kind == "refund"]
    assert refunds == [Decimal("20.00"), Decimal("9.99")]


def test_a_refund_of_an_earlier_version_is_in_the_payments_currency(shop: Shop) -> None:
    shop.pay("t1", "29.99")
    shop.refund("t1", "10", "r1", may_wait=True)
    shop.refund("t1", "10", "r1", may_wait=True, currency="EUR")
    assert seen(shop.sent()) == [("t1", "new", "29.99"), ("t1/r1", "refund", "10.00")]
    assert shop.ledger.waiting_refunds(shop.website_id) == []


def test_what_is_stored_in_a_code_that_is_not_known_can_be_listed(
    shop: Shop, catalog: Catalog
) -> None:
    shop.pay("t1", "29.99")
    shop.refund("t1", "40", "r1", may_wait=True)
    with catalog.database.begin() as connection:
        connection.execute(update(PAYMENTS).values(currency="XXQ"))
    [waiting] = shop.ledger.waiting_refunds(shop.website_id)
    assert (str(waiting.amount), waiting.currency) == ("10.0100", "XXQ")


def test_totals_count_only_beyond_the_refunds_that_have_an_id(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "30", may_wait=True, is_total=True)
    shop.refund("t1", "50", may_wait=True, is_total=True, occurred_at=NOW + 2 * HOUR)
    given_back = [m.original_amount for m in shop.sent() if m.kind == "refund"]
    assert given_back == [30, 20]
    shop.refund("t1", "30", "r1", may_wait=True)
    void, single = shop.sent()
    assert (plain(void), void.is_void) == (f"t1/total:300000:{NOW + HOUR}", True)
    assert (plain(single), single.original_amount) == ("t1/r1", 30)


# Subscriptions


DAY = 24 * HOUR


def bill(shop: Shop, name: str, amount: str, day: int, kind: str = "renewal", **more: Any) -> None:
    at = NOW + day * DAY
    known = {"subscription_id": "sub_1", "kind": kind, "occurred_at": at, "merges": True}
    shop.pay(name, amount, **known | more)


def kinds(shop: Shop) -> dict[str, str]:
    """What reports show each payment as, trials as such."""
    shown = {m.movement_id: m for _, m in shop.ledger.outbox()}
    return {
        id_: m.kind if m.original_amount or m.kind == "renewal" else "trial"
        for id_, m in shown.items()
        if m.kind != "refund" and not m.is_void
    }


TRIAL = [("t0", "0", 0, "new"), ("t1", "29", 14, "renewal"), ("t2", "29", 44, "renewal")]
STORIES: list[tuple[list[tuple[str, str, int, str]], dict[str, str]]] = [
    (TRIAL, {"t0": "trial", "t1": "new", "t2": "renewal"}),
    ([("t0", "29", 0, "new"), *TRIAL[1:]], {"t0": "new", "t1": "renewal", "t2": "renewal"}),
    # months for nothing by a coupon, and one in between
    (
        [*TRIAL[:1], ("c", "0", 7, "renewal"), *TRIAL[1:], ("d", "0", 70, "renewal")],
        {"t0": "trial", "c": "renewal", "t1": "new", "t2": "renewal", "d": "renewal"},
    ),
    # the trial ends early with another plan
    (
        [*TRIAL, ("u", "12", 3, "renewal")],
        {"t0": "trial", "u": "new", "t1": "renewal", "t2": "renewal"},
    ),
    # what is sent as new twice is new once
    ([("a", "9", 0, "new"), ("b", "9", 1, "new")], {"a": "new", "b": "renewal"}),
    ([("a", "0", 0, "new"), ("b", "0", 1, "new")], {"a": "trial", "b": "renewal"}),
    # it began before the provider was connected
    (TRIAL[1:], {"t1": "renewal", "t2": "renewal"}),
    ([*TRIAL[1:], ("m", "50", 60, "new")], {"t1": "renewal", "t2": "renewal", "m": "renewal"}),
    # both in the same second
    ([("z", "0", 0, "new"), ("a", "29", 0, "renewal")], {"z": "trial", "a": "new"}),
]


@pytest.mark.parametrize("number", range(len(STORIES)))
def test_the_first_amount_above_nothing_is_new_in_any_order(shop: Shop, number: int) -> None:
    bills, expected = STORIES[number]
    for order in permutations(bills):
        for name, amount, day, kind in order:
            bill(shop, name, amount, day, kind)
        assert kinds(shop) == expected
        shop.ledger.delete(shop.website_id, [name for name, *_ in bills])


def test_each_subscription_of_a_customer_has_its_own_first_payment(shop: Shop) -> None:
    for name, amount, day, kind in TRIAL:
        bill(shop, f"{name}b", amount, day + 1, kind, subscription_id="sub_2", visitor_id=ANN)
        bill(shop, name, amount, day, kind, visitor_id=ANN)
    assert kinds(shop)["t1"] == kinds(shop)["t1b"] == "new"
    assert [*kinds(shop).values()].count("new") == 2


def test_a_payment_without_a_subscription_is_what_it_is_called(shop: Shop) -> None:
    for number, kind in enumerate(("renewal", "new", "renewal", "new")):
        bill(shop, f"p{number}", "5", number, kind, subscription_id="")
    assert [*kinds(shop).values()] == ["renewal", "new", "renewal", "new"]


def test_a_subscription_may_be_known_from_a_later_entry(shop: Shop) -> None:
    bill(shop, "t1", "29", 14, subscription_id="")
    bill(shop, "t0", "0", 0, "new")
    assert kinds(shop) == {"t1": "renewal", "t0": "trial"}
    bill(shop, "t1", "29", 14)
    assert kinds(shop) == {"t1": "new", "t0": "trial"}


def test_a_trial_without_a_payment_starts_a_subscription_whenever_it_arrives(shop: Shop) -> None:
    trial = TrialStart(
        website_id=shop.website_id, subscription_id="sub_1", occurred_at=NOW, provider="shop"
    )
    bill(shop, "t2", "29", 44)
    bill(shop, "t1", "29", 14)
    assert shop.ledger.add_trial(trial)
    assert kinds(shop) == {"t1": "new", "t2": "renewal"}
    assert not shop.ledger.add_trial(trial)
    bill(shop, "t0", "29", 7)
    assert kinds(shop) == {"t0": "new", "t1": "renewal", "t2": "renewal"}


def test_two_payments_that_become_one_leave_their_subscription_with_one_new(shop: Shop) -> None:
    bill(shop, "in_1", "29", 0, "new")
    bill(shop, "pi_1", "29", 0, "new")
    bill(shop, "in_2", "29", 30)
    alias = Alias(
        website_id=shop.website_id, transaction_id="in_1", other_ids=("pi_1",), provider="shop"
    )
    shop.ledger.add_alias(alias)
    assert kinds(shop) == {"in_1": "new", "in_2": "renewal"}


def test_after_a_delete_kinds_are_as_if_the_payment_had_never_been_known(shop: Shop) -> None:
    for name, amount, day, kind in TRIAL:
        bill(shop, name, amount, day, kind)
    shop.ledger.delete(shop.website_id, ["t1"])
    assert kinds(shop) == {"t0": "trial", "t2": "new"}
    bill(shop, "t1", "29", 14)
    assert kinds(shop) == {"t0": "trial", "t1": "new", "t2": "renewal"}
    shop.ledger.delete(shop.website_id, ["t0"])
    assert kinds(shop) == {"t1": "renewal", "t2": "renewal"}


def test_what_is_purged_changes_no_kind_of_what_is_left(shop: Shop) -> None:
    for name, amount, day, kind in TRIAL:
        bill(shop, name, amount, day, kind)
    shop.ledger.purge(shop.website_id, NOW + DAY)  # the trial
    bill(shop, "t3", "29", 74)
    assert kinds(shop) == {"t1": "new", "t2": "renewal", "t3": "renewal"}
    shop.ledger.purge(shop.website_id, NOW + 20 * DAY)  # the first payment
    bill(shop, "t4", "29", 104, "new")
    assert kinds(shop)["t4"] == "renewal"
    assert kinds(shop)["t2"] == "renewal"


def test_a_subscription_of_which_all_is_purged_is_forgotten(shop: Shop, tmp_path: Path) -> None:
    bill(shop, "t0", "0", 0, "new")
    shop.ledger.purge(shop.website_id, NOW + DAY)
    database = open_database(tmp_path)
    with database.connect() as connection:
        assert connection.execute(select(SUBSCRIPTIONS)).all() == []
    database.dispose()


def test_a_refund_of_a_first_payment_changes_no_kind(shop: Shop) -> None:
    for name, amount, day, kind in TRIAL:
        bill(shop, name, amount, day, kind)
    shop.refund("t1", "29", "r1")
    assert kinds(shop) == {"t0": "trial", "t1": "new", "t2": "renewal"}


@pytest.mark.parametrize("invoice_first", [True, False])
def test_what_the_payer_paid_goes_before_a_total_of_which_a_credit_paid_a_part(
    shop: Shop, invoice_first: bool
) -> None:
    def checkout() -> None:
        shop.pay("in_1", "30", merges=True, is_before_credit=True, occurred_at=NOW - 5)

    def invoice() -> None:
        shop.pay("in_1", "10", merges=True)

    for post in (invoice, checkout) if invoice_first else (checkout, invoice):
        post()
    last = shop.sent()[-1]
    assert (last.original_amount, last.occurred_at) == (10, NOW)
    with pytest.raises(BadRequest, match="the rest of the payment"):
        shop.refund("in_1", "11", "r1")


# Refunds that fail


def failed(shop: Shop, refund_id: str, amount: str, after_h: int, **changes: Any) -> None:
    """The provider says that a refund made at NOW + HOUR failed."""
    known = {"status": "failed", "status_at": NOW + after_h * HOUR, "may_wait": True}
    shop.refund("t1", amount, refund_id, **known | changes)


def given_back(shop: Shop) -> dict[str, str]:
    """What reports show as refunds by now."""
    shown = {}
    for _, movement in shop.ledger.outbox():
        if movement.kind == "refund":
            shown[movement.movement_id.partition(REFUND_MARK)[2]] = movement
    return {key: str(m.original_amount) for key, m in shown.items() if not m.is_void}


def test_a_refund_that_fails_after_it_succeeded_is_reversed(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "60", "r1", may_wait=True)
    shop.sent()
    failed(shop, "r1", "60", 5)
    [void] = shop.sent()
    assert (plain(void), void.is_void) == ("t1/r1", True)
    assert shop.ledger.waiting_refunds(shop.website_id) == []


def test_a_success_that_arrives_after_its_failure_brings_nothing_back(shop: Shop) -> None:
    shop.pay("t1")
    failed(shop, "r1", "60", 5)
    shop.refund("t1", "60", "r1", may_wait=True, status_at=NOW + HOUR)
    shop.refund("t1", "60", "r1", may_wait=True, status_at=NOW + 5 * HOUR)  # the same second
    assert given_back(shop) == {}


def test_a_refund_retried_with_another_id_counts(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "100", "r1", may_wait=True)
    failed(shop, "r1", "100", 5)
    shop.refund("t1", "100", "r2", may_wait=True, occurred_at=NOW + 6 * HOUR)
    assert given_back(shop) == {"r2": "100.00"}
    assert shop.ledger.waiting_refunds(shop.website_id) == []


def test_room_that_a_failed_refund_took_is_free_for_the_others(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "70", "r1", may_wait=True)
    shop.refund("t1", "50", "r2", may_wait=True, occurred_at=NOW + 2 * HOUR)
    shop.dispute("t1", "lost", occurred_at=NOW + 3 * HOUR, amount=Decimal(40))
    assert given_back(shop) == {"r1": "70.00", "r2": "30.00"}
    failed(shop, "r1", "70", 5)
    assert given_back(shop) == {"r2": "50.00", "dispute:du_1": "40.00"}


@pytest.mark.parametrize("refund_first", [True, False])
def test_a_total_from_before_a_failure_does_not_keep_the_refund(
    shop: Shop, refund_first: bool
) -> None:
    """The total says 60 for good: the refund's own notification takes it out again."""
    shop.pay("t1")
    if refund_first:
        shop.refund("t1", "60", "r1", may_wait=True)
    shop.refund("t1", "60", may_wait=True, is_total=True)
    assert sum(map(Decimal, given_back(shop).values())) == 60
    failed(shop, "r1", "60", 5)
    assert given_back(shop) == {}
    shop.refund("t1", "60", may_wait=True, is_total=True, occurred_at=NOW + 6 * HOUR)
    assert given_back(shop) == {f"total:600000:{NOW + 6 * HOUR}": "60.00"}


def test_a_refund_on_its_way_does_not_count_by_its_total_either(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "60", "r1", may_wait=True, status="pending")
    shop.refund("t1", "60", may_wait=True, is_total=True, occurred_at=NOW + 2 * HOUR)
    assert given_back(shop) == {}
    assert shop.ledger.waiting_refunds(shop.website_id) == []
    shop.refund("t1", "60", "r1", may_wait=True, status_at=NOW + 9 * HOUR)
    assert given_back(shop) == {"r1": "60.00"}


def test_a_later_total_that_is_less_takes_back_what_is_over(shop: Shop) -> None:
    shop.pay("t1")
    for amount, hours in (("20", 3), ("50", 2), ("30", 1)):
        at = NOW + hours * HOUR
        shop.refund("t1", amount, may_wait=True, is_total=True, occurred_at=at)
    assert given_back(shop) == {f"total:300000:{NOW + HOUR}": "20.00"}
    shop.refund("t1", "0", may_wait=True, is_total=True, occurred_at=NOW + 4 * HOUR)
    assert given_back(shop) == {}
    shop.refund("t1", "50", may_wait=True, is_total=True, occurred_at=NOW + 5 * HOUR)
    assert given_back(shop) == {f"total:500000:{NOW + 5 * HOUR}": "50.00"}


def test_a_failed_refund_is_not_a_repeat_of_one_without_an_id(shop: Shop) -> None:
    shop.pay("t1")
    failed(shop, "r1", "10", 5)
    assert shop.refund("t1", "10")


def test_deleting_a_payment_names_its_reversed_refunds_too(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "60", "r1", may_wait=True)
    failed(shop, "r1", "60", 5)
    shop.sent()
    ids = ["t1", f"t1{REFUND_MARK}r1"]
    assert shop.ledger.movement_ids(shop.website_id, ["t1"]) == ids
    assert shop.ledger.delete(shop.website_id, ["t1"]) == ids


# Disputes


def test_an_open_dispute_is_listed_and_counts_for_nothing(shop: Shop) -> None:
    shop.dispute("t1", "open", currency="")  # as one of an earlier version
    [dispute] = shop.ledger.open_disputes(shop.website_id)
    assert (dispute.dispute_id, dispute.amount, dispute.currency) == ("du_1", 100, "")
    shop.pay("t1")
    assert shop.ledger.open_disputes(shop.website_id)[0].currency == "EUR"
    assert [m.kind for m in shop.sent()] == ["new"]


def test_a_lost_dispute_is_a_refund_and_a_won_one_is_closed(shop: Shop) -> None:
    for name in ("t1", "t2"):
        shop.pay(name)
    shop.dispute("t1", "open")
    shop.dispute("t1", "lost", occurred_at=NOW + 2 * HOUR)
    assert seen(shop.sent())[2:] == [("t1/dispute:du_1", "refund", "100.00")]
    shop.dispute("t1", "open", occurred_at=NOW + 3 * HOUR)
    assert shop.sent() == []
    assert shop.ledger.open_disputes(shop.website_id) == []
    shop.dispute("t2", "open")
    shop.dispute("t2", "won")
    assert shop.sent() == []
    assert shop.ledger.open_disputes(shop.website_id) == []


def test_a_dispute_lost_after_a_refund_counts_only_what_is_left(shop: Shop) -> None:
    shop.pay("t1")
    shop.refund("t1", "30", "r1")
    shop.dispute("t1", "lost", occurred_at=NOW + 2 * HOUR)
    assert [m.original_amount for m in shop.sent()] == [100, 30, 70]


def test_a_lost_dispute_that_does_not_count_in_full_is_listed(shop: Shop) -> None:
    shop.dispute("t1", "lost", amount=Decimal(70))
    [waiting] = shop.ledger.waiting_refunds(shop.website_id)
    assert (waiting.transaction_id, waiting.refund_key) == ("t1", "dispute:du_1")
    assert (str(waiting.amount), waiting.currency) == ("70.00", "EUR")
    assert waiting.why_waiting == "the lost dispute's payment is not known"
    shop.pay("t1", "50.00")
    [waiting] = shop.ledger.waiting_refunds(shop.website_id)
    assert (str(waiting.amount), waiting.why_waiting) == ("20.00", "more was refunded than paid")
    shop.ledger.delete(shop.website_id, ["t1"])
    assert shop.ledger.waiting_refunds(shop.website_id) == []


# Outbox


def test_the_outbox_is_in_order_and_numbers_never_come_again(shop: Shop) -> None:
    for number in range(3):
        shop.pay(f"t{number}")
    first, second, third = shop.ledger.outbox()
    assert [m.movement_id for _, m in (first, second, third)] == ["t0", "t1", "t2"]
    assert shop.ledger.outbox(limit=1) == [first]
    shop.ledger.drop_outbox(second[0])
    assert shop.ledger.outbox() == [third]
    shop.ledger.drop_outbox(third[0])
    shop.pay("t3")
    assert shop.ledger.outbox()[0][0] > third[0]


# Finding and deleting


def test_payments_are_found_by_all_that_is_given_inclusive(shop: Shop) -> None:
    for number in range(4):
        visitor_id = (ANN, BEN)[number % 2]
        shop.pay(f"t{number}", occurred_at=NOW + number, visitor_id=visitor_id)

    def find(**filters: Any) -> list[str]:
        return shop.ledger.find_transactions(shop.website_id, **filters)

    assert find() == ["t0", "t1", "t2", "t3"]
    assert find(from_ms=NOW + 1, to_ms=NOW + 2) == ["t1", "t2"]
    assert find(visitor_id=ANN, to_ms=NOW + 1) == ["t0"]
    assert find(transaction_id="t1") == ["t1"]
    assert find(transaction_id="t1", visitor_id=ANN) == []
    assert find(transaction_id="t9") == []


def test_however_many_payments_are_deleted_none_is_left(shop: Shop) -> None:
    names = [f"t{number:03}" for number in range(2 * REMOVED_AT_ONCE + 1)]
    for name in names:
        shop.pay(name)
    assert shop.ledger.delete(shop.website_id, names) == names
    assert shop.ledger.find_transactions(shop.website_id) == []
    assert shop.ledger.outbox() == []


def test_a_payment_is_never_taken_for_a_refund_of_another_one(shop: Shop) -> None:
    shop.pay("a")
    shop.pay("a/b")
    shop.pay("a/r1")
    shop.refund("a", "10", "r1")
    shop.refund("a", "20", "b/r1")
    shop.refund("a/b", "30", "r1")
    assert len({movement.movement_id for movement in shop.sent()}) == 6
    removed = shop.ledger.delete(shop.website_id, ["a"])
    assert removed == ["a", f"a{REFUND_MARK}b/r1", f"a{REFUND_MARK}r1"]


def test_deleting_a_payment_removes_all_of_it_and_frees_its_ids(shop: Shop) -> None:
    shop.pay("in_1", other_ids=("pi_1",), merges=True)
    shop.refund("pi_1", "30", "r1", may_wait=True)
    shop.dispute("pi_1", "open")
    shop.pay("t2")
    assert shop.ledger.delete(shop.website_id, ["in_1"]) == ["in_1", f"in_1{REFUND_MARK}r1"]
    assert seen(shop.sent()) == [("t2", "new", "100.00")]
    assert shop.ledger.open_disputes(shop.website_id) == []
    assert shop.ledger.delete(shop.website_id, ["in_1"]) == []
    assert shop.pay("pi_1")
    assert seen(shop.sent()) == [("pi_1", "new", "100.00")]


def test_deleting_answers_movements_that_are_to_be_void_too(shop: Shop) -> None:
    shop.pay("pi_1", merges=True)
    shop.sent()
    shop.pay("in_1", other_ids=("pi_1",), merges=True)
    assert shop.ledger.delete(shop.website_id, ["in_1"]) == ["in_1", "pi_1"]


def test_purging_removes_what_is_from_before_a_time(shop: Shop) -> None:
    shop.pay("t1")
    shop.pay("t2", occurred_at=NOW + 1)
    shop.refund("t8", "1", "r1", may_wait=True, occurred_at=NOW)
    shop.refund("t9", "1", "r1", may_wait=True, occurred_at=NOW + 1)
    shop.ledger.purge(shop.website_id, NOW + 1)
    assert shop.ledger.find_transactions(shop.website_id) == ["t2"]
    assert [w.transaction_id for w in shop.ledger.waiting_refunds(shop.website_id)] == ["t9"]


def test_forgetting_a_visitor_leaves_their_payments_without_the_person(
    catalog: Catalog, shop: Shop
) -> None:
    profile = Profile(email="ann@example.com", customer_id="c1")
    shop.pay("t1", visitor_id=ANN, client_session=99, profile=profile, merges=True)
    shop.refund("t1", "30", "r1")
    shop.pay("t2", visitor_id=BEN)
    movements = shop.ledger.forget_visitor(shop.website_id, ANN)
    assert seen(movements) == [("t1", "new", "100.00"), ("t1/r1", "refund", "30.00")]
    sent = shop.sent()
    assert sent[-2:] == movements
    assert {m.visitor_id for m in sent} == {0, BEN}
    assert {m.client_session for m in sent} == {0}
    assert shop.ledger.payments_of(shop.website_id, ANN) == []
    catalog.profiles.delete(shop.website_id, ANN)
    assert not shop.pay("t1", visitor_id=ANN, profile=profile, merges=True)
    assert catalog.profiles.get(shop.website_id, ANN) == Profile()
    assert shop.sent() == []


def test_a_person_who_is_forgotten_is_not_found_by_their_e_mail(
    catalog: Catalog, shop: Shop
) -> None:
    profile = Profile(email="ann@example.com")
    shop.pay("t1", profile=profile)
    catalog.profiles.set(shop.website_id, ANN, profile, NOW)
    shop.ledger.forget_visitor(shop.website_id, ANN)
    catalog.profiles.delete(shop.website_id, ANN)
    shop.pay("t2", visitor_id=BEN, profile=profile)
    assert seen(shop.sent()) == [("t1", "new", "100.00"), ("t2", "new", "100.00")]
    assert shop.ledger.find_transactions(shop.website_id, visitor_id=BEN) == ["t2"]


def test_forgetting_a_website_removes_its_rows_of_every_table(
    catalog: Catalog, shop: Shop, tmp_path: Path
) -> None:
    shop.pay("t1", visitor_id=ANN, profile=Profile(email="ann@example.com"))
    shop.refund("t1", "30", "r1")
    shop.dispute("t1", "open")
    catalog.audit.add(shop.website_id, "cli", "delete", filters={}, counts={}, now_ms=NOW)
    catalog.remove_website(shop.website_id, now_ms=NOW)
    catalog.forget_website(shop.website_id)
    database = open_database(tmp_path)
    with database.connect() as connection:
        for table in (*OF_WEBSITE, *ACCESS_OF_WEBSITE):
            assert connection.execute(select(table)).all() == [], table.name
        with_website = {
            table.name for table in METADATA.tables.values() if "website_id" in table.columns
        }
        of_website = {table.name for table in (*OF_WEBSITE, *ACCESS_OF_WEBSITE)}
        assert with_website - {"tokens"} == of_website
        assert with_website <= set(inspect(connection).get_table_names())
    database.dispose()


def test_a_full_or_locked_catalog_is_unavailable_and_records_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    database = open_database(tmp_path)
    with database.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            shop.pay("t1")
    database.dispose()
    assert shop.pay("t1")


# What is stored beside the ledger


def test_a_websites_currency_stays_once_payments_are_kept_in_it(
    catalog: Catalog, shop: Shop
) -> None:
    assert catalog.update_website(shop.website_id, currency="usd").currency == "USD"
    catalog.update_website(shop.website_id, currency="EUR")
    shop.pay("t1")
    with pytest.raises(Conflict, match="amounts in EUR"):
        catalog.update_website(shop.website_id, currency="USD", name="Other")
    kept = catalog.update_website(shop.website_id, currency="EUR")
    assert (kept.currency, kept.name) == ("EUR", "example.com")


def test_an_amount_in_a_currency_that_the_website_no_longer_has_is_not_recorded(
    catalog: Catalog, shop: Shop
) -> None:
    catalog.update_website(shop.website_id, currency="USD")
    with pytest.raises(Unavailable, match="changed from EUR to USD"):
        shop.pay("t1")
    assert shop.ledger.find_transactions(shop.website_id) == []
    catalog.update_website(shop.website_id, currency="EUR")
    assert shop.pay("t1")


def test_an_error_of_the_database_reveals_nothing_about_a_person(
    catalog: Catalog, website: Website, tmp_path: Path
) -> None:
    catalog.profiles.set(website.id, BEN, Profile(name="Benedict"), NOW)
    with open_database(tmp_path).begin() as connection:
        kept = connection.execute(select(PROFILES)).one()._asdict()
        with pytest.raises(IntegrityError) as error:
            connection.execute(insert(PROFILES).values(kept))
    assert "Benedict" not in str(error.value)
