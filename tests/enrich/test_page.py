"""Addresses of pages: path, hostname, hash routes, titles."""

import msgspec
import pytest

from .conftest import WEBSITE


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com", "/"),
        ("https://example.com/", "/"),
        ("https://example.com?x=1", "/"),
        ("https://example.com/Blog/Post/", "/Blog/Post/"),
        ("https://example.com/a/b?x=1#y", "/a/b"),
        ("https://example.com/%C3%A4pfel%20neu", "/äpfel neu"),
        ("https://example.com/äpfel", "/äpfel"),
        ("https://example.com/%E4pfel", "/%E4pfel"),
        ("https://example.com/100%", "/100%"),
        ("https://example.com/a%00b", "/a%00b"),
        ("https://example.com/a%ED%A0%80", "/a%ED%A0%80"),
        ("https://example.com:8443/a", "/a"),
        ("https://user:secret@example.com/a", "/a"),
        ("https://example.com/a;jsessionid=1A2B?x", "/a"),
        ("https://example.com/a%3Ftoken=abc", "/a?token=***"),
        ("HTTPS://EXAMPLE.COM/A", "/A"),
        ("  https://example.com/a  ", "/a"),
    ],
)
def test_path_is_decoded_and_has_neither_query_nor_fragment(accept, url, path):
    assert accept(url=url).path == path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com/#/cart", "/cart"),
        ("https://example.com/app#!/cart/", "/cart/"),
        ("https://example.com/#cart", "/cart"),
        ("https://example.com/#/cart?token=abc", "/cart"),
        ("https://example.com/#/%C3%A4", "/ä"),
        ("https://example.com/app", "/"),
        ("https://example.com/#access_token=abc&state=x", "/"),
    ],
)
def test_with_hash_routes_the_fragment_is_the_path(accept, url, path):
    assert accept(url=url, is_hash_route=True).path == path


def test_campaign_parameters_of_a_hash_route_are_read_as_well(accept):
    facts = accept(
        url="https://example.com/?utm_source=a#/x?utm_medium=b", is_hash_route=True
    ).facts
    assert (facts.utm_source, facts.utm_medium) == ("a", "b")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,hi",
        "data://example.com/x",
        "file:///etc/passwd",
        "blob:https://example.com/x",
        "about:blank",
        "example.com/a",
        "/a",
        "https://",
        "https:///a",
        "https://exa mple.com/",
        "https://example.com:port/",
        "https://<script>/",
        "https://" + "a" * 254 + ".com/",
    ],
)
def test_a_text_that_is_not_a_web_or_app_address_is_invalid(drop, url):
    dropped = drop(url=url)
    assert (dropped.reason, dropped.field) == ("invalid", "url")
    assert "http" in dropped.message


def test_a_page_without_address_is_invalid(drop):
    assert drop(url="").field == "url"


def test_a_goal_needs_no_address(accept):
    event = accept(type="track", name="signup", url="")
    assert (event.path, event.facts.hostname) == ("", "")


def test_a_backend_may_send_app_addresses(accept):
    event = accept(url="myapp://home/settings", is_public=False)
    assert (event.facts.hostname, event.path) == ("home", "/settings")


@pytest.mark.parametrize(
    "host",
    ["example.com", "www.example.com", "a.b.example.com", "EXAMPLE.com.", "localhost"],
)
def test_own_hosts_are_accepted(accept, host):
    assert accept(url=f"https://{host}/").facts.hostname == host.lower().removesuffix(".")


@pytest.mark.parametrize(
    "host",
    ["example.org", "notexample.com", "example.com.evil.org", "evil.org", "192.0.2.7", "com"],
)
def test_another_websites_host_is_dropped(drop, host):
    assert drop(url=f"https://{host}/").reason == "foreign_hostname"


def test_a_backslash_does_not_smuggle_another_host_in(drop):
    assert drop(url="https://evil.org\\@example.com/").reason == "foreign_hostname"


def test_allowed_hostnames_are_the_website_too(accept):
    website = msgspec.structs.replace(WEBSITE, allowed_hostnames=("example.shop",))
    assert accept(website, url="https://www.example.shop/").facts.hostname == "www.example.shop"
    assert accept(website, referrer="https://example.shop/").facts.referrer == ""


def test_a_domain_with_www_covers_the_bare_one(accept):
    website = msgspec.structs.replace(WEBSITE, domain="www.example.com")
    assert accept(website, url="https://example.com/").facts.hostname == "example.com"


def test_international_domains_match_in_either_spelling(accept):
    website = msgspec.structs.replace(WEBSITE, domain="münchen.de")
    assert accept(website, url="https://xn--mnchen-3ya.de/").path == "/"
    assert accept(website, url="https://www.münchen.de/").path == "/"


def test_a_backend_is_not_held_to_the_websites_hosts(accept):
    assert accept(url="https://elsewhere.org/", is_public=False).facts.hostname == "elsewhere.org"


def test_titles_are_one_line_and_cut(accept):
    assert accept(title="  A\n\ttitle \u202eX ").title == "A title  X"
    assert len(accept(title="x" * 5000).title) == 300
    assert accept(title="👩‍🚀 Ünï").title == "👩‍🚀 Ünï"
