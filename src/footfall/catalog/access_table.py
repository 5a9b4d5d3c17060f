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
