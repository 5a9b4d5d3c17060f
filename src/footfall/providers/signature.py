"""The signature schemes of the providers, checked on the raw body in constant time.

Every function raises Unauthorized. The messages reveal neither the secret nor the expected value.
"""

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest, digest

from footfall.model.errors import Unauthorized

TOLERANCE_MS = 5 * 60 * 1000
"""How far the time in a signature may be from now. An older one could be a replay."""

STANDARD_PREFIX = "whsec_"
_WRONG = "The signature does not match: check that the secret belongs to this webhook"


def verify_timestamped(
    name: str, header: str | None, body: bytes, secret: str, now_ms: int
) -> None:
    """A header `t=<unix seconds>,v1=<hex>` over "t.body". With several v1, one must match."""
    if not header:
        raise Unauthorized(f"The signature is missing: send the header {name}")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for key, _, value in parts if key == "t"]
    signatures = [value for key, _, value in parts if key == "v1"]
    if len(times) != 1 or not signatures:
        raise Unauthorized(f"The header {name} is not valid: it must have t=… and v1=…")
    expected = _hmac([_key(secret)], times[0], b".", body)
    _check(expected, map(_from_hex, signatures))
    _check_time(times[0], now_ms)


def verify_standard(
    headers: tuple[str | None, str | None, str | None], body: bytes, secret: str, now_ms: int
) -> None:
    """Standard Webhooks: `headers` are webhook-id, webhook-timestamp and webhook-signature.

    The key is the base64 text after whsec_, decoded, or else the bytes of the secret itself: a
    provider uses older secrets, from before it adopted the standard, literally.
    """
    message_id, sent_at, signature = headers
    if not message_id or not sent_at or not signature:
        raise Unauthorized(
            "The signature is missing: send the headers webhook-id, webhook-timestamp and"
            " webhook-signature"
        )
    versions = (entry.partition(",") for entry in signature.split())
    given = [_from_base64(value) for version, _, value in versions if version == "v1"]
    expected = _hmac(_standard_keys(secret), message_id, b".", sent_at, b".", body)
    _check(expected, given)
    _check_time(sent_at, now_ms)


def verify_body(name: str, header: str | None, body: bytes, secret: str) -> None:
    """A header that is the hex HMAC-SHA256 of the body alone. It has no time."""
    if not header:
        raise Unauthorized(f"The signature is missing: send the header {name}")
    _check(_hmac([_key(secret)], body), [_from_hex(header.strip())])


def _key(secret: str) -> bytes:
    if not secret.strip():
        raise Unauthorized("This webhook has no secret: connect the provider again")
    return secret.encode("utf-8", "surrogatepass")


def _standard_keys(secret: str) -> list[bytes]:
    keys = [_key(secret)]
    encoded = secret.removeprefix(STANDARD_PREFIX)
    decoded = _from_base64(encoded + "=" * (-len(encoded) % 4))
    return [*keys, decoded] if decoded else keys


def _hmac(keys: list[bytes], *parts: str | bytes) -> list[bytes]:
    signed = b"".join(
        part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts
    )
    return [digest(key, signed, sha256) for key in keys]


def _check(expected: list[bytes], given: Iterable[bytes]) -> None:
    fits = [compare_digest(one, other) for other in given for one in expected]
    if not any(fits):
        raise Unauthorized(_WRONG)


def _check_time(text: str, now_ms: int) -> None:
    """Checked after the signature, so that nobody else learns this server's time."""
    is_number = text.isascii() and text.isdigit() and len(text) < 13
    if not is_number or abs(now_ms - int(text) * 1000) > TOLERANCE_MS:
        raise Unauthorized(
            "The time of the signature is more than 5 minutes from now: it may be a replay, or"
            " this server's clock is wrong"
        )


def _from_hex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text.encode("ascii"))
    except (binascii.Error, UnicodeError):
        return b""


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError):
        return b""
