"""`ask`: the one function that answers every report."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import msgspec

from footfall.model.answer import Answer
from footfall.model.errors import BadRequest
from footfall.model.question import Asked, PageQuestion, Question
from footfall.model.table import Table
from footfall.model.unit import Payload
from footfall.model.visitor import VisitorAnswer, VisitorExportAnswer
from footfall.model.website import Website
from footfall.query.breakdown import answer_breakdown, answer_goals
from footfall.query.flow import FlowTotals, answer_flow
from footfall.query.funnel import FunnelTotals, answer_funnel
from footfall.query.ingestion import answer_ingestion
from footfall.query.overview import answer_overview
from footfall.query.parse.asked import asked_of_days, asked_of_report
from footfall.query.parse.flow import parse_flow
from footfall.query.parse.funnel import parse_funnel
from footfall.query.parse.given import Params, one
from footfall.query.parse.ingestion import parse_ingestion
from footfall.query.parse.quarantine import parse_quarantine
from footfall.query.parse.question import parse_question
from footfall.query.parse.retention import cohort_weeks, parse_retention
from footfall.query.parse.steps import parse_steps
from footfall.query.parse.visitor import VisitorQuestion, parse_visitor
from footfall.query.parse.visitor_list import parse_visitors
from footfall.query.people import NoPeople, People
from footfall.query.quarantine import answer_quarantine
from footfall.query.realtime import RealtimeAnswer, answer_realtime, answer_realtime_map
from footfall.query.retention import answer_retention
from footfall.query.steps import answer_steps
from footfall.query.timeseries import answer_timeseries
from footfall.query.visitor import answer_visitor, find_visitor
from footfall.query.visitor_export import Export, export_visitor
from footfall.query.visitor_list import VisitorsAnswer, answer_visitors
from footfall.store.reader import Reader

Result = Answer | Table[Any] | Export
Dates = Literal["moments", "days"]
"""How the period is written: `startAt` and `endAt`, which take times and mean the website's zone,
or `date_from` and `date_to`, which are days in UTC. Only TABLE_REPORTS know both."""
Q = TypeVar("Q", bound=Asked)
MAX_ALL_ROWS = 100_000
MAX_COMPARED_ROWS = 10_000

_ASKED = {"moments": asked_of_report, "days": asked_of_days}


class ReportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about a website, before it is checked."""

    params: Params
    website: Website
    now_ms: int
    dates: Dates = "moments"
    people: People
    has_all_rows: bool = False


class Report(msgspec.Struct, frozen=True):
    """A report: what it shows, how a request becomes its answer, and the answer's type. `totals` is
    the type of a table's numbers of the whole report, None if it has none."""

    summary: str
    run: Callable[[ReportRequest, Reader], Result]
    answer: Any
    totals: Any = None

    @property
    def row(self) -> Any:
        """The type of the rows of a table."""
        [row] = get_args(self.answer)
        return row


def ask(
    name: str,
    params: Params,
    website: Website,
    now_ms: int,
    reader: Reader,
    *,
    dates: Dates = "moments",
    people: People | None = None,
    has_all_rows: bool = False,
) -> Result:
    """The answer of a report, by its name in REPORTS, about one website.

    `people` has the profiles and the ledger's payments, which only `realtime`, `visitors`,
    `visitor` and `visitor_export` read. `has_all_rows`: without the parameter `limit` a list has
    all of its rows, up to MAX_ALL_ROWS (MAX_COMPARED_ROWS beside another period), which several
    lists share. Raises BadRequest naming the parameter and what is right, NotFound for an unknown
    visitor, EngineError.
    """
    if name not in REPORTS:
        raise BadRequest(f"{name[:64]!r} is not a report; reports: {', '.join(REPORTS)}")
    request = ReportRequest(
        params=params,
        website=website,
        now_ms=now_ms,
        dates=dates,
        people=people or NoPeople(),
        has_all_rows=has_all_rows,
    )
    return REPORTS[name].run(request, reader)


def _plain(name: str, summary: str, answer: Callable[[Question, Reader], Answer]) -> Report:
    """A report on the parameters that `parse_question` knows."""

    def run(request: ReportRequest, reader: Reader) -> Answer:
        question = parse_question(name, request.params, request.website, request.now_ms)
        most = MAX_COMPARED_ROWS if question.compare else MAX_ALL_ROWS
        return answer(_with_all_rows(question, request, most), reader)

    return Report(summary, run, _answer_of(answer))


def _with_all_rows(question: Q, request: ReportRequest, most: int) -> Q:
    """The question without a limit of rows, if that is what the request wants. Several lists share
    what is at most in memory."""
    has_limit = bool(one(request.params, "limit"))
    if not request.has_all_rows or has_limit or not isinstance(question, Question | PageQuestion):
        return question
    lists = len(question.dimensions) if isinstance(question, Question) else 1
    return msgspec.structs.replace(question, limit=most // max(lists, 1))


def _all_time(_params: Params) -> int | None:
    return None


def _table(
    summary: str,
    parse: Callable[[Params, Asked], Q],
    answer: Callable[[Q, Reader], Table[Any]],
    default_weeks: Callable[[Params], int | None] = _all_time,
    totals: type[Payload] | None = None,
) -> Report:
    """A report on events, whose period is written in either way. Without dates it is
    `default_weeks` long."""

    def run(request: ReportRequest, reader: Reader) -> Table[Any]:
        weeks = default_weeks(request.params)
        read = _ASKED[request.dates]
        asked = read(request.params, request.website, request.now_ms, default_weeks=weeks)
        return answer(parse(request.params, asked), reader)

    return Report(summary, run, _answer_of(answer), totals)


def _page(
    summary: str,
    parse: Callable[[Params, Website, int], Q],
    answer: Callable[[Q, Reader], Answer | Table[Any]],
) -> Report:
    """A report with a parser of its own."""

    def run(request: ReportRequest, reader: Reader) -> Answer | Table[Any]:
        question = parse(request.params, request.website, request.now_ms)
        return answer(_with_all_rows(question, request, MAX_ALL_ROWS), reader)

    return Report(summary, run, _answer_of(answer))


def _answer_of(answer: Callable[..., object]) -> Any:
    """The type that a function says it returns."""
    return get_type_hints(answer)["return"]


def _realtime(request: ReportRequest, reader: Reader) -> RealtimeAnswer:
    question = parse_question("realtime", request.params, request.website, request.now_ms)
    return answer_realtime(question, request.people, reader)


def _visitors(request: ReportRequest, reader: Reader) -> VisitorsAnswer:
    asked = asked_of_report(request.params, request.website, request.now_ms)
    return answer_visitors(parse_visitors(request.params, asked), request.people, reader)


def _visitor(request: ReportRequest, reader: Reader) -> VisitorAnswer:
    question, visitor_id = _find(request, reader)
    profile = request.people.profile(request.website.id, visitor_id)
    story = answer_visitor(question, visitor_id, profile, reader)
    return VisitorAnswer(timezone=question.period.timezone, data=story)


def _visitor_export(request: ReportRequest, reader: Reader) -> Export:
    question, visitor_id = _find(request, reader)
    profile = request.people.profile(request.website.id, visitor_id)
    # Read now: an error here is still an answer, later it would cut off the file.
    recorded = tuple(request.people.movements(request.website.id, visitor_id))
    return Export(visitor_id, export_visitor(question, visitor_id, profile, recorded, reader))


def _find(request: ReportRequest, reader: Reader) -> tuple[VisitorQuestion, int]:
    """The question, and the key of the visitor that the parameter `id` names."""
    question = parse_visitor(request.params, request.website, request.now_ms)
    return question, find_visitor(question, one(request.params, "id"), request.people, reader)


REPORTS: Mapping[str, Report] = {
    "overview": _plain("overview", "All numbers of a period, in one row", answer_overview),
    "timeseries": _plain(
        "timeseries",
        "The numbers per hour, day, week or month, and their totals",
        answer_timeseries,
    ),
    "realtime": Report("Visitors with an event in the last 5 minutes", _realtime, RealtimeAnswer),
    "realtime_map": _plain(
        "realtime_map",
        "Who is here: place, page, source and pageviews of recent visitors",
        answer_realtime_map,
    ),
    "breakdown": _plain(
        "breakdown", "The list of any dimension, or of several at once", answer_breakdown
    ),
    "goals": _plain("goals", "Every known goal and how often it was reached", answer_goals),
    "flow": _table(
        "What people do after (or before) something: transitions from step to step",
        parse_flow,
        answer_flow,
        totals=FlowTotals,
    ),
    "funnel": _table(
        "How many get from each step to the next",
        parse_funnel,
        answer_funnel,
        totals=FunnelTotals,
    ),
    "retention": _table(
        "How many of those who came in a week come again, in weekly cohorts",
        parse_retention,
        answer_retention,
        cohort_weeks,
    ),
    "steps": _page(
        "What can be a step of a flow or funnel: pages, goals and contract events, with counts",
        parse_steps,
        answer_steps,
    ),
    "ingestion": _page(
        "What became of hits per day: accepted, a bot's, or dropped and why",
        parse_ingestion,
        answer_ingestion,
    ),
    "quarantine": _page(
        "SDK events that were not accepted in the last two weeks, and why",
        parse_quarantine,
        answer_quarantine,
    ),
    "visitors": Report(
        "Visitors, the most recent first, or the people behind a number of a flow or funnel."
        " Personal data",
        _visitors,
        VisitorsAnswer,
    ),
    "visitor": Report(
        "One visitor's story: who, from where, what they did and paid. Personal data",
        _visitor,
        VisitorAnswer,
    ),
    "visitor_export": Report(
        "All that is stored about one visitor, as a file. Personal data",
        _visitor_export,
        VisitorExportAnswer,
    ),
}
"""All reports, by name."""

TABLE_REPORTS: Mapping[str, Report] = {
    name: REPORTS[name] for name in ("flow", "funnel", "retention")
}
"""The reports that both APIs offer, each with its own way to write dates. The name is also the end
of the path."""
