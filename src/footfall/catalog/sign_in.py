"""Who is signed in: a random secret in the browser's cookie, its SHA-256 here."""

from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from footfall.catalog.access_table import SIGN_INS, USERS
from footfall.catalog.database import writing
from footfall.catalog.token import SECRET_LENGTH, digest, random_text
from footfall.model.errors import NotFound, Unauthorized
from footfall.model.member import SignIn, SignInMethod

DAY_MS = 86_400_000
LIVES_MS = 90 * DAY_MS
IDLE_MS = 14 * DAY_MS
SEEN_EVERY_MS = 3_600_000
MAX_OF_USER = 100
MAX_CLIENT = 128


class SignIns:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
    now. Safe to use from several threads and processes."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(
        self,
        user_id: str,
        method: SignInMethod,
        client: str,
        *,
        now_ms: int,
        password_hash: str | None = None,
    ) -> tuple[str, SignIn]:
        """A new sign-in and its secret. It also deletes those that have ended, and a user's oldest
        beyond MAX_OF_USER.

        `password_hash` is that of the password which was given. Raises Unauthorized if it is no
        longer the user's: a change of the password has ended the sign-ins by the old one.
        """
        secret = random_text(SECRET_LENGTH)
        row = {
            "id": f"sgn_{random_text(12)}",
            "user_id": user_id,
            "digest": digest(secret),
            "client": client[:MAX_CLIENT],
            "method": method,
            "created_at": now_ms,
            "seen_at": now_ms,
            "expires_at": now_ms + LIVES_MS,
        }
        is_over = (SIGN_INS.c.expires_at <= now_ms) | (SIGN_INS.c.seen_at <= now_ms - IDLE_MS)
        newest = (
            select(SIGN_INS.c.id)
            .where(SIGN_INS.c.user_id == user_id)
            .order_by(SIGN_INS.c.created_at.desc(), SIGN_INS.c.id)
            .limit(MAX_OF_USER - 1)
        )
        of_user = SIGN_INS.c.user_id == user_id
        with writing(self._database) as connection:
            if password_hash is not None:
                stored = select(USERS.c.password_hash).where(USERS.c.id == user_id)
                if connection.execute(stored).scalar() != password_hash:
                    raise Unauthorized("The password has just been changed: sign in again")
            connection.execute(delete(SIGN_INS).where(is_over))
            connection.execute(delete(SIGN_INS).where(of_user, SIGN_INS.c.id.not_in(newest)))
            connection.execute(insert(SIGN_INS).values(row))
        return secret, self._get(str(row["id"]))

    def find(self, secret: str, now_ms: int) -> SignIn | None:
        """The sign-in of a secret, None if it is unknown or over."""
        wanted = select(SIGN_INS).where(SIGN_INS.c.digest == digest(secret))
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        found = None if row is None else _sign_in(row)
        return found if found is not None and is_live(found, now_ms) else None

    def list(self, user_id: str, now_ms: int) -> list[SignIn]:
        """A user's sign-ins that are not over, the latest used first."""
        wanted = select(SIGN_INS).where(SIGN_INS.c.user_id == user_id)
        with self._database.connect() as connection:
            rows = connection.execute(
                wanted.order_by(SIGN_INS.c.seen_at.desc(), SIGN_INS.c.created_at.desc())
            )
            found = [_sign_in(row) for row in rows]
        return [each for each in found if is_live(each, now_ms)]

    def note_seen(self, sign_in_id: str, now_ms: int) -> None:
        is_it = SIGN_INS.c.id == sign_in_id
        with writing(self._database) as connection:
            connection.execute(update(SIGN_INS).where(is_it).values(seen_at=now_ms))

    def end(self, user_id: str, sign_in_id: str) -> None:
        """Raises NotFound if the user has no such sign-in."""
        is_it = (SIGN_INS.c.user_id == user_id) & (SIGN_INS.c.id == sign_in_id)
        with writing(self._database) as connection:
            if not connection.execute(delete(SIGN_INS).where(is_it)).rowcount:
                raise NotFound(f"there is no sign-in {sign_in_id[:64]!r}", field="id")

    def end_others(self, user_id: str, keep: str) -> int:
        """End all of a user's sign-ins but one: how many that were."""
        others = (SIGN_INS.c.user_id == user_id) & (SIGN_INS.c.id != keep)
        with writing(self._database) as connection:
            return connection.execute(delete(SIGN_INS).where(others)).rowcount

    def end_by_secret(self, secret: str) -> None:
        """End a sign-in, if there is one with this secret."""
        with writing(self._database) as connection:
            connection.execute(delete(SIGN_INS).where(SIGN_INS.c.digest == digest(secret)))

    def _get(self, sign_in_id: str) -> SignIn:
        with self._database.connect() as connection:
            return _sign_in(
                connection.execute(select(SIGN_INS).where(SIGN_INS.c.id == sign_in_id)).one()
            )


def is_live(sign_in: SignIn, now_ms: int) -> bool:
    """Whether a sign-in is neither too old nor unused for too long."""
    return now_ms < sign_in.expires_at and now_ms - sign_in.seen_at < IDLE_MS


def _sign_in(row: Row[Any]) -> SignIn:
    values = row._asdict()
    del values["digest"]
    return SignIn(**values)
