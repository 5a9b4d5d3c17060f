"""What is done with a wallet in the app: connect, sign, swap credits or lay them by."""

from collections.abc import Generator, Iterator
from random import Random
from typing import NamedTuple

from footfall.demo.visitor import choose, pick
from footfall.demo.wallet import CHAINS, MAIN_CHAIN, Chain, Wallet, make_address
from footfall.model.hit import Hit

_CONNECTS = {"/app": 0.42, "/app/swap": 0.72, "/app/earn": 0.6}
_STILL_CONNECTED = 0.5  # of those who come again
_STILL_SIGNED_IN = 0.6  # of those
_SIGNS_AT_ONCE = 0.7
_ACTS = 0.7
_ORDERS = 0.4  # of swaps: a signature is enough, the shop pays the fee
_TRIES_AGAIN = 0.35
_LEAVES_WALLET = 0.07
_CENTS_PER_ETHER = 300_000
_WEI_PER_ETHER = 10**18
_FEE = 0.003


class Action(NamedTuple):
    """What an app page is for. `function` names the contract's function and the goal alike."""

    function: str
    contract_event: str
    contract: str  # its address, on every chain the same
    pays_ether: bool


ACTIONS = {
    "/app/swap": Action("swap", "Swap", make_address("contract:swap"), True),
    "/app/earn": Action("stake", "Staked", make_address("contract:earn"), False),
}
_SERVED = tuple(chain for chain in CHAINS if chain.is_served)


class Act(NamedTuple):
    """An event of the wallet's, `pause_ms` after what came before.

    With `chain` it is a contract event, which comes from there.
    """

    pause_ms: int
    type: str
    properties: dict[str, object]
    name: str = ""
    chain: Chain | None = None


Acts = Generator[Act, None, bool]
"""Acts that end well or not."""


class WalletUse:
    """One visit's use of a wallet, page by page."""

    def __init__(self, random: Random, wallet: Wallet, is_first: bool) -> None:
        self._random = random
        self._wallet = wallet
        self._chain: Chain = wallet.chain
        self._is_detected = False
        self._is_connected = not is_first and random.random() < _STILL_CONNECTED
        self._is_signed = self._is_connected and random.random() < _STILL_SIGNED_IN
        if self._is_connected:
            self._chain = wallet.chain if wallet.chain.is_served else MAIN_CHAIN

    @property
    def address(self) -> str:
        """The address of the connected wallet, '' while there is none."""
        return self._wallet.address if self._is_connected else ""

    def detect(self) -> Iterator[Act]:
        """An extension announces itself, once a visit."""
        if self._wallet.provider.is_extension and not self._is_detected:
            self._is_detected = True
            yield Act(0, "detect", self._provider())

    def use(self, page: str) -> Iterator[Act]:
        """All that is done on an app page, until something goes wrong."""
        if not self._is_connected:
            if self._random.random() >= _CONNECTS[page]:
                return
            yield from self._connect()
        if not self._chain.is_served and not (yield from self._switch()):
            return
        action = ACTIONS.get(page)
        if action and self._random.random() < _ACTS:
            yield from self._do(action)
        elif not self._is_signed and self._random.random() < _SIGNS_AT_ONCE:
            yield from self._sign("Sign in to the demo shop")
        if self._random.random() < _LEAVES_WALLET:
            yield Act(self._between(2, 20), "disconnect", self._on_chain())
            self._is_connected = False
            self._is_signed = False

    def _connect(self) -> Iterator[Act]:
        self._is_connected = True
        properties = self._provider() | self._on_chain()
        yield Act(self._between(3, 12), "connect", properties)

    def _switch(self) -> Acts:
        """To a chain on which the app works."""
        if self._random.random() < 0.25:
            return False
        self._chain = MAIN_CHAIN
        yield Act(self._between(3, 10), "chain", self._on_chain())
        return True

    def _sign(self, message: str) -> Acts:
        properties = self._on_chain() | {"message": message}
        yield Act(self._between(1, 4), "signature", {"status": "requested"} | properties)
        chance = self._random.random()
        if chance >= 0.96:  # never answered
            return False
        is_confirmed = chance < 0.84
        status = "confirmed" if is_confirmed else "rejected"
        yield Act(self._between(3, 15), "signature", {"status": status} | properties)
        self._is_signed |= is_confirmed
        return is_confirmed

    def _do(self, action: Action) -> Acts:
        cents = round(100 * min(self._random.lognormvariate(4.6, 1.1), 20_000))
        if action.pays_ether and self._random.random() < _ORDERS:
            if not (yield from self._sign(f"Swap for {cents / 100:.2f} USD")):
                return False
            yield from self._finish(action, cents, self._hash())
            return True
        if not self._is_signed and not (yield from self._sign("Sign in to the demo shop")):
            return False
        done = yield from self._transact(action, cents)
        if not done and self._random.random() < _TRIES_AGAIN:
            done = yield from self._transact(action, cents)
        return done

    def _transact(self, action: Action, cents: int) -> Acts:
        wei = cents * _WEI_PER_ETHER // _CENTS_PER_ETHER if action.pays_ether else 0
        properties = self._on_chain() | {
            "to": action.contract,
            "value": str(wei),
            "function_name": action.function,
        }
        yield Act(self._between(4, 30), "transaction", {"status": "started"} | properties)
        if self._random.random() < 0.17:
            yield Act(self._between(2, 20), "transaction", {"status": "rejected"} | properties)
            return False
        properties["transaction_hash"] = self._hash()
        yield Act(self._between(3, 15), "transaction", {"status": "broadcasted"} | properties)
        mined_ms = self._chain.block_ms + self._between(1, 12)
        chance = self._random.random()
        if chance >= 0.98:  # the visitor did not wait for it
            return False
        status = "confirmed" if chance < 0.93 else "reverted"
        yield Act(mined_ms, "transaction", {"status": status} | properties)
        if status == "reverted":
            return False
        yield from self._finish(action, cents, str(properties["transaction_hash"]))
        return True

    def _finish(self, action: Action, cents: int, transaction_hash: str) -> Iterator[Act]:
        """The goal, and the contract's event about it."""
        volume = cents / 100
        yield Act(
            400,
            "track",
            {
                "volume": volume,
                "revenue": round(volume * _FEE, 2),
                "currency": "usd",
                "chain_id": self._chain.chain_id,
            },
            action.function,
        )
        yield contract_event(action, self._chain, cents, transaction_hash, self._between(2, 9))

    def _provider(self) -> dict[str, object]:
        provider = self._wallet.provider
        return {"provider_name": provider.name, "rdns": provider.rdns}

    def _on_chain(self) -> dict[str, object]:
        return {"chain_id": self._chain.chain_id}

    def _hash(self) -> str:
        return make_hash(self._random)

    def _between(self, least_s: int, most_s: int) -> int:
        return int(self._random.uniform(least_s, most_s) * 1000)


def contract_event(
    action: Action, chain: Chain, cents: int, transaction_hash: str, pause_ms: int
) -> Act:
    properties: dict[str, object] = {
        "contract_address": action.contract,
        "transaction_hash": transaction_hash,
        "function_name": action.function,
        "chain_id": chain.chain_id,
        "amount": str(cents * 10_000),  # of a coin with six decimals
    }
    return Act(pause_ms, "decoded_log", properties, action.contract_event, chain)


def contract_hit(act: Act, at: int, address: str, visitor_uid: str = "") -> Hit:
    """A contract event at `at` as a backend that reads the chain sends it: no page, no browser."""
    block = {"block_number": (at - act.chain.begun_at) // act.chain.block_ms} if act.chain else {}
    return Hit(
        type=act.type,
        name=act.name,
        properties=act.properties | block,
        address=address,
        visitor_uid=visitor_uid,
        is_public=False,
    )


def strangers_hit(random: Random, at: int) -> Hit:
    """A contract event of a wallet that never was on the website."""
    action = choose(random, tuple(ACTIONS.values()))
    cents = round(100 * random.lognormvariate(4.6, 1.1))
    act = contract_event(action, pick(random, _SERVED), cents, make_hash(random), 0)
    return contract_hit(act, at, make_address(f"stranger:{random.getrandbits(64)}"))


def make_hash(random: Random) -> str:
    return f"0x{random.getrandbits(256):064x}"
