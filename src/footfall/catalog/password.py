"""Passwords: their rules, and argon2id. Hashing takes about 20 ms, so callers use a thread."""

import secrets
import threading
from typing import TYPE_CHECKING

from footfall.model.errors import BadRequest

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_PASSWORD = 10
MAX_PASSWORD = 256
MEMORY_KIB = 19 * 1024
PASSES = 2


class Passwords:
    """Hashes and checks passwords. `work` counts the hashes that were computed: whoever measures
    time can learn nothing as long as every attempt costs the same number."""

    def __init__(self) -> None:
        self.work = 0
        self._lock = threading.Lock()
        self._hasher: PasswordHasher | None = None
        self._dummy = ""

    def hash(self, password: str) -> str:
        """The hash to store."""
        return self._count().hash(_bytes(password))

    def matches(self, stored: str, password: str) -> bool:
        """Whether a password belongs to a stored hash. With '' it never does, after the same
        work."""
        # The package: two threads that import a part of it first could each wait for the other.
        import argon2

        given = _bytes(password[:MAX_PASSWORD])
        nothing = self._hash_of_nothing()  # whether it is needed or not: the first one takes time
        try:
            return self._count().verify(stored or nothing, given) and bool(stored)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def _hash_of_nothing(self) -> str:
        if not self._dummy:
            self._dummy = self._library().hash(secrets.token_bytes(32))
        return self._dummy

    def _count(self) -> "PasswordHasher":
        with self._lock:
            self.work += 1
        return self._library()

    def _library(self) -> "PasswordHasher":
        if self._hasher is None:
            import argon2  # only servers with users need it

            self._hasher = argon2.PasswordHasher(
                time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16
            )
        return self._hasher


def check_password(password: str, field: str = "password") -> str:
    """Raises BadRequest naming the field."""
    if MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return password
    raise BadRequest(
        f"{field} must be {MIN_PASSWORD} to {MAX_PASSWORD} characters long", field=field
    )


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
