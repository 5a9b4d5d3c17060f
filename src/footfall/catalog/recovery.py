"""Recovery codes: they replace the codes of an authenticator app that is lost, each once."""

import secrets

from sqlalchemy import Connection, Engine, delete, func, insert, select

from footfall.catalog.access_table import RECOVERY_CODES
from footfall.catalog.database import writing
from footfall.catalog.token import digest

HOW_MANY = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is easily mistaken for another
_GROUPS, _GROUP = 4, 4  # 16 of 31 letters: 79 bits
MAX_CODE = 64


class RecoveryCodes:
    """Every call is one transaction. Only SHA-256 hashes of codes are stored: they are random, so
    nothing slower is needed."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def renew(self, user_id: str) -> list[str]:
        """New codes, which replace the earlier ones. Raises Unavailable."""
        with writing(self._database) as connection:
            return replace_codes(connection, user_id)

    def use(self, user_id: str, code: str) -> bool:
        """Whether it is one of the user's codes, which is then used up."""
        is_it = (RECOVERY_CODES.c.digest == _digest(user_id, code)) & (
            RECOVERY_CODES.c.user_id == user_id
        )
        with writing(self._database) as connection:
            return connection.execute(delete(RECOVERY_CODES).where(is_it)).rowcount > 0

    def count(self, user_id: str) -> int:
        """How many are left."""
        wanted = select(func.count()).where(RECOVERY_CODES.c.user_id == user_id)
        with self._database.connect() as connection:
            return int(connection.execute(wanted).scalar_one())


def replace_codes(connection: Connection, user_id: str) -> list[str]:
    """New codes instead of the earlier ones, within a transaction."""
    codes = [_new_code() for _ in range(HOW_MANY)]
    rows = [{"digest": _digest(user_id, code), "user_id": user_id} for code in codes]
    connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == user_id))
    connection.execute(insert(RECOVERY_CODES), rows)
    return codes


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _digest(user_id: str, code: str) -> bytes:
    """As people type it: hyphens, spaces and capitals make no difference."""
    letters = "".join(code[:MAX_CODE].lower().replace("-", " ").split())
    return digest(f"recovery {user_id} {letters}")
