"""Whose address a hit has: what a client may write itself is never believed."""

import random

import pytest

from footfall.collect.address import ClientAddress
from footfall.collect.header import Headers, forwarded_for
from footfall.model.address import plain_address
from footfall.model.errors import BadRequest

CLIENT = "198.51.100.1"
FORGED = "6.6.6.6"
NAMED = ("10.0.0.0/8", "192.0.2.0/24")


def find(peer, trusted=(), **headers):
    """The address found; a header given as a tuple is repeated, a line for each member."""
    raw = [
        (name.replace("_", "-").encode(), line.encode("latin-1"))
        for name, value in headers.items()
        for line in ((value,) if isinstance(value, str) else value)
    ]
    return ClientAddress(trusted).find(peer, Headers(raw))


def test_a_public_peer_is_the_client_whatever_it_claims():
    assert find("203.0.113.9", x_forwarded_for="198.51.100.1") == "203.0.113.9"
    assert find("203.0.113.9", cf_connecting_ip="198.51.100.1") == "203.0.113.9"


def test_a_private_peer_is_a_proxy_and_its_last_hop_is_the_client():
    forged = "1.1.1.1, 198.51.100.1"
    assert find("127.0.0.1", x_forwarded_for=forged) == "198.51.100.1"
    assert find("::1", x_forwarded_for=forged) == "198.51.100.1"


def test_proxies_in_a_row_are_passed_over():
    assert find("10.0.0.1", x_forwarded_for="1.1.1.1, 198.51.100.1, 10.0.0.7") == "198.51.100.1"


def test_with_proxies_named_only_those_are_believed():
    trusted = ("192.0.2.0/24", "2001:db8::/32")
    assert find("127.0.0.1", trusted, x_forwarded_for="198.51.100.1") == "127.0.0.1"
    assert find("192.0.2.4", trusted, x_forwarded_for="198.51.100.1") == "198.51.100.1"
    assert find("2001:db8::5", trusted, x_forwarded_for="2001:DB9:0::1") == "2001:db9::1"


def test_a_hop_that_is_not_an_address_ends_the_chain_at_the_proxy():
    assert find("10.0.0.1", x_forwarded_for="198.51.100.1, unknown") == "10.0.0.1"


def test_forwarded_is_read_if_x_forwarded_for_is_missing():
    assert find("10.0.0.1", forwarded='for="[2001:db8::9]:4711";proto=https') == "2001:db8::9"
    assert find("10.0.0.1", forwarded="for=1.1.1.1, for=198.51.100.1:80") == "198.51.100.1"


def test_cloudflares_header_needs_a_proxy_by_name():
    assert find("10.0.0.1", cf_connecting_ip="198.51.100.1") == "10.0.0.1"
    assert find("10.0.0.1", ("10.0.0.0/8",), cf_connecting_ip="198.51.100.1") == "198.51.100.1"


@pytest.mark.parametrize(
    "lines",
    [
        (CLIENT, "10.0.0.7"),
        (FORGED, CLIENT),
        (FORGED, f"{CLIENT}, 10.0.0.7"),
        (f"{FORGED}, {CLIENT}", "10.0.0.7", "10.0.0.8"),
        (CLIENT, ""),
        (CLIENT, " , ,"),
    ],
)
def test_the_lines_of_a_repeated_x_forwarded_for_are_one_list(lines):
    assert find("10.0.0.1", x_forwarded_for=lines) == CLIENT


@pytest.mark.parametrize(
    "lines",
    [
        (f"for={CLIENT}", "for=10.0.0.7"),
        (f"for={FORGED}", f"for={CLIENT};proto=https"),
        (f"for={FORGED}, for={CLIENT}", 'for="10.0.0.7:80"', "for=10.0.0.8"),
        (f'for={FORGED};host="', f"for={CLIENT}"),  # a client's open quote ends with its line
    ],
)
def test_the_lines_of_a_repeated_forwarded_are_one_list(lines):
    assert find("10.0.0.1", forwarded=lines) == CLIENT


@pytest.mark.parametrize(
    "value",
    [
        f'for={CLIENT};host="a;for={FORGED}"',
        f'for={CLIENT};host="a,for={FORGED}"',
        f'host="a, for={FORGED}";for={CLIENT}',
        f'for={CLIENT};host="a\\", for={FORGED}, \\""',
        f'for={CLIENT};host="a\\\\";proto=http',
        f"FOR={CLIENT};By=10.0.0.1",
        f'For="{CLIENT}:4711"',
        f"for={CLIENT}:80",
        f"for={FORGED} , for={CLIENT} ; proto=https ",
        f'for="[2001:db8::1]:443",for={CLIENT},for="10.0.0.7"',
        f";;for={CLIENT};;,,",
        f"for = {CLIENT}",
        'for="198.51.100.\\1"',
        f'for="[::ffff:{CLIENT}]"',
        f'secret=x;for={CLIENT};ext="é"',
    ],
)
def test_forwarded_is_read_with_its_quoting(value):
    assert find("10.0.0.1", forwarded=value) == CLIENT


@pytest.mark.parametrize(
    "value",
    [
        f"for={FORGED}, for=unknown",
        f'for={FORGED}, for="unknown"',
        f"for={FORGED}, for=_hidden",
        f'for={FORGED}, for="_hidden:_port"',
        f"for={FORGED}, proto=https",  # the proxy says nothing of its client
        f"for={FORGED}, for=",
        f'for={FORGED}, for=""',
        f'for={FORGED}, for="{CLIENT}',
        f'for={FORGED};host="a',
        f'for={FORGED};host="a\\"',
        f"for={FORGED}, for={CLIENT};for={FORGED}",
        f"for={FORGED}, for={CLIENT};For={CLIENT}",
        f'for={CLIENT};host="a";"b", for={FORGED}',
        f'for={CLIENT};host="a"b, for={FORGED}',
        f"for={CLIENT};host=a b, for={FORGED}",
        f"for={FORGED} for={FORGED}",
        f"{FORGED}",
        f"={FORGED}",
        f'for={CLIENT};host=a"b, for={FORGED}',
    ],
)
def test_a_hop_of_forwarded_without_an_address_or_malformed_ends_the_chain(value):
    assert find("10.0.0.1", forwarded=value) == "10.0.0.1"


def test_no_forwarded_header_that_a_client_writes_decides_whose_the_request_is():
    """The proxy appends its own hop to the same line, or as a line of its own."""
    parts = ["for=6.6.6.6", "for=", '"', "\\", ",", ";", "=", " ", "host=", "[::1]", "é", "a", "\t"]
    chance = random.Random(7)
    for _ in range(3000):
        written = "".join(chance.choices(parts, k=chance.randint(0, 12)))
        for lines in ((written, f"for={CLIENT}"), (written, f'proto=http;for="{CLIENT}:1"')):
            assert find("10.0.0.1", forwarded=lines) == CLIENT, lines
        appended = f"{written}, for={CLIENT}"
        assert find("10.0.0.1", forwarded=appended) in (CLIENT, "10.0.0.1"), appended


def test_whatever_a_proxy_quotes_is_read_back():
    chance = random.Random(8)
    for _ in range(2000):
        text = "".join(chance.choices('a,;="\\ [:]é', k=chance.randint(0, 10)))
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        line = f'host="{quoted}";for="{quoted}" , FOR="x{quoted}";proto="{quoted}"'
        assert forwarded_for([line]) == [text, f"x{text}"], line


def test_cloudflares_header_counts_where_the_other_lists_name_only_proxies():
    cloudflare = {"cf_connecting_ip": CLIENT}
    assert find("10.0.0.1", NAMED, x_forwarded_for="192.0.2.1, 10.0.0.7", **cloudflare) == CLIENT
    assert find("10.0.0.1", NAMED, forwarded="for=192.0.2.1", **cloudflare) == CLIENT
    assert find("10.0.0.1", NAMED, x_forwarded_for="", **cloudflare) == CLIENT
    assert find("10.0.0.1", x_forwarded_for="192.168.0.1", **cloudflare) == "192.168.0.1"


def test_a_client_in_x_forwarded_for_goes_before_cloudflares_header():
    forged = {"cf_connecting_ip": FORGED}
    assert find("10.0.0.1", NAMED, x_forwarded_for=f"{CLIENT}, 192.0.2.1", **forged) == CLIENT
    assert find("10.0.0.1", NAMED, x_forwarded_for="unknown", **forged) == "10.0.0.1"


def test_forwarded_counts_where_x_forwarded_for_names_only_proxies():
    found = find("10.0.0.1", x_forwarded_for="192.168.0.1", forwarded=f"for={CLIENT}")
    assert found == CLIENT


def test_with_proxies_alone_the_farthest_is_the_client():
    assert find("10.0.0.1", x_forwarded_for=("192.168.0.1", "10.0.0.2")) == "192.168.0.1"
    assert find("10.0.0.1", x_forwarded_for="unknown, 10.0.0.2") == "10.0.0.2"


def test_a_wrong_network_is_named():
    with pytest.raises(BadRequest, match="trusted_proxies"):
        ClientAddress(("10.0.0.0/99",))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (" 198.51.100.1:8080 ", "198.51.100.1"),
        ("[2001:DB8::0:1]:443", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("198.51.100.256", ""),
        ("", ""),
        ("a\0b", ""),
    ],
)
def test_addresses_have_one_spelling(text, plain):
    assert plain_address(text) == plain
