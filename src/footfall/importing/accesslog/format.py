"""The formats of access logs, one row each, and the formats that are recognized but not read."""

import re
from collections.abc import Callable
from functools import partial

from footfall.importing.accesslog.common import read_common
from footfall.importing.accesslog.entry import TextReader
from footfall.importing.accesslog.json_line import read_json
from footfall.importing.accesslog.line import parse_line
from footfall.importing.accesslog.pattern import pattern_reader
from footfall.importing.accesslog.quoted import quoted
from footfall.importing.accesslog.s3 import read_bucket
from footfall.importing.accesslog.w3c import W3cReader
from footfall.importing.format import Format, Formats, Reader, Unsupported


def _lines_of(new_reader: Callable[[], TextReader]) -> Callable[[], Reader]:
    return lambda: partial(parse_line, read=new_reader())


def _pattern(pattern: str) -> Callable[[], Reader]:
    read = pattern_reader(pattern)
    return _lines_of(lambda: read)


_COMMON = _lines_of(lambda: read_common)

_KNOWN = (
    Format("combined", "Combined", _COMMON),
    Format("common", "Common", _COMMON),
    Format("vhost", "Common or combined with the host in front", _COMMON),
    Format(
        "npm",
        "Nginx Proxy Manager",
        # [time] cache status - status - method scheme host "target" [Client …] … "agent" "referrer"
        _pattern(
            r"\[(?P<time>[^\]\[]{20,32})\] (?:[^\"\[]{1,80} )?(?P<status>\d{3}) - (?P<method>\S+)"
            rf" \S+ (?P<host>\S+) {quoted('target')} \[Client (?P<client>[^\]]*)\]"
            rf"(?: \[(?:Length|Gzip|Sent-to) [^\]]*\])* {quoted('user_agent')} {quoted('referrer')}"
        ),
    ),
    Format("json", "JSON lines (Caddy, Traefik, nginx)", _lines_of(lambda: read_json)),
    Format("w3c", "W3C extended (IIS)", _lines_of(W3cReader)),
    Format("cloudfront", "Amazon CloudFront", _lines_of(partial(W3cReader, is_cloudfront=True))),
    Format(
        "alb",
        "Amazon load balancer (ALB, Classic)",
        # [type] time balancer client target 3 × seconds status status bytes bytes "request" "agent"
        _pattern(
            r"(?:[a-z0-9]+ )?(?P<time>\d{4}-\d\d-\d\dT\S+) \S+ (?P<client>\S+) \S+"
            r" (?:-?[\d.]+ ){3}(?P<status>\d{3}|-) (?:\d{3}|-) -?\d+ -?\d+"
            rf" {quoted('request')}(?: {quoted('user_agent')})?"
        ),
    ),
    Format("s3", "Amazon S3 server access log", _lines_of(lambda: read_bucket)),
)

_CLOCK = r"\d\d:\d\d:\d\d"
_UNSUPPORTED = (
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
    Unsupported(
        "a web page",
        re.compile(r"\s*<(?:!DOCTYPE|html|\?xml)", re.IGNORECASE),
        "write the log in the combined format",
    ),
)

ACCESS_LOGS = Formats(
    _KNOWN,
    _UNSUPPORTED,
    "Have your server write one of them, or name the one that the log has with --format.",
)
