"""Whose address a hit has: what a client may write itself is never believed."""

import pytest

from footfall.collect.address import ClientAddress
from footfall.model.address import plain_address
from footfall.model.errors import BadRequest


def find(peer, trusted=(), **headers):
    raw = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return ClientAddress(trusted).find(peer, raw)


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


def test_a_hop_that_is_no_address_ends_the_chain_at_the_proxy():
    assert find("10.0.0.1", x_forwarded_for="198.51.100.1, unknown") == "10.0.0.1"


def test_forwarded_is_read_where_there_is_no_x_forwarded_for():
    assert find("10.0.0.1", forwarded='for="[2001:db8::9]:4711";proto=https') == "2001:db8::9"
    assert find("10.0.0.1", forwarded="for=1.1.1.1, for=198.51.100.1:80") == "198.51.100.1"


def test_cloudflares_header_needs_a_proxy_by_name():
    assert find("10.0.0.1", cf_connecting_ip="198.51.100.1") == "10.0.0.1"
    assert find("10.0.0.1", ("10.0.0.0/8",), cf_connecting_ip="198.51.100.1") == "198.51.100.1"


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
