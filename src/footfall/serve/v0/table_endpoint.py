"""The routes of flow, funnel and retention in this API's dialect."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.query.parse.asked import asked_of_days
from footfall.query.table_report import TableReport
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import json_response
from footfall.serve.v0.reply import encode_table
from footfall.store.reader import Reader


def table_route(api: Api, report: TableReport) -> Endpoint:
    """The handler of a report: dates are days, the answer is a table with its columns' types."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        now_ms = api.clock()

        def work(reader: Reader) -> bytes:
            weeks = report.default_weeks(call.params)
            asked = asked_of_days(call.params, website, now_ms, default_weeks=weeks)
            return encode_table(report.answer(call.params, asked, reader))

        return json_response(request, await api.read(call, website, work), 200)

    return respond
