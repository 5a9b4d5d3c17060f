"""How many requests a token may send in a minute."""

from collections.abc import Mapping

import msgspec

from footfall.clock import Clock
from footfall.model.errors import TooManyRequests
from footfall.model.website import Token

WINDOW_S = 60


class _Window(msgspec.Struct):
    ends_at: int  # ms since 1970
    count: int = 0


class RateLimit:
    """Counts a token's report requests in windows of a minute, which begin with a request.
    `per_minute` 0: no limit."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._windows: dict[str, _Window] = {}  # of tokens that are known: there are few

    def count(self, token: Token) -> tuple[Mapping[str, str], TooManyRequests | None]:
        """Count one request: the headers that say how many are left, and the error if none are."""
        if self._per_minute <= 0:
            return {}, None
        now = self._clock()
        window = self._windows.get(token.id)
        # A clock that was set back must not make a window longer.
        if window is None or not now < window.ends_at <= now + WINDOW_S * 1000:
            window = self._windows[token.id] = _Window(now + WINDOW_S * 1000)
        window.count += 1
        reset_s = -((now - window.ends_at) // 1000)  # rounded up
        headers = {
            "RateLimit-Policy": f'"reports";q={self._per_minute};w={WINDOW_S}',
            "RateLimit-Limit": str(self._per_minute),
            "RateLimit-Remaining": str(max(0, self._per_minute - window.count)),
            "RateLimit-Reset": str(reset_s),
        }
        if window.count <= self._per_minute:
            return headers, None
        return headers, TooManyRequests(
            f"More than {self._per_minute} requests in a minute: try again in {reset_s} s",
            retry_after_s=reset_s,
        )
