"""Posting a payment notice: its entries are put into the ledger."""

from datetime import UTC, datetime

from footfall.model.notice import Entry, Notice
from footfall.model.payment import Alias, Dispute, Payment, Refund, TrialStart
from footfall.model.website import Website
from footfall.money.connection import Outcome
from footfall.money.ledger import Ledger
from footfall.money.rate import Rates


def post_notice(
    notice: Notice, website: Website, *, ledger: Ledger, rates: Rates, now_ms: int
) -> Outcome:
    """Post all entries of a notice. One that is in the ledger already changes nothing. Blocking.

    Raises Unavailable if they cannot be written now, BadRequest if the ledger refuses one.
    """
    outcomes = [
        _post(entry, website, ledger=ledger, rates=rates, now_ms=now_ms) for entry in notice.entries
    ]
    new = [outcome for outcome in outcomes if outcome != "repeat"]
    return new[0] if new else "repeat"


def _post(entry: Entry, website: Website, *, ledger: Ledger, rates: Rates, now_ms: int) -> Outcome:
    is_new = True
    match entry:
        case Payment():
            day = datetime.fromtimestamp(entry.occurred_at // 1000, UTC).date()
            converted = rates.convert(
                entry.amount, entry.currency, website.currency, day, given=entry.rate
            )
            is_new = ledger.add_payment(entry, converted, now_ms=now_ms, merges=True)
        case Refund():
            is_new = ledger.add_refund(entry, now_ms=now_ms, may_wait=True)
        case Dispute():
            ledger.set_dispute(entry)
        case Alias():
            ledger.add_alias(entry)
        case TrialStart():
            is_new = ledger.add_trial(entry)
    if isinstance(entry, Refund | Dispute):
        paid_in = ledger.currency_of(website.id, entry.transaction_id)
        if not paid_in or entry.currency not in ("", paid_in):
            return "waiting"
    return "booked" if is_new else "repeat"
