"""Deletes on a real server: nobody sees half of one, and no kill leaves half of one.

FOOTFALL_KILL_ROUNDS says how often it is killed (2, in `make test` 1).
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from e2e.server import BASE, Server, running, wait_until
from selection import IS_ALL

from footfall.money.ledger import Ledger
from footfall.store.engine import Engine

ROUNDS = int(os.environ.get("FOOTFALL_KILL_ROUNDS", "2" if IS_ALL else "1"))
PAID_MONTHS = (2, 5, 8)
MONTHS = range(1, 13) if IS_ALL else (*PAID_MONTHS, 11)
"""A delete writes each of them again."""
STEADY_MONTHS = MONTHS if IS_ALL else PAID_MONTHS
"""Those of what comes while others delete: each costs the loader several parts a batch."""
LONGEST_S = 4.0 if IS_ALL else 2.0
"""How long after a delete began the server is killed at the latest."""
VISITORS = 8 if IS_ALL else 6
PAGES = 2  # of each visit
READERS = 4 if IS_ALL else 2


class Shop:
    """Visitors who each did the same: a visit in each month of two pages and a goal of their own,
    and three payments of 10."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.website = server.website("shop.test", currency="EUR")
        self.token = server.token(self.website, "read", "write", "delete")
        self.left = {f"v{n}" for n in range(VISITORS)}
        self.goals = {f"g{n}" for n in range(VISITORS)}
        self.paid = {f"t{n}-{month}" for n in range(VISITORS) for month in PAID_MONTHS}
        events = [event for n in range(VISITORS) for event in _year(n)]
        status, answer = server.ask("POST", f"{BASE}/events", self.token, events)
        assert (status, answer["data"][0]["rejected"]) == (202, [])
        for name in sorted(self.paid):
            assert self.pay(name) == 200
        server.wait_for_loading()

    def pay(self, name: str) -> int:
        visitor, month = name[1:].split("-")
        body = {"transactionId": name, "amount": 10, "currency": "EUR"}
        sender = {"visitorUid": f"v{visitor}", "timestamp": f"2026-{int(month):02}-10T12:05:00Z"}
        return self.server.ask("POST", f"{BASE}/payments", self.token, body | sender)[0]

    def reset(self) -> dict[str, int]:
        """What there was before it."""
        token = self.server.token(None, "manage")
        path, body = f"{BASE}/websites/{self.website.public_id}/reset", {"domain": "shop.test"}
        status, answer = self.server.ask("POST", path, token, body)
        assert status == 200, answer
        return dict(answer["data"])

    def delete(self, path: str) -> int:
        status, answer = self.server.ask("DELETE", f"{BASE}/{path}", self.token)
        assert status == 200, answer
        return int(answer["data"][0]["deleted"])

    def overview(self) -> dict[str, Any]:
        return dict(self.server.get("/overview", self.token)["data"][0])

    def completions(self) -> dict[str, int]:
        rows = self.server.get("/goals", self.token)["data"]
        return {row["name"]: row["completions"] for row in rows if row["completions"]}

    def check_whole(self) -> None:
        """One answer after the other: each visitor, each goal is there whole, or is not there."""
        row = self.overview()
        assert row["sessions"] == row["visitors"] * len(MONTHS)
        assert row["pageviews"] == row["sessions"] * PAGES
        goals = self.completions()
        assert {goals.get(name, 0) for name in self.goals} <= {0, len(MONTHS)}
        lists = self.server.get("/breakdown", self.token, dimension="device,country,entry_page")
        sums = {
            tuple(sum(row[name] for row in rows) for name in ("sessions", "revenue"))
            for rows in lists["data"].values()
        }
        assert len(sums) == 1
        assert sums.pop()[0] % len(MONTHS) == 0


def _year(number: int) -> Iterator[dict[str, Any]]:
    for month in MONTHS:
        at = f"2025-{month:02}-10T12:0"
        visitor = {"visitorUid": f"v{number}"}
        for minute in range(PAGES):
            page = {"url": f"http://shop.test/{minute}", "timestamp": f"{at}{minute}:00Z"}
            yield visitor | page | {"country": ("AT", "DE", "FR")[number % 3]}
        yield visitor | {"type": "track", "name": f"g{number}", "timestamp": f"{at}3:00Z"}


@contextmanager
def reading(look: Callable[[], None]) -> Iterator[list[str]]:
    """Look again and again, several at once, while the block runs. What went wrong is listed."""
    ended, wrong, looks = threading.Event(), list[str](), list[int]()

    def read() -> None:
        while not ended.is_set():
            try:
                look()
                looks.append(1)
            except (AssertionError, OSError) as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=read, daemon=True) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        yield wrong
    finally:
        ended.set()
        for reader in readers:
            reader.join(180)
    assert len(looks) > READERS


def test_nobody_sees_half_of_a_delete(tmp_path: Path) -> None:
    with running(tmp_path / "data", rate_limit_per_minute=0) as server:
        shop = Shop(server)
        before = shop.overview()
        assert (before["visitors"], before["revenue"]) == (VISITORS, 10 * len(shop.paid))
        with reading(shop.check_whole) as wrong:
            assert shop.delete("goals?name=g1") == len(MONTHS)
            assert shop.delete("visitors/v2") == len(MONTHS) * (PAGES + 1)
            assert shop.delete("payments?visitorId=v3") == 3
            assert shop.delete("goals?visitorId=v4&startAt=2025-01-01") == len(MONTHS) + 3
        assert wrong == []
        after = shop.overview()
        assert (after["visitors"], after["revenue"]) == (VISITORS - 1, before["revenue"] - 30)
        goals = shop.completions()
        gone = {"g1", "g2", "g4"}
        paid = len(shop.paid) - 6  # of v3 and v4; the ledger keeps those of v2
        assert goals == {**dict.fromkeys(shop.goals - gone, len(MONTHS)), "payment": paid}


@pytest.fixture
def chance() -> random.Random:
    """Another seed each time: it is printed where a test fails."""
    seed = int(os.environ.get("FOOTFALL_SEED", time.time_ns() % 1_000_000))
    print(f"FOOTFALL_SEED={seed}")
    return random.Random(seed)


class Deleter(threading.Thread):
    """Sends one delete; `answer` is how many it deleted where the server lived to answer."""

    def __init__(self, shop: Shop, path: str) -> None:
        super().__init__(daemon=True)
        self.answer: int | None = None
        self._ask = (shop, path)

    def run(self) -> None:
        shop, path = self._ask
        try:
            self.answer = shop.delete(path)
        except (URLError, OSError):
            return


@pytest.mark.sample(1)
def test_a_kill_leaves_all_or_nothing_of_a_delete(tmp_path: Path, chance: random.Random) -> None:
    with running(tmp_path / "data", rate_limit_per_minute=0) as server:
        shop = Shop(server)
        for number in range(min(ROUNDS, VISITORS)):
            goal = f"g{number}"
            kill_during(shop, f"goals?name={goal}", {goal: len(MONTHS)}, (0, 0), chance)
            kill_during(shop, f"payments?visitorId=v{number}", {"payment": 3}, (0, 30), chance)
            left = shop.completions().get(goal)
            kill_during(shop, f"visitors/v{number}", {goal: left} if left else {}, (1, 0), chance)
        goals = shop.completions()
        with server.catalog() as catalog:
            posted = Ledger(catalog).find_transactions(shop.website.id)
        assert shop.overview()["revenue"] == 10 * len(posted)
        assert goals.pop("payment") == len(posted)
        for name in sorted(shop.paid):
            assert shop.pay(name) == (409 if name in posted else 200)
        server.wait_for_loading()
        assert shop.overview()["revenue"] == 10 * len(shop.paid)
        assert not list(server.folder.glob("erasing/*"))


class Resetter(threading.Thread):
    """Resets the website once; whether the server lived to answer."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(daemon=True)
        self.is_answered = False
        self._shop = shop

    def run(self) -> None:
        try:
            self._shop.reset()
            self.is_answered = True
        except (URLError, OSError):
            return


def test_a_kill_leaves_all_or_nothing_of_a_reset(tmp_path: Path, chance: random.Random) -> None:
    with running(tmp_path / "data", rate_limit_per_minute=0) as server:
        shop = Shop(server)
        other = server.website("other.test", currency="EUR")
        others = server.token(other, "read", "write")
        events = [{**each, "url": "http://other.test/"} for each in _year(1) if "url" in each]
        server.ask("POST", f"{BASE}/events", others, events)
        server.wait_for_loading()
        before = shop.overview(), shop.completions()
        kept = server.get("/overview", others)
        for _ in range(ROUNDS):
            resetter = Resetter(shop)
            resetter.start()
            time.sleep(chance.uniform(0.0, LONGEST_S))
            server.kill()
            resetter.join(180)
            server.start()
            server.wait_for_loading()
            shop.check_whole()
            assert shop.overview()["sessions"] in (0, before[0]["sessions"])
            wait_for_deletes(server)
            is_reset = shop.overview()["sessions"] == 0
            assert is_reset or not resetter.is_answered
            assert server.get("/overview", others) == kept
            # all ids are free again, or none is
            statuses = {shop.pay(name) for name in sorted(shop.paid)}
            assert statuses == ({200} if is_reset else {409})
            if is_reset:
                events = [event for n in range(VISITORS) for event in _year(n)]
                server.ask("POST", f"{BASE}/events", shop.token, events)
            server.wait_for_loading()
            assert (shop.overview(), shop.completions()) == before
        assert shop.reset()["payments"] == len(shop.paid)
        assert (shop.overview()["revenue"], shop.completions()) == (0, {})
        assert not list(server.folder.glob("erasing/*"))


def wait_for_deletes(server: Server) -> None:
    """Until what a kill interrupted has been finished."""

    def is_done() -> bool:
        # one that is being carried out again is not unfinished, but it has a file
        is_idle = not any(server.folder.glob("erasing/*"))
        return is_idle and not server.ask("GET", "/health")[1]["unfinished_deletes"]

    wait_until(is_done, "end of the deletes")


class Steady(threading.Thread):
    """Somebody whose events, each with a path of its own, come while others delete."""

    def __init__(self, shop: Shop, name: str) -> None:
        super().__init__(daemon=True)
        self.acknowledged: set[str] = set()
        self.ended = threading.Event()
        self._shop, self._name = shop, name

    def run(self) -> None:
        number, server = 0, self._shop.server
        while not self.ended.wait(0.02):
            number += 1
            path = f"/steady/{self._name}/{number}"
            month = STEADY_MONTHS[number % len(STEADY_MONTHS)]
            event = {
                "url": f"http://shop.test{path}",
                "visitorUid": f"{self._name}-{number // 20}",
                "timestamp": f"2025-{month:02}-10T13:00:{number % 60:02}Z",
            }
            try:
                status, _ = server.ask("POST", f"{BASE}/events", self._shop.token, [event])
            except (URLError, OSError):
                time.sleep(0.1)
                continue
            if status == 202:
                self.acknowledged.add(path)


def test_what_comes_while_deletes_run_and_are_killed_is_there_once(
    tmp_path: Path, chance: random.Random
) -> None:
    with running(tmp_path / "data", rate_limit_per_minute=0) as server:
        shop = Shop(server)
        server.keeps_port = True
        steady = [Steady(shop, name) for name in ("a", "b")]
        for one in steady:
            one.start()
        for number in range(3 if IS_ALL else 1):
            assert shop.delete(f"visitors/v{number}") == len(MONTHS) * (PAGES + 1)
        for number in range(ROUNDS):
            deleter = Deleter(shop, f"visitors/v{3 + number}")
            deleter.start()
            time.sleep(chance.uniform(0.2, LONGEST_S))
            server.kill()
            deleter.join(180)
            server.start()
        assert shop.delete("goals?name=g5") == len(MONTHS)
        sent = [one.acknowledged for one in steady]
        wait_until(lambda: sum(map(len, sent)) > 50, "enough to prove anything")
        for one in steady:
            one.ended.set()
        for one in steady:
            one.join(180)
        server.wait_for_loading()
        wait_for_deletes(server)
        acknowledged = set().union(*sent)
        server.stop()
    with closing(Engine(str(server.folder / "engine"))) as engine:
        text = "SELECT path, count() FROM events WHERE startsWith(path, '/steady/') GROUP BY path"
        stored = dict(engine.query(text).rows)
        views = "SELECT count() FROM events WHERE type = 'page' AND session_id != 0"
        [[pages]] = engine.query(views).rows
        [[counted]] = engine.query("SELECT sum(pageviews) FROM sessions FINAL").rows
    assert acknowledged - stored.keys() == set(), "acknowledged and lost"
    assert {path for path, count in stored.items() if count > 1} == set(), "stored twice"
    assert pages == counted


def kill_during(
    shop: Shop,
    path: str,
    completions: dict[str, int],
    visitors_and_revenue: tuple[int, int],
    chance: random.Random,
) -> None:
    """What the delete is about goes whole or not at all, and nothing else goes."""
    before, counted = shop.overview(), shop.completions()
    deleter = Deleter(shop, path)
    deleter.start()
    time.sleep(chance.uniform(0.0, LONGEST_S))
    shop.server.kill()
    deleter.join(180)
    shop.server.start()
    shop.server.wait_for_loading()
    shop.check_whole()
    wait_for_deletes(shop.server)
    after, left = shop.overview(), shop.completions()
    gone = {name: count - left.get(name, 0) for name, count in counted.items()}
    found = (
        {name: count for name, count in gone.items() if count},
        tuple(before[name] - after[name] for name in ("visitors", "revenue")),
    )
    whole = completions, visitors_and_revenue
    assert found in (({}, (0, 0)), whole)
    if deleter.answer is not None:
        assert found == whole
