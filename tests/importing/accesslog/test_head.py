"""Which client a common or combined line comes from. It is never guessed."""

import pytest

from footfall.importing.accesslog.line import Request, parse_line
from footfall.model.address import is_local

AT = 1_431_857_103_000  # 2015-05-17T10:05:03Z
CHROME = "Mozilla/5.0 (X11; Linux x86_64) Chrome/32.0.1700.77"
TAIL = f'[17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5 "-" "{CHROME}"'


def read(head: str, tail: str = TAIL):
    return parse_line(f"{head} {tail}".encode())


def whose(head: str, tail: str = TAIL) -> tuple[str, str]:
    outcome = read(head, tail).outcome
    assert isinstance(outcome, Request), (head, outcome)
    return outcome.host, outcome.address


@pytest.mark.parametrize(
    ("head", "client"),
    [
        ("203.0.113.7 - -", "203.0.113.7"),
        ("203.0.113.7:51234 - -", "203.0.113.7"),
        ("2001:db8::7 - -", "2001:db8::7"),
        ("2001:DB8:0:0::7 - -", "2001:db8::7"),
        ("[2001:db8::7] - -", "2001:db8::7"),
        ("[2001:db8::7]:51234 - -", "2001:db8::7"),
        ("fe80::1%eth0 - -", "fe80::1"),
        ("::ffff:203.0.113.7 - -", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80 - -", "203.0.113.7"),
        ("203.0.113.7 - frank", "203.0.113.7"),
        ("203.0.113.7 - frank miller", "203.0.113.7"),
        ("203.0.113.7 - fr[an]k", "203.0.113.7"),
        ("203.0.113.7 - [frank]", "203.0.113.7"),
        ('203.0.113.7 - fr"ank', "203.0.113.7"),
        ('203.0.113.7 - "frank miller"', "203.0.113.7"),
        ("203.0.113.7 - 10.0.0.1", "203.0.113.7"),
        ("203.0.113.7 - smith, john", "203.0.113.7"),
        ("203.0.113.7 - ", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7"),
        ("crawl-66.search.example - -", "crawl-66.search.example"),
        ("PC1.Office.Example - frank", "pc1.office.example"),
    ],
)
def test_the_client_is_the_first_word(head: str, client: str):
    assert whose(head) == ("", client)


@pytest.mark.parametrize(
    ("head", "client"),
    [
        ("203.0.113.7, 10.0.0.2 - -", "203.0.113.7"),
        ("203.0.113.7,10.0.0.2 - -", "203.0.113.7"),
        ("203.0.113.7 , 10.0.0.2 - -", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.2, 10.0.0.3 - frank miller", "203.0.113.7"),
        ("203.0.113.7,10.0.0.2, 10.0.0.3,10.0.0.4 - -", "203.0.113.7"),
        ('"203.0.113.7, 10.0.0.2" - -', "203.0.113.7"),
        ("192.168.1.5, 203.0.113.7 - -", "203.0.113.7"),
        ("10.1.1.1, 192.168.1.5, 203.0.113.7, 10.0.0.2 - -", "203.0.113.7"),
        ("203.0.113.7, 198.51.100.9 - -", "203.0.113.7"),
        ("unknown, 203.0.113.7 - -", "203.0.113.7"),
        ("-, 203.0.113.7 - -", "203.0.113.7"),
        ("2001:db8::7, 10.0.0.2 - -", "2001:db8::7"),
        ("[2001:db8::7]:4711, ::ffff:10.0.0.2 - -", "2001:db8::7"),
        ("203.0.113.7:4711, 10.0.0.2:80 - -", "203.0.113.7"),
        ("192.168.1.5, 10.0.0.2 - -", "192.168.1.5"),
        ("nonsense, 203.0.113.7 - -", "203.0.113.7"),
        ("203.0.113.7 10.0.0.2 - -", "203.0.113.7"),
        ("10.0.0.2 203.0.113.7 - -", "203.0.113.7"),
        ("10.0.0.2 203.0.113.7, 10.0.0.9 - -", "203.0.113.7"),
        ("- 10.0.0.2 - -", "10.0.0.2"),
        ("10.0.0.2 - 203.0.113.7 - -", "203.0.113.7"),
        ("10.0.0.2 - 192.168.1.5, 203.0.113.7 - frank", "203.0.113.7"),
        ("198.51.100.4 - 203.0.113.7 - -", "198.51.100.4"),
        ("203.0.113.7 - [203.0.113.7] - -", "203.0.113.7"),
        ("203.0.113.7 203.0.113.7 - -", "203.0.113.7"),
    ],
)
def test_the_client_is_the_first_public_address_of_a_list(head: str, client: str):
    assert whose(head) == ("", client)


@pytest.mark.parametrize(
    ("head", "host", "client"),
    [
        ("Shop.Example:443 203.0.113.7 - -", "shop.example", "203.0.113.7"),
        ("shop.example 203.0.113.7 - frank miller", "shop.example", "203.0.113.7"),
        ("cafe.de:443 203.0.113.7 - -", "cafe.de", "203.0.113.7"),
        ("cafe.de 203.0.113.7 - -", "cafe.de", "203.0.113.7"),
        ("bad.cafe:80 2001:db8::7 - -", "bad.cafe", "2001:db8::7"),
        ("dead.beef.de 203.0.113.7, 10.0.0.2 - -", "dead.beef.de", "203.0.113.7"),
        ("fe.ed:8080 [2001:db8::7] - -", "fe.ed", "2001:db8::7"),
        ("[2001:db8::1]:443 203.0.113.7 - -", "[2001:db8::1]", "203.0.113.7"),
        ("[2001:db8::1] 203.0.113.7 - -", "[2001:db8::1]", "203.0.113.7"),
        ("198.51.100.1:443 203.0.113.7 - -", "198.51.100.1", "203.0.113.7"),
        ("shop.example:443 crawl-66.search.example - -", "shop.example", "crawl-66.search.example"),
        ("_ 203.0.113.7 - -", "", "203.0.113.7"),
        ("localhost 203.0.113.7 - -", "localhost", "203.0.113.7"),
        ("münchen.example:443 203.0.113.7 - -", "xn--mnchen-3ya.example", "203.0.113.7"),
    ],
)
def test_a_host_in_front_of_the_client_is_the_websites(head: str, host: str, client: str):
    assert whose(head) == (host, client)


SYSLOG = [
    "Oct 10 13:55:36 web1 nginx: ",
    "Oct  1 13:55:36 web1 nginx[123]: ",
    "<190>Oct 10 13:55:36 web1 nginx: ",
    "Oct 10 13:55:36 nginx: ",
    "Oct 10 13:55:36 web1.example.net nginx: ",
    "Oct 10 13:55:36 10.0.0.9 nginx: ",
    "Oct 10 13:55:36 web1 ",
    "Oct 10 2026 13:55:36 web1 apache2: ",
    "Oct 10 13:55:36.123 web1 apache2[7]: ",
    "2026-11-28T10:00:00+00:00 web1 nginx: ",
    "2026-11-28T10:00:00.123456+01:00 web1 nginx[12]: ",
    "2026-11-28T10:00:00+0000 web1 nginx[12]: ",
    "Sat 2026-11-28 10:00:00 UTC web1 nginx[12]: ",
    "<190>1 2026-11-28T10:00:00Z web1 nginx 123 - - ",
    "<190>1 2026-11-28T10:00:00.5Z web1 nginx - access - \ufeff",
    '1 2026-11-28T10:00:00Z web1 nginx 123 ID7 [ex@1 a="b]c" d="e"][x@2 f="g"] ',
    "2026-11-28T10:00:00.000Z stdout F ",
    "2026-11-28T10:00:00.000000000+01:00 stderr F ",
    "2026-11-28T10:00:00.000000000Z ",
    "2026-11-28 10:00:00,123 ",
    "web-1  | ",
    "nginx_1 | ",
    "[pod/web-5f/nginx] ",
    "nginx: ",
    "nginx[12]: ",
]


@pytest.mark.parametrize("prefix", SYSLOG)
@pytest.mark.parametrize(
    ("head", "host", "client"),
    [
        ("198.51.100.4 - -", "", "198.51.100.4"),
        ("2001:db8::7 - frank", "", "2001:db8::7"),
        ("203.0.113.7, 10.0.0.2 - -", "", "203.0.113.7"),
    ],
)
def test_what_syslog_and_containers_put_in_front_is_not_the_client(prefix, head, host, client):
    line = read(prefix + head)
    assert line.occurred_at == AT
    assert whose(prefix + head) == (host, client)


@pytest.mark.parametrize(
    "prefix", [p for p in SYSLOG if p.endswith((": ", "F ", "| ", "] ", "- "))]
)
def test_a_host_may_follow_a_prefix(prefix: str):
    assert whose(f"{prefix}cafe.de:443 198.51.100.4 - -") == ("cafe.de", "198.51.100.4")


def test_a_line_may_have_two_prefixes():
    container = "2026-11-28T10:00:00.000Z stdout F "
    assert whose(f"{container}Oct 10 13:55:36 web1 nginx: 198.51.100.4 - -")[1] == "198.51.100.4"
    assert whose(f"web-1  | {container}198.51.100.4 - -")[1] == "198.51.100.4"


@pytest.mark.parametrize(
    "template",
    [
        '{"log":"%s\\n","stream":"stdout","time":"2026-11-28T10:00:00Z"}',
        '{"MESSAGE":"%s","_HOSTNAME":"web1"}',
        '{"@timestamp":"2026-11-28T10:00:00Z","message":"%s"}',
    ],
)
def test_a_line_inside_a_json_object_is_read(template: str):
    line = f"198.51.100.4 - - {TAIL}".replace('"', '\\"')
    outcome = parse_line((template % line).encode()).outcome
    assert isinstance(outcome, Request)
    assert (outcome.address, outcome.user_agent) == ("198.51.100.4", CHROME)


@pytest.mark.parametrize(
    "head",
    [
        "- - -",
        "unknown - -",
        "unix: - -",
        "web1 - -",
        "localhost - -",
        "256.1.1.1 - -",
        "0.0.0.0 - -",
        ":: - -",
        "٢٠٣.0.113.7 - -",
        "1.2.3 - -",
        "1.2.3.4.5 - -",
        "1.2.3.4x - -",
        "1.2.3.4:abc - -",
        "12345 - -",
        ":::: - -",
        "2001:db8::7::1 - -",
        "[2001:db8::7]x - -",
        "beef - -",
        "a.b",
        "shop.example:443 - -",
        "shop.example:443 - - -",
        "shop.example:443 web1 - -",
        "shop.example client.isp.example - -",
        "198.51.100.1 203.0.113.7 - -",
        "192.168.1.10 192.168.1.55 - -",
        "unknown, - - -",
        "one two three four five",
        "Oct 10 13:55:36 web1 nginx: - - -",
        " - -",
    ],
)
def test_a_line_without_a_clear_client_is_invalid(head: str):
    line = read(head)
    assert (line.outcome, line.fault) == ("invalid", "client")


def test_the_list_at_the_end_names_the_client_behind_a_local_proxy():
    assert whose("10.0.0.2 - -", f'{TAIL} "203.0.113.7"') == ("", "203.0.113.7")
    assert whose("10.0.0.2 - -", f'{TAIL} "203.0.113.7, 10.0.0.9"') == ("", "203.0.113.7")
    assert (
        whose("127.0.0.1 - -", f'{TAIL} rt=0.1 "192.168.1.2, 2001:db8::7" "x"')[1] == "2001:db8::7"
    )
    assert whose("::1 - -", f'{TAIL} "-" "203.0.113.7"') == ("", "203.0.113.7")
    assert whose("shop.example:443 10.0.0.2 - -", f'{TAIL} "203.0.113.7"')[1] == "203.0.113.7"


def test_the_list_at_the_end_is_not_used_behind_a_public_address():
    assert whose("198.51.100.4 - -", f'{TAIL} "203.0.113.7"') == ("", "198.51.100.4")


@pytest.mark.parametrize("extra", ['"-"', '"gzip"', "0.002", '"203.0.113.7 or so"', '"', '"10:1"'])
def test_other_fields_at_the_end_change_nothing(extra: str):
    assert whose("10.0.0.2 - -", f"{TAIL} {extra}") == ("", "10.0.0.2")


@pytest.mark.parametrize(
    ("address", "is_in_a_local_network"),
    [
        ("10.0.0.0", True), ("10.255.255.255", True), ("11.0.0.0", False), ("9.255.255.255", False),
        ("100.64.0.0", True), ("100.127.255.255", True), ("100.128.0.0", False),
        ("127.0.0.1", True), ("169.254.1.1", True), ("172.31.255.255", True), ("172.32.0.0", False),
        ("192.168.0.1", True), ("192.169.0.1", False), ("203.0.113.7", False),
        ("::1", True), ("::2", False), ("fd00::1", True), ("fe80::1", True), ("fec0::1", False),
        ("2001:db8::1", False), ("client.isp.example", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_is_local_in_the_networks_of_proxies_alone(
    address: str, is_in_a_local_network: bool
) -> None:
    assert is_local(address) is is_in_a_local_network
