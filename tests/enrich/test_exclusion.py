"""What an owner excludes is dropped, with the reason."""

import msgspec
import pytest

from footfall.model.website import Exclusions

from .conftest import WEBSITE


def excluding(**kinds):
    return msgspec.structs.replace(WEBSITE, exclusions=Exclusions(**kinds))


@pytest.mark.parametrize(
    ("excluded", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.0/24", "192.0.2.77"),
        ("192.0.2.9/24", "192.0.2.77"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("2001:db8::/32", "2001:DB8:0::1"),
    ],
)
def test_an_excluded_address_or_network_is_dropped(drop, excluded, address):
    website = excluding(addresses=("nonsense", excluded))
    assert drop(website, client_address=address).reason == "excluded_address"


def test_other_addresses_pass(accept):
    assert accept(excluding(addresses=("192.0.2.0/28",)), client_address="192.0.2.77")


@pytest.mark.parametrize(
    ("glob", "path", "is_excluded"),
    [
        ("/admin", "/admin", True),
        ("/admin", "/admin/users", False),
        ("/admin/*", "/admin/users", True),
        ("/admin/*", "/admin/users/7", False),
        ("/admin/**", "/admin/users/7", True),
        ("**/draft", "/blog/x/draft", True),
        ("/a.c", "/abc", False),
        ("/[x]", "/x", False),
    ],
)
def test_path_globs(run, glob, path, is_excluded):
    outcome = run(excluding(paths=("/other", glob)), url=f"https://example.com{path}")
    assert (getattr(outcome, "reason", "") == "excluded_path") is is_excluded


def test_a_path_made_for_it_does_not_make_a_glob_slow(accept):
    globs = ("/" + "**a" * 20 + "b",)
    assert accept(excluding(paths=globs), url="https://example.com/" + "a" * 2000)


def test_globs_as_long_as_can_be_set_work(run):
    globs = tuple(f"/{number:04}" + "x*" * 1000 for number in range(990, 1000))
    excluded = run(excluding(paths=globs), url="https://example.com/0999" + "x" * 1500)
    assert excluded.reason == "excluded_path"


@pytest.mark.parametrize(
    ("glob", "host", "is_excluded"),
    [
        ("*.staging.example.com", "a.staging.example.com", True),
        ("*.staging.example.com", "a.b.staging.example.com", True),
        ("*.staging.example.com", "staging.example.com", False),
        ("STAGING.example.com", "staging.example.com", True),
        ("stagingxexample.com", "staging.example.com", False),
    ],
)
def test_hostname_globs(run, glob, host, is_excluded):
    outcome = run(excluding(hostnames=(glob,)), url=f"https://{host}/")
    assert (getattr(outcome, "reason", "") == "excluded_hostname") is is_excluded


def test_countries_are_excluded_by_code_or_name(drop, accept):
    assert drop(excluding(countries=("DE",))).reason == "excluded_country"
    assert drop(excluding(countries=("germany",))).reason == "excluded_country"
    assert accept(excluding(countries=("FR",)))


def test_a_stated_country_is_the_one_that_counts_for_exclusion(drop):
    dropped = drop(excluding(countries=("FR",)), country="France", is_public=False)
    assert dropped.reason == "excluded_country"


@pytest.mark.parametrize(
    ("glob", "referrer", "is_excluded"),
    [
        ("spam.test", "https://spam.test/page", True),
        ("spam.test", "https://www.spam.test/", True),
        ("spam.test", "https://a.spam.test/", False),
        ("*.spam.test", "https://a.b.spam.test/", True),
        ("SPAM.test", "https://spam.test/", True),
        ("xn--mnchen-3ya.test", "https://münchen.test/", True),
        ("google.com", "https://www.google.de/", True),
        ("www.google.de", "https://www.google.de/", True),
        ("www.google.de", "https://www.google.fr/", False),
        ("*", "", False),
    ],
)
def test_referrers_are_excluded_by_host_and_by_the_domain_in_lists(
    run, glob, referrer, is_excluded
):
    outcome = run(excluding(referrers=(glob,)), referrer=referrer)
    assert (getattr(outcome, "reason", "") == "excluded_referrer") is is_excluded
