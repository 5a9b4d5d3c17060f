"""Logs with one JSON object per line: Caddy, Traefik, nginx, and others with the same fields."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from footfall.importing.accesslog.client import behind_proxy, choose_client
from footfall.importing.accesslog.entry import Entry, Read
from footfall.importing.accesslog.moment import parse_time
from footfall.importing.accesslog.quoted import plain_host, split_request

# Spellings without case and separators, the best source first: `request.uri`, `request_uri` and
# `RequestURI` are one name.
_SPELLINGS = {
    "time": "startutc startlocal timeiso8601 timelocal msec edgestarttimestamp ts timestamp time"
    " datetime date starttime",
    "client": "requestclientip clientip requestremoteip remoteip requestremoteaddr remoteaddr"
    " clienthost clientaddr clientaddress ip remotehost sourceip httprequestremoteip cip",
    "forwarded": "httpxforwardedfor requestheadersxforwardedfor requestxforwardedfor"
    " xforwardedfor forwardedfor",
    "method": "requestmethod method httprequestmethod httprequestrequestmethod"
    " clientrequestmethod httpmethod verb csmethod",
    "target": "requesturi requestpath clientrequesturi clientrequestpath urloriginal requesturl"
    " httprequestrequesturl url uri urlpath csuristem path",
    "query": "args querystring urlquery csuriquery query",
    "status": "status downstreamstatus statuscode responsestatus responsestatuscode"
    " httpresponsestatuscode httprequeststatus edgeresponsestatus scstatus"
    " response originstatus code",
    "host": "requesthost httphost xhostheader clientrequesthost host cshost vhost virtualhost"
    " urldomain domain servername requestaddr",
    "referrer": "httpreferer httpreferrer requestheadersreferer requestreferer referer referrer"
    " httprequestreferrer httprequestreferer clientrequestreferer csreferer",
    "user_agent": "httpuseragent requestheadersuseragent requestuseragent useragent"
    " useragentoriginal httprequestuseragent clientrequestuseragent csuseragent agent",
}
_NAMES = {field: tuple(spellings.split()) for field, spellings in _SPELLINGS.items()}
_WRAPPERS = ("nginxaccess", "nginx", "access", "accesslog", "apache", "httpd", "log", "data", "msg")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_MAX_DEPTH = 4
_HALF_ESCAPED = re.compile(rb"\\x([0-9a-fA-F]{2})")  # nginx without `escape=json`
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


def read_json(line: str) -> Read:
    """Read one object. A log that names no method counts every request as a GET."""
    fields = _decode(line)
    if fields is None:
        return "format"
    found = {field: next(_values(fields, field), "") for field in _NAMES if field != "time"}
    method, target = _request(fields, found)
    if not found["status"].isdecimal() or len(found["status"]) != 3:
        return "format"
    occurred_at = next(filter(None, map(parse_time, _times(fields))), 0)
    if not occurred_at:
        return "time"
    clients = (choose_client(text.split(",")) for text in _values(fields, "client"))
    client = next(filter(None, clients), "")
    if not client:
        return "client"
    return Entry(
        occurred_at,
        method,
        target,
        int(found["status"]),
        behind_proxy(client, (found["forwarded"],)),
        plain_host(found["host"]),
        found["referrer"],
        _plain_agent(found["user_agent"]) if _has_agents(fields) else None,
    )


def _times(fields: dict[str, Any]) -> Iterator[Any]:
    date, time = fields.get("date"), fields.get("time")
    if isinstance(date, str) and isinstance(time, str):  # CloudFront
        yield f"{date} {time}"
    yield from _raw(fields, "time")


def _has_agents(fields: dict[str, Any]) -> bool:
    """Whether the log has user agents: a request without one is then a bot's. Caddy leaves the
    header out where the client did."""
    names = _NAMES["user_agent"]
    return any(name in names or name.startswith("requestheaders") for name in fields)


def _plain_agent(text: str) -> str:
    """CloudFront encodes it."""
    return unquote(text) if "%20" in text and " " not in text else text


def _request(fields: dict[str, Any], found: dict[str, str]) -> tuple[str, str]:
    line = fields.get("request")
    if isinstance(line, str) and line.startswith("/"):  # Apache's %U: the path alone
        fields, line = {**fields, "requesturi": line}, None
    method, target = split_request(line) if isinstance(line, str) else ("", "")
    method = found["method"] or method or ("" if isinstance(line, str) else "GET")
    # nginx's `uri` is the path after rewriting: the request line knows better
    target = next(_values(fields, "target", until="url"), "") or target or found["target"]
    if found["query"] and target and "?" not in target:
        target = f"{target}?{found['query'].removeprefix('?')}"
    return method.upper(), target


def _values(fields: dict[str, Any], field: str, until: str = "") -> Iterator[str]:
    """What the spellings of a field say, as text; "-" and '' are left out."""
    for value in _raw(fields, field, until):
        is_whole = isinstance(value, float) and value.is_integer()
        text = str(int(value) if is_whole else value)  # a status may be 200.0
        if text not in ("", "-"):
            yield text


def _raw(fields: dict[str, Any], field: str, until: str = "") -> Iterator[Any]:
    for name in _NAMES[field]:
        if name in fields:
            yield fields[name]
        if name == until:
            return


def _decode(line: str) -> dict[str, Any] | None:
    """The object's values by their names without case and separators; None for anything else."""
    text = line.strip().removesuffix(",")
    if not text.startswith("{"):
        return None
    try:
        value = msgspec.json.decode(text)
    except _UNREADABLE:
        try:
            value = msgspec.json.decode(_mend(text))
        except _UNREADABLE:
            return None
    flat: dict[str, Any] = {}
    _flatten(value, "", flat, _MAX_DEPTH)
    return _without_wrapper(flat)


def _without_wrapper(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of `{"time": …, "nginx": {…}}` as if they stood in the object itself."""
    if any(True for _ in _raw(fields, "status")):
        return fields
    for wrapper in _WRAPPERS:
        size = len(wrapper)
        inner = {name[size:]: value for name, value in fields.items() if name.startswith(wrapper)}
        if any(True for _ in _raw(inner, "status")):
            return fields | inner
    return fields


def _flatten(value: Any, name: str, flat: dict[str, Any], depth: int) -> None:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        for key, inner in value.items() if depth else ():
            _flatten(inner, name + _SEPARATORS.sub("", key.lower()), flat, depth - 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        flat.setdefault(name, value)


def _mend(text: str) -> bytes:
    """JSON in which `\\xHH` is the byte itself, or `\\u00HH` if JSON does not take it bare."""

    def byte(match: re.Match[bytes]) -> bytes:
        code = int(match[1], 16)
        return bytes((code,)) if code >= 0x80 else b"\\u%04x" % code

    return _HALF_ESCAPED.sub(byte, text.encode()).decode("utf-8", "replace").encode()
