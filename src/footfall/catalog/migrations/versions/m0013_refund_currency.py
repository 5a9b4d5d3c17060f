"""The currency of a refund and of a dispute, which need not be the payment's; and webhook events
are found by their payment."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for table in ("refunds", "disputes"):
        currency = sa.Column("currency", sa.String(3), nullable=False, server_default="")
        op.add_column(table, currency)
    op.create_index(
        "ix_webhook_events_website_id_transaction_id",
        "webhook_events",
        ["website_id", "transaction_id"],
    )
