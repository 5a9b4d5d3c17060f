"""Access logs of Amazon S3."""

import re

from footfall.importing.accesslog.client import read_address
from footfall.importing.accesslog.entry import Entry, Read
from footfall.importing.accesslog.moment import parse_common_time
from footfall.importing.accesslog.quoted import (
    QUOTED,
    plain_field,
    plain_host,
    split_request,
    unescape,
)

_BUCKET = re.compile(
    r"\S+ \S+ \[([^\]\[]{20,32})\] (\S+) \S+ \S+ (\S+) \S+ "
    rf'(?:{QUOTED}"|-) (\d{{3}}|-)(?: \S+){{5}} (?:{QUOTED}"|-) (?:{QUOTED}"|-)(.*)'
)
_HOST_FIELD = 5  # behind the user agent


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
        0 if status == "-" else int(status),
        address,
        _bucket_host(rest.split()),
        plain_field(referrer or ""),
        plain_field(user_agent or ""),
    )


def _bucket_host(fields: list[str]) -> str:
    """The website's own host; '' for the bucket's address at Amazon."""
    host = plain_host(fields[_HOST_FIELD]) if len(fields) > _HOST_FIELD else ""
    return "" if host.endswith(".amazonaws.com") else host
