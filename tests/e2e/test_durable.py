"""What was acknowledged is there, once, whenever and however often the server is killed.

FOOTFALL_KILL_ROUNDS says how often (2).
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from e2e.forked import Forked
from e2e.senders import BROWSER, Backend, Sender, Visitor, sending
from e2e.server import Server, environment, running

from footfall.model.key import visitor_key
from footfall.model.website import Website
from footfall.store.engine import Engine

pytestmark = pytest.mark.sample(1)  # of the ways in which a server runs

ROUNDS = int(os.environ.get("FOOTFALL_KILL_ROUNDS", "2"))
GAP_MS = 30 * 60 * 1000  # the longest that does not end a session
VISITORS = 4
LINES = 6_000


@pytest.fixture
def chance() -> random.Random:
    """Another seed each time: it is printed where a test fails."""
    seed = int(os.environ.get("FOOTFALL_SEED", time.time_ns() % 1_000_000))
    print(f"FOOTFALL_SEED={seed}")
    return random.Random(seed)


class Shop:
    """A website with people and backends that send to it without end."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.website: Website = server.website("shop.test")
        self.token = server.token(self.website)

        def find_url() -> str:
            return server.url

        self.visitors = [
            Visitor(f"visitor-{n}", find_url, self.website.tracking_id) for n in range(VISITORS)
        ]
        self.stayer = Backend("stayer", find_url, self.token, GAP_MS)
        self.returner = Backend("returner", find_url, self.token, GAP_MS + 1)

    @property
    def senders(self) -> tuple[Sender, ...]:
        return (*self.visitors, self.stayer, self.returner)

    def check(self) -> None:
        """Compare what is stored with what was acknowledged. The server must not be running."""
        assert not [sender.trouble for sender in self.senders if sender.trouble]
        with closing(Engine(str(self.server.folder / "engine"))) as engine:
            stored = dict(engine.query("SELECT path, count() FROM events GROUP BY path").rows)
            self._check_events(stored)
            self._check_sessions(engine)
            hits = engine.query("SELECT sum(hits) FROM ingestion WHERE outcome = 'accepted'").rows
        assert hits == [[len(stored)]]
        assert not (self.server.folder / "refused.jsonl").exists()

    def _check_events(self, stored: dict[str, int]) -> None:
        acknowledged = set().union(*(sender.acknowledged for sender in self.senders))
        sent = set().union(*(sender.sent for sender in self.senders))
        assert len(acknowledged) > 50, "too little was sent to prove anything"
        assert acknowledged - stored.keys() == set(), "acknowledged and lost"
        assert {path for path, count in stored.items() if count > 1} == set(), "stored twice"
        assert stored.keys() - sent == set(), "stored and never sent"

    def _check_sessions(self, engine: Engine) -> None:
        rows = engine.query(
            "SELECT visitor_id, session_id, pageviews, counted_events FROM sessions FINAL"
        ).rows
        of_events = engine.query(
            "SELECT visitor_id, session_id, count(), count() FROM events GROUP BY 1, 2"
        ).rows
        assert sorted(rows) == sorted(of_events), "sessions count other events than there are"
        visits = engine.query("SELECT visitor_id, session_id FROM visits").rows
        assert sorted(visits) == sorted(row[:2] for row in rows)
        sessions = Counter(visitor for visitor, *_ in rows)
        expected = {self._key(sender): 1 for sender in (*self.visitors, self.stayer)}
        expected[self._key(self.returner)] = len(self.returner.sent)
        assert sessions == expected, "a session is broken, or two are one"

    def _key(self, sender: Sender) -> int:
        return visitor_key(self.website.id, sender.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def killed_again_and_again(server: Server, chance: random.Random) -> None:
    """Kill while it collects, then while it starts and may be loading what it finds."""
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0.1, 2.5))
        server.kill()
        if chance.random() < 0.5:
            server.begin()
            time.sleep(chance.uniform(0.0, 3.0))
            server.kill()
        server.start()


@pytest.mark.parametrize("collectors", [1, 2])
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(
    folder: Path, chance: random.Random, collectors: int
) -> None:
    with running(folder, collectors=collectors) as server:
        shop = Shop(server)
        with sending(*shop.senders):
            killed_again_and_again(server, chance)
            time.sleep(0.5)
        server.wait_for_loading()
    shop.check()


def test_a_killed_collector_process_takes_nothing_with_it(folder: Path) -> None:
    with running(folder, collectors=2) as server:
        shop = Shop(server)
        with sending(*shop.senders):
            time.sleep(1)
            (child,) = server.children()
            os.kill(child, signal.SIGKILL)
            time.sleep(1)
        server.wait_for_loading()
    shop.check()


def test_an_import_and_a_server_killed_meanwhile_store_every_line_once(
    folder: Path, tmp_path: Path, chance: random.Random
) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(lines()))
    with running(folder) as server:
        server.website("shop.test")
        for _ in range(ROUNDS):
            job = begun_import(folder, log)
            time.sleep(chance.uniform(0.2, 2.2))
            server.kill()
            if chance.random() < 0.5:
                job.kill()
            job.wait()
            server.start()
        assert begun_import(folder, log).wait() == 0
        server.wait_for_loading()
    with closing(Engine(str(folder / "engine"))) as engine:
        stored = engine.query("SELECT path, count() FROM events GROUP BY path ORDER BY path").rows
        counted = engine.query("SELECT outcome, sum(hits) FROM ingestion GROUP BY outcome").rows
    assert stored == sorted([f"/{n}", 1] for n in range(LINES))
    assert counted == [["accepted", LINES]]


def lines() -> Iterator[str]:
    """An access log: three days of some people's requests, each of a page of its own."""
    for n in range(LINES):
        minute, day = n * 3 % 1440, 1 + n * 3 // 1440 % 28
        time_ = f"{day:02}/Sep/2026:{minute // 60:02}:{minute % 60:02}:00 +0000"
        yield f'203.0.113.{n % 40} - - [{time_}] "GET /{n} HTTP/1.1" 200 5 "-" "{BROWSER}"\n'


def begun_import(folder: Path, log: Path) -> Forked:
    words = ("import", "access-log", str(log), "--website", "shop.test", "--data", str(folder))
    return Forked(words, environment(), Path(os.devnull))
