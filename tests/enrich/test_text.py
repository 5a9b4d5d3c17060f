"""What is cleaned from texts on every way in, and which parameters hold secrets."""

import json
from urllib.parse import quote

import msgspec
import pytest

from footfall.model.text import hide_secrets, one_line

from .conftest import WEBSITE

CONTROLS = [*map(chr, [0x01, 0x09, 0x0A, 0x0D, 0x1B, 0x7F, 0x85, 0x9F, 0x2028, 0x2029])]
BIDI = [*map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])]
INVISIBLE = [*map(chr, [0x200B, 0x200E, 0x200F, 0x061C, 0x2060, 0xFEFF, 0xAD, 0xE0001, 0xE0041])]
KEPT = [
    *("می\u200cخواهم", "क\u094d\u200dष", "👩\u200d🚀", "a\u00a0b", "e\u0301"),
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]


@pytest.mark.parametrize("character", CONTROLS + BIDI + INVISIBLE)
def test_no_text_of_an_event_keeps_an_invisible_character(accept, character):
    dirty = f"a{character}b"
    encoded = quote(dirty)
    event = accept(
        url=f"https://example.com/{encoded}?utm_campaign={encoded}",
        title=dirty,
        referrer=f"https://other.example/{encoded}",
        properties={"note": dirty, dirty: 1},
    )
    space = "" if character in INVISIBLE else " "
    assert event.path == f"/a{space}b"
    assert event.title == event.facts.utm_campaign == f"a{space}b"
    assert event.facts.referrer_url == f"https://other.example/a{space}b"
    lines = character if character in "\t\n\r" else space
    assert json.loads(event.properties) == {"note": f"a{lines}b", f"a{lines}b": 1}


@pytest.mark.parametrize("text", KEPT)
def test_joiners_flags_and_accents_are_kept(accept, text):
    event = accept(url=f"https://example.com/{quote(text)}", title=text, properties={"a": text})
    assert (event.path, event.title) == (f"/{text}", text)
    assert json.loads(event.properties) == {"a": text}
    assert one_line(text) == text


def test_hash_routes_and_names_are_cleaned_too(accept, drop):
    event = accept(url="https://example.com/#/a%E2%80%AE%0Ab", is_hash_route=True)
    assert event.path == "/a b"
    dropped = drop(type="decoded_log", name="a\u202eb", is_public=False)
    assert dropped.field == "name"


SECRETS = (
    *("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "x_amz_signature"),
    *("X-Goog-Signature", "X-Goog-Credential", "GoogleAccessId", "AWSAccessKeyId", "sig"),
    *("Signature", "Policy", "Key-Pair-Id", "hmac", "accessToken", "access_token"),
    *("ACCESS-TOKEN", "id_token", "refresh_token", "client_secret", "SAMLResponse"),
    *("user[password]", "user%5Btoken%5D", "acc%65ss_token", "apiKey", "api-key", "e-mail"),
    *("user.email", "jwt", "code", "sessionId", "PHPSESSID", "gclid", "oobCode"),
    *("email_address", "phone_number", "connect.sid", "oauth_verifier", "code_verifier"),
    *("verification_code", "mkt_tok", "_hsenc", "passwort", "hdnts"),
)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_parameter_is_hidden_wherever_it_is(accept, name):
    inner = f"https://y.example/?{name}=s3cret&z=1"
    link = f"https://partner.org/a;{name}=s3cret;b=1"
    event = accept(
        url=f"https://example.com/a%3F{name}=s3cret%20too&x=1",
        title=f"See https://x.example/?a=1&{name}=s3cret",
        referrer=f"https://other.example/a;{name}=s3cret",
        type="outbound",
        properties={
            "url": link,
            "once": f"https://x.example/?a=1&{name}=s3cret&b=2",
            "twice": f"https://x.example/?next={quote(inner, safe='')}",
            "thrice": quote(quote(inner, safe=""), safe=""),
            "json": json.dumps({"url": f"https://y.example/?{name}=s3cret"}),
        },
    )
    stored = msgspec.json.encode(event).decode()
    assert "s3cret" not in stored
    assert "b=1" in event.link
    assert json.loads(event.properties)["once"].endswith("=***&b=2")
    assert event.path.endswith("=***&x=1")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "?monkey=1",
            "?turkey=2",
            "?state=CA",
            "?page=3",
            "?q=token",
            "?hash=0xabc",
            "/a=b",
            "a=b",
        ),
        *("?promocode=X", "?zip_code=1", "?encode=1", "?design=1", "?keyword=shoes", "?sort=key"),
        *("100%", "50%25", "%3D", "=", "?=", "?%3D=1"),
    ],
)
def test_other_parameters_are_kept(text):
    assert hide_secrets(text) == text


def test_hiding_is_linear_in_the_length_of_the_text():
    for text in ("?" * 50_000, "%25" * 20_000 + "=", "?" + "a" * 50_000 + "=", "?a%3D" * 10_000):
        assert hide_secrets(text) == text


def test_international_hosts_are_one_host(accept):
    website = msgspec.structs.replace(WEBSITE, domain="xn--strae-oqa.de")
    for host in (
        "straße.de",
        "STRASSE.DE".replace("SS", "ß"),
        "www.straße.de",
        "xn--strae-oqa.de.",
    ):
        assert accept(website, url=f"https://{host}/").facts.hostname.endswith("xn--strae-oqa.de")
    assert (
        accept(url="https://example.com/", referrer="https://i❤.ws/").facts.referrer
        == "xn--i-7iq.ws"
    )
    event = accept(type="outbound", properties={"url": "https://MÜNCHEN.de:8443/a"})
    assert event.link == "https://xn--mnchen-3ya.de:8443/a"
