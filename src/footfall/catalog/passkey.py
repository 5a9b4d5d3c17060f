"""Passkeys: the public keys of authenticators, by which users sign in."""

from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog.access_table import PASSKEYS
from footfall.catalog.database import writing
from footfall.catalog.token import random_text
from footfall.model.errors import BadRequest, Conflict, NotFound
from footfall.model.member import Passkey
from footfall.model.text import one_line

MAX_OF_USER = 20
MAX_NAME = 100


class Passkeys:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
    now. Safe to use from several threads and processes."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def check_room(self, user_id: str) -> None:
        """Raises Conflict if the user has as many as one may have."""
        with self._database.connect() as connection:
            _check_room(connection, user_id)

    def add(
        self,
        user_id: str,
        name: str,
        *,
        credential_id: bytes,
        public_key: bytes,
        sign_count: int,
        origin: str,
        now_ms: int,
    ) -> Passkey:
        """Raises BadRequest naming the field, Conflict if there are too many or it is there
        already."""
        found = Passkey(
            id=f"pky_{random_text(12)}",
            user_id=user_id,
            credential_id=credential_id,
            public_key=public_key,
            sign_count=sign_count,
            origin=origin,
            name=check_passkey_name(name),
            created_at=now_ms,
            used_at=None,
        )
        values = {field: getattr(found, field) for field in found.__struct_fields__}
        with writing(self._database) as connection:
            _check_room(connection, user_id)
            try:
                connection.execute(insert(PASSKEYS).values(values))
            except IntegrityError:
                raise Conflict("This passkey was added before") from None
        return found

    def list(self, user_id: str) -> list[Passkey]:
        """A user's passkeys, in the order in which they were made."""
        wanted = select(PASSKEYS).where(PASSKEYS.c.user_id == user_id)
        with self._database.connect() as connection:
            rows = connection.execute(wanted.order_by(PASSKEYS.c.created_at, PASSKEYS.c.id))
            return [_passkey(row) for row in rows]

    def find(self, credential_id: bytes) -> Passkey | None:
        """By what the authenticator calls it."""
        wanted = select(PASSKEYS).where(PASSKEYS.c.credential_id == credential_id)
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _passkey(row)

    def note_use(self, passkey: Passkey, sign_count: int, now_ms: int) -> bool:
        """Keep the authenticator's new count. False if the passkey was removed or used since it was
        read, so that two sign-ins with one count cannot both succeed."""
        is_it = (PASSKEYS.c.id == passkey.id) & (PASSKEYS.c.sign_count == passkey.sign_count)
        change = update(PASSKEYS).where(is_it).values(sign_count=sign_count, used_at=now_ms)
        with writing(self._database) as connection:
            return connection.execute(change).rowcount == 1

    def remove(self, user_id: str, passkey_id: str) -> Passkey:
        """The one that is gone. Raises NotFound if the user has no such passkey."""
        is_it = (PASSKEYS.c.user_id == user_id) & (PASSKEYS.c.id == passkey_id)
        with writing(self._database) as connection:
            row = connection.execute(select(PASSKEYS).where(is_it)).first()
            if row is None:
                raise NotFound(f"there is no passkey {passkey_id[:64]!r}", field="id")
            connection.execute(delete(PASSKEYS).where(is_it))
        return _passkey(row)


def check_passkey_name(name: str) -> str:
    """Raises BadRequest."""
    text = one_line(name).strip()
    if 1 <= len(text) <= MAX_NAME:
        return text
    raise BadRequest(f"name must be 1 to {MAX_NAME} characters long", field="name")


def _check_room(connection: Connection, user_id: str) -> None:
    counted = select(func.count()).select_from(PASSKEYS).where(PASSKEYS.c.user_id == user_id)
    if connection.execute(counted).scalar_one() >= MAX_OF_USER:
        raise Conflict(f"An account can have {MAX_OF_USER} passkeys. Remove one first")


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(**row._asdict())
