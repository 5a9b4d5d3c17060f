"""The web analytics API's envelopes, and how every API reports an error."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from traceback import format_exception

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from footfall.model.answer import Answer, error_of
from footfall.model.errors import FootfallError
from footfall.store.engine import EngineError, StoreUnavailable

encode = msgspec.json.Encoder(decimal_format="number").encode
_log = structlog.get_logger("footfall.serve")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
"""Of every answer that is not a page: whatever a browser takes it for, it runs and loads nothing,
and no page frames it."""
_HEADERS = {"Cache-Control": "no-store", **SECURITY_HEADERS}
_TOO_HEAVY = ("TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller learns about an error; each API renders it in its own form.

    `field` '': no single parameter or field is wrong. `request_id` is only set if the log has the
    details.
    """

    status: int
    message: str
    field: str = ""
    request_id: str = ""
    headers: Mapping[str, str] = {}


Render = Callable[[Request, Failure], Response]
Handler = Callable[[Request, Exception], Awaitable[Response]]


def success(request: Request, answer: Answer, status: int = 200) -> Response:
    """The success envelope."""
    return json_response(request, encode(answer), status)


def failure(request: Request, failed: Failure) -> Response:
    """The error envelope, in the form of old and of new clients at once."""
    error = error_of(
        failed.status, failed.message, field=failed.field, request_id=failed.request_id
    )
    return json_response(request, encode(error), failed.status, failed.headers)


def json_response(
    request: Request, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response that no cache keeps, with what is left of the token's rate."""
    return Response(
        body, status, json_headers(request, headers or {}), media_type="application/json"
    )


def json_file(request: Request, pieces: AsyncIterator[bytes], name: str) -> Response:
    """JSON that is sent while it is made, for a browser to save under a name."""
    headers = json_headers(request, {"Content-Disposition": f'attachment; filename="{name}"'})
    return StreamingResponse(pieces, headers=headers, media_type="application/json")


def json_headers(request: Request, further: Mapping[str, str]) -> dict[str, str]:
    """The headers of every JSON answer, with what is left of the rate, and `further` ones."""
    limit_headers: Mapping[str, str] = getattr(request.state, "limit_headers", {})
    return {**_HEADERS, **limit_headers, **further}


def exception_handlers(render: Render) -> dict[type[Exception], Handler]:
    """Handlers for everything that can be raised behind a route, answering as `render` does."""

    async def on_footfall_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, FootfallError)
        return render(request, _of_footfall_error(error))

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return render(request, _of_http_exception(request, error))

    async def on_engine_error(request: Request, error: Exception) -> Response:
        if any(reason in str(error) for reason in _TOO_HEAVY):
            return render(request, _too_heavy(request, error))
        if isinstance(error, StoreUnavailable):
            return render(request, _store_unavailable())
        return render(request, _unexpected(request, error))

    async def on_disconnect(_request: Request, _error: Exception) -> Response:
        return Response(status_code=499)  # the client has disconnected

    async def on_unexpected(request: Request, error: Exception) -> Response:
        return render(request, _unexpected(request, error))

    return {
        FootfallError: on_footfall_error,
        HTTPException: on_http_exception,
        EngineError: on_engine_error,
        ClientDisconnect: on_disconnect,
        Exception: on_unexpected,
    }


def _of_footfall_error(error: FootfallError) -> Failure:
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Failure(status=error.status, message=error.message, field=error.field, headers=headers)


def _of_http_exception(request: Request, error: HTTPException) -> Failure:
    messages = {
        404: "There is nothing at this path; /openapi.json lists all paths",
        405: f"{request.method} is not allowed at this path; /openapi.json lists what is",
    }
    message = messages.get(error.status_code, error.detail)
    return Failure(status=error.status_code, message=message, headers=error.headers or {})


def _too_heavy(request: Request, error: Exception) -> Failure:
    _log.warning("question too heavy", path=_logged_path(request), error=str(error))
    message = (
        "This question takes too much time or memory: ask for a shorter period, or with fewer"
        " conditions"
    )
    return Failure(status=503, message=message, headers={"Retry-After": "10"})


def _store_unavailable() -> Failure:
    """Not logged: the loader's thread logs it once, and /health has the reason."""
    message = "The store cannot be reached now, so reports cannot be answered: try again later"
    return Failure(status=503, message=message, headers={"Retry-After": "10"})


def _logged_path(request: Request) -> str:
    """With names in place of its varying parts: a log must not contain a visitor's id."""
    path: str = request.scope["path"]
    for name, value in request.scope.get("path_params", {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}")
    return path


def _unexpected(request: Request, error: Exception) -> Failure:
    """The caller gets an id, under which the log has the error."""
    request_id = secrets.token_hex(8)
    # Neither the query nor (as some renderers of exceptions do) local variables: the log must
    # not hold tokens.
    trace = "".join(format_exception(error))
    _log.error("request failed", request_id=request_id, path=_logged_path(request), exception=trace)
    return Failure(
        status=500,
        message=f"Something went wrong here. The log has the reason under {request_id}",
        request_id=request_id,
        headers={"X-Request-Id": request_id},
    )
