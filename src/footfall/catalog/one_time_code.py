"""Codes for the terminal to print: whoever has one may set the server up, or sign in once."""

from typing import Literal

from sqlalchemy import Engine, delete, insert, select

from footfall.catalog.access_table import ONE_TIME_CODES
from footfall.catalog.database import writing
from footfall.catalog.token import digest, random_text
from footfall.model.errors import Forbidden

CODE_LENGTH = 24  # of base62: 142 bits
MAX_CODE = 64
Purpose = Literal["setup", "link"]
_WRONG = (
    "This code is not valid: it was used, has expired or was replaced. Print a new link in the"
    " terminal: footfall user link"
)


class OneTimeCodes:
    """Every call is one transaction. Only SHA-256 hashes of codes are stored."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(
        self,
        purpose: Purpose,
        user_id: str | None = None,
        *,
        is_local: bool = False,
        expires_at: int,
        now_ms: int,
    ) -> str:
        """A new code. It replaces the earlier ones of the same purpose and user. `is_local`: it
        works only from this machine. Raises Unavailable."""
        code = random_text(CODE_LENGTH)
        is_replaced = (ONE_TIME_CODES.c.purpose == purpose) & (
            ONE_TIME_CODES.c.user_id.is_(None)
            if user_id is None
            else ONE_TIME_CODES.c.user_id == user_id
        )
        row = {
            "digest": digest(code),
            "purpose": purpose,
            "user_id": user_id,
            "is_local": is_local,
            "expires_at": expires_at,
        }
        with writing(self._database) as connection:
            is_over = ONE_TIME_CODES.c.expires_at <= now_ms
            connection.execute(delete(ONE_TIME_CODES).where(is_replaced | is_over))
            connection.execute(insert(ONE_TIME_CODES).values(row))
        return code

    def check(self, purpose: Purpose, code: str, *, is_local: bool, now_ms: int) -> str | None:
        """The user of a code, which stays valid. Raises Forbidden if it is not valid from here."""
        wanted = select(ONE_TIME_CODES).where(
            ONE_TIME_CODES.c.digest == digest(code[:MAX_CODE]),
            ONE_TIME_CODES.c.purpose == purpose,
            ONE_TIME_CODES.c.expires_at > now_ms,
        )
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            raise Forbidden(_WRONG, field="code")
        if row.is_local and not is_local:
            raise Forbidden("This code works only on the server's own machine", field="code")
        user_id: str | None = row.user_id
        return user_id

    def use(self, purpose: Purpose, code: str, *, is_local: bool, now_ms: int) -> str | None:
        """The user of a code, which is used up. Raises as `check`."""
        user_id = self.check(purpose, code, is_local=is_local, now_ms=now_ms)
        is_it = ONE_TIME_CODES.c.digest == digest(code[:MAX_CODE])
        with writing(self._database) as connection:
            if not connection.execute(delete(ONE_TIME_CODES).where(is_it)).rowcount:
                raise Forbidden(_WRONG, field="code")  # somebody else was faster
        return user_id

    def drop(self, purpose: Purpose) -> None:
        """Make all codes of a purpose invalid."""
        is_it = ONE_TIME_CODES.c.purpose == purpose
        with writing(self._database) as connection:
            connection.execute(delete(ONE_TIME_CODES).where(is_it))
