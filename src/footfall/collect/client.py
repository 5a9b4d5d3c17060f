"""What a connection says about the client."""

import msgspec
from starlette.types import Scope

from footfall.collect.address import ClientAddress
from footfall.collect.header import Headers
from footfall.model.hit import NO_HINTS, ClientHints


class Client(msgspec.Struct, frozen=True):
    address: str
    user_agent: str
    hints: ClientHints


def read_client(scope: Scope, headers: Headers, client_address: ClientAddress) -> Client:
    """The client of an HTTP request with these headers, behind proxies or not."""
    return Client(
        address=client_address.find(peer_of(scope), headers),
        user_agent=headers.text(b"user-agent"),
        hints=read_hints(headers),
    )


def peer_of(scope: Scope) -> str:
    """The address at the connection's other end, the client's or a proxy's; '' if it has none."""
    return scope["client"][0] if scope.get("client") else ""


def read_hints(headers: Headers) -> ClientHints:
    if b"sec-ch-ua" not in headers:
        return NO_HINTS
    return ClientHints(
        brands=headers.text(b"sec-ch-ua-full-version-list") or headers.text(b"sec-ch-ua"),
        platform=headers.text(b"sec-ch-ua-platform"),
        platform_version=headers.text(b"sec-ch-ua-platform-version"),
        mobile=headers.text(b"sec-ch-ua-mobile"),
    )
