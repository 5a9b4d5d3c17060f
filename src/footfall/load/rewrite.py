"""Removing or changing rows by writing their months anew.

The engine's own deletes (`ALTER … DELETE`, `DELETE FROM`) visit every part of a table, those of
other months too: 40 s with 300 months, where this takes 25 ms for each month that it is about.
Readers see a month as it was or as it is.
"""

from collections.abc import Mapping

from footfall.store.engine import Engine

_DRAFT = "rewritten"


def delete_rows(engine: Engine, table: str, rows: str, values: Mapping[str, object]) -> None:
    """Remove the rows for which the condition holds. May be done again. Raises EngineError."""
    _rewrite(engine, table, rows, values, f"SELECT * FROM {table}", f"NOT ({rows})")


def update_rows(
    engine: Engine,
    table: str,
    rows: str,
    values: Mapping[str, object],
    changes: Mapping[str, str],
) -> None:
    """Give columns that sort nothing another value, where the condition holds. As `delete_rows`."""
    changed = ", ".join(f"if({rows}, {new}, {old}) AS {old}" for old, new in changes.items())
    _rewrite(engine, table, rows, values, f"SELECT * REPLACE ({changed}) FROM {table}", "1")


def _rewrite(
    engine: Engine, table: str, rows: str, values: Mapping[str, object], select: str, kept: str
) -> None:
    months = engine.query(f"SELECT DISTINCT _partition_id FROM {table} WHERE {rows}", values).rows
    for (month,) in months:
        engine.command(f"DROP TABLE IF EXISTS {_DRAFT} SYNC")  # of a killed run
        engine.command(f"CREATE TABLE {_DRAFT} AS {table}")
        engine.command(
            f"INSERT INTO {_DRAFT} {select} WHERE _partition_id = {{month:String}} AND {kept}",
            {**values, "month": month},
        )
        [[left]] = engine.query(f"SELECT count() FROM {_DRAFT}").rows
        if left:
            engine.command(f"ALTER TABLE {table} REPLACE PARTITION ID '{month}' FROM {_DRAFT}")
        else:
            engine.command(f"ALTER TABLE {table} DROP PARTITION ID '{month}'")
        engine.command(f"DROP TABLE {_DRAFT} SYNC")
