"""When a website was visited first: how its owner sees that counting works."""

from footfall.query.sql.first_visit import first_visit_statement
from footfall.store.reader import Reader


def find_first_visit(website_id: int, reader: Reader) -> int | None:
    """The start (ms) of a person's first session that counts. Raises EngineError."""
    statement = first_visit_statement(website_id)
    rows = reader.query(statement.text, statement.values).rows
    return int(rows[0][0]) if rows else None
