"""Addresses of more than 2,048 characters: the event counts, and no value is stored wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.collect.wire import PublicEvent, hit_of_public
from footfall.enrich.campaign import parse_campaign
from footfall.enrich.long_url import MAX_URL, shorten_url

PAGE = "https://example.com/landing"
LONG_ID = "E.C.P." + "x" * 2100


def padded(begin: str, end: str, length: int = MAX_URL) -> str:
    """`begin`, as many `a` as bring it to `length` characters, and `end` behind."""
    return begin + "a" * (length - len(begin)) + end


def test_a_short_address_stays_as_it_is():
    assert shorten_url(PAGE) == PAGE


def test_an_address_of_exactly_2048_characters_stays_as_it_is():
    url = padded(f"{PAGE}?utm_source=x&b=", "")
    assert shorten_url(url) == url


def test_an_address_that_the_tracker_has_cut_does_not_keep_half_a_tag():
    url = padded(f"{PAGE}?utm_medium=email&a=", "&utm_source=newslet", MAX_URL - 19)
    assert len(url) == MAX_URL
    event = PublicEvent(website_id="flid_x", url=url, visitor_uid="v")
    assert hit_of_public(event, 1).url == url.removesuffix("&utm_source=newslet")
    click = url.replace("&utm_source=newslet", "&gclid=abcdefghijkl")
    assert hit_of_public(PublicEvent(website_id="flid_x", url=click), 1).url == click


def test_a_page_with_a_long_click_id_counts_with_its_path_and_its_click_id(accept):
    event = accept(url=f"{PAGE}?utm_source=tiktok&ttclid={LONG_ID}")
    assert (event.path, event.facts.utm_source) == ("/landing", "tiktok")
    assert event.facts.click_id == "ttclid"


def test_parameters_behind_the_2048th_character_are_not_read(accept):
    event = accept(url=f"{PAGE}?a={LONG_ID}&utm_source=late")
    assert (event.path, event.facts.utm_source) == ("/landing", "")


@pytest.mark.parametrize("left", range(1, 6))
def test_a_tag_that_would_be_cut_is_left_out(accept, left: int):
    url = padded(f"{PAGE}?utm_medium=email&a=", "", MAX_URL - len("&utm_source=") - left)
    facts = accept(url=f"{url}&utm_source=newsletter").facts
    assert (facts.utm_medium, facts.utm_source) == ("email", "")


def test_a_tag_that_ends_at_the_2048th_character_is_kept(accept):
    tag = "&utm_source=news"
    url = padded(f"{PAGE}?a=", tag, MAX_URL - len(tag))
    assert accept(url=f"{url}&b=1").facts.utm_source == "news"
    assert accept(url=f"{url}#top").facts.utm_source == "news"


def test_a_value_that_is_stored_by_its_first_200_characters_is_kept(accept):
    facts = accept(url=f"{PAGE}?utm_term={'k' * 3000}").facts
    assert facts.utm_term == "k" * 200


def test_a_fragment_behind_the_query_does_not_cost_a_parameter(accept):
    facts = accept(url=f"{PAGE}?utm_source=news#{'x' * 3000}").facts
    assert facts.utm_source == "news"


def test_a_long_query_of_a_hash_route_keeps_the_route(accept):
    event = accept(url=f"https://example.com/#/cart?utm_source=a&x={LONG_ID}", is_hash_route=True)
    assert (event.path, event.facts.utm_source) == ("/cart", "a")


@pytest.mark.parametrize("character", ["é", "€", "💥", "ö"])
@pytest.mark.parametrize("shift", range(12))
def test_a_long_path_ends_before_a_character_that_would_be_cut(accept, character: str, shift: int):
    escaped = "".join(f"%{byte:02X}" for byte in character.encode())
    path = accept(url=f"https://example.com/{'a' * shift}{escaped * 900}").path
    assert set(path) == {"/", character} | ({"a"} if shift else set())
    assert "%" not in path


def test_a_long_referrer_keeps_its_domain(accept):
    facts = accept(referrer=f"https://blog.example.net/post?x={LONG_ID}").facts
    assert (facts.referrer, facts.referrer_url) == (
        "blog.example.net",
        "https://blog.example.net/post",
    )


def test_an_outbound_click_on_a_long_link_counts(accept):
    event = accept(type="outbound", properties={"url": f"https://partner.org/a?x={LONG_ID}"})
    assert event.link == "https://partner.org/a"


def test_a_host_is_never_cut_to_another_one(drop):
    assert drop(url=f"https://{'a' * 3000}.example.com/").field == "url"


PIECES = st.sampled_from(
    ["&", "?", "#", "=", "%", "%E2%82%AC", "%F0%9F%92%A5", "utm_source", "gclid", "/", "a" * 50]
)


@given(st.lists(PIECES, min_size=100, max_size=400).map("".join))
def test_no_tag_is_stored_that_the_whole_address_does_not_have(text: str):
    url = f"https://example.com/?{text}"
    short = shorten_url(url)
    assert len(short) <= MAX_URL
    assert url.startswith(short)
    whole = parse_campaign(url.partition("?")[2].partition("#")[0])
    kept = parse_campaign(short.partition("?")[2].partition("#")[0])
    assert kept.get("utm_source") in (None, whole.get("utm_source"))
