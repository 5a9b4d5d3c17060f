"""Every report's route: parameters → question → answer → JSON, in one function."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.model.question import Answer, Pagination
from footfall.model.table import Table
from footfall.query.parse.asked import asked_of_report
from footfall.query.parse.question import parse_question
from footfall.query.run import answer
from footfall.query.table_report import TableReport
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import encode_answer, success
from footfall.serve.rest.ingestion import ingestion_report
from footfall.serve.rest.route import ReportRoute
from footfall.store.reader import Reader


def report_route(api: Api, route: ReportRoute) -> Endpoint:
    """The handler of a report's route."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        params = [pair for pair in call.params if not (route.dimension and pair[0] == "dimension")]
        now_ms = api.clock()

        def work(reader: Reader) -> bytes:
            question = parse_question(route.report, [*params, *route.extra_params], website, now_ms)
            return encode_answer(answer(question, reader))

        return success(request, await api.read(call, website, work, route.lane))

    return respond


def table_route(api: Api, report: TableReport) -> Endpoint:
    """The handler of a report that answers a table, with this API's period and filters."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        now_ms = api.clock()

        def work(reader: Reader) -> bytes:
            weeks = report.default_weeks(call.params)
            asked = asked_of_report(call.params, website, now_ms, default_weeks=weeks)
            table = report.answer(call.params, asked, reader)
            return encode_answer(Answer(table.rows, _page(table)))

        return success(request, await api.read(call, website, work))

    return respond


def _page(table: Table) -> Pagination | None:
    if table.limit is None:
        return None
    return Pagination(table.limit, table.offset, table.total)


def ingestion_route(api: Api) -> Endpoint:
    """The handler of /ingestion."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)

        def work(reader: Reader) -> bytes:
            return encode_answer(ingestion_report(reader, website, call.params))

        return success(request, await api.read(call, website, work))

    return respond
