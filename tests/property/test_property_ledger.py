"""Random entries in random orders: the ledger is always that of the plain reference, and reports
that follow the outbox show exactly that."""

import os
from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest
from new_catalog import open_catalog
from reference.ledger import Entry, Expected, Shown, keep_ledger

from footfall.catalog import Catalog
from footfall.model.money import Converted
from footfall.model.payment import (
    Alias,
    Dispute,
    Movement,
    Payment,
    Profile,
    Refund,
    RefundStatus,
    TrialStart,
)
from footfall.money.ledger import Ledger

SEED = int(os.environ.get("FOOTFALL_PROPERTY_SEED", "8001"))
CASES = int(os.environ.get("FOOTFALL_PROPERTY_CASES", "25"))
ORDERS = 4
HOUR = 3_600_000
START = 1_790_000_000_000
RATES = {"EUR": Decimal(1), "USD": Decimal("0.913456789012"), "JPY": Decimal("0.005712345678")}
STORIES: tuple[tuple[RefundStatus, ...], ...] = (
    ("succeeded",),
    ("succeeded",),
    ("succeeded", "succeeded"),
    ("pending", "succeeded"),
    ("succeeded", "failed"),
    ("pending", "succeeded", "failed"),
    ("pending", "failed"),
    ("pending",),
)
"""What becomes of a refund, in order of time."""
AMOUNTS = ("100.00", "29.99", "0.01", "7.00", "1234.56")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    opened = open_catalog(tmp_path_factory.mktemp("ledger"))
    yield opened
    opened.close()


class Shop:
    """Makes up the entries of a few payments, in parts and some of them several times."""

    def __init__(self, random: Random, website_id: int) -> None:
        self.random = random
        self.website_id = website_id
        self.entries: list[Entry] = []
        self.at = START

    def sell(self, number: int) -> None:
        random = self.random
        person = random.randrange(3)
        currency = random.choice(tuple(RATES))
        amount = Decimal("1500") if currency == "JPY" else Decimal(random.choice(AMOUNTS))
        names = [f"{kind}_{number}" for kind in ("in", "pi", "cs")]
        if random.random() < 0.4:
            amount = amount * 0
        subscription_id = random.choice(("", "sub_1", "sub_1", "sub_2"))
        if subscription_id and random.random() < 0.1:
            self._send(
                TrialStart(
                    website_id=self.website_id,
                    subscription_id=subscription_id,
                    occurred_at=self._later(),
                    provider="shop",
                )
            )
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            self._pay(names, person, amount, currency, subscription_id)
        for refund in range(random.choice((0, 0, 1, 2, 3)) if amount else 0):
            self._give_back(names, f"re_{number}_{refund}", amount, currency)
        if random.random() < 0.3:
            self._dispute(names, f"du_{number}", amount, currency)
        # With it every name leads to the payment, whichever provider uses it.
        self.entries.append(self._alias(names[0], names[1:]))

    def _pay(
        self, names: list[str], person: int, amount: Decimal, currency: str, subscription_id: str
    ) -> None:
        """Now and then with an amount of which a credit paid a part."""
        random = self.random
        is_before_credit = random.random() < 0.2
        if is_before_credit:
            amount += 5
        name, *others = random.sample(names, random.choice((1, 2, 3)))
        rate = RATES[currency]
        email = random.choice((f"p{person}@example.com", f"P{person}@Example.com", ""))
        payment = Payment(
            website_id=self.website_id,
            transaction_id=name,
            other_ids=tuple(others),
            kind=random.choice(("new", "new", "renewal")),
            amount=amount,
            currency=currency,
            occurred_at=self._later(),
            visitor_id=random.choice((0, 0, (1 << 63) + 1 + person)),
            client_session=random.choice((0, 0, 0, 500 + person)),
            profile=Profile(email=email, customer_id=random.choice(("", f"cus_{person}"))),
            provider="shop",
            subscription_id=random.choice((subscription_id, subscription_id, "")),
            is_before_credit=is_before_credit,
        )
        own = (amount * rate).quantize(Decimal("0.01"))
        converted = Converted(own, "EUR", rate)
        if currency == "USD" and random.random() < 0.2:
            converted = Converted(Decimal(0), "EUR", Decimal(0), is_converted=False)
        self._send((payment, converted))

    def _give_back(self, names: list[str], refund_id: str, amount: Decimal, paid_in: str) -> None:
        """Under one name or another; of the same refund the events may differ. It may fail, also
        after it had succeeded; a total may be less than an earlier one, or 0."""
        random = self.random
        is_total = random.random() < 0.3
        currency = random.choice(("", paid_in, paid_in, paid_in, "CHF"))
        made_at = self._later()
        for status in ("succeeded",) * 2 if is_total else random.choice(STORIES):
            part = (amount * random.choice((1, 2, 3, 5)) / 5).quantize(amount)
            said_at = random.choice((made_at, self._later(), self._later()))
            self._send(
                Refund(
                    website_id=self.website_id,
                    transaction_id=random.choice(names),
                    amount=Decimal(0) if is_total and random.random() < 0.1 else part or amount,
                    currency=currency if random.random() < 0.8 else paid_in,
                    occurred_at=said_at if is_total else random.choice((made_at, said_at)),
                    refund_id="" if is_total else refund_id,
                    is_total=is_total,
                    status=status,
                    status_at=random.choice((said_at, said_at, None)),
                )
            )

    def _dispute(self, names: list[str], dispute_id: str, amount: Decimal, paid_in: str) -> None:
        currency = self.random.choice((paid_in, paid_in, paid_in, "CHF"))
        for status in self.random.choice((("open",), ("open", "lost"), ("open", "won"), ("lost",))):
            self._send(
                Dispute(
                    website_id=self.website_id,
                    transaction_id=self.random.choice(names),
                    dispute_id=dispute_id,
                    status=status,
                    amount=amount,
                    currency=currency,
                    occurred_at=self._later(),
                    provider="shop",
                )
            )

    def _alias(self, name: str, others: list[str]) -> Alias:
        return Alias(
            website_id=self.website_id,
            transaction_id=name,
            other_ids=tuple(others),
            provider="shop",
        )

    def _send(self, entry: Entry) -> None:
        """Now and then twice."""
        self.entries += [entry] * self.random.choice((1, 1, 1, 2))

    def _later(self) -> int:
        self.at += self.random.randrange(1, HOUR)
        return self.at


def post(ledger: Ledger, entry: Entry) -> None:
    match entry:
        case (payment, converted):
            ledger.add_payment(payment, converted, now_ms=START, merges=True)
        case Refund():
            ledger.add_refund(entry, now_ms=START, may_wait=True)
        case Dispute():
            ledger.set_dispute(entry)
        case Alias():
            ledger.add_alias(entry)
        case TrialStart():
            ledger.add_trial(entry)


def shown(movements: list[Movement]) -> set[Shown]:
    """What reports show that replace a movement by a later one of its id and time."""
    rows: dict[tuple[str, int], Movement] = {}
    for movement in movements:
        rows[movement.movement_id, movement.occurred_at] = movement
    return {
        Shown(
            m.movement_id,
            m.occurred_at,
            m.kind,
            m.original_currency,
            m.original_amount,
            m.amount,
            m.visitor_id,
            m.client_session,
        )
        for m in rows.values()
        if not m.is_void
    }


def ledger_of(ledger: Ledger, website_id: int) -> Expected:
    outbox = ledger.outbox(100_000)
    movements = [movement for _, movement in outbox if movement.website_id == website_id]
    waiting = {w.refund_key: w.amount for w in ledger.waiting_refunds(website_id)}
    disputes = {dispute.dispute_id for dispute in ledger.open_disputes(website_id)}
    return Expected(shown(movements), waiting, disputes)


@pytest.mark.sample(10)
@pytest.mark.parametrize("seed", range(SEED, SEED + CASES))
def test_any_order_of_entries_gives_the_same_ledger(seed: int, catalog: Catalog) -> None:
    random = Random(seed)
    website = catalog.add_website(f"w{seed}.example", currency="EUR", now_ms=START)
    shop = Shop(random, website.id)
    for number in range(random.choice((1, 3, 5))):
        shop.sell(number)
    expected = keep_ledger(shop.entries)
    for _ in range(ORDERS):
        random.shuffle(shop.entries)
        for entry in shop.entries:
            post(Ledger(catalog), entry)
        found = ledger_of(Ledger(catalog), website.id)
        assert found.shown == expected.shown
        assert found.waiting == expected.waiting
        assert found.open_disputes == expected.open_disputes
        left = keep_ledger(_delete_one(Ledger(catalog), shop))
        found = ledger_of(Ledger(catalog), website.id)
        assert _without_people(found.shown) == _without_people(left.shown)
        _clear(catalog, website.id)


def _without_people(entries: set[Shown]) -> set[Shown]:
    """Who paid stays known when the payment that said so is deleted."""
    return {entry._replace(visitor_id=0) for entry in entries}


def _delete_one(ledger: Ledger, shop: Shop) -> list[Entry]:
    """Delete a payment; what is left of the entries is as if it had never been."""
    number = shop.random.randrange(5)
    gone = {f"in_{number}", f"pi_{number}", f"cs_{number}"}
    ids = set(ledger.delete(shop.website_id, gone))
    assert ids.isdisjoint(movement.movement_id for _, movement in ledger.outbox(100_000))
    return [t for t in shop.entries if isinstance(t, TrialStart) or not _names(t) & gone]


def _names(entry: Entry) -> set[str]:
    what = entry[0] if isinstance(entry, tuple) else entry
    others = what.other_ids if isinstance(what, Payment | Alias) else ()
    return set() if isinstance(what, TrialStart) else {what.transaction_id, *others}


def _clear(catalog: Catalog, website_id: int) -> None:
    ledger = Ledger(catalog)
    for number in range(5):
        ledger.delete(website_id, [f"in_{number}", f"pi_{number}", f"cs_{number}"])
    for person in range(3):
        catalog.profiles.delete(website_id, (1 << 63) + 1 + person)
