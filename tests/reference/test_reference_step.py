"""Which events a step means, and what each operator and field of a condition does: to the reference
and to the real thing."""

from collections.abc import Iterator
from typing import Any

import pytest

from footfall.model.fact import Facts
from reference.flow_case import AFTER_ALL, TODAY, Case, on, where
from reference.path_question import (
    ALL_PAGES,
    SIDES,
    Put,
    act,
    goal,
    page,
    params_of,
    traffic_of,
    walk,
)
from reference.side_by_side import Bench, store_plainly


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("flow"), location)
    opened.load_all([traffic_of(case.log, case.zone) for case in STEPS])
    yield opened
    opened.engine.close()


WALLET = {"provider_name": "MetaMask", "chain_id": 1}

STEPS = [
    Case(
        "a page's path is compared exactly",
        walk("0 /Pool, 1 /pool/, 2 /pool, 3 /x"),
        "1 /pool /x 1 100",
        {"start_step": on("/pool")},
    ),
    Case(
        "a star stands within a segment",
        walk("0 /pool/a/b, 1 /pool/a, 2 /x"),
        "1 /pool/a /x 1 100",
        {"start_step": on("/pool/*")},
    ),
    Case(
        "two stars stand across segments",
        walk("0 /pools, 1 /pool/a/b, 2 /x"),
        "1 /pool/a/b /x 1 100",
        {"start_step": on("/pool/**")},
    ),
    Case(
        "page views without a path are all of them",
        [goal(0, "page"), *walk("1 /a, 2 /x")],
        "1 /a /x 1 100",
        {"start_step": {"type": "track", "event": "page"}},
    ),
    Case(
        "a built-in name is a type, under track too, and no goal of that name",
        [goal(0, "connect"), *walk("1 connect, 2 /x")],
        "1 connect /x 1 100",
        {"start_step": {"type": "track", "event": "connect", "resolved_event": "connect"}},
    ),
    Case(
        "the resolved name counts, and a goal is no contract event",
        walk("0 log:swap, 1 Swap, 2 swap, 3 /x"),
        "1 swap /x 1 100",
        {"start_step": {"type": "event", "event": "Buy", "resolved_event": "swap"}},
    ),
    Case(
        "a contract event by its name",
        walk("0 Swap, 1 log:Burn, 2 log:Swap, 3 /x"),
        "1 Swap /x 1 100",
        {"start_step": {"type": "decoded_log", "event": "Swap"}},
    ),
    Case(
        "a transaction by its function and its status, of which success is confirmed",
        [
            act(0, "transaction", properties={"status": "confirmed", "function_name": "burn"}),
            act(1, "transaction", properties={"status": "started", "function_name": "swap"}),
            act(2, "signature", properties={"status": "confirmed", "function_name": "swap"}),
            act(3, "transaction", properties={"status": "confirmed", "function_name": "swap"}),
            *walk("4 /x"),
        ],
        "1 transaction:confirmed /x 1 100",
        {
            "start_step": {
                "type": "transaction",
                "event": "swap",
                "resolved_event": "swap",
                "status_type": "transaction",
                "status_value": "success",
            }
        },
    ),
    Case(
        "a transaction by its own name, whatever its function",
        [
            *walk("0 signature"),
            act(1, "transaction", properties={"function_name": "burn"}),
            *walk("2 /x"),
        ],
        "1 transaction /x 1 100",
        {"start_step": {"type": "transaction", "event": "transaction"}},
    ),
    Case(
        "a transaction by the name of the event",
        [act(0, "transaction", name="burn"), act(1, "transaction", name="swap"), *walk("2 /x")],
        "1 transaction /x 1 100",
        {"start_step": {"type": "transaction", "event": "swap"}},
    ),
    Case(
        "a step's filters test that event alone",
        [*walk("0 /a"), page(1, "/b", title="Shop"), *walk("2 /c")],
        "1 /b /c 1 100",
        {"start_step": {**ALL_PAGES, "filters": [where("page_title", "equals", "Shop")]}},
    ),
    Case(
        "a global filter on what only some events have takes the others out of the paths",
        [
            act(0, "connect", properties=WALLET),
            *walk("1 /a"),
            act(2, "transaction", properties=WALLET),
            *walk("3 /b"),
        ],
        "1 connect transaction 1 100",
        {
            "start_step": {"type": "track", "event": "connect"},
            "global_filters": [
                where("provider_name", "equals", "MetaMask"),
                where("chain_id", "equals", "1"),
            ],
        },
    ),
    Case(
        "filters mean global_filters",
        [*walk("0 /a"), page(1, "/b", title="Shop"), page(2, "/c", title="Shop")],
        "1 /b /c 1 100",
        {"filters": [{"field": "page_title", "op": "notEmpty"}]},
    ),
    Case(
        "filters and global_filters must both hold",
        [
            page(0, "/a", title="Shop"),
            page(1, "/b", title="Shop", properties=WALLET),
            page(2, "/c", properties=WALLET),
            page(3, "/d", title="Shop", properties=WALLET),
        ],
        "1 /b /d 1 100",
        {
            "global_filters": [where("page_title", "equals", "Shop")],
            "filters": [{"field": "chain_id", "op": "eq", "value": "1"}],
        },
    ),
    Case(
        "conditions nested in one test the same event",
        [page(0, "/a", properties=WALLET), *walk("1 /b"), page(2, "/c", properties=WALLET)],
        "1 /a /c 1 100",
        {
            "filters": [
                {**where("type", "equals", "page"), "filters": [where("chain_id", "equals", 1)]}
            ]
        },
    ),
    Case(
        "a step's conditions may be nested, too",
        [*walk("0 /a"), page(1, "/a", title="Shop", properties=WALLET), *walk("2 /c")],
        "1 /a /c 1 100",
        {
            "start_step": on(
                "/a", {**where("page_title", "notEmpty"), "filters": [where("chain_id", "gte", 1)]}
            )
        },
    ),
    Case(
        "a global filter holds for the start too",
        [*walk("0 /a"), page(1, "/b", title="Shop"), page(2, "/c", title="Shop")],
        "1 /b /c 1 100",
        {"global_filters": [where("page_title", "notEmpty")]},
    ),
]


@pytest.mark.parametrize("case", STEPS, ids=[case.rule for case in STEPS])
@pytest.mark.parametrize("side", SIDES)
def test_step(side: str, case: Case, bench: Bench) -> None:
    assert case.ask(side, bench) == case.wanted()


SAFARI = Facts(
    hostname="www.shop.example",
    referrer="google.com",
    channel="Organic Search",
    utm_source="x",
    country="AT",
    region="Vienna",
    city="Vienna",
    device="Mobile",
    browser="Mobile Safari",
    os="iOS",
    language="de-at",
    referrer_url="https://google.com/search",
    timezone="Europe/Vienna",
    sdk_version="1",
)
PROPERTIES = {
    "text": "Ab|c",
    "number": 12,
    "part": -0.5,
    "digits": "7",
    "yes": True,
    "no": False,
    "nothing": None,
    "list": [1],
    "user": {"plan": "pro", "age": 30, "more": {"on": True}},
    "huge": 1e18,
    "whole": 3.0,
    "tiny": 1e-7,
    "no_numbers": {
        "a": " 1",
        "b": "+1",
        "c": ".5",
        "d": "0x10",
        "e": "NaN",
        "f": "inf",
        "g": "1_0",
    },
    "numbers": {"a": "007", "b": "1.50", "c": "2E+1"},
    "quote": 'it\'s "so" \\ {x}',
    "": "empty",
}

CONDITIONS = [
    (where("text", "equals", "Ab|c"), True),
    (where("text", "equals", "ab|c"), False),
    (where("text", "notEquals", "Ab"), True),
    (where("missing", "notEquals", "Ab"), True),
    (where("missing", "equals", ""), True),
    (where("number", "equals", "12"), True),
    (where("number", "equals", 12), True),
    (where("yes", "equals", True), True),
    (where("yes", "equals", "true"), True),
    (where("no", "equals", "false"), True),
    (where("nothing", "isEmpty"), True),
    (where("list", "isEmpty"), True),
    (where("user", "isEmpty"), True),
    (where("missing", "isEmpty"), True),
    (where("no", "notEmpty"), True),
    (where("nothing", "notEmpty"), False),
    (where("user.plan", "equals", "pro"), True),
    (where("user.age", "gte", "30"), True),
    (where("user.more.on", "equals", "true"), True),
    (where("user.more.off", "isEmpty"), True),
    (where("text.plan", "isEmpty"), True),
    (where("text", "in", values=["x", "Ab|c"]), True),
    (where("text", "in", "x|Ab|c"), False),
    (where("text", "in", "x|Ab\\|c"), True),
    (where("text", "in", "Ab|c", values=["x"]), False),
    (where("text", "notIn", values=["x"]), True),
    (where("text", "notIn", values=["x", "Ab|c"]), False),
    (where("missing", "notIn", values=["x"]), True),
    (where("number", "in", values=[11, 12]), True),
    (where("quote", "equals", 'it\'s "so" \\ {x}'), True),
    (where("quote", "in", 'y|it\'s "so" \\\\ {x}'), True),
    (where("whole", "equals", "3"), True),
    (where("whole", "equals", 3.0), True),
    (where("huge", "equals", "1000000000000000000"), True),
    (where("tiny", "equals", 1e-7), True),
    *((where(f"no_numbers.{name}", "gt", "-1"), False) for name in "abcdefg"),
    *((where(f"numbers.{name}", "gt", "1.4"), True) for name in "abc"),
    (where("number", "gt", "9"), True),
    (where("number", "gt", 12), False),
    (where("number", "gte", 12.0), True),
    (where("part", "lt", "-0.25"), True),
    (where("part", "lte", "-0.5"), True),
    (where("digits", "lt", "12"), True),
    (where("huge", "gt", "999999999999999"), True),
    (where("number", "lt", "1e18"), True),
    (where("text", "gt", "1"), False),
    (where("text", "lt", "1"), False),
    (where("missing", "lt", "1"), False),
    (where("yes", "gte", "0"), False),
    (where("text", "startsWith", "Ab"), True),
    (where("text", "startsWith", "ab"), False),
    (where("text", "endsWith", "|c"), True),
    (where("text", "endsWith", "C"), False),
    (where("text", "includes", "b|"), True),
    (where("text", "contains", "%"), False),
    ({"field": "text", "op": "eq", "value": "Ab|c"}, True),
    ({"field": "text", "op": "neq", "value": "Ab|c"}, False),
    ({"field": "text", "op": "nin", "values": ["Ab|c"]}, False),
    ({"field": "text", "op": "contains", "value": "b"}, True),
    (where("device", "equals", "mobile"), True),
    (where("device", "equals", "mobile-ios"), True),
    (where("device", "equals", "mobile-android"), False),
    (where("device", "equals", "Mobile"), False),
    (where("device", "notEquals", "mobile"), False),
    (where("device", "in", values=["desktop", "mobile"]), True),
    (where("device", "notIn", values=["desktop", "mobile"]), False),
    (where("browser", "equals", "safari"), True),
    (where("browser", "equals", "Safari"), False),
    (where("os", "equals", "ios"), True),
    (where("location", "equals", "AT"), True),
    (where("country", "equals", "at"), False),
    (where("region", "equals", "Vienna"), True),
    (where("city", "startsWith", "Vi"), True),
    (where("referrer", "contains", "google"), True),
    (where("referrer_url", "endsWith", "/search"), True),
    (where("ref", "isEmpty"), True),
    (where("utm_source", "in", values=["x", "farcaster"]), True),
    (where("channel_type", "equals", "Organic Search"), True),
    (where("origin", "equals", "shop.example"), True),
    (where("page_path", "equals", "/start"), True),
    (where("page_title", "equals", "Start"), True),
    (where("locale", "equals", "de-AT"), True),
    (where("locale", "startsWith", "DE"), True),
    (where("timezone", "equals", "Europe/Vienna"), True),
    (where("version", "equals", "1"), True),
    (where("event", "isEmpty"), True),
    (where("type", "equals", "page"), True),
    (where("address", "equals", "0xAb"), True),
    (where("address", "equals", "0xab"), False),
]
HEX = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
UPPER_HEX = f"0X{HEX[2:].upper()}"
BECH32 = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
BASE58 = "DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy"
MIXED_BECH32 = f"BC{BECH32[2:]}"
WALLET_CONDITIONS = [
    *((HEX, "equals", spelling, True) for spelling in (HEX, HEX.lower(), UPPER_HEX)),
    *((HEX.lower(), "equals", spelling, True) for spelling in (HEX, UPPER_HEX)),
    *((UPPER_HEX, "equals", spelling, True) for spelling in (HEX, HEX.lower())),
    (HEX, "equals", f"0X{HEX[2:]}", True),
    (HEX, "equals", HEX[2:], False),
    (HEX, "equals", f"{HEX}0", False),
    (HEX, "equals", f"{HEX}\n", False),
    (HEX, "notEquals", UPPER_HEX, False),
    (HEX, "in", f"x|{UPPER_HEX}", True),
    (HEX, "notIn", f"x|{UPPER_HEX}", False),
    (HEX, "startsWith", "0xfB69", True),
    (HEX, "startsWith", "0Xfb69", True),
    (HEX, "startsWith", "fB69", False),
    (UPPER_HEX, "startsWith", "0xfb", True),
    (UPPER_HEX, "endsWith", "c5D359", True),
    (HEX, "includes", "CA1DF60BB79", True),
    (HEX, "includes", "g", False),
    (HEX, "notEmpty", "", True),
    (HEX, "isEmpty", "", False),
    (HEX, "gt", "1", False),
    (f"0x{'1' * 39}", "equals", f"0X{'1' * 39}", False),
    (f"0x{'g' * 40}", "equals", f"0x{'G' * 40}", False),
    (f"0x{'a' * 64}", "equals", f"0x{'A' * 64}", False),
    (BECH32, "equals", BECH32.upper(), True),
    (BECH32.upper(), "equals", BECH32, True),
    (BECH32.upper(), "in", f"x|{BECH32}", True),
    (BECH32.upper(), "notIn", f"x|{BECH32}", False),
    (BECH32, "startsWith", "BC1Q", True),
    (BECH32.upper(), "endsWith", "f3T4", True),
    ("cosmos1zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3gn4x6q", "includes", "ZYG3", True),
    ("addr_test1vz2fxq", "equals", "ADDR_TEST1VZ2FXQ", True),
    (BECH32, "equals", MIXED_BECH32, False),
    (MIXED_BECH32, "equals", MIXED_BECH32, True),
    (MIXED_BECH32, "equals", BECH32, False),
    ("bc1abcdef", "equals", "BC1ABCDEF", False),
    ("bc1qqqqq", "equals", "BC1QQQQQ", False),
    (BASE58, "equals", BASE58, True),
    (BASE58, "equals", BASE58.lower(), False),
    (BASE58, "startsWith", "DRpb", True),
    (BASE58, "startsWith", "drpb", False),
    (BASE58, "includes", "CBMX", False),
    ("vitalik.eth", "equals", "Vitalik.eth", False),
    ("", "equals", "", True),
    ("", "startsWith", "0X", False),
]


@pytest.fixture(scope="module")
def tested(bench: Bench) -> Any:
    """One page with everything, then another, in both stores."""
    first = page(0, "/start", title="Start", address="0xAb", facts=SAFARI, properties=PROPERTIES)
    return bench.load(traffic_of([first, page(1, "/next")]))


@pytest.mark.parametrize(("condition", "is_kept"), CONDITIONS)
def test_condition(condition: dict[str, Any], is_kept: bool, bench: Bench, tested: Any) -> None:
    """Both sides at once; the first page starts a path or not."""
    asked = {"start_step": on("/start", condition), **TODAY}
    put = Put("flow", params_of(asked), AFTER_ALL)
    website = tested.websites[0]
    plain = put.plainly(store_plainly(tested.records, website), website)
    assert (len(plain[0]), len(put.really(bench, website)[0])) == (is_kept, is_kept)


@pytest.fixture(scope="module")
def wallets(bench: Bench) -> Any:
    """A page per wallet, stored as it was sent, as earlier versions did."""
    texts = sorted({wallet for wallet, *_ in WALLET_CONDITIONS})
    log = []
    for number, text in enumerate(texts):
        log += [page(0, f"/{text}", number + 1, address=text), page(1, "/next", number + 1)]
    return bench.load(traffic_of(log))


@pytest.mark.parametrize(("wallet", "operator", "value", "is_kept"), WALLET_CONDITIONS)
def test_condition_on_a_wallet(
    wallet: str, operator: str, value: str, is_kept: bool, bench: Bench, wallets: Any
) -> None:
    """Both sides at once: a wallet in any of its spellings, others as they are."""
    asked = {"start_step": on(f"/{wallet}", where("address", operator, value)), **TODAY}
    put = Put("flow", params_of(asked), AFTER_ALL)
    website = wallets.websites[0]
    plain = put.plainly(store_plainly(wallets.records, website), website)
    assert (len(plain[0]), len(put.really(bench, website)[0])) == (is_kept, is_kept)
