"""Quarantine: the SDKs' events that were not accepted lately, and why."""

from typing import Annotated

from msgspec import Meta

from footfall.model.question import PageQuestion
from footfall.model.table import Column, Cost, Table
from footfall.model.unit import Moment, Payload
from footfall.query.sql.quarantine import quarantine_count, quarantine_page
from footfall.store.reader import Reader


class QuarantineRow(Payload, frozen=True):
    """An SDK's event that was not accepted, and why."""

    received_at: Moment
    message_id: str
    type: str
    event: str
    field: Annotated[str, Meta(description="The dotted name of the wrong field")]
    message: str


def answer_quarantine(question: PageQuestion, reader: Reader) -> Table[QuarantineRow]:
    """The events quarantined in a period, the newest first. Raises EngineError."""
    count, page = quarantine_count(question), quarantine_page(question)
    counted = reader.query(count.text, count.values)
    found = reader.query(page.text, page.values)
    return Table(
        columns=tuple(Column(name, "String") for name in QuarantineRow.__struct_fields__),
        rows=[QuarantineRow(*row) for row in found.rows],
        total=counted.rows[0][0],
        limit=question.limit,
        offset=question.offset,
        cost=Cost(
            elapsed=counted.elapsed_s + found.elapsed_s,
            rows_read=counted.rows_read + found.rows_read,
            bytes_read=counted.bytes_read + found.bytes_read,
        ),
    )
