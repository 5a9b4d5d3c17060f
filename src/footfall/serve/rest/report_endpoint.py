"""The handler of every report: admit, ask, encode."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from footfall.model.answer import Answer, Pagination, TotalledAnswer
from footfall.model.table import Table
from footfall.query.ask import Result
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.packed import Packing, packed_response
from footfall.serve.http.reply import encode
from footfall.store.engine import Lane


def report_endpoint(
    api: Api, report: str, *, fixed: Mapping[str, str] = {}, lane: Lane = "reports"
) -> Endpoint:
    """The handler of a report. The route gives the parameters in `fixed` and in its path."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        given = {**fixed, **request.path_params}
        packing = Packing(request)
        packed = await api.ask(
            call, report, lambda found: packing.pack(_encode(found)), fixed=given, lane=lane
        )
        return packed_response(request, packed)

    return respond


def _encode(found: Result) -> bytes:
    if isinstance(found, Table):
        found = TotalledAnswer(data=found.rows, pagination=_page(found), totals=found.totals)
    assert isinstance(found, Answer)
    return encode(found)


def _page(table: Table[Any]) -> Pagination | UnsetType:
    if table.limit is None:
        return UNSET
    return Pagination(table.limit, table.offset, table.total)
