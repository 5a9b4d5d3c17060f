"""What reports need to know of visitors that is not in the store."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from footfall.model.payment import NO_PROFILE, Movement, Profile


class LedgerMovement(msgspec.Struct, frozen=True):
    """A payment or refund as the ledger has it."""

    movement: Movement
    provider: str
    subscription_id: str = ""


class People(Protocol):
    """The profiles and the ledger, as far as reports read them."""

    @property
    def are_shown(self) -> bool:
        """Whether who asks may see single visitors."""

    def profile(self, website_id: int, visitor_id: int, /) -> Profile:
        """What is known of a visitor, NO_PROFILE if nothing is."""

    def profiles(self, website_id: int, visitor_ids: Sequence[int], /) -> Mapping[int, Profile]:
        """Those that are known, by visitor."""

    def search(self, website_id: int, text: str, most: int, /) -> Sequence[int]:
        """The visitors whose user id, name or e-mail address contains a text in any case, at most
        `most` of them."""

    def movements(self, website_id: int, visitor_id: int, /) -> Iterable[LedgerMovement]:
        """The payments and refunds that the ledger has for a visitor."""


class NoPeople:
    """For callers that have neither profiles nor a ledger, or may not see single visitors."""

    are_shown = False

    def profile(self, *_: int) -> Profile:
        return NO_PROFILE

    def profiles(self, *_: object) -> Mapping[int, Profile]:
        return {}

    def search(self, *_: object) -> Sequence[int]:
        return ()

    def movements(self, *_: int) -> Iterable[LedgerMovement]:
        return ()
