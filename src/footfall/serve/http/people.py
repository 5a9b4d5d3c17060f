"""The catalog's profiles and the ledger, as reports ask for them."""

from collections.abc import Iterator, Mapping, Sequence

from footfall.catalog import Catalog
from footfall.model.payment import Profile
from footfall.money.ledger import Ledger
from footfall.query.people import LedgerMovement


class KnownPeople:
    """`query.people.People` of a data folder."""

    are_shown = True

    def __init__(self, catalog: Catalog, ledger: Ledger) -> None:
        self._profiles = catalog.profiles
        self._ledger = ledger

    def profile(self, website_id: int, visitor_id: int) -> Profile:
        return self._profiles.get(website_id, visitor_id)

    def profiles(self, website_id: int, visitor_ids: Sequence[int]) -> Mapping[int, Profile]:
        return self._profiles.get_many(website_id, visitor_ids)

    def search(self, website_id: int, text: str, most: int) -> Sequence[int]:
        return self._profiles.search(website_id, text, most)

    def movements(self, website_id: int, visitor_id: int) -> Iterator[LedgerMovement]:
        for bought in self._ledger.payments_of(website_id, visitor_id):
            for movement in (bought.payment, *bought.refunds):
                yield LedgerMovement(movement, bought.provider, bought.subscription_id)
