"""Goals, outbound links, properties, engagement."""

import msgspec
import pytest

LINK = "https://partner.org/deal"


def test_goals_are_lower_cased(accept):
    assert accept(type="track", name="Sign_Up-2").name == "sign_up-2"


@pytest.mark.parametrize("name", ["", "sign up", "x" * 65, "größe", "a.b"])
def test_other_names_are_not_valid_goals(drop, name):
    dropped = drop(type="track", name=name)
    assert (dropped.reason, dropped.field) == ("invalid", "name")


@pytest.mark.parametrize("name", ["payment", "free_trial", "Payment"])
def test_goals_of_payments_are_reserved(drop, name):
    assert drop(type="track", name=name).reason == "reserved_goal"


def test_contract_events_keep_their_name(accept, drop):
    assert accept(type="decoded_log", name="Transfer (v2)").name == "Transfer (v2)"
    assert drop(type="decoded_log", name="").field == "name"
    assert drop(type="decoded_log", name="x" * 129).field == "name"
    assert drop(type="decoded_log", name="a\nb").field == "name"


def test_other_types_have_no_name(accept):
    assert accept(type="page", name="x").name == ""


def test_an_unknown_type_is_invalid(drop):
    assert drop(type="pageview").field == "type"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (LINK, LINK),
        (f"{LINK}?token=abc&x=1#frag", LINK),
        ("HTTPS://Partner.ORG/Deal", "https://partner.org/Deal"),
        ("https://user:secret@partner.org/deal", LINK),
        ("https://partner.org", "https://partner.org/"),
        ("https://partner.org:8443/a", "https://partner.org:8443/a"),
        ("https://partner.org/a;token=abc", "https://partner.org/a;token=***"),
    ],
)
def test_a_link_has_neither_query_nor_fragment_nor_credentials(accept, url, link):
    event = accept(type="outbound", properties={"url": url})
    assert event.link == link
    assert event.properties == ""


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "javascript:alert(1)",
        "javascript://partner.org/%0aalert(1)",
        "data:text/html,x",
        "mailto:a@b.c",
        "/relative",
        "https://",
        "https://partner.org/\x00",
        "https://par tner.org/",
    ],
)
def test_a_text_that_is_not_a_web_address_is_not_a_link(drop, url):
    dropped = drop(type="outbound", properties={"url": url})
    assert (dropped.reason, dropped.field) == ("invalid", "properties.url")
    assert drop(type="outbound", properties=None).field == "properties.url"


def test_an_outbound_clicks_other_properties_stay(accept):
    event = accept(type="outbound", properties={"url": LINK, "label": "x"})
    assert event.properties == '{"label":"x"}'


def test_properties_are_json_text(accept):
    properties = {"plan": "pro", "seats": 3, "trial": True, "none": None, "deep": {"a": [1.5]}}
    event = accept(type="track", name="x", properties=properties)
    assert msgspec.json.decode(event.properties) == properties
    assert accept(properties={}).properties == ""


@pytest.mark.parametrize(
    "properties",
    [
        {f"k{n}": n for n in range(51)},
        {"k": "x" * 8192},
        {"k": "a\0b"},
        {"a\0b": 1},
        {"k": "\\\0"},
        {"k": "\ud800"},
        {"\udfff": 1},
        {"k": object()},
    ],
)
def test_properties_that_cannot_be_stored_are_invalid(drop, properties):
    dropped = drop(type="track", name="x", properties=properties)
    assert (dropped.reason, dropped.field) == ("invalid", "properties")


def test_text_that_only_looks_like_an_escape_is_kept(accept):
    event = accept(type="track", name="x", properties={"k": "\\u0000"})
    assert msgspec.json.decode(event.properties) == {"k": "\\u0000"}


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "email", "e-mail", "user_email", "password", "passwd", "pwd", "key",
     "api_key", "apikey", "secret", "client_secret", "code", "sessionid", "gclid", "TOKEN"],
)  # fmt: skip
def test_secrets_in_addresses_never_reach_properties(accept, name):
    url = f'https://files.org/a.pdf?x=1&{name}=S3cr"et\\ä&y=2'
    event = accept(type="track", name="file_download", properties={"url": url, "n": {"u": [url]}})
    stored = msgspec.json.decode(event.properties)["url"]
    assert "S3cr" not in event.properties
    assert stored.startswith(f"https://files.org/a.pdf?x=1&{name}=***")
    assert stored.endswith("&y=2")


def test_secrets_of_a_bare_query_string_are_hidden_too(accept):
    event = accept(type="track", name="x", properties={"search": "token=abc&q=1"})
    assert event.properties == '{"search":"token=***&q=1"}'


def test_an_ordinary_equals_sign_is_left_alone(accept):
    event = accept(type="track", name="x", properties={"note": "a=1&monkey=2", "q": "?q=x"})
    assert msgspec.json.decode(event.properties) == {"note": "a=1&monkey=2", "q": "?q=x"}


def test_engagement_carries_its_time(accept, drop):
    assert accept(type="engagement", engaged_ms=15_000).engaged_ms == 15_000
    assert accept(type="page", engaged_ms=15_000).engaged_ms == 0
    assert drop(type="engagement", engaged_ms=-1).field == "engaged_s"
    assert drop(type="engagement", engaged_ms=3_600_001).field == "engaged_s"


@pytest.mark.parametrize("name", ["Swap Completed", "größe", "x" * 128, "Payment"])
def test_an_sdks_goals_keep_their_name_as_it_came(accept, name):
    assert accept(type="track", name=name, keeps_goal_name=True).name == name


@pytest.mark.parametrize("name", ["", "x" * 129, "a\nb"])
def test_an_sdks_other_names_are_not_valid_goals(drop, name):
    dropped = drop(type="track", name=name, keeps_goal_name=True)
    assert (dropped.reason, dropped.field) == ("invalid", "name")


@pytest.mark.parametrize("name", ["payment", "free_trial"])
def test_goals_of_payments_are_reserved_for_sdks_too(drop, name):
    assert drop(type="track", name=name, keeps_goal_name=True).reason == "reserved_goal"


@pytest.mark.parametrize("kind", ["signature", "transaction"])
def test_signatures_and_transactions_keep_a_name_that_is_given(accept, drop, kind):
    assert accept(type=kind, name="Approve USDC").name == "Approve USDC"
    assert accept(type=kind).name == ""
    assert drop(type=kind, name="x" * 129).field == "name"
    assert drop(type=kind, name="a\0b").field == "name"


def test_integers_beyond_64_bits_are_stored_as_text_at_any_depth(accept):
    wei, debt = 2**64, -(2**63) - 1
    given = {"value": wei, "args": [{"amount": debt}], "most": 2**64 - 1, "least": -(2**63)}
    stored = msgspec.json.decode(accept(type="transaction", properties=given).properties)
    assert stored == given | {"value": str(wei), "args": [{"amount": str(debt)}]}
    assert given["value"] == wei


def test_true_false_and_fractions_stay_what_they_are(accept):
    event = accept(type="transaction", properties={"a": True, "b": 1e30, "c": None, "d": 0})
    assert event.properties == '{"a":true,"b":1e30,"c":null,"d":0}'
