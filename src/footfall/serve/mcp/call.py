"""Running a tool: arguments → requests to the API → a result that is safe to show to a model."""

from typing import Any

import msgspec

from footfall.clock import Clock
from footfall.model.errors import BadRequest, FootfallError
from footfall.model.metric import METRICS
from footfall.model.named_period import dates_of
from footfall.serve.mcp.argument import (
    Arguments,
    Request,
    check_arguments,
    check_conditions,
    request_of,
)
from footfall.serve.mcp.confirmation import Confirmations
from footfall.serve.mcp.deleting import Deleting
from footfall.serve.mcp.refusal import ToolError, refuse
from footfall.serve.mcp.rest import Reply, Rest
from footfall.serve.mcp.schema import METRIC, PERIOD, PERSONAL, input_schema
from footfall.serve.mcp.text import NOTICE, clean, clean_all, omit
from footfall.serve.mcp.tool import TOOLS, Tool

MAX_BYTES = 100_000
"""About 30,000 tokens: what is longer is asked for in pages."""


class Outcome(msgspec.Struct, frozen=True):
    """What a tool answers: structured content that fits its output schema, or an error's text."""

    content: dict[str, Any] | None
    error: str = ""


class Tools:
    """All tools, on one API."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self.rest = rest
        self.clock = clock
        self._deleting = Deleting(rest, Confirmations(clock))

    async def call(self, name: str, arguments: Arguments, token: str) -> Outcome:
        """Run a tool with the caller's token. What goes wrong is an error that says what to do."""
        try:
            return Outcome(await self._call(name, arguments, token))
        except (ToolError, FootfallError) as error:
            return Outcome(None, clean_error(error.message))

    async def _call(self, name: str, arguments: Arguments, token: str) -> dict[str, Any]:
        tool = TOOLS.get(name)
        if tool is None:
            raise BadRequest(f"There is no tool {name[:64]!r}; tools: {', '.join(TOOLS)}")
        check_arguments(tool, arguments)
        request = request_of(tool, arguments)
        if not arguments.get(PERSONAL):
            check_conditions(tool, request)
        dates = await self._dates(request, arguments.get(PERIOD), token)
        request = msgspec.structs.replace(request, params={**request.params, **dates})
        beside: dict[str, Any] = {PERIOD: dates} if arguments.get(PERIOD) else {}
        match tool.kind:
            case "delete":
                result = await self._deleting.run(tool, arguments, request, token)
            case "explain":
                result = await self._explain(str(arguments[METRIC]), request, token)
            case "why":
                result = await self._why(request, token)
            case _:
                reply, limit = await self._fitting(tool, request, token)
                result = reply.body
                beside |= _next(result, limit)
        if not arguments.get(PERSONAL):
            for path in tool.personal:
                omit(result, path)
        return {"notice": NOTICE, "result": clean_all(result), **beside}

    async def _dates(self, request: Request, period: Any, token: str) -> dict[str, str]:
        """The dates of a named period, in the zone that the request or the website has."""
        if not period:
            return {}
        timezone = request.params.get("timezone")
        if not timezone:
            reply = await self._get("/metadata", request.selectors, token)
            timezone = reply.body["data"][0]["timezone"]
        try:
            return dates_of(period, timezone, self.clock())
        except (KeyError, ValueError):
            raise BadRequest(
                f"timezone {timezone[:64]!r} is not an IANA time zone such as Europe/Vienna"
            ) from None

    async def _fitting(self, tool: Tool, request: Request, token: str) -> tuple[Reply, int | None]:
        """The answer, in smaller pages if it is too large; and the limit that made it fit."""
        reply = await self._ask(tool, request, token)
        limit = None
        while reply.size > MAX_BYTES:
            rows = reply.body.get("data")
            can_page = "limit" in input_schema(tool)["properties"]
            if not isinstance(rows, list) or len(rows) < 2 or not can_page:
                raise ToolError(_too_large(tool, reply.size))
            limit = max(1, min(len(rows) - 1, int(len(rows) * 0.9 * MAX_BYTES / reply.size)))
            smaller = {**request.params, "limit": str(limit)}
            reply = await self._ask(tool, msgspec.structs.replace(request, params=smaller), token)
        return reply, limit

    async def _ask(self, tool: Tool, request: Request, token: str) -> Reply:
        reply = await self.rest.ask(
            tool.method, request.path, token, list(request.params.items()), request.body
        )
        return refuse(reply, tool)

    async def _get(self, path: str, params: dict[str, str], token: str) -> Reply:
        return refuse(await self.rest.ask("GET", path, token, list(params.items())))

    async def _explain(self, metric: str, request: Request, token: str) -> dict[str, Any]:
        schema = (await self._get("/schema", {}, token)).body["data"]
        [entry] = [each for each in schema["metrics"] if each["name"] == metric]
        if not METRICS[metric].is_in_overview:
            return {"metric": entry}
        params = {**request.params, "fields": metric, "parts": "true"}
        return {"metric": entry, "overview": (await self._get("/overview", params, token)).body}

    async def _why(self, request: Request, token: str) -> dict[str, Any]:
        ingestion = (await self._get("/ingestion", request.params, token)).body
        refused = (await self._get("/v0/quarantine", request.selectors, token)).body
        schema = (await self._get("/schema", {}, token)).body["data"]
        seen = ingestion["totals"]
        reasons = [each for each in schema["dropReasons"] if each["name"] in seen]
        return {"ingestion": ingestion, "quarantine": refused, "reasons": reasons}


def clean_error(message: str) -> str:
    """An error's sentences on one line each. They may quote what somebody else wrote."""
    return "\n".join(
        clean(line) if len(line) <= 300 else _long(line) for line in message.split("\n")
    )


def _long(line: str) -> str:
    """A list of choices may be long; it is ours, and its control characters are replaced."""
    pieces = [clean(line[start : start + 300]) for start in range(0, min(len(line), 3000), 300)]
    return "".join(pieces)


def _next(body: dict[str, Any], limit: int | None) -> dict[str, Any]:
    """The arguments of the next page, if there is one."""
    page, rows = body.get("pagination"), body.get("data")
    if not isinstance(page, dict) or not isinstance(rows, list):
        return {}
    changed: dict[str, Any] = {}
    if page.get("next"):
        changed["cursor"] = page["next"]
    elif "offset" in page and rows and page["offset"] + len(rows) < page["total"]:
        changed["offset"] = page["offset"] + len(rows)
    if changed and limit is not None:
        changed["limit"] = limit
    return {"next": changed} if changed else {}


def _too_large(tool: Tool, size: int) -> str:
    known = input_schema(tool)["properties"]
    ways = [
        text
        for name, text in (
            ("interval", "a longer interval"),
            ("limit", "a lower limit"),
            ("period", "a shorter period"),
            ("fields", "fewer fields"),
        )
        if name in known
    ]
    return (
        f"The answer is too large ({size:,} bytes). Call {tool.name} again with {' or '.join(ways)}"
    )
