"""One line of an access log → a page request, or the reason why it is not one.

A line has one reason, the first that fits: it cannot be read, its method is not GET, it was not
answered with 2xx or 304 (a redirect leads to a line of its own), it asks for a file or a feed.
"""

from typing import NamedTuple

from footfall.catalog import Salts
from footfall.enrich.long_url import shorten_url
from footfall.importing.accesslog.asset import is_asset
from footfall.importing.accesslog.common import read_common
from footfall.importing.accesslog.entry import Entry, Read, TextReader
from footfall.importing.accesslog.prefix import strip_prefix
from footfall.importing.accesslog.quoted import plain_host
from footfall.importing.format import Fault, Row
from footfall.model.address import plain_address
from footfall.model.errors import BadRequest
from footfall.model.hit import Hit
from footfall.model.key import cookieless_visitor_key
from footfall.model.website import Website

MAX_USER_AGENT_CHARS = 512
_MAX_PREFIXES = 3  # such as a container's and syslog's, and the line itself


class Request(NamedTuple):
    """A GET that was answered with a page. '' where the line says nothing."""

    host: str
    address: str  # or the client's host name
    target: str  # path and query, as the client sent them, shortened
    referrer: str
    user_agent: str | None  # None: the log's format has none

    def to_hit(self, website: Website, salts: Salts) -> Hit:
        """The hit; raises BadRequest where the client is the website itself."""
        if self.address in (website.domain, f"www.{website.domain}"):
            raise BadRequest("the website's own host is not a client", field="ip")
        address = plain_address(self.address)
        is_known = self.user_agent is not None and bool(address)
        return Hit(
            url=f"https://{self.host or website.domain}{self.target}",
            referrer=self.referrer,
            is_cookieless=is_known,
            visitor_uid="" if is_known else self._uid_by_host(website, salts),
            client_address=address,
            user_agent=self.user_agent,
        )

    def _uid_by_host(self, website: Website, salts: Salts) -> str:
        """Without user agents, or with host names for addresses, people are known for a day."""
        agent = self.user_agent or ""
        return f"{cookieless_visitor_key(website.id, salts.today, self.address, agent):x}"


def read_line(raw: bytes, read: TextReader) -> Read:
    """Read one line, without its line end. It may be any bytes; never raises."""
    text = raw.decode("utf-8", "replace").removeprefix("\ufeff")  # of a file put behind another
    fault: Fault = "format"
    for _ in range(_MAX_PREFIXES):
        entry = read(text)
        if not isinstance(entry, str):
            return entry
        fault = fault if entry == "format" else entry
        text = strip_prefix(text)
        if not text:
            break
    return fault


def parse_line(raw: bytes, read: TextReader = read_common) -> Row | None:
    """What a line is; None for a line that is not about a request."""
    entry = read_line(raw, read)
    if entry is None:
        return None
    if isinstance(entry, str):
        return Row(0, "invalid", entry)
    return _judge(entry)._replace(format=entry.format)


def _judge(entry: Entry) -> Row:
    at = entry.occurred_at
    is_answered = 200 <= entry.status < 300 or entry.status == 304
    if not entry.target:
        return Row(at, "invalid", "request") if is_answered else Row(at, "error_status")
    if entry.method != "GET":
        return Row(at, "not_get")
    if not is_answered:
        return Row(at, "error_status")
    host, target = _split_target(entry.target)
    if not target:
        return Row(at, "invalid", "request")
    if is_asset(target):
        return Row(at, "asset")
    agent = entry.user_agent
    request = Request(
        entry.host or host,
        entry.client,
        shorten_url(target),
        shorten_url(entry.referrer) if entry.referrer.startswith("http") else "",
        agent if agent is None else agent[:MAX_USER_AGENT_CHARS],
    )
    return Row(at, request)


def _split_target(target: str) -> tuple[str, str]:
    """Host, and path and query, of a request's target; a path of '' where it has none."""
    if target.startswith("/"):
        return "", target
    scheme, mark, rest = target.partition("://")
    if not mark or scheme.lower() not in ("http", "https", "ws", "wss", "h2"):
        return "", ""
    host, slash, path = rest.partition("/")
    host, question, query = host.partition("?")
    target = f"/{question}{query}{slash}{path}" if question else slash + path
    return plain_host(host), target or "/"
