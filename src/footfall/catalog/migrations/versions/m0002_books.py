"""The ledger, profiles, the audit log and payment providers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _add_payments()
    _add_refunds_and_disputes()
    _add_outbox()
    _add_profiles()
    _add_audit()
    _add_providers()


def _add_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("digits", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("website_amount", sa.Text, nullable=False),
        sa.Column("rate", sa.Text, nullable=False),
        sa.Column("is_converted", sa.Boolean, nullable=False),
        sa.Column("is_rate_estimated", sa.Boolean, nullable=False),
        sa.Column("visitor_id", sa.BigInteger, nullable=False),
        sa.Column("client_session", sa.BigInteger, nullable=False),
        sa.Column("named_at", sa.BigInteger),
        sa.Column("email_key", sa.BigInteger, nullable=False),
        sa.Column("customer_key", sa.BigInteger, nullable=False),
        sa.Column("is_erased", sa.Boolean, nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("website_id", "transaction_id", name="pk_payments"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_payments_website_id"),
    )
    for column in ("occurred_at", "visitor_id", "email_key", "customer_key"):
        op.create_index(f"ix_payments_website_id_{column}", "payments", ["website_id", column])
    op.create_table(
        "payment_names",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("website_id", "name", name="pk_payment_names"),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name="fk_payment_names_website_id"
        ),
    )
    op.create_index(
        "ix_payment_names_website_id_transaction_id",
        "payment_names",
        ["website_id", "transaction_id"],
    )


def _add_refunds_and_disputes() -> None:
    op.create_table(
        "refunds",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.Column("refund_key", sa.String(300), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("uncounted", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("website_id", "transaction_id", "refund_key", name="pk_refunds"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_refunds_website_id"),
    )
    op.create_table(
        "disputes",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.Column("dispute_id", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("website_id", "transaction_id", "dispute_id", name="pk_disputes"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_disputes_website_id"),
    )


def _add_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.Column("movement", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_outbox_website_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_website_id_transaction_id", "outbox", ["website_id", "transaction_id"]
    )


def _add_profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("visitor_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("email_key", sa.BigInteger, nullable=False),
        sa.Column("customer_key", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("website_id", "visitor_id", name="pk_profiles"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_profiles_website_id"),
    )
    for column in ("email_key", "customer_key"):
        op.create_index(f"ix_profiles_website_id_{column}", "profiles", ["website_id", column])


def _add_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("website_id", sa.BigInteger),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["website_id"], ["websites.id"], name="fk_audit_website_id"),
    )
    op.create_table(
        "hash_keys",
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_hash_keys"),
    )


def _add_providers() -> None:
    op.create_table(
        "payment_connections",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("secret_encrypted", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_event_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("website_id", "provider", name="pk_payment_connections"),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name="fk_payment_connections_website_id"
        ),
    )
    op.create_table(
        "webhook_events",
        sa.Column("website_id", sa.BigInteger, nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.Column("amount", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("website_id", "provider", "event_id", name="pk_webhook_events"),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name="fk_webhook_events_website_id"
        ),
    )
    op.create_index(
        "ix_webhook_events_website_id_received_at", "webhook_events", ["website_id", "received_at"]
    )
