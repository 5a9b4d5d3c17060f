"""Websites, tokens, salts and imports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _add_websites()
    _add_tokens()
    _add_salts_and_imports()


def _add_websites() -> None:
    workspaces = op.create_table(
        "workspaces",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
    )
    op.bulk_insert(workspaces, [{"id": "default", "name": "Default"}])
    op.create_table(
        "websites",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("tracking_id", sa.String(64), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("kpi", sa.String(64)),
        sa.Column("kpi_color_scheme", sa.String(16)),
        sa.Column("logo", sa.Text),
        sa.Column("exclusions", sa.Text, nullable=False),
        sa.Column("allowed_hostnames", sa.Text, nullable=False),
        sa.Column("retain_days", sa.Integer),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_websites"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_websites_workspace_id"
        ),
        sa.UniqueConstraint("tracking_id", name="uq_websites_tracking_id"),
    )
    op.create_index(
        "uq_websites_domain",
        "websites",
        ["domain"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def _add_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("website_id", sa.BigInteger),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("prefix", sa.String(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_tokens_workspace_id"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_tokens_website_id"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )


def _add_salts_and_imports() -> None:
    op.create_table(
        "salts",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_salts"),
    )
    op.create_table(
        "import_jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("file_digest", sa.String(128), nullable=False),
        sa.Column("emitted", sa.BigInteger, nullable=False),
        sa.Column("is_done", sa.Boolean, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_jobs"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_import_jobs_website_id"),
        sa.UniqueConstraint(
            "website_id", "file_digest", name="uq_import_jobs_website_id_file_digest"
        ),
    )
    op.create_table(
        "import_salts",
        sa.Column("job_id", sa.Integer, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "day", name="pk_import_salts"),
        sa.ForeignKeyConstraint(["job_id"], ["import_jobs.id"], name="fk_import_salts_job_id"),
    )
