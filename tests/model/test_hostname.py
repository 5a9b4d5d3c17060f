"""Hostnames and origins in the one form in which they are stored and compared."""

import pytest

from footfall.model.hostname import browser_origin


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://stats.example.com", "https://stats.example.com"),
        ("https://stats.example.com:443", "https://stats.example.com"),
        ("https://stats.example.com:", "https://stats.example.com"),
        ("https://stats.example.com:80", "https://stats.example.com:80"),
        ("https://stats.example.com:08443/a?b#c", "https://stats.example.com:8443"),
        ("http://stats.example.com:80", "http://stats.example.com"),
        ("http://stats.example.com:443", "http://stats.example.com:443"),
        ("HTTPS://Stats.Example.COM", "https://stats.example.com"),
        ("https://münchen.de", "https://xn--mnchen-3ya.de"),
        ("https://MÜNCHEN.de:443", "https://xn--mnchen-3ya.de"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("http://[2001:DB8::1]:8000", "http://[2001:db8::1]:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("", ""),
        ("https://", ""),
        ("https://[", ""),
        ("https://stats.example.com:port", ""),
        ("https://stats.example.com:99999", ""),
    ],
)
def test_an_origin_is_written_as_browsers_do(address: str, origin: str) -> None:
    assert browser_origin(address) == origin
