"""The catalog's tables as they are today. How they came to be: `migrations/versions`.

Only types and constraints that SQLite and PostgreSQL both know. Times are milliseconds
since 1970, UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Key(TypeDecorator[int]):
    """A 64-bit key of a person or a visit (`model.key`), 0 for none.

    Databases know signed integers only: the upper half is stored as negative numbers.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        return value - (1 << 64) if value is not None and value >= 1 << 63 else value

    def process_result_value(self, value: int | None, _dialect: Dialect) -> int | None:
        return value + (1 << 64) if value is not None and value < 0 else value


WORKSPACE = "default"
"""The workspace that every catalog has."""

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
    Column("return_hostnames", Text, nullable=False, server_default="[]"),  # JSON
    Column("retain_days", Integer),
    Column("created_at", BigInteger, nullable=False),
    # Set: hidden everywhere, its rows in the store are still to be removed.
    Column("removed_at", BigInteger),
)
# A removed website's domain is free again at once. The migration has the same condition for
# PostgreSQL; naming that dialect here would load it at every start.
Index(
    "uq_websites_domain",
    WEBSITES.c.domain,
    unique=True,
    sqlite_where=text("removed_at IS NULL"),
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
    Column("made_at", BigInteger, nullable=False, server_default="0"),
)

# The ledger (`money/`). Amounts of payments are whole minor units of their currency. Those of
# refunds and disputes are ten-thousandths of its unit: a refund may come before the payment that
# says which currency it is.

PAYMENTS = Table(
    "payments",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("transaction_id", String(255), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units of `currency`
    Column("digits", Integer, nullable=False),  # decimals of `currency` when it was posted
    Column("currency", String(3), nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("website_amount", Text, nullable=False),  # decimal, in the website's currency
    Column("rate", Text, nullable=False),  # decimal
    Column("is_converted", Boolean, nullable=False),
    Column("is_rate_estimated", Boolean, nullable=False),
    Column("visitor_id", Key, nullable=False),
    Column("client_session", Key, nullable=False),
    # The time of the entry that named the visitor; NULL: none did, or the payer's key led there.
    Column("named_at", BigInteger),
    # Keyed hashes by which a payment without a person finds those of the same payer.
    Column("email_key", Key, nullable=False),
    Column("customer_key", Key, nullable=False),
    Column("is_erased", Boolean, nullable=False),  # the visitor was deleted, for good
    Column("provider", String(64), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("subscription_id", String(255), nullable=False, server_default=""),
    # `kind` is what the provider calls it. Of a subscription's payments the ledger decides.
    Column("decided_kind", String(16), nullable=False, server_default=""),
    Column("is_before_credit", Boolean, nullable=False, server_default=text("0")),
    Column("is_goal_deleted", Boolean, nullable=False, server_default=text("0")),
)
Index("ix_payments_website_id_subscription_id", PAYMENTS.c.website_id, PAYMENTS.c.subscription_id)
Index("ix_payments_website_id_occurred_at", PAYMENTS.c.website_id, PAYMENTS.c.occurred_at)
Index("ix_payments_website_id_visitor_id", PAYMENTS.c.website_id, PAYMENTS.c.visitor_id)
Index("ix_payments_website_id_email_key", PAYMENTS.c.website_id, PAYMENTS.c.email_key)
Index("ix_payments_website_id_customer_key", PAYMENTS.c.website_id, PAYMENTS.c.customer_key)

# Every name of a payment, its transaction id too, and those by which refunds ask for it.
PAYMENT_NAMES = Table(
    "payment_names",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("transaction_id", String(255), nullable=False),  # the row in `payments`
)
Index(
    "ix_payment_names_website_id_transaction_id",
    PAYMENT_NAMES.c.website_id,
    PAYMENT_NAMES.c.transaction_id,
)

# What is known of subscriptions in addition to their payments (`money/subscription.py`).
SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("subscription_id", String(255), primary_key=True),
    Column("is_begun", Boolean, nullable=False),
    Column("is_paid", Boolean, nullable=False),
    Column("known_at", BigInteger, nullable=False),  # time of the latest that is known of it
)

REFUNDS = Table(
    "refunds",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("transaction_id", String(255), primary_key=True),
    Column("refund_key", String(300), primary_key=True),
    Column("amount", BigInteger, nullable=False),  # ten-thousandths
    Column("uncounted", BigInteger, nullable=False),  # of it, ten-thousandths: it waits
    Column("occurred_at", BigInteger, nullable=False),
    Column("provider", String(64), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("status", String(16), nullable=False, server_default="succeeded"),
    Column("status_at", BigInteger, nullable=False, server_default="0"),
    Column("currency", String(3), nullable=False, server_default=""),  # '': the payment's
)

DISPUTES = Table(
    "disputes",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("transaction_id", String(255), primary_key=True),
    Column("dispute_id", String(255), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),  # ten-thousandths
    Column("occurred_at", BigInteger, nullable=False),
    Column("provider", String(64), nullable=False),
    Column("currency", String(3), nullable=False, server_default=""),  # '': the payment's
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("website_id", BigInteger, ForeignKey("websites.id"), nullable=False),
    Column("transaction_id", String(255), nullable=False),
    Column("movement", LargeBinary, nullable=False),  # MessagePack
    sqlite_autoincrement=True,  # a number once handed out never comes again
)
Index("ix_outbox_website_id_transaction_id", OUTBOX.c.website_id, OUTBOX.c.transaction_id)

# What visitors and shops sent about a visitor. The only place where it is stored in clear.
PROFILES = Table(
    "profiles",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("visitor_id", Key, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),  # as sent
    Column("customer_id", Text, nullable=False),
    # Keyed hashes to look up by, 0 for none; of the e-mail in lower case.
    Column("email_key", Key, nullable=False),
    Column("customer_key", Key, nullable=False),
    Column("updated_at", BigInteger, nullable=False),  # when a value was last sent
    # When the visitor sent each of the four; 0 if a shop did, or nobody.
    Column("user_id_at", BigInteger, nullable=False, server_default="0"),
    Column("name_at", BigInteger, nullable=False, server_default="0"),
    Column("email_at", BigInteger, nullable=False, server_default="0"),
    Column("customer_id_at", BigInteger, nullable=False, server_default="0"),
)
Index("ix_profiles_website_id_email_key", PROFILES.c.website_id, PROFILES.c.email_key)
Index("ix_profiles_website_id_customer_key", PROFILES.c.website_id, PROFILES.c.customer_key)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("workspace_id", String(64), nullable=False, server_default=WORKSPACE),
    Column("website_id", BigInteger, ForeignKey("websites.id")),  # NULL: of no website
    Column("at", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("filters", Text, nullable=False),  # JSON; people as keyed hashes
    Column("counts", Text, nullable=False),  # JSON
)

# Random keys of keyed hashes, by what they are for. They leave the catalog for nowhere.
HASH_KEYS = Table(
    "hash_keys",
    METADATA,
    Column("purpose", String(64), primary_key=True),
    Column("key", LargeBinary(32), nullable=False),
)

PAYMENT_CONNECTIONS = Table(
    "payment_connections",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("secret_encrypted", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_event_at", BigInteger),
)

# Webhook events, so that one sent again counts once. Without the payload or anything personal.
WEBHOOK_EVENTS = Table(
    "webhook_events",
    METADATA,
    Column("website_id", BigInteger, ForeignKey("websites.id"), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("event_id", String(255), primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("type", String(128), nullable=False),
    Column("transaction_id", String(255), nullable=False),  # '' for none
    Column("amount", String(32), nullable=False),  # decimal, '' for none
    Column("currency", String(3), nullable=False),
)
Index(
    "ix_webhook_events_website_id_received_at",
    WEBHOOK_EVENTS.c.website_id,
    WEBHOOK_EVENTS.c.received_at,
)
Index(
    "ix_webhook_events_website_id_transaction_id",
    WEBHOOK_EVENTS.c.website_id,
    WEBHOOK_EVENTS.c.transaction_id,
)

DATA_OF_WEBSITE: tuple[Table, ...] = (
    IMPORT_JOBS,
    PAYMENTS,
    PAYMENT_NAMES,
    SUBSCRIPTIONS,
    REFUNDS,
    DISPUTES,
    OUTBOX,
    PROFILES,
    WEBHOOK_EVENTS,
)
"""The tables that a website's visitors, payments and imports fill. A reset empties them."""
OF_WEBSITE: tuple[Table, ...] = (*DATA_OF_WEBSITE, AUDIT, PAYMENT_CONNECTIONS)
"""The tables whose rows go with their website. Tokens have gone when it was removed."""
