"""The migrations lead to the tables that the code expects."""

from decimal import Decimal
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine

from footfall.catalog import Catalog
from footfall.catalog.database import FILE_NAME, head, migrations, open_database
from footfall.catalog.table import METADATA
from footfall.model.payment import Refund
from footfall.money.ledger import Ledger


def test_a_migrated_database_has_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.dispose()


def test_the_newest_file_is_the_head_of_one_straight_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    assert ScriptDirectory.from_config(config).get_heads() == [head()]


def test_a_catalog_of_the_first_version_keeps_its_websites(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    database = create_engine(URL.create("sqlite", database=str(tmp_path / FILE_NAME)))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO websites (id, workspace_id, tracking_id, domain, name, timezone,"
            " currency, exclusions, allowed_hostnames, created_at) VALUES"
            " (7, 'default', 'flid_1', 'example.com', 'Example', 'UTC', 'EUR', '{}', '[]', 1)"
        )
    database.dispose()
    catalog = Catalog(tmp_path)
    assert [website.domain for website in catalog.websites()] == ["example.com"]
    assert catalog.websites()[0].return_hostnames == ()
    assert Ledger(catalog).find_transactions(7) == []
    catalog.close()


def test_a_refund_that_was_booked_before_refunds_had_a_status_can_still_fail(
    tmp_path: Path,
) -> None:
    """Its total, too: both get the time of the refund as the time at which they were given."""
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    database = create_engine(URL.create("sqlite", database=str(tmp_path / FILE_NAME)))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for statement in (
            "INSERT INTO websites (id, workspace_id, tracking_id, domain, name, timezone,"
            " currency, exclusions, allowed_hostnames, created_at) VALUES"
            " (7, 'default', 'flid_1', 'example.com', 'Example', 'UTC', 'EUR', '{}', '[]', 1)",
            "INSERT INTO payments VALUES (7, 't1', 'new', 5000, 2, 'EUR', 1000, '50.00', '1', 1, 0,"
            " 0, 0, NULL, 0, 0, 0, 'stripe', 1)",
            "INSERT INTO payment_names VALUES (7, 't1', 't1')",
            "INSERT INTO refunds VALUES (7, 't1', 'r1', 500000, 0, 2000, 'stripe', 1)",
            "INSERT INTO refunds VALUES (7, 't1', 'total:500000', 500000, 0, 2001, 'stripe', 1)",
        ):
            connection.exec_driver_sql(statement)
    database.dispose()
    catalog = Catalog(tmp_path)
    refund = Refund(
        website_id=7,
        transaction_id="t1",
        amount=Decimal(50),
        occurred_at=2000,
        refund_id="r1",
        status="failed",
        status_at=9000,
    )
    assert Ledger(catalog).add_refund(refund, now_ms=9000, may_wait=True)
    [(_, movement)] = Ledger(catalog).outbox()
    assert (movement.kind, movement.is_void) == ("refund", True)
    catalog.close()
