"""Runs the migrations on the connection that the catalog hands over."""

from alembic import context

from footfall.catalog import access_table  # noqa: F401 – adds its tables to METADATA
from footfall.catalog.table import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
