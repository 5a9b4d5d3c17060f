"""The common and the combined format, with or without the host in front, with anything behind."""

import re
from functools import lru_cache

from footfall.importing.accesslog.client import (
    behind_proxy,
    choose_client,
    is_host_name,
    read_address,
)
from footfall.importing.accesslog.entry import Entry, Read
from footfall.importing.accesslog.moment import parse_common_time
from footfall.importing.accesslog.quoted import (
    QUOTED,
    plain_field,
    plain_host,
    split_request,
    unescape,
)
from footfall.model.address import is_local

_TIME = re.compile(r' \[([^\]\[]{20,32})\] (?=")')
_REST = re.compile(
    f'{QUOTED}" (\\d{{3}}) \\S+'
    # the last quote may be missing: user agents get cut off
    + f'(?: {QUOTED}" {QUOTED}(?:"|$)|(?! "))'
)
_FIELD = re.compile(f'{QUOTED}(?:"|$)')
_VIRTUAL_HOST = re.compile(r"(?:[\w*-]+(?:\.[\w-]+)*\.?|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")

_MAX_HEAD = 1_024


def read_common(line: str) -> Read:
    """Read "[host[:port]] client identity user [time] "request" status bytes ["referrer" "user
    agent" …]"."""
    time = _TIME.search(line)
    rest = _REST.match(line, time.end()) if time else None
    if time is None or rest is None:
        return "format"
    occurred_at = parse_common_time(time[1])
    if not occurred_at:
        return "time"
    host, client = read_head(line[: time.start()]) if time.start() <= _MAX_HEAD else ("", "")
    if not client:
        return "client"
    request, status, referrer, user_agent = rest.groups()
    if user_agent is not None and rest.end() < len(line) and is_local(client):
        client = behind_proxy(client, _FIELD.findall(line, rest.end()))
    method, target = split_request(unescape(request))
    return Entry(
        occurred_at,
        method,
        target,
        int(status),
        client,
        host,
        plain_field(referrer or ""),
        None if user_agent is None else plain_field(user_agent),
        "vhost" if host else "common" if user_agent is None else "combined",
    )


@lru_cache(4_096)
def read_head(head: str) -> tuple[str, str]:
    """Host and client of what is in front of the time; both are '' if the client is not clear.

    The client is an address, a list of forwarded ones, or, at the very beginning and with the
    identity and the user behind it, a host name. A host is in front of a client.
    """
    words = head.split(" ")
    if len(words) == 3 and words[1] == "-" and (client := read_address(words[0])):
        return "", client  # what nearly every line begins with, at a tenth of the time
    hops, behind = _take_hops(words)
    client = choose_client(hops)
    if client and not (behind and _is_list(behind[0])):
        return "", _behind_local(client, behind)
    if client:
        return _two_addresses(hops, behind)
    if len(hops) > 1:
        return "", ""
    return _name_first(hops[0], behind)


def _behind_local(client: str, behind: list[str]) -> str:
    """The client of "10.0.0.2 - 203.0.113.7 - user", in which the proxy comes first."""
    if behind[:1] == ["-"] and len(behind) > 3 and is_local(client):
        hops, rest = _take_hops(behind[1:])
        if len(rest) >= 2 and rest[0] == "-":
            return behind_proxy(client, (",".join(hops),))
    return client


def _two_addresses(hops: list[str], behind: list[str]) -> tuple[str, str]:
    """An address in front of another one: a host by its port or brackets, else two hops."""
    second, rest = _take_hops(behind)
    if not rest:
        return "", ""
    host = _VIRTUAL_HOST.fullmatch(hops[0]) if len(hops) == 1 else None
    if host and (host[1] or hops[0].startswith("[")):
        return plain_host(hops[0]), choose_client(second)
    addresses = {address for hop in hops + second if (address := read_address(hop))}
    public = {address for address in addresses if not is_local(address)}
    if len(public) == 1 or len(addresses) == 1:
        return "", choose_client(hops + second)
    return "", ""  # a host without a port, or a client and its proxy: it cannot be decided


def _name_first(name: str, behind: list[str]) -> tuple[str, str]:
    host = _VIRTUAL_HOST.fullmatch(name)
    if not behind or (host is None and name not in ("-", "")):
        return "", ""
    hops, rest = _take_hops(behind)
    if client := choose_client(hops):
        return (plain_host(name), client) if len(rest) >= 2 else ("", "")
    if host is None:
        return "", ""
    if host[1]:  # shop.example:443 client.isp.example - -
        is_client = len(rest) >= 2 and is_host_name(hops[0])
        return (plain_host(name), hops[0].lower()) if is_client else ("", "")
    is_client = is_host_name(name) and len(behind) >= 2 and not is_host_name(behind[0])
    return "", name.lower() if is_client else ""


def _take_hops(words: list[str]) -> tuple[list[str], list[str]]:
    """The comma-separated list at the beginning, and the words behind it."""
    count = 1
    while count < len(words) and (words[count - 1].endswith(",") or words[count].startswith(",")):
        count += 1
    text = "".join(words[:count]).strip('"')
    return text.split(","), words[count:]


def _is_list(word: str) -> bool:
    return bool(choose_client(word.strip('",').split(",")))
