"""The subscription to which a payment belongs, so that its first amount above 0 is the new one."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in (
        sa.Column("subscription_id", sa.String(255), nullable=False, server_default=""),
        sa.Column("decided_kind", sa.String(16), nullable=False, server_default=""),
        sa.Column("is_before_credit", sa.Boolean, nullable=False, server_default=sa.text("0")),
    ):
        op.add_column("payments", column)
    op.create_index(
        "ix_payments_website_id_subscription_id", "payments", ["website_id", "subscription_id"]
    )
    op.create_table(
        "subscriptions",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("subscription_id", sa.String(255), nullable=False),
        sa.Column("is_begun", sa.Boolean, nullable=False),
        sa.Column("is_paid", sa.Boolean, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("website_id", "subscription_id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name="fk_subscriptions_website_id"
        ),
    )
