"""How often a token may ask."""

from collections.abc import Mapping

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from footfall.clock import Clock
from footfall.model.errors import TooManyRequests
from footfall.model.website import Token

WINDOW_S = 60


class RateLimit:
    """Counts a token's report requests in windows of a minute. `per_minute` 0: no limit."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._item = RateLimitItemPerMinute(max(per_minute, 1))
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, token: Token) -> tuple[Mapping[str, str], TooManyRequests | None]:
        """Count one request: the headers that tell how many are left, and the error if none is."""
        if self._per_minute <= 0:
            return {}, None
        is_allowed = self._limiter.hit(self._item, token.id)
        stats = self._limiter.get_window_stats(self._item, token.id)
        reset_s = min(max(1, -int(-(stats.reset_time - self._clock() / 1000))), WINDOW_S)
        headers = {
            "RateLimit-Policy": f'"reports";q={self._per_minute};w={WINDOW_S}',
            "RateLimit-Limit": str(self._per_minute),
            "RateLimit-Remaining": str(stats.remaining),
            "RateLimit-Reset": str(reset_s),
        }
        if is_allowed:
            return headers, None
        return headers, TooManyRequests(
            f"More than {self._per_minute} requests in a minute: ask again in {reset_s} s",
            retry_after_s=reset_s,
        )
