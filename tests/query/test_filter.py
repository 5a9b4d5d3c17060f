"""The grammar of a filter's value."""

import pytest
import re2

from footfall.model.dimension import FILTERS
from footfall.model.errors import BadRequest
from footfall.model.filter import Filter, parse_filter, path_pattern


def parse(name: str, text: str) -> Filter:
    return parse_filter(FILTERS[name], text)


@pytest.mark.parametrize(
    ("text", "is_negated", "values", "parts"),
    [
        ("news", False, ("news",), ()),
        ("!news", True, ("news",), ()),
        ("a|b", False, ("a", "b"), ()),
        ("!a|b", True, ("a", "b"), ()),
        ("a|a", False, ("a",), ()),
        ("~ew", False, (), ("ew",)),
        ("!~ew", True, (), ("ew",)),
        ("~a|b", False, (), ("a", "b")),
        ("a,b", False, ("a,b",), ()),
        ("~100%_", False, (), ("100%_",)),
        ("Unknown", False, ("", "Unknown"), ()),
        ("!Unknown", True, ("", "Unknown"), ()),
        ("~know", False, ("",), ("know",)),
    ],
)
def test_operators(
    text: str, is_negated: bool, values: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    found = parse("utm_campaign", text)
    assert (found.is_negated, found.values, found.parts) == (is_negated, values, parts)


def test_a_comma_separates_where_values_cannot_hold_one() -> None:
    assert parse("browser", "Chrome, Firefox").values == ("Chrome", "Firefox")
    assert parse("goal", "signup,login").values == ("signup", "login")
    assert parse("city", "Washington, D.C.").values == ("Washington, D.C.",)


@pytest.mark.parametrize("text", ["", "!", "~", "!~", "a||b", "|", "a|", ",", "a,,b"])
def test_an_empty_value_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="filter_browser has an empty value"):
        parse("browser", text)


def test_a_country_is_named_or_coded() -> None:
    assert parse("country", "Austria|de|GERMANY").values == ("AT", "DE")
    assert parse("country", "Atlantis").values == ("Atlantis",)
    assert set(parse("country", "~austr").values) == {"AT", "AU"}


def test_a_region_is_named_or_coded() -> None:
    found = parse("region", "us-ca|Unknown")
    assert (found.values, found.codes) == (("us-ca", "", "Unknown"), ("US-CA",))


def test_a_referrer_is_a_domain_or_a_well_known_name() -> None:
    assert "google.com" in parse("referrer", "Google").values
    assert parse("referrer", "www.Example.org").values == ("example.org",)
    assert "" in parse("referrer", "direct/none").values


def test_safari_includes_mobile_safari() -> None:
    assert parse("browser", "safari").values == ("safari", "Mobile Safari")


def test_a_page_is_a_path_or_an_address() -> None:
    assert parse("page", "https://example.com/caf%C3%A9?x=1#y").values == ("/café",)
    assert parse("page", "https://example.com").values == ("/",)
    assert parse("page", "/a,b").values == ("/a,b",)
    assert parse("page", "http://[bad").values == ("http://[bad",)


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("/blog/*", "/blog/one", True),
        ("/blog/*", "/blog/one/two", False),
        ("/blog/*", "/blog/", True),
        ("/blog/**", "/blog/one/two", True),
        ("/*/edit", "/a/edit", True),
        ("/*/edit", "/a/b/edit", False),
        ("/a.b*", "/axb", False),
        ("/a.b*", "/a.bc", True),
        ("/(x)+[y]*", "/(x)+[y]z", True),
        ("/é\\\\d{2}|^$*", "/é\\d{2}|^$!", True),
        (r"/a\*b*", "/a*b!", True),
        (r"/a\*b*", "/axb!", False),
        (r"/\a\|*", "/a|b", True),
        ("/x*", "/x\nline", True),
    ],
)
def test_only_stars_and_backslashes_are_special_in_a_path(
    pattern: str, path: str, is_match: bool
) -> None:
    found = re2.compile("(?s)" + path_pattern(pattern)).match(path)
    assert bool(found) is is_match


def test_too_many_and_too_long_values_are_refused() -> None:
    with pytest.raises(BadRequest, match="more than 200 values"):
        parse("utm_source", "|".join(map(str, range(201))))
    with pytest.raises(BadRequest, match="longer than"):
        parse("utm_source", "a" * 10_000)


def test_too_many_stars_are_refused() -> None:
    with pytest.raises(BadRequest, match=r"more than 20 '\*'"):
        parse("page", "/" + "a*" * 21)
