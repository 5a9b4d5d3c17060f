"""How often a password, a code or anything else that can be guessed may be tried."""

from hashlib import blake2b

import msgspec

from footfall.clock import Clock
from footfall.model.errors import TooManyRequests

MAX_KEYS = 10_000


class _Window(msgspec.Struct):
    ends_at: int
    count: int = 0


class Attempts:
    """Counts attempts of each key (an address, an account) in windows that begin with the first.

    What is counted is in memory only: addresses are written nowhere. Keys are kept as hashes, since
    clients choose how long some of them are.
    """

    def __init__(self, limit: int, window_s: int, clock: Clock) -> None:
        self._limit = limit
        self._window_ms = window_s * 1000
        self._clock = clock
        self._windows: dict[bytes, _Window] = {}

    def count(self, key: str) -> None:
        """Count an attempt. Raises TooManyRequests beyond the limit."""
        now, hashed = self._clock(), _hashed(key)
        window = self._windows.get(hashed)
        if window is None or not now < window.ends_at <= now + self._window_ms:
            self._make_room(now)
            window = self._windows[hashed] = _Window(now + self._window_ms)
        window.count += 1
        if window.count > self._limit:
            wait_s = -((now - window.ends_at) // 1000)  # rounded up
            raise TooManyRequests(f"Too many attempts: wait {wait_s} s", retry_after_s=wait_s)

    def forget(self, key: str) -> None:
        """After a success: earlier mistakes of this key no longer count."""
        self._windows.pop(_hashed(key), None)

    def take_back(self, key: str) -> None:
        """After a success that says nothing about the other attempts of this key: only it does not
        count."""
        window = self._windows.get(_hashed(key))
        if window is not None and window.count:
            window.count -= 1

    def _make_room(self, now: int) -> None:
        if len(self._windows) < MAX_KEYS:
            return
        for key in [key for key, window in self._windows.items() if window.ends_at <= now]:
            del self._windows[key]
        while len(self._windows) >= MAX_KEYS:
            del self._windows[next(iter(self._windows))]


def _hashed(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
