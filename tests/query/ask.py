"""Asks questions as a request would: parameters in, answer out."""

from typing import Any

import msgspec
from plain import Answered, answered
from query.store import WEBSITE_ID, Store, ms

from footfall.model.question import Question
from footfall.model.website import Website
from footfall.query.ask import ask
from footfall.query.parse.question import parse_question

NOW = ms("2026-03-10T12:00:00")
WEBSITE = Website(
    id=WEBSITE_ID,
    tracking_id="flid_test",
    domain="example.com",
    name="Example",
    timezone="UTC",
    currency="EUR",
    created_at=0,
)


def parse(report: str, *params: tuple[str, str], **website: Any) -> Question:
    return parse_question(report, params, msgspec.structs.replace(WEBSITE, **website), NOW)


class Desk:
    """Takes questions for one store. Keywords are parameters; `website` changes the website."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(
        self,
        report: str,
        *params: tuple[str, str],
        website: dict[str, Any] | None = None,
        **single: str,
    ) -> Answered:
        asked_about = msgspec.structs.replace(WEBSITE, **(website or {}))
        given = [*params, *single.items()]
        return answered(ask(report, given, asked_about, NOW, self._store.engine))

    def row(self, report: str, *params: tuple[str, str], **options: Any) -> dict[str, Any]:
        """The only row of the answer."""
        [row] = self.ask(report, *params, **options).data
        return row

    def column(self, dimension: str, field: str, **options: Any) -> dict[str, Any]:
        """A breakdown's `field` by value."""
        rows = self.ask("breakdown", dimension=dimension, **options).data
        return {row["value"]: row[field] for row in rows}
