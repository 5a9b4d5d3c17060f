"""What became of a website's hits, per local day: accepted, a bot's, or dropped and why."""

from footfall.model.event import DROP_REASONS
from footfall.model.question import Answer, PageQuestion, Pagination, Row
from footfall.query.sql.ingestion import ingestion_statement
from footfall.store.reader import Reader

OUTCOMES = ("accepted", "bot", *DROP_REASONS)


def answer_ingestion(question: PageQuestion, reader: Reader) -> Answer:
    """Rows {date, via, outcome, hits}, the newest day first. An hour counts on the local day in
    which it begins. Raises EngineError."""
    statement = ingestion_statement(question)
    found = reader.query(statement.text, statement.values).rows
    rows: list[Row] = [
        {"date": day, "via": via, "outcome": outcome, "hits": hits}
        for day, via, outcome, hits in found
    ]
    totals = {
        outcome: hits
        for outcome in OUTCOMES
        if (hits := sum(row[3] for row in found if row[2] == outcome))
    }
    return Answer(
        rows[question.offset : question.offset + question.limit],
        Pagination(question.limit, question.offset, len(rows)),
        {"timezone": question.period.timezone, "totals": totals},
    )
