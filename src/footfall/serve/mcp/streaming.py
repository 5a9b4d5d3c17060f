"""The SDK's streamable HTTP, kept running until the server stops."""

import asyncio
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import ASGIApp

from footfall.clock import Clock
from footfall.serve.mcp.call import Tools
from footfall.serve.mcp.rest import rest_in_process
from footfall.serve.mcp.server import mcp_server

MAX_BODY_BYTES = 256 * 1024


async def live(
    application: ASGIApp, clock: Clock, ready: "asyncio.Future[ASGIApp]", stopping: asyncio.Event
) -> None:
    """Answer MCP's requests until `stopping` is set; `ready` gets the application that does so."""
    tools = Tools(rest_in_process(application), clock)
    manager = StreamableHTTPSessionManager(
        app=mcp_server(tools, _token_of),
        stateless=True,
        json_response=True,
        max_request_body_size=MAX_BODY_BYTES,
    )
    async with manager.run():
        ready.set_result(manager.handle_request)
        await stopping.wait()
    await tools.rest.client.aclose()


def _token_of(context: Any) -> str:
    """The bearer token of the HTTP request, which the endpoint has checked."""
    given: str = context.request.headers.get("authorization", "")
    return given.partition(" ")[2].strip()
