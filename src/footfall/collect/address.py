"""Which address a request comes from, and which headers are believed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from socket import AF_INET, AF_INET6, inet_pton

from footfall.collect.header import Headers, forwarded_for
from footfall.model.address import LOCAL_NETWORKS, plain_address
from footfall.model.errors import BadRequest


class ClientAddress:
    """Finds the client's address behind proxies.

    Without `trusted_proxies`, a peer in a loopback or private range is taken for a proxy; with
    them, only those are. A proxy appends to X-Forwarded-For, so the client is the last address
    there that is not a proxy: the client may have written what comes before it.
    """

    def __init__(self, trusted_proxies: tuple[str, ...]) -> None:
        """Raises BadRequest for a text that is not an address or network."""
        try:
            networks = [
                ip_network(proxy, strict=False) for proxy in trusted_proxies or LOCAL_NETWORKS
            ]
        except ValueError as error:
            raise BadRequest(f"trusted_proxies: {error}") from None
        self._v4 = _Ranges(collapse_addresses(n for n in networks if isinstance(n, IPv4Network)))
        self._v6 = _Ranges(collapse_addresses(n for n in networks if isinstance(n, IPv6Network)))
        self._believes_cloudflare = bool(trusted_proxies)

    def find(self, peer: str, headers: Headers) -> str:
        """The client's address as text, '' where the peer is unknown.

        Without a client, the proxy that is farthest away; a hop that is not an address ends the
        search there.
        """
        peer = plain_address(peer)
        if not self.is_proxy(peer):
            return peer
        address = peer
        for hops in self._lists(headers):
            address = peer if hops else address
            for hop in reversed(hops):
                known = plain_address(hop)
                if not known:
                    return address
                address = known
                if not self.is_proxy(address):
                    return address
        return address

    def _lists(self, headers: Headers) -> Iterator[list[str]]:
        """What each header says: the addresses from the client's to the last proxy's peer."""
        listed = headers.text(b"x-forwarded-for").split(",")
        yield [hop for hop in listed if hop.strip()]
        yield forwarded_for(headers.lines(b"forwarded"))
        if self._believes_cloudflare:
            yield headers.lines(b"cf-connecting-ip")[-1:]

    def is_proxy(self, address: str) -> bool:
        """Whether an address as `plain_address` writes it is a proxy's."""
        if not address:
            return False
        if ":" in address:
            return self._v6.holds(inet_pton(AF_INET6, address))
        return self._v4.holds(inet_pton(AF_INET, address))


class _Ranges:
    """Networks of one IP version as sorted, disjoint ranges of packed addresses."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        ranges = [(n.network_address.packed, n.broadcast_address.packed) for n in networks]
        self._firsts = [first for first, _ in ranges]
        self._lasts = [last for _, last in ranges]

    def holds(self, packed: bytes) -> bool:
        at = bisect_right(self._firsts, packed) - 1
        return at >= 0 and packed <= self._lasts[at]
