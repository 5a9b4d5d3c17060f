"""Logs of Amazon's load balancers and of S3."""

import re

from footfall.importing.accesslog.client import read_address
from footfall.importing.accesslog.entry import Entry, Read
from footfall.importing.accesslog.moment import parse_common_time, parse_iso_time
from footfall.importing.accesslog.quoted import (
    QUOTED,
    plain_field,
    plain_host,
    split_request,
    unescape,
)

_BALANCER = re.compile(
    r"(?:[a-z0-9]+ )?(\d{4}-\d\d-\d\dT\S+) \S+ (\S+) \S+ (?:-?[\d.]+ ){3}(\d{3}|-) (?:\d{3}|-)"
    rf' -?\d+ -?\d+ {QUOTED}"(?: {QUOTED}")?'
)
_BUCKET = re.compile(
    r"\S+ \S+ \[([^\]\[]{20,32})\] (\S+) \S+ \S+ (\S+) \S+ "
    rf'(?:{QUOTED}"|-) (\d{{3}}|-)(?: \S+){{5}} (?:{QUOTED}"|-) (?:{QUOTED}"|-)(.*)'
)
_HOST_FIELD = 5  # behind the user agent


def read_balancer(line: str) -> Read:
    """Read a line of an Application or a Classic Load Balancer (HTTP listeners)."""
    match = _BALANCER.match(line)
    if match is None:
        return "format"
    time, client, status, request, user_agent = match.groups()
    occurred_at, address = parse_iso_time(time), read_address(client)
    if not occurred_at or not address:
        return "client" if occurred_at else "time"
    method, target = split_request(unescape(request))
    if method == "-":  # "- http://shop.example:80- -": the client sent no request
        method = target = ""
    agent = None if user_agent is None else plain_field(user_agent)
    return Entry(occurred_at, method, target, _status(status), address, user_agent=agent)


def read_bucket(line: str) -> Read:
    """Read a line of S3's server access log."""
    match = _BUCKET.match(line)
    if match is None:
        return "format"
    time, client, operation, request, status, referrer, user_agent, rest = match.groups()
    occurred_at, address = parse_common_time(time), read_address(client)
    if not occurred_at or not address:
        return "client" if occurred_at else "time"
    method, target = split_request(unescape(request or ""))
    return Entry(
        occurred_at,
        # lists, uploads by parts and the like are GETs of no page
        method if operation.endswith(".GET.OBJECT") else operation,
        target or "/",
        _status(status),
        address,
        _bucket_host(rest.split()),
        plain_field(referrer or ""),
        plain_field(user_agent or ""),
    )


def _bucket_host(fields: list[str]) -> str:
    """The website's own host; '' for the bucket's address at Amazon."""
    host = plain_host(fields[_HOST_FIELD]) if len(fields) > _HOST_FIELD else ""
    return "" if host.endswith(".amazonaws.com") else host


def _status(text: str) -> int:
    return 0 if text == "-" else int(text)
