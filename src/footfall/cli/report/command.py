"""The commands of `footfall report`: one for each report, made from the tools."""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from cyclopts import App, Group

from footfall.cli.picture import picture
from footfall.cli.picture.page import Page
from footfall.cli.report.ask import Asking, Website, asking, filters_of, request_for
from footfall.cli.report.option import arguments_of, options_of, signature
from footfall.cli.report.raw import printable
from footfall.cli.target import find_target
from footfall.clock import Clock
from footfall.model.dimension import DIMENSIONS, PATH_OF
from footfall.model.errors import BadRequest, FootfallError, Unavailable
from footfall.serve.mcp.argument import Request
from footfall.serve.mcp.rest import BASE, JSON, decoded, not_ours
from footfall.serve.mcp.schema import operation, takes_period
from footfall.serve.mcp.text import clean_all
from footfall.serve.mcp.tool import TOOLS, Tool

NUMBERS = Group("Numbers", sort_key=1)
LISTS = Group("Lists", sort_key=2)
PATHS = Group("Paths", sort_key=3)
PEOPLE = Group("People", sort_key=4)
WEBSITES = Group("Websites", sort_key=5)

SYNONYMS = {"referrers": "sources"}
EXAMPLES = {
    "overview": "--last 30d --compare",
    "timeseries": "--last 12mo --interval month",
    "realtime": "--watch",
    "realtime-map": "--watch --every 10",
    "pages": "--last 7d --filter country=AT",
    "breakdown": "utm_source --last 90d --sort revenue",
    "goals": "--period this_month --csv",
    "visitors": "--filter goal=payment --sort paid",
    "visitor": "7c9e66797425",
    "flow": "--start-step /pricing --end-step signup",
    "funnel": "--step / --step /pricing --step signup",
    "retention": "--limit 8",
    "websites": "--url https://stats.example.com",
    "metadata": "--website example.com",
}
CSV = "text/csv"
CLEAR = "\x1b[H\x1b[2J"


def report_app(clock: Clock) -> App:
    """The commands, with the clock by which they find their periods."""
    app = App(
        name="report",
        help="Show the reports in the terminal.",
        help_format="plaintext",  # the names of fields have underscores
    )
    for tool in TOOLS.values():
        if tool.kind == "report":
            name = name_of(tool)
            app.command(
                _command(tool, clock),
                name=name,
                alias=SYNONYMS.get(name, ()),
                group=_group(tool),
                help_epilogue=f"Example: footfall report {name} {EXAMPLES.get(name, '--last 7d')}",
            )
    return app


def name_of(tool: Tool) -> str:
    """The command of a tool: `pages` for get_pages."""
    return tool.name.partition("_")[2].replace("_", "-")


def _group(tool: Tool) -> Group:
    path = tool.path.strip("/")
    if path in PATH_OF or path in ("breakdown", "goals"):
        return LISTS
    if path in ("flow", "funnel", "retention"):
        return PATHS
    if path.startswith("visitors"):
        return PEOPLE
    return WEBSITES if path in ("websites", "metadata") else NUMBERS


def _summary(tool: Tool) -> str:
    dimension = DIMENSIONS.get(PATH_OF.get(tool.path.strip("/"), ""))
    found = dimension.rule if dimension else operation(tool)["summary"]
    return f"{found.rstrip('.')}."


def _command(tool: Tool, clock: Clock) -> Callable[..., None]:
    options = options_of(tool)

    def run(*positional: Any, **given: Any) -> None:
        for option in options:
            if option.is_positional:
                is_many = tool.name == "get_breakdown"
                given[option.name] = positional if is_many else positional[0]
            given.setdefault(option.name, option.default)
        _check_output(given)
        asyncio.run(_answer(tool, given, clock))

    run.__name__ = name_of(tool).replace("-", "_")
    run.__doc__ = _summary(tool)
    run.__signature__ = signature(options)  # type: ignore[attr-defined]
    return run


def _check_output(given: dict[str, Any]) -> None:
    chosen = [flag for flag in ("json", "csv") if given.get(f"as_{flag}")]
    if given.get("request"):
        chosen.append("request")
    if len(chosen) > 1:
        raise BadRequest(f"--{chosen[0]} and --{chosen[1]} do not go together")
    if not 1 <= given.get("every", 1) <= 3600:
        raise BadRequest(f"--every {given['every']} is not between 1 and 3600 seconds")


async def _answer(tool: Tool, given: dict[str, Any], clock: Clock) -> None:
    target = find_target({name: given.get(name) for name in _CONNECTION})
    arguments = arguments_of(tool, given)
    async with asking(target, clock) as api:
        website = await api.find_website(target.website) if "website" in given else None
        request = request_for(tool, arguments, given, website, clock())
        if given["request"]:
            print(f"{BASE}{request.path}?{urlencode(request.params)}".rstrip("?"))
        elif given.get("watch"):
            await _watch(api, tool, request, website, given)
        else:
            _write(await _output(api, tool, request, website, given))


_CONNECTION = ("website", "data", "url", "token", "profile")


async def _output(
    api: Asking, tool: Tool, request: Request, website: Website | None, given: dict[str, Any]
) -> bytes:
    """What to print: the API's answer as it is, or a picture of it."""
    wanted = CSV if given.get("as_csv") else JSON
    raw = await api.fetch(request, wanted)
    if raw.media_type != wanted:
        raise not_ours(raw)
    if given["as_json"] or given.get("as_csv"):
        return printable(raw.content, is_terminal=sys.stdout.isatty())
    body = clean_all(decoded(raw).body)
    page = Page(
        name=name_of(tool),
        website="" if website is None else website.domain,
        currency="" if website is None else website.currency,
        params=request.params,
        filters=tuple(filters_of(request)),
        has_period=takes_period(tool),
    )
    return _drawn(page, body).encode(sys.stdout.encoding or "utf-8", errors="replace")


def _drawn(page: Page, body: Any) -> str:
    """Raises FootfallError for an answer of another shape, as of a much older or newer server."""
    try:
        return picture(page, body)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise FootfallError(
            f"the answer is not one that this version can draw ({type(error).__name__}): is the"
            " server's version the same? --json prints the answer"
        ) from error


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


async def _watch(
    api: Asking, tool: Tool, request: Request, website: Website | None, given: dict[str, Any]
) -> None:
    """Draw again and again. A server that does not respond for a while ends nothing."""
    is_picture = not (given["as_json"] or given.get("as_csv"))
    redraws = is_picture and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    while True:
        try:
            content = await _output(api, tool, request, website, given)
        except Unavailable as error:
            print(f"footfall: {error.message}; trying again", file=sys.stderr)
        else:
            _write(CLEAR.encode() + content if redraws else content)
        await asyncio.sleep(given["every"])
