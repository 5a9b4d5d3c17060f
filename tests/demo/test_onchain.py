"""The demo's wallets: what they send, in which order, and how many get how far."""

import re
from collections import Counter, defaultdict
from functools import cache
from typing import Any

import msgspec
import pytest

from footfall.demo import world
from footfall.demo.generator import DAY_MS, demo_requests
from footfall.demo.visitor import make_visitor, newcomers_of
from footfall.demo.wallet import CHAINS, wallet_of
from footfall.enrich.pipeline import Enricher
from footfall.model.event import Event
from footfall.model.record import EventsRecord
from footfall.model.website import Website

WEBSITE = Website(
    id=7,
    tracking_id="flid_demo",
    domain=world.DOMAIN,
    name=world.NAME,
    timezone=world.TIMEZONE,
    currency=world.CURRENCY,
    created_at=0,
)
BEGIN = 20_740 * DAY_MS
DAYS = 30
WALLET_TYPES = ("detect", "connect", "disconnect", "chain", "signature", "transaction")
ADDRESS = re.compile(r"0x[0-9a-f]{40}")
HASH = re.compile(r"0x[0-9a-f]{64}")


@cache
def events() -> list[Event]:
    """What people and chains send in DAYS days, in order of time."""
    records = demo_requests(WEBSITE, Enricher(), BEGIN, BEGIN + DAYS * DAY_MS, 1)
    sent = [e for record in records if isinstance(record, EventsRecord) for e in record.events]
    return [event for event in sent if not event.bot]


def of_type(*types: str) -> list[Event]:
    return [event for event in events() if event.type in types]


@cache
def properties(event: Event) -> dict[str, Any]:
    return msgspec.json.decode(event.properties) if event.properties else {}


@cache
def by_visit() -> dict[int, list[Event]]:
    visits: dict[int, list[Event]] = defaultdict(list)
    for event in events():
        if event.session_uid:
            visits[event.session_uid].append(event)
    return visits


def status(event: Event) -> str:
    return f"{event.type}:{properties(event)['status']}"


class Counting(Enricher):
    """The real enrichment, keeping what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def enrich(self, hit, website, salts):
        self.asked[hit.type] += 1
        return super().enrich(hit, website, salts)


def test_every_event_with_a_wallet_passes_the_enrichment():
    enricher = Counting()
    kept: Counter[str] = Counter()
    for record in demo_requests(WEBSITE, enricher, BEGIN, BEGIN + DAY_MS, 1):
        if isinstance(record, EventsRecord):
            kept.update(event.type for event in record.events)
    assert kept == enricher.asked
    assert kept["transaction"]


def test_about_a_tenth_of_the_visitors_open_the_app():
    pages = [event for event in of_type("page") if event.visitor_id]
    openers = {event.visitor_id for event in pages if event.path in world.APP_PAGES}
    assert 0.08 < len(openers) / len({event.visitor_id for event in pages}) < 0.15


def test_wallets_are_used_on_the_apps_pages_only():
    assert {event.path for event in of_type(*WALLET_TYPES)} == world.APP_PAGES


def test_from_the_page_to_a_confirmed_transaction_some_are_lost_at_every_step():
    reached = Counter[int]()
    for visit in by_visit().values():
        level = 0
        for event in visit:
            name = status(event) if event.type in ("signature", "transaction") else event.type
            if name == "page" and event.path not in world.APP_PAGES:
                continue
            if level < 4 and name == FUNNEL[level]:
                level += 1
                reached[level] += 1
    opened, connected, signed, confirmed = (reached[level] for level in (1, 2, 3, 4))
    assert 0.25 < connected / opened < 0.5
    assert 0.7 < signed / connected < 0.92
    assert 0.35 < confirmed / signed < 0.7
    assert confirmed > DAYS


FUNNEL = ("page", "connect", "signature:confirmed", "transaction:confirmed")


@pytest.mark.parametrize(
    ("type", "statuses"),
    [
        ("signature", {"requested", "confirmed", "rejected"}),
        ("transaction", {"started", "broadcasted", "confirmed", "reverted", "rejected"}),
    ],
)
def test_every_status_comes_and_the_first_one_most_often(type: str, statuses: set[str]):
    found = Counter(properties(event)["status"] for event in of_type(type))
    assert set(found) == statuses
    assert found.most_common(1)[0][0] in ("requested", "started")


def test_a_signature_or_transaction_follows_what_asked_for_it():
    before = {
        "signature:confirmed": "signature:requested",
        "signature:rejected": "signature:requested",
        "transaction:rejected": "transaction:started",
        "transaction:broadcasted": "transaction:started",
        "transaction:confirmed": "transaction:broadcasted",
        "transaction:reverted": "transaction:broadcasted",
    }
    for visit in by_visit().values():
        last = ""
        for event in visit:
            if event.type in ("signature", "transaction"):
                name = status(event)
                assert name not in before or last == before[name]
                last = name


def test_wallets_name_their_chain_by_a_number():
    known = {chain.chain_id for chain in CHAINS}
    for event in of_type("connect", "disconnect", "chain", "signature", "transaction"):
        assert properties(event)["chain_id"] in known
        assert isinstance(properties(event)["chain_id"], int)
    assert len({properties(event)["chain_id"] for event in of_type("connect")}) > 3


def test_wallets_are_of_several_providers_and_only_extensions_are_detected():
    connected = Counter(properties(event)["provider_name"] for event in of_type("connect"))
    assert set(connected) == {"MetaMask", "Rabby", "Coinbase Wallet", "WalletConnect"}
    assert connected.most_common(1)[0][0] == "MetaMask"
    detected = {properties(event)["provider_name"] for event in of_type("detect")}
    assert detected == set(connected) - {"WalletConnect"}
    assert all(properties(event)["rdns"] for event in of_type("connect", "detect"))


def test_most_wallets_are_in_chrome_on_a_desktop_and_some_on_phones():
    used = Counter((e.facts.device, e.facts.browser) for e in of_type("connect"))
    assert used["Desktop", "Chrome"] > 0.5 * used.total()
    assert sum(count for (device, _), count in used.items() if device == "Mobile") > 0


def test_a_transaction_has_all_that_is_asked_of_one_and_no_name():
    for event in of_type("transaction"):
        known = properties(event)
        assert event.name == ""
        assert known["function_name"] in ("swap", "stake")
        assert ADDRESS.fullmatch(known["to"])
        assert int(known["value"]) > 0 or known["function_name"] == "stake"
        is_sent = known["status"] in ("broadcasted", "confirmed", "reverted")
        assert bool(HASH.fullmatch(known.get("transaction_hash", ""))) == is_sent


def test_a_swap_or_stake_that_is_confirmed_reaches_its_goal():
    goals = Counter((e.session_uid, e.name) for e in of_type("track") if "volume" in properties(e))
    done = Counter(
        (event.session_uid, properties(event)["function_name"])
        for event in of_type("transaction")
        if status(event) == "transaction:confirmed"
    )
    assert done <= goals
    assert {name for _, name in goals} == {"swap", "stake"}
    assert {name for _, name in goals - done} == {"swap"}  # some swaps are signed only


def test_a_contract_event_comes_seconds_after_its_transaction_was_confirmed():
    logs = {properties(event)["transaction_hash"]: event for event in of_type("decoded_log")}
    confirmed = [e for e in of_type("transaction") if status(e) == "transaction:confirmed"]
    found = [(e, logs[h]) for e in confirmed if (h := properties(e)["transaction_hash"]) in logs]
    assert len(found) >= len(confirmed) - 1  # the last one's may come after midnight
    for event, log in found:
        assert 1_000 < log.occurred_at - event.occurred_at < 15_000
        assert log.name == {"swap": "Swap", "stake": "Staked"}[properties(log)["function_name"]]
        assert log.address == event.address
        assert properties(log)["contract_address"] == properties(event)["to"]
        assert log.session_uid == 0
        assert log.visitor_id in (0, event.visitor_id)


def test_contract_events_are_mostly_of_visitors_and_sometimes_of_unknown_wallets():
    logs = of_type("decoded_log")
    strangers = [event for event in logs if not event.visitor_id]
    assert 0 < len(strangers) < 0.5 * len(logs)
    assert all(ADDRESS.fullmatch(event.address) for event in logs)
    seen = {event.address for event in of_type(*WALLET_TYPES)}
    assert {event.address for event in strangers} - seen


def test_a_chains_blocks_go_on_with_time():
    last: dict[int, int] = {}
    for event in of_type("decoded_log"):
        known = properties(event)
        assert known["block_number"] >= last.get(known["chain_id"], 1)
        last[known["chain_id"]] = known["block_number"]
    assert len(last) > 1


def test_no_two_transactions_have_one_hash():
    logged = [properties(event)["transaction_hash"] for event in of_type("decoded_log")]
    assert len(set(logged)) == len(logged)
    assert all(HASH.fullmatch(transaction_hash) for transaction_hash in logged)


def test_an_event_carries_the_address_while_the_wallet_is_connected():
    for event in of_type("connect", "chain", "signature", "transaction", "disconnect"):
        assert ADDRESS.fullmatch(event.address)
    for visit in by_visit().values():
        is_connected = None
        for event in visit:
            if event.type in ("connect", "disconnect"):
                is_connected = event.type == "connect"
            elif is_connected is not None:
                assert bool(event.address) == is_connected


def test_a_visitor_has_the_same_wallet_in_every_visit():
    addresses: dict[int, set[str]] = defaultdict(set)
    visits: dict[int, set[int]] = defaultdict(set)
    for event in of_type("connect", "transaction"):
        addresses[event.visitor_id].add(event.address)
        visits[event.visitor_id].add(event.session_uid)
    with_id = [visitor for visitor in visits if visits[visitor] != {0}]
    assert any(len(visits[visitor]) > 1 for visitor in with_id)
    assert all(len(addresses[visitor]) == 1 for visitor in with_id)


def test_a_visitors_wallet_follows_from_the_visitor():
    visitors = [make_visitor(1, 20_740, number) for number in range(newcomers_of(1, 20_740))]
    wallets = [wallet_of(visitor) for visitor in visitors]
    assert wallets == [wallet_of(visitor) for visitor in visitors]
    owned = [wallet.address for wallet in wallets if wallet]
    assert 0.3 < len(owned) / len(visitors) < 0.7
    assert len(set(owned)) == len(owned)


def test_who_comes_again_is_sometimes_still_connected():
    still = [visit for visit in by_visit().values() if _acts_before_connecting(visit)]
    assert still


def _acts_before_connecting(visit: list[Event]) -> bool:
    types = [event.type for event in visit if event.type in ("connect", "signature")]
    return types[:1] == ["signature"]
