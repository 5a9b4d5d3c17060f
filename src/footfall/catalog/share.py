"""Share links: what somebody without an account may see of a website."""

from hmac import compare_digest
from typing import Any

import msgspec
from sqlalchemy import Engine, Row, delete, insert, select, update

from footfall.catalog.access_table import SHARES
from footfall.catalog.database import writing
from footfall.catalog.hash_key import KeyedHash
from footfall.catalog.password import Passwords
from footfall.catalog.table import WEBSITES
from footfall.catalog.token import random_text
from footfall.model.errors import NotFound
from footfall.model.share import ShareFilter, ShareLink

SLUG_LENGTH = 22  # of base62: 131 bits
ID_LENGTH = 12
TOKEN_START = "share_"  # noqa: S105 – how tokens of shares begin
_LISTS = {"filters": list[ShareFilter], "pages": list[str], "hosts": list[str]}


class Shares:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
    now. The callers check what they store."""

    def __init__(self, database: Engine, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords
        self._hashes = KeyedHash(database, "share")

    def add(self, website_id: int, values: dict[str, Any], *, now_ms: int) -> ShareLink:
        """A new share. `values` are fields of ShareLink, and `password`."""
        row = {
            "id": f"shr_{random_text(ID_LENGTH)}",
            "website_id": website_id,
            "slug": random_text(SLUG_LENGTH),
            "created_at": now_ms,
            **self._row(values),
        }
        with writing(self._database) as connection:
            connection.execute(insert(SHARES).values(row))
        return self.get(website_id, str(row["id"]))

    def change(self, website_id: int, share_id: str, values: dict[str, Any]) -> ShareLink:
        """Raises NotFound. A new password ends what was opened with the one before."""
        is_it = (SHARES.c.website_id == website_id) & (SHARES.c.id == share_id)
        self.get(website_id, share_id)
        if row := self._row(values):
            with writing(self._database) as connection:
                connection.execute(update(SHARES).where(is_it).values(row))
        return self.get(website_id, share_id)

    def remove(self, website_id: int, share_id: str) -> None:
        """Raises NotFound."""
        is_it = (SHARES.c.website_id == website_id) & (SHARES.c.id == share_id)
        with writing(self._database) as connection:
            if not connection.execute(delete(SHARES).where(is_it)).rowcount:
                raise _unknown(share_id)

    def get(self, website_id: int, share_id: str) -> ShareLink:
        """Raises NotFound."""
        for share in self.of_websites([website_id]):
            if share.id == share_id:
                return share
        raise _unknown(share_id)

    def of_websites(self, website_ids: list[int]) -> list[ShareLink]:
        """The shares of some websites, the newest first."""
        wanted = select(SHARES).where(SHARES.c.website_id.in_(website_ids))
        with self._database.connect() as connection:
            rows = connection.execute(wanted.order_by(SHARES.c.created_at.desc(), SHARES.c.id))
            return [_share(row) for row in rows]

    def find(self, slug: str, now_ms: int) -> ShareLink | None:
        """By the link's text; None if it is unknown or has expired."""
        return self._find(SHARES.c.slug == slug, now_ms)

    def open(self, share: ShareLink, password: str) -> str | None:
        """The token that reads what the share shows; None if the password is wrong."""
        if share.has_password and not self._passwords.matches(self._hash_of(share), password):
            return None
        return self.token(share)

    def find_by_token(self, token: str, now_ms: int) -> ShareLink | None:
        """The share that a token reads; None if it is not valid, or no longer."""
        share_id = f"shr_{token.removeprefix(TOKEN_START)[:ID_LENGTH]}"
        share = self._find(SHARES.c.id == share_id, now_ms)
        is_right = share is not None and compare_digest(
            token.encode("utf-8", "replace"), self.token(share).encode()
        )
        return share if is_right else None

    def _find(self, is_it: Any, now_ms: int) -> ShareLink | None:
        joined = SHARES.join(WEBSITES, SHARES.c.website_id == WEBSITES.c.id)
        wanted = select(SHARES).select_from(joined).where(is_it, WEBSITES.c.removed_at.is_(None))
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None or (row.expires_at is not None and row.expires_at <= now_ms):
            return None
        return _share(row)

    def token(self, share: ShareLink) -> str:
        """The same until the link or its password changes: nothing has to be stored."""
        proof = self._hashes.proof(f"{share.id}\n{share.slug}\n{self._hash_of(share)}")
        return f"{TOKEN_START}{share.id.removeprefix('shr_')}{proof}"

    def _hash_of(self, share: ShareLink) -> str:
        wanted = select(SHARES.c.password_hash).where(SHARES.c.id == share.id)
        with self._database.connect() as connection:
            return str(connection.execute(wanted).scalar() or "")

    def _row(self, values: dict[str, Any]) -> dict[str, Any]:
        row = dict(values)
        for name in _LISTS.keys() & row.keys():
            row[name] = msgspec.json.encode(row[name]).decode()
        if "password" in row:
            password = row.pop("password")
            row["password_hash"] = self._passwords.hash(password) if password else ""
        return row


def _unknown(share_id: str) -> NotFound:
    return NotFound(f"there is no share {share_id[:64]!r}", field="id")


def _share(row: Row[Any]) -> ShareLink:
    values = row._asdict()
    values["has_password"] = bool(values.pop("password_hash"))
    for name, kind in _LISTS.items():
        values[name] = tuple(msgspec.json.decode(values[name], type=kind))
    return ShareLink(**values)
