"""The official MCP client on the server of a test, over HTTP without a socket."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx2
import jsonschema
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, Tool
from starlette.types import Receive, Scope, Send

from footfall.serve.mcp.endpoint import McpEndpoint

from .conftest import Api

T = TypeVar("T")


class Mcp:
    """`/mcp` of an API. Every use of the client is a connection of its own, as it is stateless."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._tools: dict[str, Tool] = {}

    def call(self, token: str, name: str, /, **arguments: Any) -> dict[str, Any]:
        """The structured content, which fits the tool's schema and is the text, too."""
        found = self.raw(token, name, **arguments)
        assert not found.is_error, _text(found)
        if not self._tools:
            self._tools = {tool.name: tool for tool in self.use(token, _list)}
        schema = self._tools[name].output_schema
        assert schema is not None
        jsonschema.validate(found.structured_content, schema)
        content: dict[str, Any] = found.structured_content
        assert httpx2.Response(200, text=_text(found)).json() == content
        return content

    def fail(self, token: str, name: str, /, **arguments: Any) -> str:
        """The error that a call answers with."""
        found = self.raw(token, name, **arguments)
        assert found.is_error, found
        return _text(found)

    def raw(self, token: str, name: str, /, **arguments: Any) -> CallToolResult:
        return self.use(token, lambda client: client.call_tool(name, arguments))

    def use(self, token: str, work: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
        found: T = self.api.run(self._use(token, work))
        return found

    async def _use(self, token: str, work: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
        async with self.http({"Authorization": f"Bearer {token}"}) as http:
            transport = streamable_http_client("http://test/mcp", http_client=http)
            async with Client(transport) as client:
                return await work(client)

    def http(self, headers: dict[str, str]) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.application)
        return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    async def application(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not hasattr(self, "endpoint"):
            self.endpoint = McpEndpoint(self.api.parts, self._api)
        await self.endpoint(scope, receive, send)

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.api.v0 if scope["path"].startswith("/v0") else self.api.app
        await app(scope, receive, send)

    def close(self) -> None:
        if hasattr(self, "endpoint"):
            self.api.run(self.endpoint.stop())


async def _list(client: Client) -> list[Tool]:
    return (await client.list_tools()).tools


def _text(found: CallToolResult) -> str:
    [content] = found.content
    assert isinstance(content, TextContent)
    return content.text
