"""IP addresses as text, each in its one spelling."""

from functools import lru_cache
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from footfall.model.remember import remember

LOCAL_NETWORKS = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
"""Where a proxy on one's own machine or network is."""

_LOCAL = tuple(ip_network(network) for network in LOCAL_NETWORKS)
_BITS = {  # network and mask as numbers: `in` of ipaddress takes ten times as long
    family: [
        (int(net.network_address), int(net.netmask)) for net in _LOCAL if net.version == version
    ]
    for family, version in ((AF_INET, 4), (AF_INET6, 6))
}
_V4_MAPPED = bytes(10) + b"\xff\xff"


@remember(2048)
def plain_address(text: str) -> str:
    """An address without port and brackets in its usual form, or '' if it is not one."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        if ":" not in text:
            return inet_ntop(AF_INET, inet_pton(AF_INET, text))
        packed = inet_pton(AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):  # ValueError: a NUL
        return ""
    if packed.startswith(_V4_MAPPED):
        return inet_ntop(AF_INET, packed[12:])
    return inet_ntop(AF_INET6, packed)


def customer_network(address: str) -> str:
    """What a provider gives one customer at least: an IPv4 address, or the /64 of an IPv6 one.
    `address` as `plain_address` writes it."""
    if ":" not in address:
        return address
    return f"{inet_ntop(AF_INET6, inet_pton(AF_INET6, address)[:8] + bytes(8))}/64"


@lru_cache(maxsize=4_096)
def is_local(address: str) -> bool:
    """Whether an address as `plain_address` writes it is in one of LOCAL_NETWORKS.

    A host name is not.
    """
    family = AF_INET6 if ":" in address else AF_INET
    try:
        number = int.from_bytes(inet_pton(family, address))
    except (OSError, ValueError):
        return False
    return any(number & mask == network for network, mask in _BITS[family])
