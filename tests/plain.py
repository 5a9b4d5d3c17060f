"""Answers as their clients read them: JSON, decoded."""

from typing import Any, NamedTuple

import msgspec

from footfall.model.answer import Answer
from footfall.model.table import Table
from footfall.serve.http.reply import encode


def plain(answer: object) -> Any:
    """What is left of an answer when it was sent: objects by name, lists, texts, numbers."""
    return msgspec.json.decode(encode(answer))


def plain_table(table: Table[Any]) -> Table[dict[str, Any]]:
    return msgspec.structs.replace(table, rows=plain(table.rows))


class Answered(NamedTuple):
    """A report's answer; `envelope` is what it has beside its rows."""

    data: Any
    total: int | None
    envelope: dict[str, Any]


def answered(answer: Answer) -> Answered:
    envelope = plain(answer)
    data, page = envelope.pop("data"), envelope.get("pagination")
    del envelope["status"]
    return Answered(data, page["total"] if page and "total" in page else None, envelope)
