"""Wallets of the demo: who has one, of which provider, and on which chain it stands."""

from hashlib import blake2b
from random import Random
from typing import NamedTuple

from footfall.demo.visitor import Visitor, pick


class Provider(NamedTuple):
    weight: int
    name: str
    rdns: str
    is_extension: bool = True  # announces itself to the page


_EXTENSIONS = (
    Provider(55, "MetaMask", "io.metamask"),
    Provider(20, "Rabby", "io.rabby"),
    Provider(15, "Coinbase Wallet", "com.coinbase.wallet"),
    Provider(10, "WalletConnect", "com.walletconnect", is_extension=False),
)
_PHONE_WALLETS = (
    Provider(60, "WalletConnect", "com.walletconnect", is_extension=False),
    Provider(25, "MetaMask", "io.metamask"),
    Provider(15, "Coinbase Wallet", "com.coinbase.wallet"),
)


class Chain(NamedTuple):
    weight: int
    chain_id: int
    block_ms: int
    begun_at: int  # of its first block, ms since 1970
    is_served: bool = True  # the app works there


CHAINS = (
    Chain(36, 8453, 2_000, 1_686_789_347_000),
    Chain(32, 1, 12_000, 1_438_269_973_000),
    Chain(18, 42161, 2_000, 1_622_243_344_000),
    Chain(8, 137, 2_000, 1_590_824_836_000, is_served=False),
    Chain(6, 10, 2_000, 1_636_665_386_000, is_served=False),
)
MAIN_CHAIN = CHAINS[0]
"""The one to which the app asks people to switch."""


class Wallet(NamedTuple):
    address: str  # 0x and 40 hex digits
    provider: Provider
    chain: Chain


def wallet_of(visitor: Visitor) -> Wallet | None:
    """The visitor's wallet, the same in every visit. Most are in Chrome on a desktop."""
    person = visitor.uid or visitor.address
    random = Random(f"wallet:{person}")
    agent = visitor.user_agent
    if random.random() >= _owning_share(agent):
        return None
    is_small = "Mobile" in agent or "Version/" in agent  # Safari: no extensions there either
    provider = pick(random, _PHONE_WALLETS if is_small else _EXTENSIONS)
    return Wallet(make_address(person), provider, pick(random, CHAINS))


def make_address(name: str) -> str:
    """The address of a wallet or contract that follows from a name; its key is unknown."""
    return f"0x{blake2b(name.encode(), digest_size=20).hexdigest()}"


def _owning_share(agent: str) -> float:
    """How many of those who open the app with this browser have a wallet."""
    if "Mobile" in agent:
        return 0.36
    if "Edg/" in agent or "Firefox/" in agent:
        return 0.45
    return 0.85 if "Chrome/" in agent else 0.2
