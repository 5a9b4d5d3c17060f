"""`footfall mcp`: tools for an assistant on this machine, over standard input and output."""

import asyncio
import os
from typing import Annotated

from cyclopts import Parameter

from footfall.cli.asking import NewToken, asking_folder, new_token
from footfall.cli.folder import Data, open_catalog, settings_of
from footfall.cli.remote import TOKEN_VARIABLE, rest_of
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.model.errors import BadRequest
from footfall.model.website import SCOPES
from footfall.serve.mcp.rest import Rest


def mcp(
    *,
    url: Annotated[str | None, Parameter(help="A server's address, instead of a folder.")] = None,
    token: Annotated[
        str | None,
        Parameter(help=f"A token of that server. Better: the variable {TOKEN_VARIABLE}."),
    ] = None,
    scope: Annotated[
        str,
        Parameter(help=f"What the assistant may do in a folder: any of {', '.join(SCOPES)}."),
    ] = "read",
    website: Annotated[
        str | None, Parameter(help="Let it see only this website of a folder: domain or ID.")
    ] = None,
    data: Data = None,
) -> None:
    """Offer the reports to an assistant (MCP over stdio).

    With `--url` it asks that server. Otherwise it asks the server that runs on the data folder or,
    if none runs, opens the folder itself until a server starts.
    """
    if url is not None:
        rest = rest_of(url, token := token or os.environ.get(TOKEN_VARIABLE, ""))
        asyncio.run(_talk(rest, token))
        return
    if token is not None:
        raise BadRequest("--token goes with --url; in a folder, --scope says what it may do")
    settings = settings_of(data)
    with open_catalog(data) as catalog:
        scopes = [part.strip() for part in scope.split(",") if part.strip()]
        asyncio.run(_serve(settings, new_token(catalog, scopes, website)))


async def _serve(settings: Settings, token: NewToken) -> None:
    async with asking_folder(settings, token) as (rest, secret):
        await _talk(rest, secret)


async def _talk(rest: Rest, token: str) -> None:
    """Answer the client on standard input until it closes it."""
    # The SDK takes a second to import, which only this command needs.
    from mcp.server.stdio import stdio_server

    from footfall.serve.mcp.call import Tools
    from footfall.serve.mcp.server import mcp_server

    server = mcp_server(Tools(rest, now_ms), lambda _context: token)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
    await rest.client.aclose()
