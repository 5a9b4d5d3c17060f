"""Keyed hashes of values that must not be stored in plain text. The keys are random and never leave
the catalog, so a copy of the hashes alone is not enough to try out e-mail addresses."""

import secrets
from hashlib import blake2b

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from footfall.catalog.database import writing
from footfall.catalog.table import HASH_KEYS

KEY_LENGTH = 32


class KeyedHash:
    """Hashes for one purpose; those of another purpose or website cannot be compared with them."""

    def __init__(self, database: Engine, purpose: str) -> None:
        self._database = database
        self._purpose = purpose
        self._key = b""

    def number(self, website_id: int, value: str) -> int:
        """64 bits, 0 only for ''. Raises Unavailable if the key cannot be made."""
        return (int(self.text(website_id, value), 16) or 1) if value else 0

    def text(self, website_id: int, value: str) -> str:
        """16 hex digits. Raises Unavailable if the key cannot be made."""
        self._key = self._key or self._read_key()
        digest = blake2b(
            value.encode("utf-8", "surrogatepass"),
            digest_size=8,
            key=self._key,
            salt=website_id.to_bytes(8, "big"),
        )
        return digest.hexdigest()

    def proof(self, value: str) -> str:
        """64 hex digits that only this catalog can make. Raises Unavailable if the key cannot be
        made."""
        self._key = self._key or self._read_key()
        return blake2b(value.encode(), digest_size=32, key=self._key).hexdigest()

    def _read_key(self) -> bytes:
        wanted = select(HASH_KEYS.c.key).where(HASH_KEYS.c.purpose == self._purpose)
        while True:
            with self._database.connect() as connection:
                key = connection.execute(wanted).scalar()
            if key is not None:
                return bytes(key)
            self._make_key()

    def _make_key(self) -> None:
        values = {"purpose": self._purpose, "key": secrets.token_bytes(KEY_LENGTH)}
        try:
            with writing(self._database) as connection:
                connection.execute(insert(HASH_KEYS).values(values))
        except IntegrityError:
            return  # another process created it meanwhile: its key counts
