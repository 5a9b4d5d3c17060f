"""The job that all imports share, with a source of its own: numbers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from new_catalog import open_catalog

from footfall.importing.job import Chunk, Job, Watch
from footfall.journal.reader import read_tails
from footfall.model.errors import Unavailable
from footfall.model.record import EventsRecord, decode_record

BOUNDS = {"max_bytes": 1 << 30, "min_free_bytes": 0}


class Killed(Exception):
    pass


class Numbers:
    """A data folder into which the numbers after `first` are imported, three at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog = open_catalog(folder)
        self.website = self.catalog.add_website("shop.example", now_ms=0)

    def run(self, last: int, watch: Watch, bounds: dict[str, int] = BOUNDS, first: int = 0) -> int:
        state = self.catalog.import_job(self.website.id, "numbers")
        with closing(Job(self.catalog, self.folder, state, watch, **bounds)) as job:
            begun = job.begin(first=first)
            for chunk in chunks(begun, last):
                job.append(chunk)
            job.pause(last)
        return begun

    def written(self) -> list[int]:
        tails = read_tails(self.folder / "journal", {}, 1 << 30)
        records = [decode_record(record) for tail in tails for record in tail.records]
        return sorted(record.received_at for record in records)


def chunks(begun: int, last: int) -> Iterator[Chunk]:
    for start in range(begun, last, 3):
        numbers = range(start, min(start + 3, last))
        yield Chunk([record(number) for number in numbers], numbers[-1] + 1)


def record(number: int) -> EventsRecord:
    return EventsRecord(received_at=number, via="import", events=[], lines_done=number + 1)


@pytest.fixture
def numbers(tmp_path: Path) -> Numbers:
    return Numbers(tmp_path / "data")


@pytest.mark.parametrize("killed_at", range(3, 13, 3))
def test_a_job_killed_after_any_chunk_writes_every_record_once(
    numbers: Numbers, killed_at: int
) -> None:
    def appended(done: int) -> None:
        if done >= min(killed_at, 10):
            raise Killed

    with pytest.raises(Killed):
        numbers.run(10, Watch(appended=appended))
    assert numbers.run(10, Watch()) == min(killed_at, 10)
    assert numbers.written() == list(range(10))


def test_a_job_that_paused_continues_where_its_source_has_grown(numbers: Numbers) -> None:
    assert numbers.run(7, Watch(), first=5) == 5
    assert numbers.run(12, Watch(), first=5) == 7
    assert numbers.written() == list(range(5, 12))


def test_a_full_journal_is_asked_about_until_it_has_room(numbers: Numbers) -> None:
    asked: list[Unavailable] = []

    def give_up(error: Unavailable) -> None:
        asked.append(error)
        if len(asked) == 3:
            raise error

    with pytest.raises(Unavailable):
        numbers.run(10, Watch(unavailable=give_up), {"max_bytes": 0, "min_free_bytes": 0})
    assert len(asked) == 3
    assert numbers.run(10, Watch()) == 0
    assert numbers.written() == list(range(10))
