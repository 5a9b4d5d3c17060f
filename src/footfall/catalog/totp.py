"""Codes of an authenticator app (RFC 6238). The secret is encrypted; each code works once."""

import re
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, select, update

from footfall.catalog.access_table import RECOVERY_CODES, USERS
from footfall.catalog.database import writing
from footfall.catalog.recovery import replace_codes
from footfall.catalog.secret import FILE_NAME, SecretBox
from footfall.damage import DamageLog
from footfall.model.errors import Conflict

STEP_S = 30
_SECRET = re.compile(r"[A-Z2-7]{32}")
_CODE = re.compile(r"[0-9]{6}")
_PLACE = "totp/{}"


class Totp:
    """Every call is one transaction. Safe to use from several threads and processes."""

    def __init__(self, database: Engine, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    def new_secret(self, email: str) -> tuple[str, str]:
        """A secret, which is not stored, and the address that apps read from a QR code."""
        import pyotp  # only those who set it up need it

        secret = pyotp.random_base32()
        return secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Footfall")

    def begin(self, user_id: str, secret: str, code: str, now_ms: int) -> list[str] | None:
        """Ask for codes of this secret from now on, and make recovery codes for it. None if the
        code is not one of it; it counts as used. Raises Conflict if codes are asked for already,
        Unavailable."""
        is_it = USERS.c.id == user_id
        step = _step_of(secret, code, now_ms, after=0) if _SECRET.fullmatch(secret) else 0
        if not step:
            return None
        values = {"totp_encrypted": self._seal(user_id, secret), "totp_step": step}
        with writing(self._database) as connection:
            is_free = is_it & USERS.c.totp_encrypted.is_(None)
            if not connection.execute(update(USERS).where(is_free).values(values)).rowcount:
                raise Conflict("Codes are asked for already: end that first")
            return replace_codes(connection, user_id)

    def set(self, user_id: str, secret: str | None) -> None:
        """Ask for codes of this secret from now on, or with None for none. Earlier recovery codes
        are no longer valid. Raises Unavailable."""
        sealed = None if secret is None else self._seal(user_id, secret)
        is_it = USERS.c.id == user_id
        with writing(self._database) as connection:
            connection.execute(
                update(USERS).where(is_it).values(totp_encrypted=sealed, totp_step=0)
            )
            connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == user_id))

    def use(self, user_id: str, code: str, now_ms: int) -> bool:
        """Whether a code is right and newer than the last one that was used. Raises as
        `SecretBox.open`."""
        wanted = select(USERS.c.totp_encrypted, USERS.c.totp_step).where(USERS.c.id == user_id)
        with writing(self._database) as connection:
            row = connection.execute(wanted).first()
            if row is None or row.totp_encrypted is None:
                return False
            secret = self._secrets.open(bytes(row.totp_encrypted), _PLACE.format(user_id))
            step = _step_of(secret, code, now_ms, after=row.totp_step)
            if step:
                is_it = USERS.c.id == user_id
                connection.execute(update(USERS).where(is_it).values(totp_step=step))
        return step > 0

    def check_secrets(self, damage: DamageLog) -> None:
        """Report the accounts whose secret cannot be decrypted, now or after a restart. Raises
        OSError."""
        stored = self._secrets.reopened()
        wanted = select(USERS.c.id, USERS.c.totp_encrypted).where(
            USERS.c.totp_encrypted.is_not(None)
        )
        with self._database.connect() as connection:
            rows = connection.execute(wanted).all()
        for user_id, sealed in rows:
            if trouble := stored.trouble(bytes(sealed), _PLACE.format(user_id)):
                message = (
                    "codes of an authenticator app are refused, at the latest after a restart, and"
                    f" its account needs a recovery code or `footfall user link`: {trouble}"
                )
                damage.add("secrets", FILE_NAME, f"{user_id} {stored.fingerprint()}", message)

    def _seal(self, user_id: str, secret: str) -> bytes:
        return self._secrets.seal(secret, _PLACE.format(user_id))


def _step_of(secret: str, code: str, now_ms: int, *, after: int) -> int:
    """The half minute, counted since 1970, of a code of now or of the one before or after; 0 if it
    is wrong or not newer than `after`."""
    import pyotp

    code = code.replace(" ", "")
    if not _CODE.fullmatch(code):
        return 0
    app, now = pyotp.TOTP(secret), now_ms // 1000 // STEP_S
    for step in (now - 1, now, now + 1):
        moment = datetime.fromtimestamp(step * STEP_S, UTC)
        if step > after and app.verify(code, for_time=moment):
            return step
    return 0
