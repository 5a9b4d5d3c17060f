"""Whose address a request comes from, and whose word on it is believed."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

from footfall.model.errors import BadRequest

Headers = dict[bytes, bytes]


class ClientAddress:
    """Finds the client's address behind proxies.

    Without `trusted_proxies`, a peer in a loopback or private range is taken for a proxy; with
    them, only those are. A proxy appends to X-Forwarded-For, so the client is the last address
    there that is no proxy: what stands before it, the client may have written itself.
    """

    def __init__(self, trusted_proxies: tuple[str, ...]) -> None:
        """Raises BadRequest for what is no address or network."""
        try:
            networks = [ip_network(proxy, strict=False) for proxy in trusted_proxies]
        except ValueError as error:
            raise BadRequest(f"trusted_proxies: {error}") from None

        @lru_cache(maxsize=10_000)
        def is_proxy(address: str) -> bool:
            try:
                ip = ip_address(address)
            except ValueError:
                return False
            if networks:
                return any(ip in network for network in networks)
            return ip.is_loopback or ip.is_private

        self._is_proxy = is_proxy
        self._believes_cloudflare = bool(networks)

    def find(self, peer: str, headers: Headers) -> str:
        """The client's address as text, '' where the peer is unknown."""
        if not self._is_proxy(peer):
            return peer
        if forwarded := headers.get(b"x-forwarded-for"):
            return self._last_client(forwarded.decode("latin-1").split(","), peer)
        if forwarded := headers.get(b"forwarded"):
            return self._last_client(_forwarded_for(forwarded.decode("latin-1")), peer)
        if self._believes_cloudflare and (address := headers.get(b"cf-connecting-ip")):
            return _plain(address.decode("latin-1")) or peer
        return peer

    def _last_client(self, hops: list[str], peer: str) -> str:
        for hop in reversed(hops):
            address = _plain(hop)
            if not address:
                return peer
            if not self._is_proxy(address):
                return address
            peer = address
        return peer


def _forwarded_for(value: str) -> list[str]:
    """The `for=` of each hop of a Forwarded header (RFC 7239)."""
    hops = []
    for hop in value.split(","):
        for pair in hop.split(";"):
            name, _, node = pair.strip().partition("=")
            if name.lower() == "for":
                hops.append(node.strip('"'))
    return hops


@lru_cache(maxsize=10_000)
def _plain(text: str) -> str:
    """An address without port and brackets, or '' where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
