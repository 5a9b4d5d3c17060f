"""Formats of which a regular expression says everything."""

import re

from footfall.importing.accesslog.client import choose_client
from footfall.importing.accesslog.entry import Entry, Read, TextReader
from footfall.importing.accesslog.moment import parse_time
from footfall.importing.accesslog.quoted import plain_field, plain_host, split_request, unescape


def pattern_reader(pattern: str) -> TextReader:
    """A reader of lines that begin with `pattern`.

    Its named groups are `time` (in any spelling of moment.py), `client` (an address, or a list of
    forwarded ones), `status`, `method` and `target` or the whole `request`, and where the format
    has them `host`, `referrer` and `user_agent`. Escapes in quoted fields are undone.
    """
    begin = re.compile(pattern)

    def read(line: str) -> Read:
        match = begin.match(line)
        return "format" if match is None else _entry_of(match.groupdict())

    return read


def _entry_of(found: dict[str, str | None]) -> Read:
    field = {name: text or "" for name, text in found.items()}
    occurred_at = parse_time(field["time"])
    client = choose_client(field["client"].split(","))
    if not occurred_at or not client:
        return "client" if occurred_at else "time"
    if "request" in field:
        method, target = split_request(unescape(field["request"]))
        if method == "-":  # "- http://shop.example:80- -": the client sent no request
            method = target = ""
    else:
        method, target = field["method"], unescape(field["target"])
    agent = found.get("user_agent")
    return Entry(
        occurred_at,
        method,
        target,
        0 if field["status"] == "-" else int(field["status"]),
        client,
        plain_host(field.get("host", "")),
        plain_field(field.get("referrer", "")),
        None if agent is None else plain_field(agent),
    )
