"""The catalog's profiles and the ledger, as reports ask for them."""

from collections.abc import Iterator

from footfall.catalog import Catalog
from footfall.model.payment import Profile
from footfall.money.ledger import Ledger
from footfall.query.people import LedgerMovement


class KnownPeople:
    """`query.people.People` of a data folder."""

    def __init__(self, catalog: Catalog, ledger: Ledger) -> None:
        self._profiles = catalog.profiles
        self._ledger = ledger

    def profile(self, website_id: int, visitor_id: int) -> Profile:
        return self._profiles.get(website_id, visitor_id)

    def movements(self, website_id: int, visitor_id: int) -> Iterator[LedgerMovement]:
        for bought in self._ledger.payments_of(website_id, visitor_id):
            for movement in (bought.payment, *bought.refunds):
                yield LedgerMovement(movement, bought.provider, bought.subscription_id)
