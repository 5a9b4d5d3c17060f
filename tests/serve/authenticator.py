"""An authenticator in software, like a phone or a security key: it makes a passkey and signs."""

import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

from footfall.serve.http.authenticator import to_base64url

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """It has one passkey. Whatever is an attribute can be changed to lie."""

    def __init__(self, origin: str, rp_id: str) -> None:
        self.origin = origin
        self.rp_id = rp_id
        self.flags = PRESENT | VERIFIED
        self.count = 0
        self.counts = True
        self.id = secrets.token_bytes(32)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.handle = ""
        self.client_data: dict[str, Any] = {}

    def make(self, options: dict[str, Any], name: str = "Phone") -> dict[str, str]:
        """The body that adds a passkey."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        key = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        data = self._data(HAS_KEY) + attested
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        return {
            "name": name,
            "id": to_base64url(self.id),
            "clientData": to_base64url(self._client_data("webauthn.create", options)),
            "attestation": to_base64url(encode_cbor(made)),
        }

    def sign(self, options: dict[str, Any]) -> dict[str, str]:
        """The body that signs in."""
        if self.counts:
            self.count += 1
        client_data, data = self._client_data("webauthn.get", options), self._data(0)
        signature = self.key.sign(data + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": to_base64url(self.id),
            "clientData": to_base64url(client_data),
            "authenticatorData": to_base64url(data),
            "signature": to_base64url(signature),
            "userHandle": self.handle,
        }

    def _data(self, flags: int) -> bytes:
        hashed = sha256(self.rp_id.encode()).digest()
        return hashed + bytes([self.flags | flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | self.client_data).encode()
