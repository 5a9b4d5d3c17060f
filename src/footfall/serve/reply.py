"""The envelopes: every answer of the API is one of these two."""

import secrets
from collections.abc import Mapping
from traceback import format_exception

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from footfall.model.errors import FootfallError
from footfall.model.question import Answer
from footfall.store.engine import EngineError

_encode = msgspec.json.Encoder(decimal_format="number").encode
_log = structlog.get_logger("footfall.serve")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_TOO_HEAVY = ("TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED")


def encode_answer(answer: Answer) -> bytes:
    """The success envelope as compact JSON."""
    body: dict[str, object] = {"status": "success", **answer.envelope, "data": answer.data}
    if answer.pagination is not None:
        body["pagination"] = answer.pagination
    return _encode(body)


def success(request: Request, body: bytes, status: int = 200) -> Response:
    return _response(request, body, status, {})


def failure(
    request: Request,
    status: int,
    message: str,
    *,
    field: str = "",
    request_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The error envelope, in the form of old and of new clients at once."""
    error: dict[str, object] = {"code": status, "message": message}
    if field:
        error["field"] = field
    body: dict[str, object] = {
        "status": "error",
        "error": error,
        "statusCode": status,
        "message": message,
    }
    if request_id:
        body["requestId"] = request_id
    return _response(request, _encode(body), status, headers or {})


async def on_footfall_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, FootfallError)
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return failure(request, error.status, error.message, field=error.field, headers=headers)


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    messages = {
        404: "There is nothing at this path; /openapi.json lists what there is",
        405: f"{request.method} is not possible at this path; /openapi.json lists what is",
    }
    message = messages.get(error.status_code, error.detail)
    return failure(request, error.status_code, message, headers=error.headers)


async def on_engine_error(request: Request, error: Exception) -> Response:
    if any(reason in str(error) for reason in _TOO_HEAVY):
        _log.warning("question too heavy", path=request.url.path, error=str(error))
        message = "This question takes the server too long: ask for a shorter period"
        return failure(request, 503, message, headers={"Retry-After": "10"})
    return await on_unexpected(request, error)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Tells the caller a number, and the log what happened."""
    request_id = secrets.token_hex(8)
    # Neither the query nor (as some renderers of exceptions do) local variables: the log must
    # not hold tokens.
    trace = "".join(format_exception(error))
    _log.error("request failed", request_id=request_id, path=request.url.path, exception=trace)
    return failure(
        request,
        500,
        f"Something went wrong here. The log has the reason under {request_id}",
        request_id=request_id,
        headers={"X-Request-Id": request_id},
    )


EXCEPTION_HANDLERS = {
    FootfallError: on_footfall_error,
    HTTPException: on_http_exception,
    EngineError: on_engine_error,
    Exception: on_unexpected,
}


def _response(request: Request, body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    limit_headers: Mapping[str, str] = getattr(request.state, "limit_headers", {})
    return Response(
        body,
        status,
        {**_HEADERS, **limit_headers, **headers},
        media_type="application/json",
    )
