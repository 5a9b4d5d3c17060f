"""The supported formats, one row each, and the formats that are recognized but not supported."""

import re
from collections.abc import Callable
from functools import partial

import msgspec

from footfall.importing.accesslog.aws import read_balancer, read_bucket
from footfall.importing.accesslog.common import read_common
from footfall.importing.accesslog.entry import Entry, Reader
from footfall.importing.accesslog.json_line import read_json
from footfall.importing.accesslog.npm import read_npm
from footfall.importing.accesslog.w3c import W3cReader
from footfall.model.errors import BadRequest


class Format(msgspec.Struct, frozen=True):
    """A log format. A file has the format whose reader reads most of its lines."""

    name: str  # as in --format
    title: str
    new_reader: Callable[[], Reader]  # formats that share a reader share this function
    fits: Callable[[Entry], bool] = lambda _: True  # which of the formats that share a reader it is


def _common() -> Reader:
    return read_common


FORMATS: tuple[Format, ...] = (
    Format("combined", "Combined", _common, lambda e: not e.host and e.user_agent is not None),
    Format("common", "Common", _common, lambda e: not e.host and e.user_agent is None),
    Format("vhost", "Common or combined with the host in front", _common, lambda e: bool(e.host)),
    Format("npm", "Nginx Proxy Manager", lambda: read_npm),
    Format("json", "JSON lines (Caddy, Traefik, nginx)", lambda: read_json),
    Format("w3c", "W3C extended (IIS)", W3cReader),
    Format("cloudfront", "Amazon CloudFront", partial(W3cReader, is_cloudfront=True)),
    Format("alb", "Amazon load balancer (ALB, Classic)", lambda: read_balancer),
    Format("s3", "Amazon S3 server access log", lambda: read_bucket),
)


class Unsupported(msgspec.Struct, frozen=True):
    """A format that we recognise and do not read, with what to do about it."""

    title: str
    pattern: re.Pattern[str]
    advice: str = "write the log in the combined format"


_CLOCK = r"\d\d:\d\d:\d\d"
UNSUPPORTED: tuple[Unsupported, ...] = (
    Unsupported(
        "a HAProxy log",
        re.compile(rf"\[\d\d/[A-Z][a-z]{{2}}/\d{{4}}:{_CLOCK}\.\d{{3}}\] \S+ \S+/\S+ "),
        'its times have no time zone and it has no user agents: set "log-format" in HAProxy to'
        " the combined format",
    ),
    Unsupported(
        "a CloudFront log of RTMP streams",
        re.compile(r"#Fields:.*\sx-event\s"),
        "streams are not page views: import the log of the web distribution",
    ),
    Unsupported(
        "a log of Caddy in its console format",
        re.compile(r"[\d/]{10} [\d:.]{8,12}\s+[A-Z]+\s+http\.log\.access"),
        'set "format json" in Caddy\'s log block',
    ),
    Unsupported(
        "an error log of nginx",
        re.compile(rf"\d{{4}}/\d\d/\d\d {_CLOCK} \[\w+\] "),
        "import the access log",
    ),
    Unsupported(
        "an error log of Apache",
        re.compile(rf"\[[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} \d\d {_CLOCK}[.\d]* \d{{4}}\] \["),
        "import the access log",
    ),
    Unsupported(
        "a Squid log",
        re.compile(r"\d{10}\.\d{3} +\d+ \S+ [A-Z_]+/\d{3} \d+ [A-Z]+ "),
        'set "logformat combined" in Squid',
    ),
    Unsupported(
        "a log in the Common Event Format (Incapsula and others)",
        re.compile(r"(?:.{0,200} )?(?:CEF|LEEF):\d"),
        "export it in the W3C format",
    ),
    Unsupported(
        "a log of an Amazon Network Load Balancer",
        re.compile(r"tls \d\.\d \d{4}-\d\d-\d\dT"),
        "it has no requests: import the web server's log",
    ),
    Unsupported(
        "a W3C extended log without its #Fields line",
        re.compile(rf"\d{{4}}-\d\d-\d\d[ \t]{_CLOCK}[ \t]"),
        "put the line that begins with #Fields: at the top of the file",
    ),
    Unsupported("a web page", re.compile(r"\s*<(?:!DOCTYPE|html|\?xml)", re.IGNORECASE)),
)


def find_format(name: str) -> Format:
    """The format of this name. Raises BadRequest that lists them all."""
    for row in FORMATS:
        if row.name == name.lower():
            return row
    names = ", ".join(row.name for row in FORMATS)
    raise BadRequest(f"format: {name!r} is not a log format; choose one of {names}", field="format")
