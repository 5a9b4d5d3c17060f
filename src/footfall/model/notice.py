"""A payment notice: one webhook of a payment provider, read."""

import msgspec

from footfall.model.payment import Alias, Dispute, Payment, Refund, TrialStart

Entry = Payment | Refund | Dispute | Alias | TrialStart
"""What a notice has for the ledger."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook, read: its entries for the ledger, or in `ignored` why it has none."""

    website_id: int
    provider: str
    event_id: str  # the same if the provider sends the event again
    type: str
    entries: tuple[Entry, ...] = ()
    ignored: str = ""
    website: str = ""  # the one that the metadata names: an account's events go to all its webhooks
