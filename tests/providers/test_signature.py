"""Webhooks are believed only with the provider's own signature over the very bytes that came."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from providers.signing import NOW_MS, POLAR_SECRET, SECRETS, SIGN, STRIPE_SECRET
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from stripe import SignatureVerificationError, WebhookSignature

from footfall.model.errors import Unauthorized
from footfall.providers.provider import PROVIDERS

BODY = '{"id": "evt_1", "name": "Zoë – 100 %"}\n'.encode()
MINUTE_MS = 60_000
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)
TIMED = ("stripe", "generic", "polar")

each = pytest.mark.parametrize("name", sorted(PROVIDERS))
each_timed = pytest.mark.parametrize("name", TIMED)


def signed(name: str, secret: str | None = None, now_ms: int = NOW_MS) -> dict[str, str]:
    return SIGN[name](BODY, SECRETS[name] if secret is None else secret, now_ms)


def is_believed(
    name: str,
    headers: dict[str, str],
    body: bytes = BODY,
    *,
    secret: str | None = None,
    now_ms: int = NOW_MS,
) -> bool:
    """Also, no error reveals the secret."""
    refusal = ""
    known = SECRETS[name] if secret is None else secret
    try:
        PROVIDERS[name].verify(headers, body, known, now_ms)
    except Unauthorized as error:
        refusal = error.message
    assert not known.strip() or len(known) < 6 or known not in refusal
    return not refusal


@each
def test_what_the_provider_signed_is_believed(name: str) -> None:
    assert is_believed(name, signed(name))


@each
def test_without_a_signature_nothing_is_believed(name: str) -> None:
    assert not is_believed(name, {})
    assert not is_believed(name, dict.fromkeys(signed(name), ""))


@each
def test_one_changed_byte_of_the_body_is_a_forgery(name: str) -> None:
    headers = signed(name)
    for changed in (BODY.replace(b"1", b"2", 1), BODY.rstrip(), BODY + b" ", b""):
        assert not is_believed(name, headers, changed)


@each
def test_another_websites_secret_does_not_open_this_one(name: str) -> None:
    other = "whsec_" + base64.b64encode(b"another website's secret").decode()
    assert not is_believed(name, signed(name, secret=other))


@each
def test_a_connection_without_a_secret_accepts_nothing(name: str) -> None:
    mac = hmac.new(b"", f"{NOW_MS // 1000}.".encode() + BODY, sha256).hexdigest()
    of_nothing = {
        "stripe-signature": f"t={NOW_MS // 1000},v1={mac}",
        "footfall-signature": f"t={NOW_MS // 1000},v1={mac}",
        "x-signature": hmac.new(b"", BODY, sha256).hexdigest(),
    } | SIGN["polar"](BODY, "whsec_", NOW_MS)
    for secret in ("", " "):
        assert not is_believed(name, of_nothing, secret=secret)


@each_timed
@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24])
def test_a_signature_older_or_newer_than_five_minutes_is_a_replay(name: str, minutes: int) -> None:
    assert not is_believed(name, signed(name, now_ms=NOW_MS + minutes * MINUTE_MS))


@each_timed
@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_are_allowed(name: str, minutes: int) -> None:
    assert is_believed(name, signed(name, now_ms=NOW_MS + minutes * MINUTE_MS))


def test_a_new_time_under_an_old_signature_is_a_forgery() -> None:
    old = SIGN["stripe"](BODY, STRIPE_SECRET, NOW_MS - 10 * MINUTE_MS)["stripe-signature"]
    mac = old.partition(",")[2]
    assert not is_believed("stripe", {"stripe-signature": f"t={NOW_MS // 1000},{mac}"})
    headers = SIGN["polar"](BODY, POLAR_SECRET, NOW_MS - 10 * MINUTE_MS)
    headers["webhook-timestamp"] = str(NOW_MS // 1000)
    assert not is_believed("polar", headers)


def test_of_several_signatures_one_must_match() -> None:
    """Secrets are rolled: for a day a provider signs with the old and the new one."""
    at, mac = signed("stripe")["stripe-signature"].split(",")
    wrong = f"v1={'0' * 64}"
    assert is_believed("stripe", {"stripe-signature": f"{at},{wrong},{mac},v0=abc"})
    assert is_believed("stripe", {"stripe-signature": f"{at}, {mac}, {wrong}"})
    assert not is_believed("stripe", {"stripe-signature": f"{at},{wrong},{wrong}"})
    assert not is_believed("stripe", {"stripe-signature": f"{at},{mac.replace('v1', 'v0')}"})
    headers = signed("polar")
    right = headers["webhook-signature"]
    assert is_believed("polar", headers | {"webhook-signature": f"v1,AAAA {right} v2,x"})
    assert not is_believed("polar", headers | {"webhook-signature": right.replace("v1,", "v2,")})


def test_two_times_in_one_header_are_not_understood() -> None:
    at, mac = signed("stripe")["stripe-signature"].split(",")
    assert not is_believed("stripe", {"stripe-signature": f"{at},{at},{mac}"})


def test_an_older_secret_of_polar_is_used_literally() -> None:
    """Polar's server signs with the secret's own bytes where it is older than the standard."""
    secret = "polar_whs_bm90IGJhc2U2NA"
    literally = base64.b64encode(secret.encode()).decode()
    assert is_believed("polar", SIGN["polar"](BODY, literally, NOW_MS), secret=secret)


@each
@given(junk=st.text(max_size=300))
def test_no_header_breaks_the_check(name: str, junk: str) -> None:
    at = NOW_MS // 1000
    for value in (junk, f"t={at},v1={junk}", f"t={junk},v1=00", f"v1,{junk}"):
        assert not is_believed(name, dict.fromkeys(signed(name), value))


def test_stripes_own_library_signs_what_we_believe() -> None:
    text = BODY.decode()
    header = WebhookSignature.generate_signature_header(text, STRIPE_SECRET, NOW_MS // 1000)
    assert is_believed("stripe", {"stripe-signature": header})


@given(body=st.text(max_size=200), secret=st.text(PRINTABLE, min_size=1))
def test_stripes_own_library_judges_as_we_do(body: str, secret: str) -> None:
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    for signed_with in (secret, STRIPE_SECRET):
        headers = SIGN["stripe"](body.encode("utf-8", "replace"), signed_with, now_ms)
        try:
            WebhookSignature.verify_header(
                body.encode("utf-8", "replace"), headers["stripe-signature"], secret, 300
            )
            is_right = True
        except SignatureVerificationError:
            is_right = False
        ours = is_believed(
            "stripe", headers, body.encode("utf-8", "replace"), secret=secret, now_ms=now_ms
        )
        assert ours == is_right


@given(key=st.binary(min_size=1, max_size=64), body=st.text(st.characters(codec="utf-8")))
def test_the_standards_own_library_signs_and_judges_as_we_do(key: bytes, body: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    now = datetime.now(UTC).replace(microsecond=0)
    now_ms = int(now.timestamp() * 1000)
    headers = {
        "webhook-id": "msg_2",
        "webhook-timestamp": str(now_ms // 1000),
        "webhook-signature": Webhook(secret).sign("msg_2", now, body),
    }
    assert is_believed("polar", headers, body.encode(), secret=secret, now_ms=now_ms)
    ours = SIGN["polar"](body.encode(), secret, now_ms)
    Webhook(secret).verify(body, ours, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + "x", ours, json_parse=False)
    assert not is_believed("polar", ours, (body + "x").encode(), secret=secret, now_ms=now_ms)
