"""Whether the goal of a payment was deleted: it is not recorded again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    is_deleted = sa.Column(
        "is_goal_deleted", sa.Boolean, nullable=False, server_default=sa.text("0")
    )
    op.add_column("payments", is_deleted)
