"""Flows of the demo's website, asked as a request would, against a plain count of its events."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from plain import plain_table

from footfall.catalog import Catalog
from footfall.demo.fill import fill
from footfall.demo.generator import DAY_MS
from footfall.load.loader import Loader
from footfall.model.table import Table
from footfall.model.website import Website
from footfall.query.flow import answer_flow
from footfall.query.parse.asked import asked_of_days
from footfall.query.parse.flow import parse_flow
from footfall.store.engine import Engine

NOW = 20_760 * DAY_MS + 54_321_987
DAYS = 7
ANY_PAGE = {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__", "filters": []}
APP = {"type": "event", "event": "page", "resolved_event": "/app"}
SWAP = {"type": "track", "event": "swap", "resolved_event": "swap", "filters": []}


class Demo(NamedTuple):
    engine: Engine
    website: Website

    def flow(self, start: dict[str, object], **params: str) -> Table[Any]:
        days = (NOW - DAYS * DAY_MS, NOW)
        first, last = (_day(ms).isoformat() for ms in days)
        given = [("dateFrom", first), ("dateTo", last), ("start_step", json.dumps(start))]
        given += params.items()
        asked = asked_of_days(given, self.website, NOW)
        return plain_table(answer_flow(parse_flow(given, asked), self.engine))

    def paths(self) -> list[list[str]]:
        """The labels of every session's events, in order, without those that are not nodes."""
        rows = self.engine.query(
            "SELECT toString(session_id), toString(type), toString(name), toString(path),"
            " toString(properties) FROM events"
            " WHERE bot = '' AND session_id != 0 ORDER BY session_id, occurred_at, seq"
        ).rows
        sessions: dict[str, list[str]] = {}
        for session, type, name, path, properties in rows:
            if type not in ("engagement", "identify", "detect", "outbound"):
                label = _label(type, name, path, properties)
                sessions.setdefault(session, []).append(label)
        return list(sessions.values())


def _day(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()


def _label(type: str, name: str, path: str, properties: str) -> str:
    match type:
        case "page":
            return path
        case "track" | "decoded_log":
            return name
        case "signature" | "transaction":
            return f"{type}:{json.loads(properties)['status']}"
        case _:
            return type


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    engine = Engine(str(folder / "engine"))
    engine.migrate()
    loader = Loader(engine, folder, lambda: NOW)
    website = fill(Catalog(folder), folder, loader.step, lambda: NOW, lambda _: None, days=DAYS)
    yield Demo(engine, website)
    engine.close()


def test_a_flow_from_the_app_is_what_a_plain_count_of_its_sessions_gives(demo: Demo):
    counted = Counter[tuple[int, str, str]]()
    for path in demo.paths():
        if "/app" in path:
            nodes = path[path.index("/app") :][:11]
            edges = pairwise(nodes)
            counted.update((step, *edge) for step, edge in enumerate(edges, start=1))
    rows = demo.flow(APP, max_steps="10").rows
    found = {(row["step"], row["source"], row["target"]): row["transitions"] for row in rows}
    assert found == counted


def test_from_the_app_people_go_on_to_pages_wallets_and_contracts(demo: Demo):
    rows = demo.flow(APP, max_steps="10").rows
    nodes = {str(row["target"]) for row in rows}
    assert nodes >= {
        "/app/swap",
        "/app/earn",
        "connect",
        "signature:requested",
        "signature:confirmed",
        "transaction:started",
        "transaction:broadcasted",
        "transaction:confirmed",
        "transaction:rejected",
        "swap",
        "stake",
        "Swap",
    }


def test_a_flow_from_any_page_to_a_swap_has_as_many_ends_as_there_are_sessions(demo: Demo):
    """A path of more than ten steps shows no end, so its session is counted at the first step."""
    rows = demo.flow(ANY_PAGE, end_step=json.dumps(SWAP), max_steps="10").rows
    swapped = [path for path in demo.paths() if "swap" in path]
    assert sum(int(str(row["transitions"])) for row in rows if row["step"] == 1) == len(swapped)
    assert any(row["target"] == "swap__END_MATCH__" for row in rows)


def test_the_default_depth_shows_some_swaps_already(demo: Demo):
    rows = demo.flow(ANY_PAGE, end_step=json.dumps(SWAP)).rows
    assert rows
    assert any(row["target"] == "swap__END_MATCH__" for row in rows)
    assert max(int(str(row["step"])) for row in rows) == 4


def test_a_transaction_of_a_function_can_be_an_end(demo: Demo):
    end = {
        "type": "transaction",
        "event": "swap",
        "resolved_event": "swap",
        "status_type": "transaction",
        "status_value": "success",
    }
    rows = demo.flow(APP, end_step=json.dumps(end), max_steps="10").rows
    ends = {row["target"] for row in rows if str(row["target"]).endswith("__END_MATCH__")}
    assert ends == {"transaction:confirmed__END_MATCH__"}


def test_a_contract_event_can_be_an_end(demo: Demo):
    end = {"type": "decoded_log", "event": "Swap", "resolved_event": "Swap"}
    rows = demo.flow(APP, end_step=json.dumps(end), max_steps="10").rows
    assert any(row["target"] == "Swap__END_MATCH__" for row in rows)


def test_a_contract_event_of_an_unknown_wallet_is_in_no_session(demo: Demo):
    [row] = demo.engine.query(
        "SELECT countIf(visitor_id != 0 AND session_id = 0),"
        " countIf(visitor_id = 0 AND session_id = 0),"
        " countIf(session_id != 0) FROM events WHERE type = 'decoded_log'"
    ).rows
    lost, strangers, joined = row
    assert lost == 0
    assert joined > strangers > 0
