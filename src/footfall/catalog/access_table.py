"""The catalog's tables about people who use the dashboard. Conventions as in `table.py`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)

from footfall.catalog.table import METADATA

USERS = Table(
    "users",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("email", Text, nullable=False),  # as typed
    Column("email_key", Text, nullable=False, unique=True),  # to look up by: case is folded
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2id, '' for none
    Column("totp_encrypted", LargeBinary),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # of the last code used
    Column("preferences", Text, nullable=False, server_default="{}"),  # JSON
    Column("created_at", BigInteger, nullable=False),
)

MEMBERSHIPS = Table(
    "memberships",
    METADATA,
    Column("workspace_id", String(64), ForeignKey("workspaces.id"), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
Index("ix_memberships_user_id", MEMBERSHIPS.c.user_id)

SIGN_INS = Table(
    "sign_ins",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the secret
    Column("client", String(128), nullable=False),
    Column("method", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
Index("ix_sign_ins_user_id", SIGN_INS.c.user_id)

# Public keys of authenticators (WebAuthn), by which a user signs in without a password.
PASSKEYS = Table(
    "passkeys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),  # as WebAuthn limits
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),  # 0 for ever where it is not counted
    Column("origin", Text, nullable=False),  # at which it was made, and nowhere else works
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)
Index("ix_passkeys_user_id", PASSKEYS.c.user_id)

# For members who have lost their authenticator app. A code is deleted when it is used.
RECOVERY_CODES = Table(
    "recovery_codes",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False),
)
Index("ix_recovery_codes_user_id", RECOVERY_CODES.c.user_id)

# Codes that the terminal prints. Each is deleted when it is used.
ONE_TIME_CODES = Table(
    "one_time_codes",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),  # setup, link
    Column("user_id", String(64), ForeignKey("users.id")),
    Column("is_local", Boolean, nullable=False),  # only from this machine
    Column("expires_at", BigInteger, nullable=False),
)

# Links by which somebody joins a workspace, once.
INVITES = Table(
    "invites",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("workspace_id", String(64), ForeignKey("workspaces.id"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("email", Text, nullable=False),  # '' for anybody who has the link
    Column("role", String(16), nullable=False),
    Column("invited_by", String(64), nullable=False),  # who acted, as in the audit log
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

# What a link shows to people without an account.
SHARES = Table(
    "shares",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("website_id", BigInteger, ForeignKey("websites.id"), nullable=False),
    Column("slug", String(64), nullable=False, unique=True),  # random; whoever has it has the link
    Column("name", Text, nullable=False),
    Column("filters", Text, nullable=False),  # JSON
    Column("pages", Text, nullable=False),  # JSON
    Column("oldest", String(10), nullable=False),  # a local date, '' for all
    Column("password_hash", Text, nullable=False),  # argon2id, '' for none
    Column("hosts", Text, nullable=False),  # JSON: whose pages may embed it
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
)
Index("ix_shares_website_id", SHARES.c.website_id)

# Segments, funnels, flows and annotations.
SAVED = Table(
    "saved",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("website_id", BigInteger, ForeignKey("websites.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("user_id", String(64), ForeignKey("users.id")),  # NULL: everybody's
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),  # JSON
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
Index("ix_saved_website_id_kind", SAVED.c.website_id, SAVED.c.kind)
Index("ix_saved_user_id", SAVED.c.user_id)

GOAL_SETTINGS = Table(
    "goal_settings",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("label", Text, nullable=False),  # '' for the name
    Column("is_hidden", Boolean, nullable=False),
)

ACCESS_OF_WEBSITE: tuple[Table, ...] = (SHARES, SAVED, GOAL_SETTINGS)
"""The tables whose rows go with their website."""
