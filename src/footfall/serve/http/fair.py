"""Whose turn it is: places shared fairly among tokens and websites."""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

import msgspec

from footfall.model.errors import Unavailable

T = TypeVar("T", bound=Hashable)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests run at a time and how many may wait, in all and of one token or website.

    A token and a website run fewer than there are places, so that a slow query never keeps the
    others waiting until it ends.
    """

    running: int
    running_per_token: int
    running_per_website: int
    waiting: int
    waiting_per_token: int
    waiting_per_website: int
    retry_after_s: int


class Share(msgspec.Struct, frozen=True):
    """Whose request it is, and about which website."""

    token_id: str
    website_id: int


class FairQueue(Generic[T]):
    """Requests that run or wait. The tokens with waiting requests take turns; each token's requests
    keep their order, except that one about a website with no place left is passed over."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiting: OrderedDict[str, dict[T, Share]] = OrderedDict()
        self._running: dict[T, Share] = {}
        self._of_tokens: Counter[str] = Counter()  # of those that run
        self._of_websites: Counter[int] = Counter()
        self.started = 0  # since the server's start
        self.refused = 0

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def join(self, item: T, share: Share) -> None:
        """Wait for a turn. Raises Unavailable, at once, where too many wait."""
        if not self._may_run(share) and (reason := self._why_too_long(share)):
            self.refused += 1
            seconds = self.limits.retry_after_s
            raise Unavailable(
                f"{reason}. Wait {seconds} s and send this request again; send fewer requests at"
                " the same time, or ask for shorter periods",
                retry_after_s=seconds,
            )
        self._waiting.setdefault(share.token_id, {})[item] = share

    def take(self) -> T | None:
        """The next request that may run; it has a place until it leaves."""
        for token_id, waiting in self._waiting.items():
            for item, share in waiting.items():
                if self._may_run(share):
                    self._drop_waiting(token_id, item)
                    if token_id in self._waiting:
                        self._waiting.move_to_end(token_id)
                    self.started += 1
                    self._running[item] = share
                    self._of_tokens[token_id] += 1
                    self._of_websites[share.website_id] += 1
                    return item
        return None

    def leave(self, item: T) -> None:
        """Give up the place, or the wait for one."""
        if (share := self._running.pop(item, None)) is not None:
            self._of_tokens[share.token_id] -= 1
            self._of_websites[share.website_id] -= 1
            self._of_tokens += Counter()  # drops those at zero
            self._of_websites += Counter()
            return
        for token_id, waiting in self._waiting.items():
            if item in waiting:
                self._drop_waiting(token_id, item)
                return

    def _drop_waiting(self, token_id: str, item: T) -> None:
        del self._waiting[token_id][item]
        if not self._waiting[token_id]:
            del self._waiting[token_id]

    def _may_run(self, share: Share) -> bool:
        limits = self.limits
        return (
            len(self._running) < limits.running
            and self._of_tokens[share.token_id] < limits.running_per_token
            and self._of_websites[share.website_id] < limits.running_per_website
        )

    def _why_too_long(self, share: Share) -> str:
        limits = self.limits
        if len(self._waiting.get(share.token_id, ())) >= limits.waiting_per_token:
            return f"{limits.waiting_per_token} requests of this token are waiting already"
        of_website = sum(
            other.website_id == share.website_id
            for waiting in self._waiting.values()
            for other in waiting.values()
        )
        if of_website >= limits.waiting_per_website:
            return f"{limits.waiting_per_website} requests about this website are waiting already"
        if self.waiting >= limits.waiting:
            return f"The server is busy: {limits.waiting} requests are waiting already"
        return ""
