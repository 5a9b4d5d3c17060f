"""Tokens' secrets: how they are created, identified and stored. Only their SHA-256 is stored."""

import secrets
import string
from collections.abc import Collection
from hashlib import sha256

from footfall.model.errors import BadRequest
from footfall.model.website import SCOPES, TokenKind

BASE62 = string.ascii_letters + string.digits
SECRET_LENGTH = 43  # of base62: 256 bits
SHOWN_LENGTH = 4  # of the secret's random part, to identify tokens


def random_text(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def new_secret(kind: TokenKind, *, is_workspace: bool) -> tuple[str, str]:
    """A new secret, and the prefix that identifies it to people."""
    start = "formo_" if kind == "formo" else "flow_ws_" if is_workspace else "flow_"
    secret = start + random_text(SECRET_LENGTH)
    return secret, secret[: len(start) + SHOWN_LENGTH]


def digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def check_scopes(scopes: Collection[str]) -> frozenset[str]:
    known = frozenset(scope for scope in SCOPES if scope in scopes)
    unknown = sorted(set(scopes) - known)
    if unknown or not known:
        wrong = f"scope {unknown[0]!r} is not known" if unknown else "no scope was given"
        raise BadRequest(f"{wrong}: any of {', '.join(SCOPES)}", field="scope")
    return known


def check_kind(kind: str, website_id: int | None) -> TokenKind:
    if kind not in ("flow", "formo"):
        raise BadRequest(f"kind {kind!r} is not known: flow or formo", field="kind")
    if kind == "formo" and website_id is None:
        raise BadRequest("a token of kind formo belongs to one website: name it", field="website")
    return "flow" if kind == "flow" else "formo"
