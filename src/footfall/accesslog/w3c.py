"""The W3C extended format (IIS and others) and CloudFront's variety of it.

A line "#Fields: …" names the fields of the lines behind it. Servers write it at each start.
"""

import re
from urllib.parse import unquote

from footfall.accesslog.client import behind_proxy, choose_client
from footfall.accesslog.entry import Entry, Read
from footfall.accesslog.moment import parse_iso_time
from footfall.accesslog.quoted import plain_host

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
        said = dict(zip(self._names, values, strict=True))
        if ("c-ip" not in said and "c-dns" not in said) or "sc-status" not in said:
            return "format"
        return self._entry({name: "" if value == "-" else value for name, value in said.items()})

    def _direct(self, line: str) -> None:
        directive, _, value = line[1:].partition(":")
        if directive.lower() == "fields":
            names = value.lower().split()
            is_cloudfront = _EDGE in names and "x-event" not in names
            is_web = is_cloudfront if self._is_cloudfront else _EDGE not in names
            self._names = names if is_web else []
        elif directive.lower() == "date":
            self._date = (value.split() or [""])[0]

    def _entry(self, said: dict[str, str]) -> Read:
        date = said.get("date") or self._date
        occurred_at = parse_iso_time(f"{date} {said.get('time', '')}")
        if not occurred_at:
            return "time"
        client = choose_client(said.get("c-ip", "").split(","))
        if not client:
            return "client"
        method, status = said.get("cs-method", "GET"), said["sc-status"]
        return Entry(
            occurred_at,
            method.upper(),
            _target(said),
            int(status) if status.isdecimal() and len(status) == 3 else 0,
            behind_proxy(client, (said.get(name, "").replace("+", "") for name in _FORWARDED)),
            self._host(said),
            next((said[name] for name in _REFERRERS if said.get(name)), ""),
            self._user_agent(said),
        )

    def _host(self, said: dict[str, str]) -> str:
        name = next((name for name in _HOSTS if said.get(name)), "")
        host = plain_host(said[name]) if name else ""
        return "" if name == "cs(host)" and host.endswith(_OWN_HOST) else host

    def _user_agent(self, said: dict[str, str]) -> str | None:
        text = said.get("cs(user-agent)")
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


def _target(said: dict[str, str]) -> str:
    """Path and query, or the full address where the log has it."""
    stem, query = said.get("cs-uri-stem", ""), said.get("cs-uri-query", "")
    if stem:  # decoded by some servers
        stem = stem.replace("?", "%3F").replace("#", "%23")
    else:
        stem = said.get("cs-uri", "")
        if stem and not stem.startswith("/") and "://" not in stem:
            stem = f"http://{stem}"
    return f"{stem}?{query.removeprefix('?')}" if query and "?" not in stem else stem
