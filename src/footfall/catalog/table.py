"""The catalog's tables as they are today. How they came to be: `migrations/versions`.

Only types and constraints that SQLite and PostgreSQL both know. Times are milliseconds
since 1970, UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WORKSPACES = Table(
    "workspaces",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
)

WEBSITES = Table(
    "websites",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("workspace_id", String(64), ForeignKey("workspaces.id"), nullable=False),
    Column("tracking_id", String(64), nullable=False, unique=True),
    Column("domain", String(253), nullable=False),
    Column("name", Text, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("kpi", String(64)),
    Column("kpi_color_scheme", String(16)),
    Column("logo", Text),
    Column("exclusions", Text, nullable=False),  # JSON
    Column("allowed_hostnames", Text, nullable=False),  # JSON
    Column("retain_days", Integer),
    Column("created_at", BigInteger, nullable=False),
    # Set: hidden everywhere, its rows in the store are still to be removed.
    Column("removed_at", BigInteger),
)
# A removed website's domain is free again at once.
Index(
    "uq_websites_domain",
    WEBSITES.c.domain,
    unique=True,
    sqlite_where=text("removed_at IS NULL"),
    postgresql_where=text("removed_at IS NULL"),
)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("workspace_id", String(64), ForeignKey("workspaces.id"), nullable=False),
    Column("website_id", BigInteger, ForeignKey("websites.id")),  # NULL: the whole workspace
    Column("scopes", Text, nullable=False),  # comma-separated
    Column("kind", String(16), nullable=False),
    Column("prefix", String(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the secret
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
)

SALTS = Table(
    "salts",
    METADATA,
    Column("day", String(10), primary_key=True),  # UTC, 2026-11-21
    Column("salt", LargeBinary(32), nullable=False),
)

IMPORT_JOBS = Table(
    "import_jobs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("website_id", BigInteger, ForeignKey("websites.id"), nullable=False),
    Column("file_digest", String(128), nullable=False),
    Column("emitted", BigInteger, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("counts", Text, nullable=False),  # JSON: what became of the lines
    UniqueConstraint("website_id", "file_digest"),
)

IMPORT_SALTS = Table(
    "import_salts",
    METADATA,
    Column("job_id", Integer, ForeignKey("import_jobs.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
)
