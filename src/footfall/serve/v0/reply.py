"""The flow and funnel API's envelopes: a table with its columns' types, and errors by code."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from footfall.model.table import Table, table_answer
from footfall.model.unit import Payload
from footfall.serve.http.reply import Failure, encode, json_response

RAW_EVENTS_PATH = "/v0/raw_events"
CORS = {"Access-Control-Allow-Origin": "*"}
"""Raw events come from pages of any origin, which may read the response."""

ERRORS_PAGE = "llms.txt#errors"
INVALID = "INVALID_VALIDATION_REQUEST"
ERROR_CODES: Mapping[str, tuple[int, str]] = {
    INVALID: (400, "a parameter or field is wrong: `param` names it, `message` says what is right"),
    "BAD_REQUEST": (400, "the request is wrong as a whole, as in a body that is not JSON"),
    "UNAUTHORIZED": (401, "no key, or an unknown, revoked or expired one, or one in the address"),
    "FORBIDDEN": (403, "the key may not do this: it lacks the scope or is another website's"),
    "NOT_FOUND": (404, "no such website, or nothing at this path"),
    "METHOD_NOT_ALLOWED": (405, "not with this method"),
    "CONFLICT": (409, "it is there already"),
    "PAYLOAD_TOO_LARGE": (413, "the body is too large"),
    "URI_TOO_LONG": (414, "the parameters together are too long"),
    "TOO_MANY_REQUESTS": (429, "wait for Retry-After seconds"),
    "INTERNAL_SERVER_ERROR": (500, "our fault: the log has the reason under details.request_id"),
    "SERVICE_UNAVAILABLE": (503, "not now: wait for Retry-After seconds or ask for less"),
}
"""Status and meaning of each code. A client should branch on the code."""

_CODE_OF = {status: code for code, (status, _) in ERROR_CODES.items() if code != INVALID}


class V0ErrorDetail(Payload, frozen=True, kw_only=True):
    """What went wrong."""

    code: Annotated[
        str,
        Meta(
            description="; ".join(f"{code}: {means}" for code, (_, means) in ERROR_CODES.items()),
            extra_json_schema={"enum": list(ERROR_CODES)},
        ),
    ]
    message: Annotated[str, Meta(description="What is wrong and what is right")]
    doc_url: Annotated[str, Meta(extra_json_schema={"format": "uri"})]
    param: Annotated[str | UnsetType, Meta(description="The dotted path of what is wrong")] = UNSET
    details: dict[str, str] | UnsetType = UNSET


class V0Error(Payload, frozen=True, kw_only=True):
    """An error of the flow and funnel API."""

    error: V0ErrorDetail


def encode_table(table: Table[Any]) -> bytes:
    """The answer's envelope as compact JSON; 64-bit integers are plain numbers."""
    return encode(table_answer(table))


def render_failure(request: Request, failed: Failure) -> Response:
    """The error envelope. Where a parameter or field is wrong, `param` is its dotted path."""
    is_invalid = failed.status == 400 and bool(failed.field)
    code = INVALID if is_invalid else _CODE_OF.get(failed.status, "BAD_REQUEST")
    details: dict[str, str] | UnsetType = UNSET
    if is_invalid:
        place = "body" if request.method == "POST" else "query"
        details = {f"{place}.{failed.field}": failed.message}
    elif failed.request_id:
        details = {"request_id": failed.request_id}
    detail = V0ErrorDetail(
        code=code,
        message=failed.message,
        doc_url=f"{request.base_url}{ERRORS_PAGE}",
        param=failed.field or UNSET,
        details=details,
    )
    body = encode(V0Error(error=detail))
    response = json_response(request, body, failed.status, failed.headers)
    is_open = request.scope["path"] == RAW_EVENTS_PATH
    return opened(response) if is_open else response


def opened(response: Response) -> Response:
    """A response to raw events, for pages of any origin.

    It carries no Cache-Control: SDKs post with keepalive and never read the answer. With no-store
    Chromium does not let go of the request, and a page may keep 64 kB of them alive.
    """
    response.headers.update(CORS)
    del response.headers["Cache-Control"]
    return response
