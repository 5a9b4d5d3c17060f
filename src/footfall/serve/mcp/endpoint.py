"""`/mcp` on the server: streamable HTTP, stateless, with the tokens of the API.

The SDK and our tools take memory and a second to import. So they are imported with the first call
of a client that has a valid token.
"""

import asyncio
from importlib import import_module

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.model.errors import FootfallError, NotFound
from footfall.serve.http.api import Api
from footfall.serve.http.auth import find_token, refuse_secrets
from footfall.serve.http.parameter import read_params
from footfall.serve.http.reply import Failure, failure

FOLDER = "mcp"
_METHODS = "POST"


class McpEndpoint:
    """An ASGI application for the folder /mcp."""

    def __init__(self, api: Api, application: ASGIApp) -> None:
        """`application` answers the requests that tools make."""
        self._api = api
        self._application = application
        self._starting: asyncio.Task[ASGIApp] | None = None
        self._stopping = asyncio.Event()
        self._living: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        refused = self._refuse(request)
        if refused is not None:
            await refused(scope, receive, send)
            return
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        # shielded: the client that asked first may disconnect
        application = await asyncio.shield(self._starting)
        await application({**scope, "path": f"/{FOLDER}"}, receive, send)

    async def stop(self) -> None:
        self._stopping.set()
        if self._living is not None:
            await self._living

    def _refuse(self, request: Request) -> Response | None:
        """What to answer to a request that may not call tools."""
        try:
            if request.url.path.rstrip("/") != f"/{FOLDER}":
                raise NotFound("There is nothing at this path; MCP clients connect to /mcp")
            self._api.browsers.check_origin(request)
            refuse_secrets(read_params(request.scope["query_string"]))
            find_token(self._api.registry, Headers(scope=request.scope))
        except FootfallError as error:
            challenge = {"WWW-Authenticate": 'Bearer realm="Footfall"'}
            headers = challenge if error.status == 401 else {}
            failed = Failure(status=error.status, message=error.message, headers=headers)
            return failure(request, failed)
        if request.method != _METHODS:
            message = "This server keeps no sessions: send POST"
            failed = Failure(status=405, message=message, headers={"Allow": _METHODS})
            return failure(request, failed)
        return None

    async def _start(self) -> ASGIApp:
        serving = await asyncio.to_thread(import_module, "footfall.serve.mcp.streaming")
        ready: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
        self._living = asyncio.create_task(
            serving.live(self._application, self._api.clock, ready, self._stopping)
        )
        return await ready
