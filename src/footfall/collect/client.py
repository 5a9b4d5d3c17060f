"""What a connection tells of the client at its other end."""

import msgspec
from starlette.types import Scope

from footfall.collect.address import ClientAddress, Headers
from footfall.model.hit import NO_HINTS, ClientHints


class Client(msgspec.Struct, frozen=True):
    address: str
    user_agent: str
    hints: ClientHints


def read_client(scope: Scope, client_address: ClientAddress) -> Client:
    """The client of an HTTP request, behind proxies or not."""
    headers: Headers = dict(scope["headers"])
    peer = scope["client"][0] if scope.get("client") else ""
    return Client(
        address=client_address.find(peer, headers),
        user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
        hints=read_hints(headers),
    )


def read_hints(headers: Headers) -> ClientHints:
    if b"sec-ch-ua" not in headers:
        return NO_HINTS

    def text(name: bytes) -> str:
        return headers.get(name, b"").decode("latin-1")

    return ClientHints(
        brands=text(b"sec-ch-ua-full-version-list") or text(b"sec-ch-ua"),
        platform=text(b"sec-ch-ua-platform"),
        platform_version=text(b"sec-ch-ua-platform-version"),
        mobile=text(b"sec-ch-ua-mobile"),
    )
