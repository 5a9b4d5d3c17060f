"""Flow, funnel and retention: parameters → question → table, the same for both APIs."""

from collections.abc import Callable

import msgspec

from footfall.model.question import Asked
from footfall.model.table import Table
from footfall.query.flow import answer_flow
from footfall.query.funnel import answer_funnel
from footfall.query.parse.flow import parse_flow
from footfall.query.parse.funnel import parse_funnel
from footfall.query.parse.given import Params
from footfall.query.parse.retention import cohort_weeks, parse_retention
from footfall.query.retention import answer_retention
from footfall.store.reader import Reader


def _all_time(_params: Params) -> int | None:
    return None


class TableReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report that answers a table.

    What `Asked` holds (website, period, bots, filters) each API reads from the parameters in its
    own dialect; without dates the period is `default_weeks` long, None: has no default.
    """

    summary: str
    answer: Callable[[Params, Asked, Reader], Table]
    default_weeks: Callable[[Params], int | None] = _all_time


def _flow(params: Params, asked: Asked, reader: Reader) -> Table:
    return answer_flow(parse_flow(params, asked), reader)


def _funnel(params: Params, asked: Asked, reader: Reader) -> Table:
    return answer_funnel(parse_funnel(params, asked), reader)


def _retention(params: Params, asked: Asked, reader: Reader) -> Table:
    return answer_retention(parse_retention(params, asked), reader)


TABLE_REPORTS: dict[str, TableReport] = {
    "flow": TableReport(
        summary="What people do after (or before) something: transitions from step to step",
        answer=_flow,
    ),
    "funnel": TableReport(summary="How many get from each step to the next", answer=_funnel),
    "retention": TableReport(
        summary="How many of those who came in a week come again, in weekly cohorts",
        answer=_retention,
        default_weeks=cohort_weeks,
    ),
}
"""By name, which is also the last part of the path."""
