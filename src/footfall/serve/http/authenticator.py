"""What a browser's authenticator answers (WebAuthn), checked by the library `webauthn`.

The library is imported where it is used: a server without passkeys need not wait for it.
"""

import base64
import binascii
from functools import cache
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from footfall.model.errors import BadRequest, Conflict
from footfall.model.hostname import browser_origin
from footfall.model.json_text import MALFORMED
from footfall.model.member import Passkey

_NO_PLACE = (
    "Passkeys need a server with a name and TLS, as in https://stats.example.com, or"
    " http://localhost: open the server under such an address, or set public_url"
)


class Place(NamedTuple):
    """Where passkeys work."""

    origin: str
    rp_id: str  # its host's name


class Made(NamedTuple):
    """A new passkey, as the authenticator has made it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator's answer to a challenge."""

    id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


class ClientData(msgspec.Struct, frozen=True, rename="camel"):
    """What the browser says about the page that asked. The authenticator has signed it."""

    challenge: str = ""
    origin: str = ""
    cross_origin: bool = False


def place_of(link: str | None) -> Place:
    """Where passkeys work, of a server that is reached at this address, None if it is unknown.
    Raises Conflict where browsers allow none."""
    origin = browser_origin(link or "")
    parts = urlsplit(origin)
    host = parts.hostname or ""
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or not (parts.scheme == "https" or is_local):
        raise Conflict(_NO_PLACE)
    return Place(origin, host)


def read_client_data(client_data: bytes) -> tuple[bytes, str]:
    """The challenge that was answered, and the page's origin. The challenge is b'' in what is
    malformed, or was made in a page that another website embeds."""
    try:
        found = msgspec.json.decode(client_data, type=ClientData)
        challenge = from_base64url(found.challenge, "clientData")
    except (*MALFORMED, BadRequest):
        return b"", ""
    return b"" if found.cross_origin else challenge, found.origin


def check_made(
    credential_id: bytes, client_data: bytes, attestation: bytes, challenge: bytes, place: Place
) -> Made:
    """Check the answer to the request for a new passkey. Raises BadRequest."""
    from webauthn import verify_registration_response

    response = {
        "clientDataJSON": to_base64url(client_data),
        "attestationObject": to_base64url(attestation),
    }
    try:
        made = verify_registration_response(
            credential=_credential(credential_id, response),
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception:  # of whatever kind: the bytes are the client's, and parsers differ in errors
        made = None
    if made is None or made.credential_id != credential_id:
        raise BadRequest(
            "attestation is not the answer of an authenticator to these options, for this server"
            " and with its user verified: ask for new options",
            field="attestation",
        )
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def check_assertion(given: Assertion, challenge: bytes, passkey: Passkey | None) -> int | None:
    """The authenticator's new count, None if the answer is not that of this passkey. The same work
    if there is none."""
    from webauthn import verify_authentication_response

    nobody = _key_of_nobody()  # whether it is needed or not: the first one takes time
    # at which it was made: nothing that a request says changes where a passkey works
    origin = passkey.origin if passkey else read_client_data(given.client_data)[1]
    response = {
        "clientDataJSON": to_base64url(given.client_data),
        "authenticatorData": to_base64url(given.authenticator_data),
        "signature": to_base64url(given.signature),
    }
    try:
        found = verify_authentication_response(
            credential=_credential(given.id, response),
            expected_challenge=challenge,
            expected_rp_id=urlsplit(origin).hostname or "",
            expected_origin=origin,
            credential_public_key=passkey.public_key if passkey else nobody,
            credential_current_sign_count=passkey.sign_count if passkey else 0,
            require_user_verification=True,
        )
    except Exception:  # as above
        return None
    return found.new_sign_count if passkey else None


def to_base64url(value: bytes) -> str:
    """Without padding, as WebAuthn's JSON has it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(text: str, field: str) -> bytes:
    """Raises BadRequest naming the field."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise BadRequest(f"{field} must be bytes in base64url", field=field) from None


def _credential(credential_id: bytes, response: dict[str, str]) -> dict[str, Any]:
    name = to_base64url(credential_id)
    return {"id": name, "rawId": name, "type": "public-key", "response": response}


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _key_of_nobody() -> bytes:
    """A public key whose private key is forgotten."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from webauthn.helpers import encode_cbor

    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    key: bytes = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # EC2, ES256, P-256
    return key
