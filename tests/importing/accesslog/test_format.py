"""Every format in the table gives the same page view and is detected by its content."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.importing.accesslog.format import ACCESS_LOGS
from footfall.importing.accesslog.json_line import read_json
from footfall.importing.accesslog.line import Request, parse_line
from footfall.importing.detect import detect_format
from footfall.importing.format import Format, Row
from footfall.importing.source import MAX_LINE_BYTES
from footfall.model.errors import BadRequest

AT = 1_795_860_000_000  # 2026-11-28T10:00:00Z
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0"
PLUS = AGENT.replace(" ", "+")
PERCENT = AGENT.replace(" ", "%20")
FROM = "https://search.example/?q=x"
VIEW = Request("shop.example", "203.0.113.7", "/a?x=1", FROM, AGENT)
CLF = f'[28/Nov/2026:10:00:00 +0000] "GET /a?x=1 HTTP/1.1" 200 5 "{FROM}" "{AGENT}"'

CADDY = {
    "level": "info",
    "ts": 1795860000.0,
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {
        "remote_ip": "203.0.113.7",
        "remote_port": "41342",
        "client_ip": "203.0.113.7",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "shop.example",
        "uri": "/a?x=1",
        "headers": {"User-Agent": [AGENT], "Accept": ["*/*"], "Referer": [FROM]},
        "tls": {"resumed": False, "server_name": "other.example"},
    },
    "bytes_read": 0,
    "user_id": "",
    "duration": 0.000929675,
    "size": 10900,
    "status": 200,
    "resp_headers": {"Server": ["Caddy"], "Content-Type": ["text/html"]},
}
OLD_CADDY = CADDY | {
    "ts": "2026-11-28T10:00:00.000Z",
    "request": {
        "remote_addr": "203.0.113.7:41342",
        "method": "GET",
        "host": "shop.example:443",
        "uri": "/a?x=1",
        "headers": {"User-Agent": [AGENT], "Referer": [FROM]},
    },
}
TRAEFIK = {
    "ClientAddr": "203.0.113.7:51234",
    "ClientHost": "203.0.113.7",
    "ClientPort": "51234",
    "ClientUsername": "-",
    "DownstreamContentSize": 12,
    "DownstreamStatus": 200,
    "Duration": 1234567,
    "OriginStatus": 200,
    "RequestAddr": "shop.example",
    "RequestHost": "shop.example",
    "RequestMethod": "GET",
    "RequestPath": "/a?x=1",
    "RequestPort": "-",
    "RequestProtocol": "HTTP/2.0",
    "RouterName": "web@docker",
    "StartLocal": "2026-11-28T11:00:00.000000001+01:00",
    "StartUTC": "2026-11-28T10:00:00.000000001Z",
    "entryPointName": "websecure",
    "level": "info",
    "msg": "",
    "request_Referer": FROM,
    "request_User-Agent": AGENT,
    "time": "2026-11-28T11:00:01+01:00",
}
NGINX = {
    "time_iso8601": "2026-11-28T11:00:00+01:00",
    "remote_addr": "203.0.113.7",
    "host": "shop.example",
    "request": "GET /a?x=1 HTTP/2.0",
    "status": "200",
    "body_bytes_sent": "5",
    "request_time": "0.002",
    "http_referrer": FROM,
    "http_user_agent": AGENT,
}
NGINX_FIELDS = {
    "msec": "1795860000.000",
    "remote_addr": "203.0.113.7",
    "http_host": "shop.example",
    "request_method": "GET",
    "request_uri": "/a?x=1",
    "uri": "/index.php",
    "args": "q=/a&x=1",
    "status": 200,
    "http_referer": FROM,
    "http_user_agent": AGENT,
}
NGINX_PARTS = {
    "time_local": "28/Nov/2026:10:00:00 +0000",
    "remote_addr": "10.0.0.2",
    "http_x_forwarded_for": "203.0.113.7, 10.0.0.3",
    "server_name": "shop.example",
    "method": "GET",
    "uri": "/a",
    "args": "x=1",
    "status": 200,
    "referer": FROM,
    "user_agent": AGENT,
}
NO_METHOD = {
    "ip": "203.0.113.7",
    "host": "shop.example",
    "path": "/a?x=1",
    "status": "200",
    "referrer": FROM,
    "user_agent": AGENT,
    "date": "2026-11-28T10:00:00+00:00",
}
ELASTIC = {
    "@timestamp": "2026-11-28T10:00:00.000Z",
    "source": {"ip": "203.0.113.7"},
    "url": {"original": "https://shop.example/a?x=1", "domain": "shop.example"},
    "http": {
        "request": {"method": "GET", "referrer": FROM},
        "response": {"status_code": 200},
    },
    "user_agent": {"original": AGENT, "name": "Chrome"},
}
GOOGLE = {
    "timestamp": "2026-11-28T10:00:00Z",
    "httpRequest": {
        "requestMethod": "GET",
        "requestUrl": "https://shop.example/a?x=1",
        "status": 200,
        "userAgent": AGENT,
        "remoteIp": "203.0.113.7",
        "referer": FROM,
    },
}
CLOUDFLARE = {
    "ClientIP": "203.0.113.7",
    "ClientRequestHost": "shop.example",
    "ClientRequestMethod": "GET",
    "ClientRequestURI": "/a?x=1",
    "ClientRequestReferer": FROM,
    "ClientRequestUserAgent": AGENT,
    "EdgeResponseStatus": 200,
    "EdgeStartTimestamp": 1795860000000000000,
}

CLOUDFRONT_JSON = {
    "date": "2026-11-28",
    "time": "10:00:00",
    "c-ip": "203.0.113.7",
    "cs-method": "GET",
    "cs(Host)": "d111.cloudfront.net",
    "x-host-header": "shop.example",
    "cs-uri-stem": "/a",
    "cs-uri-query": "x=1",
    "sc-status": "200",
    "cs(Referer)": FROM,
    "cs(User-Agent)": PERCENT,
}

IIS_FIELDS = (
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip"
    " cs(User-Agent) cs(Referer) cs-host sc-status sc-substatus sc-win32-status time-taken"
)
IIS = [
    "#Software: Microsoft Internet Information Services 10.0",
    "#Version: 1.0",
    "#Date: 2026-11-28 09:00:00",
    IIS_FIELDS,
    f"2026-11-28 10:00:00 10.0.0.1 GET /a x=1 443 - 203.0.113.7 {PLUS} {FROM}"
    " shop.example 200 0 0 9",
]
QUOTED_W3C = [
    "#Date: 2026-11-28",
    "#Fields: time c-ip cs-method cs-uri sc-status cs(Referrer) cs(User-Agent)",
    f'"10:00:00" "203.0.113.7" "GET" "shop.example/a?x=1" "200" "{FROM}" "{AGENT}"',
]
SECURITY_W3C = [
    "#Software: Incapsula LOGS API",
    "#Fields: date time cs-vid c-ip s-caip cs(User-Agent) cs-uri cs-postbody cs(Referrer) s-ip"
    " s-port cs-method cs-uri-query sc-status s-xff cs-bytes",
    f'"2026-11-28" "10:00:00" "5c-f" "203.0.113.7" "" "{AGENT}" "shop.example/a" "" "{FROM}"'
    ' "10.0.0.1" "443" "GET" "x=1" "200" "203.0.113.7" "10117"',
]
SYSLOG_W3C = [f"Nov 28 10:00:00 web1 iis: {line}" for line in IIS]
TABS_W3C = [
    "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status cs(Host) cs(Referer)"
    " cs(User-Agent)",
    f"2026-11-28\t10:00:00\t203.0.113.7\tGET\t/a\tx=1\t200\tshop.example\t{FROM}\t{AGENT}",
]
CLOUDFRONT_FIELDS = (
    "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status"
    " cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id"
    " x-host-header cs-protocol cs-bytes time-taken x-forwarded-for"
)
CLOUDFRONT = [
    "#Version: 1.0",
    CLOUDFRONT_FIELDS,
    "2026-11-28\t10:00:00\tFRA2\t182\t203.0.113.7\tGET\td111.cloudfront.net\t/a\t200\t"
    f"{FROM}\t{PERCENT}\tx=1\t-\tHit\tSOX4xw==\tshop.example\thttps\t23\t0.001\t-",
]
ALB_TAIL = (
    '"GET https://shop.example:443/a?x=1 HTTP/2.0" "%s" ECDHE-RSA TLSv1.2'
    ' arn:aws:elb/x "Root=1-5" "shop.example" "-" 0 2026-11-28T10:00:00.1Z "forward" "-" "-"'
)
ALB = (
    "h2 2026-11-28T10:00:00.000000Z app/my-lb/50dc 203.0.113.7:2817 10.0.0.1:80 0.000 0.001 0.000"
    f" 200 200 34 366 {ALB_TAIL % AGENT}"
)
ELB = (
    "2026-11-28T10:00:00.000000Z my-lb 203.0.113.7:2817 10.0.0.1:80 0.00007 0.001 0.00005 200 200 0"
    f' 29 "GET http://shop.example:80/a?x=1 HTTP/1.1" "{AGENT}" - -'
)
S3 = (
    "79a59df900b9 shop-bucket [28/Nov/2026:10:00:00 +0000] 203.0.113.7 - 3E57427F3"
    f' WEBSITE.GET.OBJECT a "GET /a?x=1 HTTP/1.1" 200 - 113 113 7 6 "{FROM}" "{AGENT}"'
    " - s9lzHYrFp= - - - shop.example TLSv1.2 - -"
)
NPM = (
    '[28/Nov/2026:10:00:00 +0000] - 200 200 - GET https shop.example "/a?x=1" [Client 203.0.113.7]'
    f' [Length 1234] [Gzip 2.5] [Sent-to 10.0.0.5] "{AGENT}" "{FROM}"'
)
OTHER_NPM = (
    '[28/Nov/2026:10:00:00 +0000] 200 - GET https shop.example "/a?x=1" [Client 203.0.113.7]'
    f' [Length 1234] [Gzip -] "{AGENT}" "{FROM}"'
)


def dumped(*objects: dict[str, object]) -> list[str]:
    return [json.dumps(value) for value in objects]


SAMPLES: list[tuple[str, list[str], Request]] = [
    ("combined", [f"203.0.113.7 - - {CLF}"], VIEW._replace(host="")),
    (
        "common",
        ['203.0.113.7 - - [28/Nov/2026:10:00:00 +0000] "GET /a?x=1 HTTP/1.1" 200 5'],
        Request("", "203.0.113.7", "/a?x=1", "", None),
    ),
    ("vhost", [f"shop.example:443 203.0.113.7 - - {CLF}"], VIEW),
    ("npm", [NPM], VIEW),
    ("npm", [OTHER_NPM], VIEW),
    ("npm", [NPM.replace("- 200 200 - ", "MISS 502, 200 200 - ")], VIEW),
    ("json", dumped(CADDY), VIEW),
    ("json", dumped(OLD_CADDY), VIEW),
    ("json", dumped(TRAEFIK), VIEW),
    ("json", dumped(NGINX), VIEW),
    ("json", dumped(NGINX_FIELDS), VIEW),
    ("json", dumped(NGINX_PARTS), VIEW),
    ("json", dumped(NO_METHOD), VIEW),
    ("json", dumped(ELASTIC), VIEW),
    ("json", dumped(GOOGLE), VIEW),
    ("json", dumped(CLOUDFLARE), VIEW),
    ("json", dumped(CLOUDFRONT_JSON), VIEW),
    ("json", [f"2026-11-28T10:00:00.1Z stdout F {json.dumps(NGINX)}"], VIEW),
    ("json", [f"Nov 28 10:00:00 web1 nginx: {json.dumps(NGINX)}"], VIEW),
    ("json", dumped({"log": json.dumps(CADDY) + "\n", "stream": "stderr"}), VIEW),
    ("w3c", IIS, VIEW),
    ("w3c", QUOTED_W3C, VIEW),
    ("w3c", TABS_W3C, VIEW),
    ("w3c", SECURITY_W3C, VIEW),
    ("w3c", SYSLOG_W3C, VIEW),
    ("cloudfront", CLOUDFRONT, VIEW),
    ("alb", [ALB], VIEW._replace(referrer="")),
    ("alb", [ELB], VIEW._replace(referrer="")),
    ("s3", [S3], VIEW),
]

LOGS = [(name, lines) for name, lines, _ in SAMPLES]


def detected(lines: list[str]) -> str:
    found = detect_format([line.encode() for line in lines], Path("x.log"), ACCESS_LOGS, None)
    assert found is not None
    return found.name


def parsed(name: str, lines: list[str]) -> list[Row]:
    reader = ACCESS_LOGS.find(name).new_reader()
    found = [reader(line.encode()) for line in lines]
    return [row._replace(format="") for row in found if row is not None]


@pytest.mark.parametrize(("name", "lines", "view"), SAMPLES)
def test_a_log_is_detected_and_read(name: str, lines: list[str], view: Request):
    assert detected(lines) == name
    assert parsed(name, lines) == [Row(AT, view)]


@pytest.mark.parametrize(("name", "lines"), LOGS)
def test_no_other_format_reads_it(name: str, lines: list[str]):
    shared = ACCESS_LOGS.find(name).new_reader
    for other in ACCESS_LOGS.known:
        if other.new_reader != shared:
            assert all(line.outcome == "invalid" for line in parsed(other.name, lines))


def test_every_format_of_the_table_has_a_sample():
    assert {name for name, _, _ in SAMPLES} == {row.name for row in ACCESS_LOGS.known}


@pytest.mark.parametrize(("name", "lines"), LOGS)
def test_a_request_that_is_not_a_get_is_not_a_view(name: str, lines: list[str]):
    posted = [line.replace("GET", "POST") for line in lines]
    if posted != lines:
        assert [line.outcome for line in parsed(name, posted)] == ["not_get"]


@pytest.mark.parametrize(("name", "lines"), LOGS)
@pytest.mark.parametrize("bad", ["", "nonsense", "-", "999.1.1.1", "unknown"])
def test_a_line_without_a_client_is_not_read(name: str, lines: list[str], bad: str):
    changed = [line.replace("203.0.113.7", bad) for line in lines]
    if "10.0.0.2" in changed[-1]:
        return  # behind a proxy: its address is what is left
    for line in parsed(name, changed):
        assert line.outcome == "invalid"


def test_fields_may_change_midway():
    other = "#Fields: date time c-ip cs-method cs-uri-stem sc-status"
    lines = [*IIS, other, "2026-11-28 10:00:00 203.0.113.9 GET /b 200", IIS_FIELDS, IIS[-1]]
    views = [line.outcome for line in parsed("w3c", lines)]
    assert views == [VIEW, Request("", "203.0.113.9", "/b", "", None), VIEW]


def test_a_line_with_other_fields_than_the_directive_names_is_not_guessed():
    assert [line.fault for line in parsed("w3c", [IIS_FIELDS, "2026-11-28 10:00:00 1.2.3.4"])] == [
        "format"
    ]


def test_iis_lines_without_query_user_agent_and_referrer_have_none():
    line = IIS[-1].replace(" x=1 ", " - ").replace(PLUS, "-").replace(FROM, "-")
    assert parsed("w3c", [IIS_FIELDS, line])[0].outcome == VIEW._replace(
        target="/a", referrer="", user_agent=""
    )


def test_a_user_agent_that_cloudfront_encoded_twice_is_decoded_twice():
    lines = [line.replace("%20", "%2520") for line in CLOUDFRONT]
    assert parsed("cloudfront", lines)[0].outcome == VIEW


def test_the_distributions_own_host_is_not_the_websites():
    lines = [
        CLOUDFRONT_FIELDS.replace(" x-host-header", ""),
        CLOUDFRONT[-1].replace("\tshop.example", ""),
    ]
    assert parsed("cloudfront", lines)[0].outcome == VIEW._replace(host="")


def test_a_load_balancers_request_that_got_no_answer_is_an_error():
    line = ALB.replace("200 200 34", "460 - 34")
    assert parsed("alb", [line])[0].outcome == "error_status"
    assert parsed("alb", [ALB.replace("200 200 34", "- - 34")])[0].outcome == "error_status"


def test_a_list_of_a_buckets_files_is_not_a_view():
    line = S3.replace("WEBSITE.GET.OBJECT", "REST.GET.BUCKET")
    assert parsed("s3", [line])[0].outcome == "not_get"


def test_a_buckets_own_host_is_not_the_websites():
    line = S3.replace("- - - shop.example", "- - - shop.s3-website.eu-west-1.amazonaws.com")
    assert parsed("s3", [line])[0].outcome == VIEW._replace(host="")


@pytest.mark.parametrize(
    "time",
    [
        1795860000,
        1795860000.25,
        1795860000250,
        "1795860000",
        "2026-11-28T10:00:00Z",
        "2026-11-28T11:00:00.123456789+01:00",
        "2026-11-28T10:00:00+0000",
        "2026/11/28 10:00:00",
        "2026-11-28 10:00:00,000",
        "28/Nov/2026:11:00:00 +0100",
        "[28/Nov/2026:10:00:00 +0000]",
    ],
)
def test_times_in_json_have_many_spellings(time: object):
    [line] = parsed("json", dumped(NGINX | {"time_iso8601": time}))
    assert line.occurred_at // 1000 == AT // 1000


@pytest.mark.parametrize(
    "time",
    [
        "",
        "yesterday",
        "2026-11-28",
        "20261128",
        "10:00:00",
        0,
        -1,
        True,
        None,
        [],
        {},
        1e300,
        "1e9",
        "99",
    ],
)
def test_a_json_line_without_a_valid_time_is_not_read(time: object):
    [line] = parsed("json", dumped(NGINX | {"time_iso8601": time}))
    assert (line.outcome, line.fault) == ("invalid", "time")


def test_json_that_nginx_escaped_for_text_is_read():
    line = json.dumps(NGINX | {"http_user_agent": "AGENT"}).replace(
        "AGENT", r"A \x22b\x22 caf\xC3\xA9"
    )
    [view] = [line.outcome for line in parsed("json", [line])]
    assert view.user_agent == 'A "b" café'


@pytest.mark.parametrize("status", [200, "200", 200.0])
def test_a_status_in_json_is_a_number_or_text(status: object):
    [line] = parsed("json", dumped(CADDY | {"status": status}))
    assert line.outcome == VIEW


def test_a_request_without_a_user_agent_is_a_bots_where_the_log_has_the_headers():
    headers = {"Accept": ["*/*"]}
    [line] = parsed("json", dumped(CADDY | {"request": CADDY["request"] | {"headers": headers}}))
    assert line.outcome == VIEW._replace(user_agent="", referrer="")
    bare = {name: value for name, value in CADDY["request"].items() if name != "headers"}  # type: ignore[attr-defined]
    [line] = parsed("json", dumped(CADDY | {"request": bare}))
    assert line.outcome == VIEW._replace(user_agent=None, referrer="")


def test_other_lines_in_a_json_log_are_not_requests():
    lines = ['{"level":"error","ts":1795860000.0,"msg":"tls"}', "[]", "{", "{}", "5", "null", '"x"']
    assert {line.fault for line in parsed("json", [*lines, "{" * 90_000])} == {"format"}


def test_good_lines_next_to_bad_ones_are_read():
    lines = [*IIS, "nonsense", "", IIS[-1], "2026-11-28"]
    assert detected(lines) == "w3c"
    assert [line.outcome for line in parsed("w3c", lines)].count(VIEW) == 2


UNREADABLE = [
    ("console format", "2026/11/28 10:00:00.000\tINFO\thttp.log.access\thandled request\t{}"),
    (
        "HAProxy",
        "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2026:12:14:14.655]"
        " http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {}"
        ' "GET /a HTTP/1.1"',
    ),
    (
        "RTMP",
        "#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status cs-uri-stem\n"
        "2026-11-28\t10:00:00\tFRA2\t203.0.113.7\tplay\t5\tOK\trtmp://shop.example/a",
    ),
    (
        "error log of nginx",
        "2026/11/28 10:00:00 [error] 7#7: *1 open() failed, client: 203.0.113.7",
    ),
    (
        "error log of Apache",
        "[Sat Nov 28 10:00:00.123 2026] [core:error] [pid 7] [client 203.0.113.7:1] x",
    ),
    (
        "Squid",
        "1795860000.123    110 203.0.113.7 TCP_MISS/200 1234 GET http://shop.example/ - DIRECT/1 -",
    ),
    ("Common Event", "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0| fileId=1 src=203.0.113.7"),
    (
        "without its #Fields",
        "2026-11-28 10:00:00 10.0.0.1 GET /a - 443 - 203.0.113.7 - - 200 0 0 9",
    ),
    (
        "Network Load Balancer",
        "tls 2.0 2026-11-28T10:00:00 net/lb/1 2 203.0.113.7:1 10.0.0.1:443 5 2",
    ),
    ("a web page", "<!DOCTYPE html>"),
    ("client", '- - - [28/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"'),
    ("valid time", '203.0.113.7 - - [28/Nov/1926:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"'),
    ("--format", "a;b;c"),
]


@pytest.mark.parametrize(("words", "line"), UNREADABLE)
def test_a_log_that_cannot_be_read_is_refused_with_what_it_looks_like(words: str, line: str):
    with pytest.raises(BadRequest) as error:
        detected(line.split("\n") * 60)
    assert words in error.value.message
    assert "nothing was imported" in error.value.message
    assert "203.0.113.7" not in error.value.message


def test_every_format_that_is_known_and_not_read_has_a_sample():
    texts = [line for _, line in UNREADABLE]
    assert all(any(row.pattern.search(text) for text in texts) for row in ACCESS_LOGS.unsupported)


def test_one_readable_line_in_sixty_is_almost_nothing():
    with pytest.raises(BadRequest, match=r"1 of 60 lines can be read as combined"):
        detected([f"203.0.113.7 - - {CLF}", *["nonsense"] * 59])
    assert detected([f"203.0.113.7 - - {CLF}", *["nonsense"] * 40]) == "combined"


def test_a_log_that_begins_with_thousands_of_other_lines_is_detected():
    assert detected(["nonsense"] * 5_000 + [f"203.0.113.7 - - {CLF}"] * 500) == "combined"


def test_a_format_that_does_not_exist_is_refused_with_the_list():
    with pytest.raises(BadRequest, match="combined, common, vhost") as error:
        ACCESS_LOGS.find("apache")
    assert error.value.field == "format"


HOSTILE = [*("\\", '"', "[", " ", "{", '{"a":', "\t", "a ", "1.1.1.1,", "%", '""" ', '\\"', "x: ")]
BEGINS = [
    "",
    "#Fields: date time c-ip sc-status",
    "<1>1 2026-11-28T10:00:00Z a b c d [x ",
    "Oct 10 13:55:36 ",
    '10.0.0.2 - - [28/Nov/2026:10:00:00 +0000] "',
    '10.0.0.2 - - [28/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "',
    '10.0.0.2 - - [28/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x" "',
    S3[:100],
    NPM[:60],
    ALB[:120],
    json.dumps(NGINX)[:-1],
]


@pytest.mark.parametrize("row", ACCESS_LOGS.known, ids=lambda row: row.name)
@pytest.mark.parametrize("filler", HOSTILE)
def test_hostile_lines_of_the_greatest_length_are_read_at_once(row: Format, filler: str):
    """Each would take minutes if any pattern went over a line more than a few times."""
    reader = row.new_reader()
    for begin in BEGINS:
        reader((begin + filler * (MAX_LINE_BYTES // len(filler))).encode())


WORDS = re.compile(r'(?<=[ \t,:"])')
PIECES = st.sampled_from([p for _, lines in LOGS for line in lines for p in WORDS.split(line)])
ODD = st.sampled_from(["\0", "\ufffd", "٢", "９", "-", '"', "1e999", "null", "\u2028", "{}", "{"])


@given(st.lists(PIECES | ODD, max_size=30).map("".join), st.sampled_from(ACCESS_LOGS.known))
def test_any_line_is_read_or_has_a_reason(text: str, row: Format):
    reader = row.new_reader()
    reader((CLOUDFRONT_FIELDS if row.name == "cloudfront" else IIS_FIELDS).encode())
    line = reader(text.encode())
    assert line is None or line.fault is None or line.outcome == "invalid"


@given(st.integers(0, len(LOGS) - 1), st.data())
def test_a_sample_with_anything_put_into_it_is_read_or_has_a_reason(number: int, data):
    name, lines = LOGS[number]
    at = data.draw(st.integers(0, len(lines[-1])))
    length = data.draw(st.integers(0, 20))
    text = data.draw(st.text(max_size=10).map(lambda t: t.encode("utf-8", "replace").decode()))
    changed = [*lines[:-1], lines[-1][:at] + text + lines[-1][at + length :]]
    for line in parsed(name, changed):
        if isinstance(line.outcome, Request):
            assert line.occurred_at > 0
            assert line.outcome.address
            assert line.outcome.target.startswith("/")


@pytest.mark.parametrize("wrapper", ["nginx", "access", "log", "data", "nginx.access"])
def test_fields_inside_one_more_object_are_read(wrapper: str):
    inner: object = {
        "remote_addr": "203.0.113.7",
        "request_method": "GET",
        "request_uri": "/a?x=1",
        "status": 200,
        "http_host": "shop.example",
        "http_referer": FROM,
        "http_user_agent": AGENT,
    }
    for name in reversed(wrapper.split(".")):
        inner = {name: inner}
    assert isinstance(inner, dict)
    line = json.dumps({"@timestamp": "2026-11-28T10:00:00Z", **inner})
    assert parse_line(line.encode(), read_json) == Row(AT, VIEW)


def test_a_path_in_the_field_request_is_the_target():
    """Apache's documentation of JSON logs has "request": "%U", "query": "%q"."""
    line = {
        "time": "[28/Nov/2026:10:00:00 +0000]",
        "remoteIP": "203.0.113.7",
        "host": "shop.example",
        "request": "/a",
        "query": "?x=1",
        "method": "GET",
        "status": "200",
        "userAgent": AGENT,
        "referer": FROM,
    }
    assert parse_line(json.dumps(line).encode(), read_json) == Row(AT, VIEW)
    line["method"] = "POST"
    assert parse_line(json.dumps(line).encode(), read_json) == Row(AT, "not_get")


def test_a_cloudflare_log_may_have_the_path_without_the_query():
    line = {
        "ClientIP": "203.0.113.7",
        "ClientRequestHost": "shop.example",
        "ClientRequestMethod": "GET",
        "ClientRequestPath": "/a",
        "EdgeResponseStatus": 200,
        "EdgeStartTimestamp": AT * 1_000_000,
        "ClientRequestUserAgent": AGENT,
    }
    found = parse_line(json.dumps(line).encode(), read_json)
    assert found == Row(AT, Request("shop.example", "203.0.113.7", "/a", "", AGENT))


def test_a_balancers_line_without_a_request_is_an_error():
    line = (
        "http 2026-11-28T10:00:00.000000Z app/lb/50dc 203.0.113.7:2817 - -1 -1 -1 400 - 0 272"
        ' "- http://shop.example:80- -" "-" - - - "-" "-" "-" - 2026-11-28T10:00:00.000000Z'
        ' "-" "-" "-" "-" "-" "-" "-"'
    )
    found = ACCESS_LOGS.find("alb").new_reader()(line.encode())
    assert found is not None
    assert found.outcome == "error_status"
