"""Every statement says which rows its answer depends on: beside its text, read on its own.

Whoever reads a table without an upper bound of its time, and says otherwise, would get old answers
from the cache.
"""

import re
from collections.abc import Iterator, Mapping
from random import Random

import pytest
from property.app_traffic import make_app_traffic
from property.random_flow import ask_flow, ask_funnel, ask_retention
from property.random_question import ask_at_random
from property.traffic import HOUR, make_traffic
from reference.side_by_side import Bench
from selection import IS_ALL

from footfall.model.errors import FootfallError
from footfall.query.ask import ask
from footfall.store.reader import Reader
from footfall.store.rows import Reads, Rows

Values = Mapping[str, object]
SCAN = re.compile(
    r"FROM (events|sessions|payments|visits|ingestion|quarantine|erased|event_ids|batches)\b"
    r"(?: AS \w+)?(?: FINAL)?\s+WHERE "
)
TABLE = re.compile(r"(?:FROM|JOIN) (events|sessions|payments|visits|ingestion|quarantine)\b")
WEBSITE = re.compile(r"website_id = \{(\w+):UInt32\}")
END = re.compile(r"(?:report_at|started_at|occurred_at) < fromUnixTimestamp64Milli\[(\w+)\]")
UNWALKED = re.compile(r"unwalked_sessions AS \(\s+SELECT started_at, session_id\s+$")
"""Whose events a flow reads, which end in time. A session without any of them changes nothing."""
CLOCK = re.compile(r"\b(now|now64|today|yesterday|rand\w*|generate\w+|uptime|hostName)\(")
SEEDS, QUESTIONS = (4, 60) if IS_ALL else (1, 25)


def conditions(sql: str, start: int) -> str:
    """The conditions of a WHERE that all have to hold: what is in brackets is left out."""
    text = re.sub(r"\(\{(\w+):Int64\}\)", r"[\1]", sql[start:])
    depth, found = 0, []
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0 or (depth == 0 and re.match(r"\s(GROUP|ORDER|LIMIT|UNION)\b", text[at:])):
            break
        if depth == 0:
            found.append(letter)
    return "".join(found)


def scans(sql: str, values: Values) -> Iterator[tuple[object, int | None]]:
    """The website of each scan of a table, and before which time it reads."""
    assert len(SCAN.findall(sql)) == len(TABLE.findall(sql)), "a table is read without a WHERE"
    for match in SCAN.finditer(sql):
        if UNWALKED.search(sql[: match.start()]):
            continue
        where = conditions(sql, match.end())
        assert " OR " not in where
        [website] = WEBSITE.findall(where)
        ends = [int(str(values[name])) for name in END.findall(where)]
        yield values[website], min(ends, default=None)


class Listening:
    """The engine of a bench, which checks what it is asked."""

    keeps_answers = True

    def __init__(self, bench: Bench) -> None:
        self.bench, self.engine = bench, bench.engine
        self.bounded = self.unbounded = 0
        self.wrong: list[str] = []

    def query(self, sql: str, params: Values | None = None, reads: Reads | None = None) -> Rows:
        if CLOCK.search(sql):
            self.wrong.append(f"it asks for the time, or for chance: {sql}")
        if reads is not None:
            self.check(sql, params or {}, reads)
        return self.engine.query(sql, params)

    def check(self, sql: str, values: Values, reads: Reads) -> None:
        found = list(scans(sql, values))
        assert found
        until_ms = reads.until_ms
        if until_ms is None:
            self.unbounded += 1
        else:
            self.bounded += 1
        for website_id, end in found:
            if website_id != reads.website_id:
                self.wrong.append(f"another website: {sql}")
            is_further = reads.further is not None and "session_started_at, session_id FROM" in sql
            if until_ms is not None and not is_further and (end is None or end > until_ms):
                self.wrong.append(f"{end} is after {until_ms}: {sql}")


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    bench = Bench(tmp_path_factory.mktemp("reads"), str(tmp_path_factory.mktemp("engine")))
    yield Listening(bench)
    bench.engine.close()


def test_no_statement_reads_more_than_it_says(listening: Listening) -> None:
    reader: Reader = listening
    random = Random(11)
    for seed in range(SEEDS):
        # some statements are asked for only if others have found rows
        traffic = listening.bench.load(make_traffic(seed, people=3))
        app = listening.bench.load(make_app_traffic(seed, people=3))
        for _ in range(QUESTIONS):
            report, params = ask_at_random(random, traffic)
            asked, dates = traffic, "moments"
            if random.random() < 0.4:
                report = random.choice(("flow", "funnel", "retention"))
                choose = {"flow": ask_flow, "funnel": ask_funnel, "retention": ask_retention}
                put = choose[report](random, app)
                params, dates = put.params, "moments" if put.is_report else "days"
                asked = app
            try:
                ask(report, params, asked.websites[0], asked.now_ms - HOUR, reader, dates=dates)  # type: ignore[arg-type]
            except FootfallError:
                continue
    assert listening.wrong == []
    assert listening.bounded > 10
    assert listening.unbounded > 3


def test_the_check_finds_what_it_is_for() -> None:
    end = "report_at < fromUnixTimestamp64Milli({v1:Int64})"
    values: Values = {"v0": 7, "v1": 5, "v2": 9}
    whole = f"SELECT 1 FROM events WHERE website_id = {{v0:UInt32}} AND {end} AND (a OR b)"
    assert list(scans(whole, values)) == [(7, 5)]
    nested = f"SELECT 1 FROM sessions FINAL\nWHERE website_id = {{v0:UInt32}} AND x IN ({whole})"
    assert list(scans(nested, values)) == [(7, None), (7, 5)]
    with pytest.raises(AssertionError):
        list(scans("SELECT count() FROM payments", values))
    with pytest.raises(AssertionError):
        list(scans(f"{whole} OR 1", values))
