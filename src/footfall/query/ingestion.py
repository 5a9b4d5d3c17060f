"""What became of a website's hits, per local day: accepted, a bot's, or dropped and why."""

from typing import Annotated

from msgspec import Meta

from footfall.model.answer import Answer, Pagination
from footfall.model.event import DROP_REASONS
from footfall.model.question import PageQuestion
from footfall.model.unit import Count, Day, Payload
from footfall.query.sql.ingestion import ingestion_statement
from footfall.store.reader import Reader

OUTCOMES = ("accepted", "bot", *DROP_REASONS)


class IngestionRow(Payload, frozen=True, kw_only=True):
    """What became of the hits of one day that arrived in one way."""

    date: Day
    via: Annotated[str, Meta(description="collector, server, sdk, import or demo")]
    outcome: Annotated[str, Meta(extra_json_schema={"enum": list(OUTCOMES)})]
    hits: Count


class IngestionAnswer(Answer, frozen=True, kw_only=True):
    """What became of hits, the newest day first."""

    timezone: str
    totals: Annotated[dict[str, Count], Meta(description="The hits of all days, by outcome")]
    data: list[IngestionRow]
    pagination: Pagination


def answer_ingestion(question: PageQuestion, reader: Reader) -> IngestionAnswer:
    """The newest day first. An hour counts on the local day in which it begins. Raises
    EngineError."""
    statement = ingestion_statement(question)
    found = reader.query(statement.text, statement.values).rows
    rows = [
        IngestionRow(date=day, via=via, outcome=outcome, hits=hits)
        for day, via, outcome, hits in found
    ]
    totals = {
        outcome: hits
        for outcome in OUTCOMES
        if (hits := sum(row.hits for row in rows if row.outcome == outcome))
    }
    return IngestionAnswer(
        timezone=question.period.timezone,
        totals=totals,
        data=rows[question.offset : question.offset + question.limit],
        pagination=Pagination(question.limit, question.offset, len(rows)),
    )
