"""Payments in currencies for which no rate was known: listed apart, never left out silently."""

from footfall.model.answer import Amount
from footfall.model.question import Question
from footfall.query.figure import Figures
from footfall.query.number import money, rounded
from footfall.query.sql.covered import Span
from footfall.query.sql.money import unconverted_statement
from footfall.query.sql.statement import Statement
from footfall.store.reader import Reader


def unconverted_amounts(
    question: Question, reader: Reader, figures: Figures, reach: Span | None
) -> list[Amount]:
    """Currency and amount of the report's new and renewal payments without a rate. Queries
    the engine only if `figures` have some."""
    if not figures.unconverted:
        return []
    return read_amounts(unconverted_statement(question, reach), reader)


def read_amounts(statement: Statement, reader: Reader) -> list[Amount]:
    """The rows of currency and amount that a statement answers. Raises EngineError."""
    return [
        Amount(currency=currency, amount=rounded(money(amount)))
        for currency, amount in reader.query(statement.text, statement.values, statement.reads).rows
    ]
