"""A job's writer: where a killed run of it stopped."""

from pathlib import Path

import pytest

from footfall.journal.job import JobWriter
from footfall.journal.reader import Positions, drop_finished, read_tails
from footfall.journal.segment import segment_path, writer_folders
from footfall.model.record import EventsRecord


def writer(journal: Path, job: str = "1") -> JobWriter:
    return JobWriter(journal, job, max_bytes=1 << 30, min_free_bytes=0)


def chunk(lines_done: int) -> EventsRecord:
    return EventsRecord(received_at=0, via="import", events=[], lines_done=lines_done)


def killed_run(journal: Path, *lines_done: int, job: str = "1") -> Path:
    run = writer(journal, job)
    for done in lines_done:
        run.append([chunk(done)])
    run.close()
    return max(writer_folders(journal), key=lambda path: path.stat().st_mtime_ns)


def test_a_first_run_begins_at_nothing(tmp_path: Path):
    assert writer(tmp_path).recover() == 0


def test_the_furthest_of_several_killed_runs_counts(tmp_path: Path):
    killed_run(tmp_path, 500, 1_000)
    killed_run(tmp_path, 1_500)
    assert writer(tmp_path).recover() == 1_500


def test_another_jobs_runs_do_not_count(tmp_path: Path):
    killed_run(tmp_path, 500, job="11")
    assert writer(tmp_path, "1").recover() == 0


@pytest.mark.parametrize("cut", [1, 7, 12])
def test_a_torn_end_is_cut_off(tmp_path: Path, cut: int):
    path = segment_path(killed_run(tmp_path, 500, 1_000), 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert writer(tmp_path).recover() == 500
    assert whole.startswith(path.read_bytes())
    assert path.stat().st_size == len(whole) // 2  # both records take the same room


def test_an_empty_segment_after_the_last_record_does_not_matter(tmp_path: Path):
    segment_path(killed_run(tmp_path, 500), 2).touch()
    assert writer(tmp_path).recover() == 500


def read_all(journal: Path) -> Positions:
    return {tail.writer: tail.position for tail in read_tails(journal, {}, 1 << 20)}


def test_a_killed_runs_folder_stays_until_a_later_run_has_taken_note(tmp_path: Path):
    folder = killed_run(tmp_path, 500)
    drop_finished(tmp_path, read_all(tmp_path))
    assert folder.exists()
    writer(tmp_path).finish_earlier()
    drop_finished(tmp_path, read_all(tmp_path))
    assert not folder.exists()


def test_a_finished_runs_folder_goes_once_it_is_read(tmp_path: Path):
    run = writer(tmp_path)
    run.append([chunk(500)])
    run.finish()
    drop_finished(tmp_path, {})
    assert len(writer_folders(tmp_path)) == 1
    drop_finished(tmp_path, read_all(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_appends_nothing_leaves_nothing(tmp_path: Path):
    writer(tmp_path).finish()
    assert list(tmp_path.iterdir()) == []
