"""Campaign parameters and click ids."""

import pytest

from footfall.model.campaign import CAMPAIGN_PARAMS, CLICK_IDS


@pytest.mark.parametrize("tag", CAMPAIGN_PARAMS)
def test_each_parameter_is_a_fact_with_its_case_kept(accept, tag):
    facts = accept(url=f"https://example.com/?a=1&{tag}=Spring%20Sale+%C3%84&b=2").facts
    assert getattr(facts, tag) == "Spring Sale Ä"


def test_parameter_names_are_read_in_any_case_and_encoding(accept):
    facts = accept(url="https://example.com/?UTM_Source=a&utm%5Fmedium=b").facts
    assert (facts.utm_source, facts.utm_medium) == ("a", "b")


def test_the_first_of_two_values_counts(accept):
    assert accept(url="https://example.com/?ref=a&ref=b").facts.ref == "a"
    assert accept(url="https://example.com/?ref=&ref=b").facts.ref == "b"


def test_values_are_cut_and_hold_no_control_characters(accept):
    facts = accept(url=f"https://example.com/?ref={'x' * 999}&via=a%00b%0Ac").facts
    assert facts.ref == "x" * 200
    assert facts.via == "a b c"


def test_wrongly_encoded_values_are_accepted(accept):
    facts = accept(url="https://example.com/?ref=%FF%zz&via=%ED%A0%80").facts
    assert facts.ref == "\ufffd%zz"
    facts.via.encode()


@pytest.mark.parametrize("name", CLICK_IDS)
def test_of_a_click_id_only_the_name_is_kept(accept, name):
    event = accept(url=f"https://example.com/?{name}=SeCrEt123")
    assert event.facts.click_id == name
    assert "SeCrEt123" not in str(event)


@pytest.mark.parametrize("name", CLICK_IDS)
def test_an_address_within_a_property_keeps_no_click_ids_value(accept, name):
    seen = {"seen": f"https://example.com/?a=1&{name}=SeCrEt123"}
    event = accept(type="track", name="look", properties=seen)
    assert f"{name}=***" in event.properties
    assert "SeCrEt123" not in str(event)


def test_a_paid_click_id_goes_before_an_unpaid_one(accept):
    assert accept(url="https://example.com/?fbclid=1&gclid=2").facts.click_id == "gclid"


@pytest.mark.parametrize("value", ["", "+", "%20", "%0A"])
def test_an_empty_click_id_does_not_count(accept, value):
    assert accept(url=f"https://example.com/?gclid={value}").facts.click_id == ""


def test_what_an_sdk_remembers_wins_over_the_address(accept):
    url = "https://example.com/?utm_source=web&utm_medium=cpc&fbclid=1&ref=ann"
    tags = {"utm_source": " mail ", "utm_medium": "", "gclid": "SeCrEt123"}
    event = accept(url=url, tags=tags)
    facts = event.facts
    assert (facts.utm_source, facts.utm_medium, facts.ref) == ("mail", "cpc", "ann")
    assert facts.click_id == "gclid"
    assert "SeCrEt123" not in str(event)


def test_what_an_sdk_remembers_counts_without_an_address_too(accept):
    facts = accept(type="connect", url="", tags={"utm_source": "newsletter"}).facts
    assert (facts.utm_source, facts.channel) == ("newsletter", "Email")


def test_what_an_sdk_remembers_is_cut_like_any_value(accept, drop):
    assert accept(tags={"ref": "x" * 999}).facts.ref == "x" * 200
    assert drop(tags={"ref": "a\0"}).field == "ref"
    assert drop(tags={"utm_term": "\ud800"}).field == "utm_term"
