"""Filling a data folder with the demo website."""

from pathlib import Path

import pytest

from footfall.catalog import Catalog
from footfall.demo.fill import fill
from footfall.demo.generator import DAY_MS
from footfall.journal.reader import read_tails
from footfall.journal.segment import writer_folders
from footfall.load.loader import Loader
from footfall.model.record import Record, decode_record
from footfall.store.engine import Engine

NOW = 20_760 * DAY_MS + 54_321_987
DAYS = 3


class Killed(Exception):
    pass


class Demo:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog = Catalog(folder)

    def fill(self, now: int = NOW, progress=lambda _: None, load=lambda: 0):
        return fill(self.catalog, self.folder, load, lambda: now, progress, days=DAYS)

    def records(self) -> list[Record]:
        """What the journal holds, in order of receipt, without the website's random id."""
        tails = read_tails(self.folder / "journal", {}, 1 << 30)
        records = [decode_record(record) for tail in tails for record in tail.records]
        return sorted(records, key=lambda record: record.received_at)

    def times(self) -> list[int]:
        return [record.received_at for record in self.records()]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path / "data")


def test_the_demo_website_is_made_once(demo: Demo):
    website = demo.fill()
    assert (website.domain, website.currency, website.kpi) == ("demo.example", "USD", "signup")
    assert demo.fill() == website
    assert demo.catalog.websites() == [website]


def test_filling_again_at_the_same_time_adds_nothing(demo: Demo):
    demo.fill()
    records = demo.records()
    demo.fill()
    assert demo.records() == records


def test_a_clock_that_was_set_back_adds_nothing(demo: Demo):
    demo.fill()
    records = demo.records()
    demo.fill(NOW - DAY_MS)
    assert demo.records() == records


def test_topping_up_gives_what_a_later_first_fill_would_have_given(demo: Demo, tmp_path: Path):
    website = demo.fill()
    assert max(demo.times()) < NOW
    demo.fill(NOW + 5 * 3_600_000)
    later = NOW + 2 * DAY_MS
    demo.fill(later)
    at_once = Demo(tmp_path / "at_once")
    at_once.catalog.add_website(website.domain, currency="USD", now_ms=website.created_at)
    at_once.fill(later)
    first = at_once.times()[0]
    assert [at for at in demo.times() if at >= first] == at_once.times()


@pytest.mark.parametrize("kills", [1, 2, 3])
def test_a_fill_killed_between_chunks_continues_to_the_same_records(
    demo: Demo, tmp_path: Path, kills: int
):
    def die(_: float) -> None:
        raise Killed

    for _ in range(kills):
        with pytest.raises(Killed):
            demo.fill(progress=die)
    demo.fill()
    whole = Demo(tmp_path / "whole")
    whole.fill()
    assert demo.times() == whole.times()


def test_a_fill_killed_before_the_catalog_knows_its_chunk_continues_after_it(demo: Demo):
    website = demo.fill()
    times = demo.times()
    job = demo.catalog.import_job(website.id, "demo")
    folders = writer_folders(demo.folder / "journal")
    for folder in folders:
        (folder / "finished").unlink()
    demo.catalog.set_job_progress(job.id, times[1_000], done=False)
    demo.fill()
    assert [at for at in demo.times() if at <= times[-1]] == times


def test_progress_ends_at_one(demo: Demo):
    seen: list[float] = []
    demo.fill(progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_everything_that_was_made_is_in_the_store(demo: Demo):
    engine = Engine(str(demo.folder / "engine"))
    try:
        engine.migrate()
        loader = Loader(engine, demo.folder, lambda: NOW)
        demo.fill()
        records = demo.records()
        demo.fill(load=loader.step)
        assert list((demo.folder / "journal").iterdir()) == []
        events = sum(len(record.events) for record in records if hasattr(record, "events"))
        movements = sum(hasattr(record, "movement") for record in records)
        (found,) = engine.query(
            "SELECT countIf(is_server_side = 0),"
            " (SELECT count() FROM payments FINAL),"
            " (SELECT sum(hits) FROM ingestion) FROM events"
        ).rows
        assert found[1] == movements
        assert found[2] == events
        assert found[0] >= 0.99 * events  # an engagement with no live session is left out
    finally:
        engine.close()
