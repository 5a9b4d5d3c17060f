"""The line format of Nginx Proxy Manager, of its proxied and of its other hosts."""

import re

from footfall.importing.accesslog.client import choose_client
from footfall.importing.accesslog.entry import Entry, Read
from footfall.importing.accesslog.moment import parse_common_time
from footfall.importing.accesslog.quoted import QUOTED, plain_field, plain_host, unescape

_LINE = re.compile(
    r"\[([^\]\[]{20,32})\] (?:[^\"\[]{1,80} )?(\d{3}) - (\S+) \S+ (\S+) "
    + QUOTED
    + r'" \[Client ([^\]]*)\](?: \[(?:Length|Gzip|Sent-to) [^\]]*\])* '
    + f'{QUOTED}" {QUOTED}"'
)


def read_npm(line: str) -> Read:
    """Read "[time] cache status - status - method scheme host "target" [Client …] … "agent"
    "referrer""."""
    match = _LINE.match(line)
    if match is None:
        return "format"
    time, status, method, host, target, client, user_agent, referrer = match.groups()
    occurred_at = parse_common_time(time)
    address = choose_client(client.split(","))
    if not occurred_at or not address:
        return "client" if occurred_at else "time"
    return Entry(
        occurred_at,
        method,
        unescape(target),
        int(status),
        address,
        plain_host(host),
        plain_field(referrer),
        plain_field(user_agent),
    )
