"""Secrets that must be readable, encrypted on disk.

The key is stored outside the catalog, so that a copy of the catalog alone is useless: in the file
`secret.key` of the data folder, which is created when first needed, or in FOOTFALL_SECRET_KEY.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from footfall.model.errors import BadRequest, NotFound, Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE_NAME = "secret.key"
VARIABLE = "FOOTFALL_SECRET_KEY"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


class SecretBox:
    """Encrypts with AES-256-GCM. A secret can be decrypted only for the place it was encrypted
    for."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        """Nothing is read or created before it is needed."""
        self._file = folder / FILE_NAME
        self._environment = environment
        self._key = b""

    def seal(self, secret: str, place: str) -> bytes:
        """Raises BadRequest if the key is invalid, Unavailable if none can be stored."""
        known, self._key = self._key, b""  # the file may have been lost since it was read
        key = self._find_key() or self._make_key(known)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _cipher(key).encrypt(nonce, secret.encode(), _VERSION + place.encode())
        return _VERSION + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """Raises NotFound if the key is lost or another one, BadRequest, Unavailable."""
        from cryptography.exceptions import InvalidTag

        key = self._find_key()
        if not key:
            raise NotFound(
                f"the key to the stored secrets is missing: put {self._file} back or set"
                f" {VARIABLE}; or connect the providers again"
            )
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return _cipher(key).decrypt(nonce, text, _VERSION + place.encode()).decode()
        except (InvalidTag, ValueError):
            raise NotFound(
                "a stored secret cannot be decrypted with this key: restore the right"
                f" {self._where()}, or connect the provider again"
            ) from None

    def trouble(self, sealed: bytes, place: str) -> str:
        """Why a secret cannot be decrypted, '' if it can."""
        try:
            self.open(sealed, place)
        except (NotFound, BadRequest, Unavailable) as error:
            return error.message
        return ""

    def reopened(self) -> "SecretBox":
        """As it will be after a restart: with the key that can be read now."""
        return SecretBox(self._file.parent, self._environment)

    def fingerprint(self) -> str:
        """Eight characters that differ between keys; '' if no key can be read."""
        text = self._environment.get(VARIABLE) or ""
        with suppress(Unavailable):
            text = text or self._read_file()
        return f"{crc32(text.encode()):08x}" if text else ""

    def _where(self) -> str:
        return VARIABLE if self._environment.get(VARIABLE) else str(self._file)

    def _find_key(self) -> bytes:
        """b'' if there is none yet."""
        if not self._key:
            text = self._environment.get(VARIABLE) or self._read_file()
            self._key = _decode(text, self._where()) if text else b""
        return self._key

    def _read_file(self) -> str:
        try:
            return self._file.read_text(errors="replace").strip()  # then it is not a key
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise Unavailable(f"cannot read {self._file}: {error}") from error

    def _make_key(self, known: bytes) -> bytes:
        """Store a new key, or the one that is known and whose file was lost."""
        key = known or secrets.token_bytes(_KEY_BYTES)
        text = base64.urlsafe_b64encode(key).decode()
        try:
            # Linked when it is complete, so that a second process reads the first one's key.
            draft = self._file.with_name(f"{FILE_NAME}.{secrets.token_hex(8)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "w") as file:
                    file.write(f"{text}\n")
                    file.flush()
                    os.fsync(file.fileno())
                os.link(draft, self._file)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        except OSError as error:
            raise Unavailable(f"cannot write {self._file}: {error.strerror}") from error
        self._sync_folder()
        return self._find_key()

    def _sync_folder(self) -> None:
        descriptor = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _decode(text: str, where: str) -> bytes:
    try:
        plain = text.strip().replace("-", "+").replace("_", "/")
        key = base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadRequest(
            f"{where} does not contain a key: it must be 32 random bytes in base64, as"
            " `openssl rand -base64 32` prints them"
        )
    return key


def _cipher(key: bytes) -> "AESGCM":
    # takes 10 MB and 25 ms, so it is imported only when a secret is used
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
