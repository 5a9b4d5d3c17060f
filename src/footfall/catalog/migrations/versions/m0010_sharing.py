"""Invitations, share links, saved things, the settings of goals, and the audit log's workspace."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _invites()
    _shares()
    _saved()
    workspace = sa.Column("workspace_id", sa.String(64), nullable=False, server_default="default")
    op.add_column("audit", workspace)
    op.create_table(
        "goal_settings",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("is_hidden", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("website_id", "name", name="pk_goal_settings"),
        _website("goal_settings"),
    )


def _website(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name=f"fk_{table}_website_id")


def _invites() -> None:
    op.create_table(
        "invites",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invited_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("digest", name="uq_invites_digest"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_invites_workspace_id"
        ),
    )


def _shares() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("pages", sa.Text, nullable=False),
        sa.Column("oldest", sa.String(10), nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("hosts", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
        sa.UniqueConstraint("slug", name="uq_shares_slug"),
        _website("shares"),
    )
    op.create_index("ix_shares_website_id", "shares", ["website_id"])


def _saved() -> None:
    op.create_table(
        "saved",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("user_id", sa.String(64)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_saved_user_id"),
        _website("saved"),
    )
    op.create_index("ix_saved_website_id_kind", "saved", ["website_id", "kind"])
    op.create_index("ix_saved_user_id", "saved", ["user_id"])
