"""What an identify may say: who it is, an image, ten more properties. A wallet's may have any."""

import json

import pytest


def sent_properties(event):
    return json.loads(event.properties)


def test_an_identify_says_who_it_is_and_has_ten_more_properties(accept):
    properties = {
        "user_id": "u1",
        "name": "Ann",
        "email": "ann@example.com",
        "customer_id": 7,
        "image": "https://example.com/" + "x" * 230,
        **{f"k_{n}-": "v" * 255 for n in range(7)},
        "seats": 3,
        "paid": True,
        "rate": 0.5,
    }
    assert sent_properties(accept(type="identify", properties=properties)) == properties


@pytest.mark.parametrize(
    "properties",
    [{"user_id": "u1"}, {"userId": 1}, {"email": "a@b.c"}, {"customerId": "c1"}],
)
def test_a_user_id_an_email_or_a_customer_id_says_who_it_is(accept, properties):
    assert sent_properties(accept(type="identify", properties=properties)) == properties


@pytest.mark.parametrize(
    "properties", [None, {}, {"name": "Ann"}, {"user_id": ""}, {"user_id": None, "plan": "pro"}]
)
def test_without_one_it_is_refused(drop, properties):
    dropped = drop(type="identify", properties=properties)
    assert (dropped.reason, dropped.field) == ("invalid", "properties.user_id")
    assert "user_id" in dropped.message
    assert "email" in dropped.message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("user_id", "x" * 256, "255"),
        ("name", {"first": "Ann"}, "text"),
        ("name", True, "text"),
        ("email", "ann", "ann@example.com"),
        ("email", "a b@example.com", "ann@example.com"),
        ("email", "x" * 250 + "@b.com", "255"),
        ("customerId", "x" * 256, "255"),
        ("image", "https://example.com/" + "x" * 231, "250"),
        ("image", "javascript:alert(1)", "http(s)"),
        ("image", 7, "http(s)"),
        ("plan", "x" * 256, "255"),
        ("plan", 10**256, "255"),
        ("plan", ["pro"], "text"),
        ("Plan", "pro", "a-z"),
        ("x" * 65, "pro", "64"),
        ("größe", "pro", "a-z"),
    ],
)
def test_what_is_wrong_with_a_property_is_said(drop, name, value, words):
    dropped = drop(type="identify", properties={"user_id": "u1"} | {name: value})
    assert (dropped.reason, dropped.field) == ("invalid", f"properties.{name[:64]}")
    assert dropped.message.startswith(dropped.field)
    assert words in dropped.message
    assert "ann" not in dropped.message.replace("ann@example.com", "")


def test_more_than_ten_things_more_are_refused(drop):
    properties = {"user_id": "u1"} | {f"k{n}": n for n in range(11)}
    dropped = drop(type="identify", properties=properties)
    assert (dropped.reason, dropped.field) == ("invalid", "properties")
    assert "11" in dropped.message
    assert "10" in dropped.message


def test_a_wallets_identify_needs_no_other_id(accept):
    assert accept(type="identify", address="0xabc", properties={"rdns": "io.x"}).address == "0xabc"


def test_an_sdks_identify_may_have_any_properties(accept):
    traits = {"providerName": "x" * 300, "nested": {"a": [1]}} | {f"k{n}": n for n in range(30)}
    assert (
        sent_properties(accept(type="identify", properties=traits, has_any_traits=True)) == traits
    )
    assert accept(type="identify", has_any_traits=True).properties == ""


def test_other_events_properties_are_left_alone(accept):
    assert sent_properties(accept(type="track", name="a", properties={"Email": "x"})) == {
        "Email": "x"
    }
