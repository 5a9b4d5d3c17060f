"""Users and their places in workspaces."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from footfall.catalog.access_table import (
    INVITES,
    MEMBERSHIPS,
    ONE_TIME_CODES,
    PASSKEYS,
    RECOVERY_CODES,
    SAVED,
    SIGN_INS,
    USERS,
)
from footfall.catalog.database import writing
from footfall.catalog.password import Passwords, check_password
from footfall.catalog.token import random_text
from footfall.model.errors import BadRequest, Conflict, Forbidden, NotFound
from footfall.model.member import ROLES, Member, Role, User
from footfall.model.text import one_line
from footfall.model.website import actor_of

MAX_EMAIL = 254
MAX_NAME = 100
_EMAIL = re.compile(r"[^\s@<>\"',;:\\()\[\]]{1,64}@[^\s@<>\"',;:\\()\[\]]{1,253}")
Claim = Callable[[Connection], None]
_JOINED = MEMBERSHIPS.join(USERS, MEMBERSHIPS.c.user_id == USERS.c.id)


class Users:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
    now. Safe to use from several threads and processes."""

    def __init__(self, database: Engine, passwords: Passwords) -> None:
        self._database = database
        self.passwords = passwords

    def has_owner(self) -> bool:
        """Whether anybody owns a workspace, so that set-up is over."""
        wanted = select(MEMBERSHIPS.c.user_id).where(MEMBERSHIPS.c.role == "owner").limit(1)
        with self._database.connect() as connection:
            return connection.execute(wanted).first() is not None

    def add(
        self,
        email: str,
        name: str,
        password: str | None,
        role: Role,
        *,
        workspace_id: str,
        now_ms: int,
        is_first: bool = False,
        claim: Claim = lambda _connection: None,
    ) -> Member:
        """A new user and their place in a workspace. Without a password they sign in by a link.

        `is_first`: only while nobody owns a workspace. `claim` takes part in the transaction and
        may refuse. Raises BadRequest naming the field, Conflict if the e-mail address is taken or,
        for the first, there is an owner.
        """
        email, name, role = check_email(email), check_person(name), check_role(role)
        stored = "" if password is None else self.passwords.hash(check_password(password))
        values = {
            "id": f"usr_{random_text(12)}",
            "email": email,
            "email_key": email_key(email),
            "name": name,
            "password_hash": stored,
            "created_at": now_ms,
        }
        with writing(self._database) as connection:
            if is_first and _owners(connection):
                raise Conflict("Set-up is over: there is an owner. Sign in instead")
            claim(connection)
            _check_free(connection, email)
            connection.execute(insert(USERS).values(values))
            _join(connection, workspace_id, str(values["id"]), role, now_ms)
        return self.member(str(values["id"]), workspace_id)

    def join(
        self, user_id: str, workspace_id: str, role: Role, claim: Claim, *, now_ms: int
    ) -> Member:
        """Give a user a place in a further workspace. Raises Conflict if they have one, and what
        `claim` raises in the same transaction."""
        with writing(self._database) as connection:
            claim(connection)
            if _role(connection, user_id, workspace_id):
                raise Conflict("You are a member of this workspace already")
            _join(connection, workspace_id, user_id, role, now_ms)
        return self.member(user_id, workspace_id)

    def find(self, email: str) -> User | None:
        """By e-mail address, in any case."""
        wanted = select(USERS).where(USERS.c.email_key == email_key(email))
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _user(row)

    def check(self, email: str, password: str) -> tuple[User, str] | None:
        """The user of an e-mail address and a password, and the stored hash that the password has
        matched; None if either is wrong. It takes one hash in every case."""
        wanted = select(USERS).where(USERS.c.email_key == email_key(email))
        with self._database.connect() as connection:
            row = connection.execute(wanted).first()
        is_right = self.passwords.matches(row.password_hash if row else "", password)
        return (_user(row), row.password_hash) if row is not None and is_right else None

    def members(self, workspace_id: str) -> list[Member]:
        """In the order in which they joined."""
        wanted = _members().where(MEMBERSHIPS.c.workspace_id == workspace_id)
        return self._members(wanted.order_by(MEMBERSHIPS.c.created_at, USERS.c.id))

    def memberships(self, user_id: str) -> list[Member]:
        """A user's places, the oldest first. A user has at least one."""
        wanted = _members().where(USERS.c.id == user_id)
        return self._members(wanted.order_by(MEMBERSHIPS.c.created_at, MEMBERSHIPS.c.workspace_id))

    def member(self, user_id: str, workspace_id: str) -> Member:
        """Raises NotFound."""
        for member in self.memberships(user_id):
            if member.workspace_id == workspace_id:
                return member
        raise NotFound(f"there is no member {user_id[:64]!r}", field="id")

    def update(self, user_id: str, *, email: str | None = None, name: str | None = None) -> None:
        """Change what is given. Raises BadRequest naming the field, Conflict, NotFound."""
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = check_person(name)
        if email is not None:
            email = check_email(email)
            values |= {"email": email, "email_key": email_key(email)}
        with writing(self._database) as connection:
            if email is not None:
                _check_free(connection, email, but=user_id)
            _change(connection, user_id, values)

    def set_preferences(self, user_id: str, preferences: dict[str, str]) -> None:
        """Raises NotFound."""
        with writing(self._database) as connection:
            text = msgspec.json.encode(preferences).decode()
            _change(connection, user_id, {"preferences": text})

    def set_password(self, user_id: str, password: str, *, keep: str = "") -> None:
        """Replace the password, and end every sign-in but `keep`. Links that were printed before
        no longer work. Raises BadRequest, NotFound."""
        stored = self.passwords.hash(check_password(password))
        with writing(self._database) as connection:
            _change(connection, user_id, {"password_hash": stored})
            _end_sign_ins(connection, user_id, keep)

    def set_role(self, user_id: str, workspace_id: str, role: Role) -> Member:
        """It also withdraws the member's invitations that the new role could not make.

        Raises BadRequest, NotFound, and Conflict if the workspace would have no owner.
        """
        role = check_role(role)
        with writing(self._database) as connection:
            before = _role(connection, user_id, workspace_id)
            if before is None:
                raise NotFound(f"there is no member {user_id[:64]!r}", field="id")
            if before == "owner" and role != "owner":
                _keep_an_owner(connection, workspace_id)
            connection.execute(
                update(MEMBERSHIPS).where(_is_place(user_id, workspace_id)).values(role=role)
            )
            withdraw_invites(connection, workspace_id, actor_of(user_id), role)
        return self.member(user_id, workspace_id)

    def remove(self, user_id: str, workspace_id: str) -> None:
        """End a membership and withdraw the member's invitations: they would be a way back in. An
        account without any other membership is deleted, with its sign-ins, passkeys and recovery
        codes.

        Raises NotFound, and Conflict for the last owner.
        """
        with writing(self._database) as connection:
            role = _role(connection, user_id, workspace_id)
            if role is None:
                raise NotFound(f"there is no member {user_id[:64]!r}", field="id")
            if role == "owner":
                _keep_an_owner(connection, workspace_id)
            connection.execute(delete(MEMBERSHIPS).where(_is_place(user_id, workspace_id)))
            withdraw_invites(connection, workspace_id, actor_of(user_id))
            rest = select(MEMBERSHIPS.c.user_id).where(MEMBERSHIPS.c.user_id == user_id)
            if connection.execute(rest).first() is None:
                _end_sign_ins(connection, user_id)
                connection.execute(delete(PASSKEYS).where(PASSKEYS.c.user_id == user_id))
                connection.execute(
                    delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == user_id)
                )
                connection.execute(delete(SAVED).where(SAVED.c.user_id == user_id))
                connection.execute(delete(USERS).where(USERS.c.id == user_id))

    def _members(self, wanted: Any) -> list[Member]:
        with self._database.connect() as connection:
            return [
                Member(
                    user=_user(row),
                    workspace_id=row.workspace_id,
                    role=row.role,
                    joined_at=row.joined_at,
                )
                for row in connection.execute(wanted)
            ]


def email_key(email: str) -> str:
    """By which an address is found again: without regard to case and to how it is composed."""
    folded = unicodedata.normalize("NFKC", email.strip()).casefold()
    return folded.encode("utf-8", "replace").decode()


def check_email(email: str) -> str:
    """Raises BadRequest."""
    text = email.strip()
    if len(text) <= MAX_EMAIL and text.isprintable() and _EMAIL.fullmatch(text):
        return text
    raise BadRequest(
        "email is not an e-mail address: write it as in ann@example.com", field="email"
    )


def check_person(name: str) -> str:
    """A member's name. Raises BadRequest."""
    text = one_line(name).strip()
    if 1 <= len(text) <= MAX_NAME:
        return text
    raise BadRequest(f"name must be 1 to {MAX_NAME} characters long", field="name")


def check_role(role: str) -> Role:
    """Raises BadRequest."""
    if role in ROLES:
        return role
    raise BadRequest(f"role {role[:64]!r} is not known: {', '.join(ROLES)}", field="role")


def check_may_grant(granter: Role, role: Role) -> None:
    """Raise Forbidden unless a member of one role may make someone a member of another."""
    if role == "owner" and granter != "owner":
        raise Forbidden("Only an owner can make someone an owner")


def _members() -> Any:
    place = MEMBERSHIPS.c
    return select(
        USERS, place.workspace_id, place.role, place.created_at.label("joined_at")
    ).select_from(_JOINED)


def _owners(connection: Connection, workspace_id: str | None = None) -> int:
    wanted = select(MEMBERSHIPS.c.user_id).where(MEMBERSHIPS.c.role == "owner")
    if workspace_id is not None:
        wanted = wanted.where(MEMBERSHIPS.c.workspace_id == workspace_id)
    return len(connection.execute(wanted).all())


def _keep_an_owner(connection: Connection, workspace_id: str) -> None:
    if _owners(connection, workspace_id) < 2:
        raise Conflict("The last owner cannot leave: make someone else an owner first")


def _check_free(connection: Connection, email: str, but: str = "") -> None:
    wanted = select(USERS.c.id).where(USERS.c.email_key == email_key(email), USERS.c.id != but)
    if connection.execute(wanted).first() is not None:
        raise Conflict("There is an account with this e-mail address already", field="email")


def _change(connection: Connection, user_id: str, values: dict[str, Any]) -> None:
    known = connection.execute(select(USERS.c.id).where(USERS.c.id == user_id)).first()
    if known is None:
        raise NotFound(f"there is no user {user_id[:64]!r}", field="id")
    if values:
        connection.execute(update(USERS).where(USERS.c.id == user_id).values(values))


def _join(connection: Connection, workspace_id: str, user_id: str, role: Role, now_ms: int) -> None:
    place = {
        "workspace_id": workspace_id,
        "user_id": user_id,
        "role": role,
        "created_at": now_ms,
    }
    connection.execute(insert(MEMBERSHIPS).values(place))


def _is_place(user_id: str, workspace_id: str) -> Any:
    return (MEMBERSHIPS.c.user_id == user_id) & (MEMBERSHIPS.c.workspace_id == workspace_id)


def _role(connection: Connection, user_id: str, workspace_id: str) -> str | None:
    wanted = select(MEMBERSHIPS.c.role).where(_is_place(user_id, workspace_id))
    role: str | None = connection.execute(wanted).scalar()
    return role


def withdraw_invites(
    connection: Connection, workspace_id: str, actor: str, role: Role | None = None
) -> None:
    """Those that a member or token has made and, with this role, could not make any more."""
    if role == "owner":
        return
    is_it = (INVITES.c.workspace_id == workspace_id) & (INVITES.c.invited_by == actor)
    if role == "admin":
        is_it &= INVITES.c.role == "owner"
    connection.execute(delete(INVITES).where(is_it))


def _end_sign_ins(connection: Connection, user_id: str, keep: str = "") -> None:
    of_user = (SIGN_INS.c.user_id == user_id) & (SIGN_INS.c.id != keep)
    connection.execute(delete(SIGN_INS).where(of_user))
    connection.execute(delete(ONE_TIME_CODES).where(ONE_TIME_CODES.c.user_id == user_id))


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        created_at=row.created_at,
        has_password=bool(row.password_hash),
        has_totp=row.totp_encrypted is not None,
        preferences=msgspec.json.decode(row.preferences, type=dict[str, str]),
    )
