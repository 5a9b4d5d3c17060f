"""Whether a refund succeeded, and when the provider said so: one that fails later is reversed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    status = sa.Column("status", sa.String(16), nullable=False, server_default="succeeded")
    op.add_column("refunds", status)
    op.add_column(
        "refunds", sa.Column("status_at", sa.BigInteger, nullable=False, server_default="0")
    )
    op.execute("UPDATE refunds SET status_at = occurred_at")
