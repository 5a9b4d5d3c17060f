"""The delete tools, in two calls: the first shows what would be deleted, the second deletes it."""

from typing import Any

import msgspec

from footfall.model.period import write_moment
from footfall.serve.mcp.argument import Arguments, Request
from footfall.serve.mcp.confirmation import Confirmations
from footfall.serve.mcp.refusal import ToolError, refuse
from footfall.serve.mcp.rest import Rest
from footfall.serve.mcp.schema import CODE, DeletedWebsite, Deletion
from footfall.serve.mcp.tool import SELECTORS, Tool

_NO_FILTERS = (*SELECTORS, "startAt", "endAt", "timezone")
_PAGE = 1000


class Deleting:
    """Runs the delete tools."""

    def __init__(self, rest: Rest, confirmations: Confirmations) -> None:
        self._rest = rest
        self._confirmations = confirmations

    async def run(
        self, tool: Tool, arguments: Arguments, request: Request, token: str
    ) -> dict[str, Any]:
        """The first call's or the second call's result. Raises ToolError."""
        asked = _asked(arguments)
        code = arguments.get(CODE)
        if not code:
            return await self._show(tool, asked, arguments, request, token)
        waiting = self._confirmations.take(code, token, tool=tool.name, asked=asked)
        if waiting is None:
            raise ToolError(
                "This confirmation code is not valid: it is for another deletion or token, was used"
                f" already, or has expired. Nothing was deleted. Call {tool.name} without"
                f" {CODE} to see what would be deleted and to get a new code"
            )
        reply = refuse(await self._rest.ask("DELETE", waiting.path, token, waiting.params), tool)
        [row] = reply.body["data"]
        params = dict(waiting.params)
        done = Deletion(
            outcome="deleted",
            message=row["message"],
            website=waiting.website,
            filters=_filters(tool, arguments, params),
            dates=_dates(tool, params),
            count=row["deleted"],
        )
        return _plain(done)

    async def _show(
        self, tool: Tool, asked: str, arguments: Arguments, request: Request, token: str
    ) -> dict[str, Any]:
        """What would be deleted, and the code that deletes exactly that."""
        dry = [*request.params.items(), ("dryRun", "true")]
        reply = refuse(await self._rest.ask("DELETE", request.path, token, dry), tool)
        [row] = reply.body["data"]
        website = await self._website(request.selectors, token)
        found = Deletion(
            outcome="nothing_found",
            message="Nothing matches, so nothing can be deleted",
            website=website,
            filters=_filters(tool, arguments, request.params),
            dates=_dates(tool, request.params),
            count=row["deleted"],
        )
        if not row["deleted"] and tool.name != "delete_visitor":
            return _plain(found)
        rest = {name: text for name, text in request.params.items() if name not in SELECTORS}
        code, expires_at = self._confirmations.add(
            token,
            tool=tool.name,
            asked=asked,
            path=request.path,
            params=(("websiteId", website.id), *rest.items()),
            website=website,
        )
        shown = msgspec.structs.replace(
            found,
            outcome="confirmation_required",
            message="Nothing has been deleted yet. Show the user the website, the filters, the"
            " dates and the count, and ask them to confirm. Only then call"
            f" {tool.name} again with the same arguments and this {CODE}. It cannot be undone",
            confirmation_code=code,
            expires_at=write_moment(expires_at),
        )
        return _plain(shown)

    async def _website(self, selectors: dict[str, str], token: str) -> DeletedWebsite:
        reply = refuse(await self._rest.ask("GET", "/metadata", token, list(selectors.items())))
        domain = reply.body["data"][0]["domain"]
        offset = 0
        while True:
            page = [("limit", str(_PAGE)), ("offset", str(offset))]
            rows = refuse(await self._rest.ask("GET", "/websites", token, page)).body["data"]
            for row in rows:
                if row["domain"] == domain:
                    return DeletedWebsite(id=row["id"], domain=domain)
            if not rows:
                raise ToolError("This website has just been removed. Call list_websites")
            offset += len(rows)


def _asked(arguments: Arguments) -> str:
    """The arguments but the code, in one spelling."""
    given = {name: value for name, value in arguments.items() if name != CODE and value is not None}
    return msgspec.json.encode(given, order="deterministic").decode()


def _filters(tool: Tool, arguments: Arguments, params: dict[str, str]) -> dict[str, str]:
    found = {name: text for name, text in params.items() if name not in _NO_FILTERS}
    if "{id}" in tool.path:
        found["visitorId"] = str(arguments["visitorId"])
    return found


def _dates(tool: Tool, params: dict[str, str]) -> str:
    first, last = params.get("startAt"), params.get("endAt")
    zone = params.get("timezone", "the website's time zone")
    match (first, last):
        case (None, None):
            whose = " of this visitor" if tool.name == "delete_visitor" else ""
            return f"No dates are given: this covers the entire history{whose}"
        case (None, _):
            return f"Everything until {last}, in {zone}"
        case (_, None):
            return f"Everything since {first}, in {zone}"
    return f"From {first} to {last}, in {zone}"


def _plain(found: Deletion) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain
