"""The API of a server elsewhere. Nothing of the server itself is imported for it."""

from urllib.parse import urlsplit

import httpx2

from footfall.model.errors import BadRequest
from footfall.serve.mcp.rest import BASE, Rest, client_of

TOKEN_VARIABLE = "FOOTFALL_TOKEN"  # noqa: S105 – a name


def rest_of(url: str, token: str) -> Rest:
    """The API of a server elsewhere. Raises BadRequest."""
    _check_address(url)
    if not token:
        raise BadRequest(f"--url needs a token: set the variable {TOKEN_VARIABLE}")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise BadRequest("--token is not a token: it begins with flow_ and has no spaces")
    try:
        # people copy the API's own address, too
        return Rest(client_of(url.rstrip("/").removesuffix(BASE)))
    except httpx2.InvalidURL as error:
        raise BadRequest(f"--url {url!r} is not an address: {error}") from error


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:  # a port beyond 65535, a bracket without its pair
        raise BadRequest(f"--url {url!r} is not an address: {error}") from error
    if not is_one:
        raise BadRequest(f"--url {url!r} is not an address such as https://stats.example.com")
    if parts.username is not None:
        raise BadRequest("--url must not have a name and a password: the token is enough")
