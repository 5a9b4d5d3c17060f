"""GET /v0/quarantine: the SDKs' events that were not taken lately, and why."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.model.question import Asked, Pagination
from footfall.model.table import Column, Cost, Table
from footfall.query.parse.asked import asked_of_days
from footfall.query.parse.given import parse_page
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import json_response
from footfall.serve.v0.reply import encode_table
from footfall.store.reader import Reader

DEFAULT_LIMIT = 100
COLUMNS: tuple[str, ...] = ("received_at", "message_id", "type", "event", "field", "message")
_DEFAULT_WEEKS = 3  # no event is kept for longer than two

_FROM = """
FROM quarantine
WHERE website_id = {website_id:UInt32}
  AND received_at >= fromUnixTimestamp64Milli({from_ms:Int64})
  AND received_at < fromUnixTimestamp64Milli({to_ms:Int64})
"""
_COUNT = f"SELECT count() {_FROM}"
_ROWS = f"""
SELECT concat(formatDateTime(received_at, '%Y-%m-%dT%H:%i:%S.'),
              leftPad(toString(toUnixTimestamp64Milli(received_at) % 1000), 3, '0'), 'Z') AS at,
       message_id, type, name, field, message
{_FROM}
ORDER BY received_at DESC, message_id, type, name, field, message
LIMIT {{limit:UInt64}} OFFSET {{offset:UInt64}}
"""


def quarantine_route(api: Api) -> Endpoint:
    """The handler of GET /v0/quarantine."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        now_ms = api.clock()

        def work(reader: Reader) -> bytes:
            asked = asked_of_days(call.params, website, now_ms, default_weeks=_DEFAULT_WEEKS)
            page = parse_page(call.params, DEFAULT_LIMIT)
            return encode_table(quarantine_table(reader, asked, page))

        return json_response(request, await api.read(call, website, work), 200)

    return respond


def quarantine_table(reader: Reader, asked: Asked, page: Pagination) -> Table:
    """The events put aside in a period, the newest first. Raises EngineError."""
    values = {
        "website_id": asked.website.id,
        "from_ms": asked.period.from_ms,
        "to_ms": asked.period.to_ms,
    }
    counted = reader.query(_COUNT, values)
    found = reader.query(_ROWS, {**values, "limit": page.limit, "offset": page.offset})
    return Table(
        columns=tuple(Column(name, "String") for name in COLUMNS),
        rows=[dict(zip(COLUMNS, row, strict=True)) for row in found.rows],
        total=counted.rows[0][0],
        limit=page.limit,
        offset=page.offset,
        cost=Cost(
            elapsed=counted.elapsed_s + found.elapsed_s,
            rows_read=counted.rows_read + found.rows_read,
            bytes_read=counted.bytes_read + found.bytes_read,
        ),
    )
