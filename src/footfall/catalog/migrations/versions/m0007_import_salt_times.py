"""When an import's salt was made: what a killed import leaves is deleted after 48 hours."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    made_at = sa.Column("made_at", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("import_salts", made_at)
