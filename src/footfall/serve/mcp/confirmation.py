"""Deletions that wait for a person's confirmation. They are kept in memory: a restart forgets them,
and a code that is lost is asked for again."""

import secrets
from hashlib import sha256

import msgspec

from footfall.clock import Clock
from footfall.serve.mcp.schema import DeletedWebsite

LIVES_MS = 10 * 60 * 1000
MAX_WAITING = 1_000
MAX_OF_TOKEN = 20


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A deletion as it was shown to the person. `asked` is what the caller sent."""

    tool: str
    asked: str
    path: str
    params: tuple[tuple[str, str], ...]
    website: DeletedWebsite
    owner: bytes
    expires_at: int


class Confirmations:
    """Codes. Each confirms exactly one deletion of one token, and works once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._waiting: dict[str, Waiting] = {}

    def add(
        self,
        token: str,
        *,
        tool: str,
        asked: str,
        path: str,
        params: tuple[tuple[str, str], ...],
        website: DeletedWebsite,
    ) -> tuple[str, int]:
        """A new code, and when it expires. A token's oldest codes give way to new ones."""
        self._forget_expired()
        owner, expires_at = _owner(token), self.clock() + LIVES_MS
        theirs = [code for code, each in self._waiting.items() if each.owner == owner]
        oldest = [*theirs[: len(theirs) - MAX_OF_TOKEN + 1]] if len(theirs) >= MAX_OF_TOKEN else []
        if not oldest and len(self._waiting) >= MAX_WAITING:
            oldest = [next(iter(self._waiting))]
        for code in oldest:
            del self._waiting[code]
        code = secrets.token_urlsafe(16)
        self._waiting[code] = Waiting(
            tool=tool,
            asked=asked,
            path=path,
            params=params,
            website=website,
            owner=owner,
            expires_at=expires_at,
        )
        return code, expires_at

    def take(self, code: str, token: str, *, tool: str, asked: str) -> Waiting | None:
        """The deletion of a code, which then no longer works. None if the code is unknown, used,
        expired, another token's, or for another deletion; the latter ends it, too."""
        self._forget_expired()
        found = self._waiting.get(code)
        if found is None or found.owner != _owner(token):
            return None
        del self._waiting[code]
        return found if (found.tool, found.asked) == (tool, asked) else None

    def _forget_expired(self) -> None:
        now = self.clock()
        for code in [code for code, each in self._waiting.items() if each.expires_at <= now]:
            del self._waiting[code]


def _owner(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
