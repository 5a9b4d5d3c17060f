"""What syslog, containers and JSON wrappers put in front of a log line."""

import re

import msgspec

_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d| [A-Z]{3,4})?"
_RFC_3164 = r"[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?"
_PRIORITY = r"(?:<\d{1,3}>)?"
_TAG = r"[^\s:\[\]{}\"]{1,128}(?:\[\d+\])?: +"
_ADDRESS_NEXT = r"(?=(?:\d+\.){3}\d+[ ,:]|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+[\]% ,])"
_DATA = r'(?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\])+)'

_PREFIXES = tuple(
    re.compile(pattern)
    for pattern in (
        # <190>1 2026-11-28T10:00:00Z web1 nginx 123 - - MESSAGE  (RFC 5424)
        rf"{_PRIORITY}1 {_ISO} \S+ \S+ \S+ \S+ {_DATA} \ufeff?",
        # 2026-11-28T10:00:00.000Z stdout F MESSAGE  (Kubernetes)
        rf"{_ISO} (?:stdout|stderr) [FP] ",
        # <190>Oct 10 13:55:36 web1 nginx[123]: MESSAGE  (RFC 3164, rsyslog, journalctl)
        rf"{_PRIORITY}(?:[A-Z][a-z]{{2}} )?(?:{_RFC_3164}|{_ISO}) (?:\S+ )?{_TAG}",
        # Oct 10 13:55:36 web1 ADDRESS …  (no tag)
        rf"{_PRIORITY}(?:{_RFC_3164}|{_ISO}) (?:\S+ )??{_ADDRESS_NEXT}",
        rf"{_PRIORITY}(?:{_RFC_3164}|{_ISO}) (?:\S+ )??(?=[\[{{])",
        # web-1  | MESSAGE  (docker compose), [pod/web-1/nginx] MESSAGE  (kubectl)
        r"[\w.-]{1,128} +\| ",
        r"\[pod/[^\]\s]{1,256}\] ",
        rf"{_PRIORITY}{_TAG}",
    )
)
_MESSAGE_FIELDS = ("log", "MESSAGE", "message")


def strip_prefix(line: str) -> str:
    """The line without what was put in front of it; '' if nothing known is in front."""
    if line.startswith("{"):
        return _unwrap(line)
    for prefix in _PREFIXES:
        if match := prefix.match(line):
            return line[match.end() :]
    return ""


def _unwrap(line: str) -> str:
    """The message of a JSON object that Docker, the journal or a log shipper made."""
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    values = (fields.get(name) for name in _MESSAGE_FIELDS) if isinstance(fields, dict) else ()
    return next((value for value in values if isinstance(value, str)), "").rstrip("\r\n")
