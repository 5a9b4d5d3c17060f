"""The people who use the dashboard: users, their roles in workspaces, and their sign-ins."""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from footfall.model.website import Scope

Role = Literal["owner", "admin", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)  # the highest first
SCOPES_OF: Mapping[Role, frozenset[Scope]] = {
    "owner": frozenset({"read", "write", "delete", "manage"}),
    "admin": frozenset({"read", "write", "delete", "manage"}),
    "viewer": frozenset({"read"}),
}
"""What a member's requests may do, in the words of tokens."""

SignInMethod = Literal["setup", "password", "link", "invite", "passkey"]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account. Nobody but its owner and the members of its workspace see the e-mail address."""

    id: str  # usr_…
    email: str  # as it was typed
    name: str
    created_at: int  # ms since 1970
    has_password: bool
    has_totp: bool
    preferences: dict[str, str] = {}


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A user's place in a workspace."""

    user: User
    workspace_id: str
    role: Role
    joined_at: int


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One browser that is signed in. The secret in its cookie is not stored."""

    id: str  # sgn_…
    user_id: str
    client: str  # the browser and system, as in "Firefox on Linux"
    method: SignInMethod
    created_at: int
    seen_at: int  # to within an hour
    expires_at: int


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator by which a user signs in. Its private key never leaves it."""

    id: str  # pky_…
    user_id: str
    credential_id: bytes  # as the authenticator names it
    public_key: bytes  # COSE
    sign_count: int
    origin: str  # https://stats.example.com: where it works
    name: str
    created_at: int
    used_at: int | None
