"""Invitations: a link by which somebody joins a workspace, once."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select

from footfall.catalog.access_table import INVITES
from footfall.catalog.database import writing
from footfall.catalog.one_time_code import CODE_LENGTH, MAX_CODE
from footfall.catalog.token import digest, random_text
from footfall.catalog.user import check_email, check_role, email_key
from footfall.model.errors import Forbidden, NotFound
from footfall.model.member import Role

LIVES_MS = 7 * 86_400_000
_UNKNOWN = "This invitation is not valid any more. Ask for a new one"


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever has the link becomes a member of this role."""

    id: str  # inv_…
    workspace_id: str
    email: str  # '': anybody who has the link
    role: Role
    invited_by: str
    created_at: int
    expires_at: int


class Invites:
    """Every call is one transaction. Only SHA-256 hashes of codes are stored."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(
        self, workspace_id: str, role: Role, email: str, invited_by: str, *, now_ms: int
    ) -> tuple[str, Invite]:
        """A new invitation and its code. Raises BadRequest naming the field."""
        code = random_text(CODE_LENGTH)
        invite = Invite(
            id=f"inv_{random_text(12)}",
            workspace_id=workspace_id,
            email=check_email(email) if email else "",
            role=check_role(role),
            invited_by=invited_by,
            created_at=now_ms,
            expires_at=now_ms + LIVES_MS,
        )
        values = msgspec.structs.asdict(invite) | {"digest": digest(code)}
        with writing(self._database) as connection:
            connection.execute(delete(INVITES).where(INVITES.c.expires_at <= now_ms))
            connection.execute(insert(INVITES).values(values))
        return code, invite

    def find(self, code: str, now_ms: int) -> Invite:
        """Raises NotFound."""
        wanted = select(INVITES).where(INVITES.c.digest == digest(code[:MAX_CODE]))
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None or row.expires_at <= now_ms:
            raise NotFound(_UNKNOWN, field="code")
        return _invite(row)

    def pending(self, workspace_id: str, now_ms: int) -> list[Invite]:
        """Those that are still valid, the newest first."""
        of_workspace = INVITES.c.workspace_id == workspace_id
        wanted = select(INVITES).where(of_workspace, INVITES.c.expires_at > now_ms)
        with self._database.connect() as connection:
            rows = connection.execute(wanted.order_by(INVITES.c.created_at.desc(), INVITES.c.id))
            return [_invite(row) for row in rows]

    def withdraw(self, workspace_id: str, invite_id: str) -> None:
        """Raises NotFound."""
        is_it = (INVITES.c.workspace_id == workspace_id) & (INVITES.c.id == invite_id)
        with writing(self._database) as connection:
            if not connection.execute(delete(INVITES).where(is_it)).rowcount:
                raise NotFound(f"there is no invitation {invite_id[:64]!r}", field="id")


def claim(invite: Invite, email: str) -> Callable[[Connection], None]:
    """Uses an invitation up, in the transaction in which its guest joins. It raises NotFound if
    somebody else was faster, Forbidden if it is for another address."""

    def work(connection: Connection) -> None:
        if invite.email and email_key(invite.email) != email_key(email):
            raise Forbidden("This invitation is for another e-mail address", field="email")
        if not connection.execute(delete(INVITES).where(INVITES.c.id == invite.id)).rowcount:
            raise NotFound(_UNKNOWN, field="code")

    return work


def _invite(row: Row[Any]) -> Invite:
    values = row._asdict()
    del values["digest"]
    return Invite(**values)
