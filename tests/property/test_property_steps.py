"""Every step of /steps means, in the slow reference, the events that its row counts."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from plain import answered
from reference import step as reference_step
from reference.ask import Asked
from reference.join import Log, Row
from reference.side_by_side import Bench, store_plainly

from footfall.model.event import NOT_COUNTED
from footfall.model.step import BUILT_IN_EVENTS
from footfall.query.ask import ask
from footfall.query.parse.json_value import Piece
from footfall.query.parse.step import parse_step
from property.app_traffic import make_app_traffic
from property.random_question import choose_period, choose_value
from property.traffic import make_traffic

FILTERED = ("country", "page", "goal", "entry_page", "event")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("steps"), location)
    yield opened
    opened.engine.close()


def counted(rows: list[Row], step: dict[str, Any]) -> tuple[int, int]:
    """How many events the step means, and whose they are."""
    meant = [row for row in rows if reference_step.matches(step, row)]
    return len(meant), len({row.visitor_id for row in meant} - {0})


def names_of(row: Row) -> set[tuple[str, str]]:
    """The kinds and labels under which an event is listed, from docs/api.md alone."""
    if row.type == "page":
        return {("any_page", "Any page")} | ({("page", row.path)} if row.path else set())
    if row.type in ("track", "decoded_log"):
        return {("goal" if row.type == "track" else "contract", row.name)}
    if row.type in ("signature", "transaction"):
        status = reference_step.property_of(row, "status")
        status = "success" if status == "confirmed" else status
        actions = {row.name, reference_step.property_of(row, "function_name")} - {"", row.type}
        named = {(row.type, row.type), *((row.type, action) for action in actions)}
        return named | ({(row.type, f"{row.type}: {status}")} if status else set())
    return {("event", row.type)} if row.type not in NOT_COUNTED else set()


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", range(4))
def test_a_step_means_the_events_that_its_row_counts(bench: Bench, seed: int) -> None:
    random = Random(f"steps {seed}")
    make = make_app_traffic if seed % 2 else make_traffic
    traffic = bench.load(make(random.randrange(10**6)))
    website = traffic.websites[0]
    log: Log = store_plainly(traffic.records, website)
    for _ in range(6):
        params = [*choose_period(random, traffic, website.timezone), ("limit", "1000")]
        params.append(("bots", random.choice(("exclude", "include"))))
        for name in random.sample(FILTERED, random.choice((0, 0, 1))):
            params.append((f"filter_{name}", choose_value(random, traffic, name)))
        found = answered(ask("steps", params, website, traffic.now_ms, bench.engine))
        asked = Asked(log, params, website, traffic.now_ms, is_report=True)
        rows = [row for row in asked.rows if row.occurred_at in asked.period]
        wanted = {named for row in rows for named in names_of(row)}
        assert {(row["kind"], row["label"]) for row in found.data} == wanted, params
        assert found.total == len(found.data)
        order = [(-row["visitors"], -row["events"], row["label"].encode()) for row in found.data]
        assert order == sorted(order)
        for row in found.data:
            if row["step"] is None:
                assert row["kind"] == "goal"
                assert row["label"] in (*BUILT_IN_EVENTS, "page")
            else:
                parse_step(Piece("step", msgspec.json.decode(msgspec.json.encode(row["step"]))))
                counts = row["events"], row["visitors"]
                assert counts == counted(rows, row["step"]), (params, row)


def test_search_narrows_the_steps_and_counts_what_is_left(bench: Bench) -> None:
    traffic = bench.load(make_app_traffic(77))
    website = traffic.websites[0]

    def labels(*params: tuple[str, str]) -> tuple[list[str], int | None]:
        found = answered(ask("steps", params, website, traffic.now_ms, bench.engine))
        return [row["label"] for row in found.data], found.total

    every, total = labels(("limit", "1000"))
    assert total == len(every)
    assert labels(("search", "ANY page")) == (["Any page"], 1)
    assert labels(("limit", "2"), ("offset", "1")) == (every[1:3], total)
