"""The handler of every report of this API: dates are days, the answer is a table."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.model.table import Table
from footfall.query.ask import Result
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import json_response
from footfall.serve.v0.reply import encode_table


def table_endpoint(api: Api, report: str) -> Endpoint:
    """The handler of a report that answers a Table."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        return json_response(request, await api.ask(call, report, _encode, dates="days"))

    return respond


def _encode(found: Result) -> bytes:
    assert isinstance(found, Table)
    return encode_table(found)
