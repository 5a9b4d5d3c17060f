"""The handler of every report: admit, ask, encode."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.header import accepts
from footfall.model.answer import Answer, Pagination, TotalledAnswer
from footfall.model.table import Table
from footfall.query.ask import Result
from footfall.serve.http.api import Api, Call
from footfall.serve.http.method import Endpoint
from footfall.serve.http.packed import Packed, Packing, packed_response
from footfall.serve.http.reply import encode
from footfall.serve.http.spreadsheet import CSV, csv_name, csv_of
from footfall.store.engine import Lane


def report_endpoint(
    api: Api,
    report: str,
    *,
    fixed: Mapping[str, str] = {},
    lane: Lane = "reports",
    has_rows: bool = True,
) -> Endpoint:
    """The handler of a report. The route gives the parameters in `fixed` and in its path. A report
    that `has_rows` is also answered as CSV, with all of them unless the request limits them."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        given = {**fixed, **request.path_params}
        packing = Packing(request)
        as_csv = has_rows and accepts(request.headers.get("accept", ""), CSV)

        def encoded(found: Result) -> Packed:
            answer = _answer(found)
            return packing.pack(csv_of(answer), CSV) if as_csv else packing.pack(encode(answer))

        packed = await api.ask(call, report, encoded, fixed=given, lane=lane, has_all_rows=as_csv)
        return packed_response(request, packed, _file_headers(api, call, request) if as_csv else {})

    return respond


def _file_headers(api: Api, call: Call, request: Request) -> dict[str, str]:
    """By which a browser saves the response as a file."""
    path = request.url.path.rpartition("/v1/")[2]
    name = csv_name(api.website(call).domain, path, dict(call.params))
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _answer(found: Result) -> Answer:
    if isinstance(found, Table):
        return TotalledAnswer(data=found.rows, pagination=_page(found), totals=found.totals)
    assert isinstance(found, Answer)
    return found


def _page(table: Table[Any]) -> Pagination | UnsetType:
    if table.limit is None:
        return UNSET
    return Pagination(table.limit, table.offset, table.total)
