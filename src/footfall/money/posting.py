"""What providers tell, put into the books."""

from datetime import UTC, datetime

from footfall.model.payment import Alias, Dispute, Payment, Refund, TrialStart
from footfall.model.website import Website
from footfall.money.connection import Outcome
from footfall.money.ledger import Ledger
from footfall.money.rate import Rates
from footfall.providers.payload import Telling, Told


def book_telling(
    telling: Telling, website: Website, *, ledger: Ledger, rates: Rates, now_ms: int
) -> Outcome:
    """Book all that is told; what of it is in the books already changes nothing. Blocking.

    Raises Unavailable where it cannot be kept, BadRequest where the books cannot take it.
    """
    outcomes = [
        _book(told, website, ledger=ledger, rates=rates, now_ms=now_ms) for told in telling.told
    ]
    news = [outcome for outcome in outcomes if outcome != "repeat"]
    return news[0] if news else "repeat"


def _book(told: Told, website: Website, *, ledger: Ledger, rates: Rates, now_ms: int) -> Outcome:
    is_new = True
    match told:
        case Payment():
            day = datetime.fromtimestamp(told.occurred_at // 1000, UTC).date()
            converted = rates.convert(
                told.amount, told.currency, website.currency, day, given=told.rate
            )
            is_new = ledger.add_payment(told, converted, now_ms=now_ms, merges=True)
        case Refund():
            is_new = ledger.add_refund(told, now_ms=now_ms, may_wait=True)
        case Dispute():
            ledger.set_dispute(told, now_ms=now_ms)
        case Alias():
            ledger.add_alias(told)
        case TrialStart():
            is_new = ledger.add_trial(told)
    if isinstance(told, Refund | Dispute) and not ledger.find_transactions(
        website.id, transaction_id=told.transaction_id
    ):
        return "waiting"
    return "booked" if is_new else "repeat"
