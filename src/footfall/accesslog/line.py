"""One line of an access log → a page request, or the reason why it is none.

Understood are the common and the combined format, with or without the host in front
("vhost_combined"), with anything behind. Quoted fields may hold \\" and \\xHH.

A line has one reason, the first that fits: it cannot be read, its method is not GET, it was not
answered with 2xx or 304 (a redirect leads to a line of its own), it asks for a file or a feed.
"""

import re
from calendar import timegm
from functools import lru_cache
from typing import NamedTuple

from footfall.model.event import EARLIEST_AT, DropReason

MAX_URL_CHARS = 2_048
MAX_USER_AGENT_CHARS = 512
"""2000-01-01: a log's time before it comes from a clock that was not set."""

_QUOTED = r'"([^"\\]*(?:\\.[^"\\]*)*)'
_LINE = re.compile(
    r"([^\[]{3,512}) \[([^\]]{20,32})\] "
    + _QUOTED
    + r'" (\d{3}) \S+'
    # the last quote may be missing: user agents get cut off
    + f'(?: {_QUOTED}" {_QUOTED}(?:"|$)|(?! "))'
)
_REQUEST = re.compile(r"(\S{1,32}) (\S.*?)(?: HTTP/\d(?:\.\d)?)?")
_ADDRESS = re.compile(r"[0-9a-fA-F]*[.:][0-9a-fA-F.:%]+")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_UNESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"v": b"\v", b"f": b"\f"}
_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Request(NamedTuple):
    """A GET that was answered with a page. '' stands for what the line does not say."""

    host: str
    address: str
    target: str  # path and query, as the client sent them
    referrer: str
    user_agent: str | None  # None: the log's format has none


class Line(NamedTuple):
    """What a line is. `occurred_at` is 0 where it has no time that could be read."""

    occurred_at: int
    outcome: Request | DropReason


INVALID = Line(0, "invalid")


def parse_line(raw: bytes) -> Line:
    """Read one line, without its line end. Any bytes are fine; never raises."""
    match = _LINE.match(raw.decode("utf-8", "replace"))
    if match is None:
        return INVALID
    head, time, request, status, referrer, user_agent = match.groups()
    occurred_at = _parse_time(time)
    if not occurred_at:
        return INVALID
    return Line(occurred_at, _judge(head, request, status, referrer, user_agent))


def _judge(
    head: str, request: str, status: str, referrer: str | None, user_agent: str | None
) -> Request | DropReason:
    is_answered = status[0] == "2" or status == "304"
    parts = _REQUEST.fullmatch(_unescape(request))
    if parts is None:
        return "invalid" if is_answered else "error_status"
    method, target = parts.groups()
    if method != "GET":
        return "not_get"
    if not is_answered:
        return "error_status"
    target = _path_and_query(target)
    if not target or len(target) > MAX_URL_CHARS:
        return "invalid"
    if is_asset(target):
        return "asset"
    host, address = _host_and_address(head)
    referrer = _unescape(referrer or "")
    return Request(
        host,
        address,
        target,
        referrer if referrer.startswith("http") and len(referrer) <= MAX_URL_CHARS else "",
        _clean_user_agent(user_agent),
    )


def _clean_user_agent(field: str | None) -> str | None:
    if field is None:
        return None
    return "" if field == "-" else _unescape(field)[:MAX_USER_AGENT_CHARS]


def _path_and_query(target: str) -> str:
    """The path and query of a request's target; '' where it has no path."""
    if target.startswith(("http://", "https://")):
        _, slash, rest = target.split("://", 1)[1].partition("/")
        target = slash + rest or "/"
    return target if target.startswith("/") else ""


def _host_and_address(head: str) -> tuple[str, str]:
    """From what stands before the time: "[host[:port]] address identity user"."""
    words = head.split(" ")
    if len(words) > 3 and _ADDRESS.fullmatch(words[1]) and not _ADDRESS.fullmatch(words[0]):
        return words[0].partition(":")[0].lower(), words[1]
    return "", words[0]


def _unescape(field: str) -> str:
    if "\\" not in field:
        return field
    return _ESCAPE.sub(_escaped_byte, field.encode()).decode("utf-8", "replace")


def _escaped_byte(match: re.Match[bytes]) -> bytes:
    digits, character = match.groups()
    if digits:
        return bytes((int(digits, 16),))
    return _UNESCAPED.get(character, character)


@lru_cache(4_096)
def _parse_time(text: str) -> int:
    """Milliseconds since 1970 of "17/May/2015:10:05:03 +0000"; 0 where that is no time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return 0
    day, hour, minute, second = (int(match[index]) for index in (1, 4, 5, 6))
    month = _MONTHS.get(match[2], 0)
    if not month or not 1 <= day <= _DAYS_IN_MONTH[month - 1]:
        return 0
    if hour > 23 or minute > 59 or second > 60 or int(match[3]) < 1970:
        return 0
    offset_s = (int(match[8]) * 60 + int(match[9])) * 60
    local_s = timegm((int(match[3]), month, day, hour, minute, second))
    occurred_at = (local_s - (offset_s if match[7] == "+" else -offset_s)) * 1000
    return occurred_at if occurred_at >= EARLIEST_AT else 0


_STYLES_AND_SCRIPTS = "css js mjs cjs map wasm json webmanifest ttf otf woff woff2 eot"
_IMAGES = "png jpg jpeg gif svg webp avif ico bmp tif tiff cur apng heic"
_SOUND_AND_FILM = (
    "mp3 mp4 m4a m4v webm ogg ogv oga wav flac avi mov mkv mpg mpeg swf flv m3u8 ts vtt srt"
)
_FEEDS_AND_ROBOTS_FILES = "xml rss atom rdf xsl txt"
_DOWNLOADS = (
    "pdf ps eps epub doc docx xls xlsx ppt pptx odt ods odp csv zip gz tgz bz2 xz zst 7z rar tar"
    " jar war deb rpm apk dmg iso exe msi bin dll so pyc whl gem pcap"
)
_ASSET_TYPES = frozenset(
    " ".join(
        (_STYLES_AND_SCRIPTS, _IMAGES, _SOUND_AND_FILM, _FEEDS_AND_ROBOTS_FILES, _DOWNLOADS)
    ).split()
)
_FEED_NAMES = frozenset(("feed", "rss"))
_FEED_QUERY = re.compile(r"[?&](?:feed|flav|format|type)=(?:rss|atom|rdf|feed)", re.IGNORECASE)


def is_asset(target: str) -> bool:
    """Whether a path and query ask for a file that is no page, or for a feed."""
    path, _, query = target.partition("?")
    name = path.lower().rstrip("/").rsplit("/", 1)[-1]
    if name in _FEED_NAMES or path.startswith("/.well-known/"):
        return True
    _, dot, extension = name.rpartition(".")
    if dot and extension in _ASSET_TYPES:
        return True
    return bool(query) and _FEED_QUERY.search("?" + query) is not None
