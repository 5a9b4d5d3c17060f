"""The migrations lead to the tables that the code expects."""

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
    assert catalog.ledger.find_transactions(7) == []
    catalog.close()
