"""The W3C extended format (IIS and others) and CloudFront's variety of it.

A line "#Fields: …" names the fields of the lines after it. Servers write it each time they start.
"""

import re
from urllib.parse import unquote

from footfall.importing.accesslog.client import behind_proxy, choose_client
from footfall.importing.accesslog.entry import Entry, Read
from footfall.importing.accesslog.moment import parse_iso_time
from footfall.importing.accesslog.quoted import plain_host

_WORD = re.compile(r'"((?:[^"]|"")*)(?:"|$)|(\S+)')
_HOSTS = ("x-host-header", "cs-host", "cs(host)")
_REFERRERS = ("cs(referer)", "cs(referrer)")
_FORWARDED = ("x-forwarded-for", "cs(x-forwarded-for)", "x_forwarded_for", "s-xff")
_OWN_HOST = ".cloudfront.net"
_EDGE = "x-edge-location"  # CloudFront's first field behind the time


class W3cReader:
    """Reads lines by the last "#Fields:" before them. Times are UTC."""

    def __init__(self, *, is_cloudfront: bool = False) -> None:
        self._is_cloudfront = is_cloudfront
        self._names: list[str] = []
        self._date = ""

    def __call__(self, line: str) -> Read:
        if line.startswith("#"):
            self._direct(line)
            return None
        values = _split(line)
        if not self._names or len(values) != len(self._names):
            return "format"
        row = dict(zip(self._names, values, strict=True))
        if ("c-ip" not in row and "c-dns" not in row) or "sc-status" not in row:
            return "format"
        return self._entry({name: "" if value == "-" else value for name, value in row.items()})

    def _direct(self, line: str) -> None:
        directive, _, value = line[1:].partition(":")
        if directive.lower() == "fields":
            names = value.lower().split()
            is_cloudfront = _EDGE in names and "x-event" not in names
            is_web = is_cloudfront if self._is_cloudfront else _EDGE not in names
            self._names = names if is_web else []
        elif directive.lower() == "date":
            self._date = (value.split() or [""])[0]

    def _entry(self, row: dict[str, str]) -> Read:
        date = row.get("date") or self._date
        occurred_at = parse_iso_time(f"{date} {row.get('time', '')}")
        if not occurred_at:
            return "time"
        client = choose_client(row.get("c-ip", "").split(","))
        if not client:
            return "client"
        method, status = row.get("cs-method", "GET"), row["sc-status"]
        return Entry(
            occurred_at,
            method.upper(),
            _target(row),
            int(status) if status.isdecimal() and len(status) == 3 else 0,
            behind_proxy(client, (row.get(name, "").replace("+", "") for name in _FORWARDED)),
            self._host(row),
            next((row[name] for name in _REFERRERS if row.get(name)), ""),
            self._user_agent(row),
        )

    def _host(self, row: dict[str, str]) -> str:
        name = next((name for name in _HOSTS if row.get(name)), "")
        host = plain_host(row[name]) if name else ""
        return "" if name == "cs(host)" and host.endswith(_OWN_HOST) else host

    def _user_agent(self, row: dict[str, str]) -> str | None:
        text = row.get("cs(user-agent)")
        if text is None:
            return None
        if self._is_cloudfront:  # encoded, and by some of its versions twice
            text = unquote(text)
            return unquote(text) if "%20" in text else text
        return text if " " in text else text.replace("+", " ")


def _split(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    if '"' not in line:
        return line.split()
    return [
        match[2] if match[2] is not None else match[1].replace('""', '"')
        for match in _WORD.finditer(line)
    ]


def _target(row: dict[str, str]) -> str:
    """Path and query, or the full address where the log has it."""
    stem, query = row.get("cs-uri-stem", ""), row.get("cs-uri-query", "")
    if stem:  # decoded by some servers
        stem = stem.replace("?", "%3F").replace("#", "%23")
    else:
        stem = row.get("cs-uri", "")
        if stem and not stem.startswith("/") and "://" not in stem:
            stem = f"http://{stem}"
    return f"{stem}?{query.removeprefix('?')}" if query and "?" not in stem else stem
