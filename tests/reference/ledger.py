"""A plain reference of the ledger: a list of entries in any order → what reports show.

Written from the rules alone, with everything in front of it at once: no rows, no steps, no
"what was known before".
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from footfall.model.money import Converted
from footfall.model.payment import Alias, Dispute, Payment, Refund, TrialStart

STAGES = ("pending", "succeeded", "failed")
PaymentEntry = tuple[Payment, Converted] | Refund | Dispute | Alias
Entry = PaymentEntry | TrialStart


class Shown(NamedTuple):
    """A movement of the ledger as reports show it."""

    movement_id: str
    occurred_at: int
    kind: str
    currency: str
    original: Decimal
    amount: Decimal
    visitor_id: int
    client_session: int


class Expected(NamedTuple):
    shown: set[Shown]
    waiting: dict[str, Decimal]  # refund key → what of it does not count
    open_disputes: set[str]


class _One:
    """All entries of one payment."""

    def __init__(self, entries: list[PaymentEntry]) -> None:
        paid = [t for t in entries if isinstance(t, tuple)]
        self.paid = sorted(paid, key=lambda pair: pair[0].occurred_at)
        # What the payer paid is known best by those who took the money, and its value in the
        # website's currency by an entry with a rate.
        self.money = sorted(
            self.paid, key=lambda pair: (pair[0].is_before_credit, not pair[1].is_converted)
        )[:1]
        called = [p.kind for p, _ in paid]
        self.kind = "renewal" if "renewal" in called else "new"
        self.subscription = min(
            (p.subscription_id for p, _ in paid if p.subscription_id), default=""
        )
        self.refunds = [t for t in entries if isinstance(t, Refund)]
        self.disputes: dict[str, Dispute] = {}
        for entry in entries:
            if isinstance(entry, Dispute):
                known = self.disputes.get(entry.dispute_id, entry)
                self.disputes[entry.dispute_id] = _later(known, entry)
        named = [p for p, _ in self.paid if p.visitor_id]
        sessions = [p.client_session for p, _ in self.paid if p.client_session]
        self.visitor_id = named[0].visitor_id if named else 0
        self.client_session = min(sessions, default=0)
        self.decided = ""
        self.payers = {
            word
            for p, _ in self.paid
            for word in (p.profile.email.lower(), f"#{p.profile.customer_id}")
            if word.strip("#")
        }


def keep_ledger(entries: Iterable[Entry]) -> Expected:
    everything = list(entries)
    trials = {t.subscription_id for t in everything if isinstance(t, TrialStart)}
    ones = [
        _One(group) for group in _by_name([t for t in everything if not isinstance(t, TrialStart)])
    ]
    _find_people(ones)
    _find_first_payments(ones, trials)
    ledger = Expected(set(), {}, set())
    for one in ones:
        _write(one, ledger)
    return ledger


def _by_name(entries: list[PaymentEntry]) -> list[list[PaymentEntry]]:
    """Entries with a name in common, directly or by others, are of one payment."""
    groups: list[tuple[set[str], list[PaymentEntry]]] = []
    for entry in entries:
        what = entry[0] if isinstance(entry, tuple) else entry
        others = what.other_ids if isinstance(what, Payment | Alias) else ()
        names, members = {what.transaction_id, *others}, [entry]
        apart = []
        for group in groups:
            if group[0] & names:
                names |= group[0]
                members += group[1]
            else:
                apart.append(group)
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def _find_first_payments(ones: list[_One], trials: set[str]) -> None:
    """The first amount above 0 of a subscription is new, the later ones are renewals. If
    no payment and no trial shows its beginning, even the first that is known is a later one."""

    def place(one: _One) -> tuple[int, bool, bool, str]:
        payment, _ = one.money[0]
        names = min(p.transaction_id for p, _ in one.paid)
        return payment.occurred_at, one.kind == "renewal", payment.amount > 0, names

    called = {id(one): one.kind for one in ones}
    for one in ones:
        if not one.paid or not one.subscription:
            continue
        before = [
            other
            for other in ones
            if other.paid and other.subscription == one.subscription and place(other) < place(one)
        ]
        is_start = called[id(one)] == "new"
        starts = [other for other in before if called[id(other)] == "new"]
        has_paid = any(other.money[0][0].amount for other in before)
        if one.money[0][0].amount:
            has_begun = is_start or bool(starts) or one.subscription in trials
            one.decided = "new" if has_begun and not has_paid else "renewal"
        else:
            one.decided = "new" if is_start and not starts and not has_paid else "renewal"


def _find_people(ones: list[_One]) -> None:
    """A payment that names nobody is that of whoever paid others with the same e-mail or id."""
    has_changed = True
    while has_changed:
        has_changed = False
        for one in ones:
            if one.paid and not one.visitor_id:
                known = [o.visitor_id for o in ones if o.visitor_id and o.payers & one.payers]
                if known:
                    one.visitor_id, has_changed = known[0], True


def _write(one: _One, ledger: Expected) -> None:
    ledger.open_disputes.update(d.dispute_id for d in one.disputes.values() if d.status == "open")
    if not one.paid:
        ledger.waiting.update((key, amount) for _, key, amount in _given_back(one, set()))
        return
    payment, converted = one.money[0]
    currencies = {refund.currency for refund in one.refunds}
    currencies |= {dispute.currency for dispute in one.disputes.values()}
    for currency in currencies - {"", payment.currency}:
        ledger.waiting.update((key, amount) for _, key, amount in _given_back(one, {currency}))
    name = min(p.transaction_id for p, _ in one.paid)
    kind = one.decided or one.kind
    person = (one.visitor_id, one.client_session)

    def add(id_: str, at: int, kind: str, original: Decimal, amount: Decimal) -> None:
        ledger.shown.add(Shown(id_, at, kind, payment.currency, original, amount, *person))

    add(name, payment.occurred_at, kind, payment.amount, converted.amount)
    so_far = Decimal(0)
    for at, key, amount in _given_back(one, {"", payment.currency}):
        counted = min(amount, payment.amount - so_far)
        if counted:
            value = _value(converted, payment, so_far + counted) - _value(
                converted, payment, so_far
            )
            add(f"{name}\x1f{key}", at, "refund", counted, value)
            so_far += counted
        if counted < amount:
            ledger.waiting[key] = amount - counted


def _given_back(one: _One, currencies: set[str]) -> list[tuple[int, str, Decimal]]:
    """In these currencies, or with none given, in any."""
    by_id: dict[str, list[Refund]] = {}
    totals = set()
    for refund in one.refunds:
        if refund.is_total and currencies and refund.currency not in currencies:
            continue
        if refund.is_total:
            totals.add((_said_at(refund), refund.amount, refund.occurred_at))
        else:
            by_id.setdefault(refund.refund_id, []).append(refund)
    found: list[tuple[int, str, Decimal]] = []
    others: list[tuple[int, int | None, Decimal]] = []
    for key, repeats in by_id.items():
        begun_at = min(r.occurred_at for r in repeats)
        ended_at, last, amount, currency = max(
            (_said_at(r), STAGES.index(r.status), r.amount, r.currency) for r in repeats
        )
        if currencies and currency not in currencies:
            continue
        if STAGES[last] == "succeeded":
            found.append((begun_at, key, amount))
        elif STAGES[last] == "failed":
            others.append((begun_at, ended_at, amount))
        else:  # on its way, for how long nobody knows
            others.append((begun_at, None, amount))
    stated = []
    for said_at, amount, occurred_at in sorted(totals):
        inside = [
            part
            for begun_at, ended_at, part in others
            if begun_at <= said_at and (ended_at is None or said_at <= ended_at)
        ]
        stated.append((said_at, amount, occurred_at, amount - sum(inside)))
    highest = sum((amount for _, _, amount in found), Decimal(0))
    for index, (said_at, amount, occurred_at, _) in enumerate(stated):
        lasting = min(value for *_, value in stated[index:])
        if lasting > highest:
            key = f"total:{int(amount * 10_000)}:{said_at}"
            found.append((occurred_at, key, lasting - highest))
            highest = lasting
    for dispute in one.disputes.values():
        if currencies and dispute.currency not in currencies:
            continue
        if dispute.status == "lost" and dispute.amount:
            found.append((dispute.occurred_at, f"dispute:{dispute.dispute_id}", dispute.amount))
    return sorted(found)


def _said_at(refund: Refund) -> int:
    return refund.occurred_at if refund.status_at is None else refund.status_at


def _value(converted: Converted, payment: Payment, amount: Decimal) -> Decimal:
    if not converted.is_converted:
        return Decimal(0)
    if converted.rate == 1 and converted.amount == payment.amount:
        return amount
    return (amount * converted.rate).quantize(converted.amount, ROUND_HALF_UP)


def _later(one: Dispute, two: Dispute) -> Dispute:
    """The one that closed it, else the later."""
    return max(one, two, key=lambda d: (d.status != "open", d.occurred_at))
