"""Challenges that an authenticator signs: random, for one purpose, used once, and soon over."""

import secrets

import msgspec

from footfall.clock import Clock

CHALLENGE_BYTES = 32
LIVES_MS = 5 * 60_000
MAX_CHALLENGES = 10_000


class _Given(msgspec.Struct, frozen=True):
    purpose: str
    expires_at: int


class Challenges:
    """Those that were given out and are still open. In memory only: after a restart, whoever was
    about to sign in tries again. Beyond MAX_CHALLENGES the oldest are dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._given: dict[bytes, _Given] = {}  # the oldest first

    def make(self, purpose: str) -> bytes:
        """A new one, for this purpose and no other."""
        while len(self._given) >= MAX_CHALLENGES:
            del self._given[next(iter(self._given))]
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._given[challenge] = _Given(purpose, self._clock() + LIVES_MS)
        return challenge

    def use(self, challenge: bytes, purpose: str) -> bool:
        """Whether it was given out for this purpose and is not over. It is used up in any case."""
        given = self._given.pop(challenge, None)
        if given is None or given.purpose != purpose:
            return False
        now = self._clock()
        return given.expires_at - LIVES_MS <= now < given.expires_at
