"""A website's own payment and sign-in pages, which are never a referrer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    hosts = sa.Column("return_hostnames", sa.Text, nullable=False, server_default="[]")
    op.add_column("websites", hosts)
