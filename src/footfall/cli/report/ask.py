"""A report's question to the API: which website, which dates, and what it answers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

import msgspec

from footfall.cli.remote import rest_of
from footfall.cli.report.option import (
    DEFAULT_LAST,
    FILTER,
    WITHOUT_PERIOD,
    flag_of,
    suggestion,
)
from footfall.cli.target import Target
from footfall.clock import Clock
from footfall.config import read_settings
from footfall.model.errors import BadRequest, FootfallError, NotFound, Unavailable
from footfall.model.named_period import BACK_RULE, dates_back, dates_of
from footfall.serve.mcp.argument import Request, check_arguments, request_of
from footfall.serve.mcp.rest import JSON, NOT_FOOTFALL, Raw, Rest, decoded
from footfall.serve.mcp.schema import PERIOD, input_schema
from footfall.serve.mcp.text import clean_all
from footfall.serve.mcp.tool import Tool


class Website(msgspec.Struct, frozen=True, rename="camel"):
    """A row of `/websites`."""

    id: str
    domain: str
    tracking_id: str
    timezone: str
    currency: str


class _Websites(msgspec.Struct, frozen=True):
    data: list[Website]


class Asking(msgspec.Struct, frozen=True):
    """An API, a token for it, and the clock by which periods are found."""

    rest: Rest
    token: str
    clock: Clock

    async def fetch(self, request: Request, accept: str = JSON) -> Raw:
        """The API's answer. Raises FootfallError with what it refused, and which flag to change."""
        params = list(request.params.items())
        raw = await self.rest.fetch("GET", request.path, self.token, params, accept=accept)
        if raw.status >= 400:
            raise refused(raw, request.params)
        return raw

    async def find_website(self, selector: str | None) -> Website:
        """By domain, id or tracking id; without any, the only one. Raises FootfallError."""
        raw = await self.fetch(Request(path="/websites", params={"limit": "1000"}))
        try:
            rows = msgspec.convert(clean_all(decoded(raw).body), _Websites).data
        except msgspec.ValidationError as error:
            raise Unavailable(NOT_FOOTFALL) from error
        if selector is None:
            if len(rows) == 1:
                return rows[0]
            raise BadRequest(_which(rows))
        wanted = selector.lower().removesuffix(".")
        for row in rows:
            if selector in (row.id, row.tracking_id) or wanted == row.domain:
                return row
        domains = [row.domain for row in rows]
        raise NotFound(
            f"--website {selector!r} does not exist, or the token may not see it"
            f"{suggestion(wanted, domains) if domains else ''}"
        )


@asynccontextmanager
async def asking(target: Target, clock: Clock) -> AsyncIterator[Asking]:
    """The API of a server or a data folder, until the block ends."""
    if target.url is not None:
        rest = rest_of(target.url, target.token or "")
        async with rest.client:
            yield Asking(rest, target.token or "", clock)
        return
    # they import the whole server, which a question to another one need not wait for
    from footfall.cli.asking import asking_folder, new_token
    from footfall.cli.folder import open_catalog

    settings = read_settings({"data": target.data})
    with open_catalog(target.data) as catalog:
        token = new_token(catalog, ["read"], clock=clock)
        async with asking_folder(settings, token, is_complete=True, clock=clock) as (rest, secret):
            yield Asking(rest, secret, clock)


def request_for(
    tool: Tool,
    arguments: Mapping[str, Any],
    given: Mapping[str, Any],
    website: Website | None,
    now_ms: int,
) -> Request:
    """The request of a tool for a website. Raises BadRequest."""
    found = dict(arguments)
    if website is not None:
        found["websiteId"] = website.id
        if PERIOD in input_schema(tool)["properties"]:
            timezone = str(arguments.get("timezone") or website.timezone)
            found |= _dates(tool, given, timezone, now_ms)
    check_arguments(tool, found)
    return request_of(tool, found)


def _dates(tool: Tool, given: Mapping[str, Any], timezone: str, now_ms: int) -> dict[str, str]:
    """The parameters of the period: at most one way to name it may be used."""
    last, named = given.get("last"), given.get("period")
    own = {"startAt": given.get("start"), "endAt": given.get("end")}
    dates = {name: value for name, value in own.items() if value is not None}
    if sum((last is not None, named is not None, bool(dates))) > 1:
        raise BadRequest("choose the period with --last, with --period, or with --start and --end")
    if dates:
        return dates
    try:
        if named is not None:
            return dates_of(named, timezone, now_ms)
        if last is None and tool.name in WITHOUT_PERIOD:
            return {}
        reaching = dates_back(last or DEFAULT_LAST, timezone, now_ms)
    except (KeyError, ValueError):
        raise BadRequest(
            f"--timezone {timezone!r} is not an IANA time zone such as Europe/Vienna"
            f"{_near(timezone)}"
        ) from None
    if reaching is None:
        raise BadRequest(f"--last {last!r} is not a period such as 30d. {BACK_RULE}")
    return reaching


def _which(rows: list[Website]) -> str:
    if not rows:
        return "there is no website yet: add one with `footfall website add example.com`"
    domains = ", ".join(row.domain for row in rows[:20])
    return f"which website? Give --website one of: {domains}{', …' if len(rows) > 20 else ''}"


def refused(raw: Raw, params: Mapping[str, str]) -> FootfallError:
    """What the API refused, in the words of the command line."""
    body = clean_all(decoded(raw).body)
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return FootfallError(f"the server answers with the status {raw.status}")
    message, field = str(error.get("message", "")), str(error.get("field", ""))
    if raw.status == 401:
        return FootfallError(f"{message.rstrip('.')}. Create one with `footfall token create`.")
    if not field:
        is_passing = raw.status in (429, 503)
        return Unavailable(message) if is_passing else FootfallError(message)
    about = message.removeprefix(field) if message.startswith(f"{field} ") else f": {message}"
    near = _near(params.get(field, "")) if field == "timezone" else ""
    return BadRequest(f"{flag_of(field)}{about}{near}")


def _near(timezone: str) -> str:
    """A suggestion for a wrong time zone: their names are too many to list."""
    close = get_close_matches(timezone, available_timezones(), 1)
    return f"; did you mean {close[0]}?" if close else ""


def filters_of(request: Request) -> list[str]:
    """The filters of a request, as the command line has them."""
    return [
        f"{name.removeprefix(FILTER)}={value}"
        for name, value in request.params.items()
        if name.startswith(FILTER)
    ]
