"""When each value of a profile was stated, so that an older value that comes late loses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for column in ("user_id_at", "name_at", "email_at", "customer_id_at"):
        at = sa.Column(column, sa.BigInteger, nullable=False, server_default="0")
        op.add_column("profiles", at)
