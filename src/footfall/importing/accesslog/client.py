"""Which client a log line comes from. Addresses are read strictly and never guessed."""

import re
from collections.abc import Iterable
from functools import lru_cache

from footfall.model.address import is_local, plain_address

_PORT = r"(?::\d{1,5})?"
_ZONE = r"(?:%[\w.-]+)?"
_V6 = r"[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*"
_ADDRESS = re.compile(rf"\d{{1,3}}(?:\.\d{{1,3}}){{3}}{_PORT}|\[{_V6}{_ZONE}\]{_PORT}|{_V6}{_ZONE}")
_HOST_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\.?")
_MISSING = frozenset({"", "-", "unknown"})
_NOBODY = frozenset({"0.0.0.0", "::"})  # noqa: S104 – what a log without addresses has in their place


@lru_cache(4_096)
def read_address(text: str) -> str:
    """The address in its one spelling, without port, brackets and zone; '' for anything else."""
    if len(text) > 64 or not _ADDRESS.fullmatch(text):
        return ""
    address = plain_address(text)
    return "" if address in _NOBODY else address


def is_host_name(text: str) -> bool:
    """Whether it is a client's name as a reverse look-up gives it: with a dot, not a number."""
    return len(text) <= 253 and _HOST_NAME.fullmatch(text.lower()) is not None


def choose_client(hops: Iterable[str]) -> str:
    """The client among forwarded addresses: the first public one, else the first one.

    Whoever forwards a request appends the address that it came from, so the client comes first.
    A private address in front is the client's own in its network, which many people share.
    """
    addresses = [address for hop in hops if (address := read_address(hop.strip()))]
    public = (address for address in addresses if not is_local(address))
    return next(public, addresses[0] if addresses else "")


def read_forwarded(text: str) -> str:
    """The client of a forwarded list ("203.0.113.7, 10.0.0.2"); '' if anything else is in it."""
    hops = [hop.strip() for hop in text.split(",")]
    if not all(hop.lower() in _MISSING or read_address(hop) for hop in hops):
        return ""
    return choose_client(hops)


def behind_proxy(client: str, forwarded: Iterable[str]) -> str:
    """The client of the first of `forwarded` that is a list, if `client` is a local proxy.

    A public address stays: a list that reached the server from outside may be forged.
    """
    if not client or not is_local(client):
        return client
    return next((found for text in forwarded if (found := read_forwarded(text))), client)
