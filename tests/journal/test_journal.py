"""The journal: acknowledged means on disk, and a torn tail is only what was never acknowledged."""

import asyncio
import os
from pathlib import Path
from selectors import DefaultSelector
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.journal.reader import FINISHED, drop_finished, drop_read, read_tails, unread_bytes
from footfall.journal.segment import FRAME, Position, frame, segment_numbers, segment_path
from footfall.journal.writer import Journal, SegmentWriter
from footfall.model.errors import Conflict, Unavailable

LIMIT = 1 << 20


def open_writer(folder, max_bytes=1 << 30):
    return SegmentWriter(folder, max_bytes=max_bytes, min_free_bytes=0)


def records_of(tails):
    return [record for tail in tails for record in tail.records]


def test_what_is_appended_is_read_in_order(tmp_path):
    writer = open_writer(tmp_path / "a")
    writer.append(frame(b"one") + frame(b"two"))
    writer.append(frame(b"three"))
    (tail,) = read_tails(tmp_path, {}, LIMIT)
    assert tail.records == [b"one", b"two", b"three"]
    assert tail.writer == "a"
    writer.close()


def test_reading_continues_where_it_ended(tmp_path):
    writer = open_writer(tmp_path / "a")
    writer.append(frame(b"one"))
    (tail,) = read_tails(tmp_path, {}, LIMIT)
    positions = {"a": tail.position}
    assert read_tails(tmp_path, positions, LIMIT) == []
    writer.append(frame(b"two"))
    assert records_of(read_tails(tmp_path, positions, LIMIT)) == [b"two"]
    writer.close()


def test_a_record_larger_than_the_limit_is_read_whole(tmp_path):
    writer = open_writer(tmp_path / "a")
    writer.append(frame(b"x" * 5000) + frame(b"y"))
    (tail,) = read_tails(tmp_path, {}, 100)
    assert tail.records == [b"x" * 5000]
    assert records_of(read_tails(tmp_path, {"a": tail.position}, 100)) == [b"y"]
    writer.close()


@given(limit=st.integers(1, 250), sizes=st.lists(st.integers(0, 60), min_size=2, max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_is_read_at_once_every_record_of_every_segment_comes(
    tmp_path_factory, limit, sizes
):
    folder = tmp_path_factory.mktemp("journal")
    written = [b"%d" % i + b"x" * size for i, size in enumerate(sizes)]
    for half in (written[: len(written) // 2], written[len(written) // 2 :]):
        writer = open_writer(folder / "a")
        writer.append(b"".join(frame(record) for record in half))
        writer.close()
    read, positions = [], {}
    while tails := read_tails(folder, positions, limit):
        read += records_of(tails)
        positions = {tail.writer: tail.position for tail in tails}
    assert read == written


@given(cut=st.integers(0, 60), size=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_a_torn_tail_ends_the_segment_and_the_next_one_follows(tmp_path_factory, cut, size):
    folder = tmp_path_factory.mktemp("journal")
    writer = open_writer(folder / "a")
    whole = [b"%d" % i * size for i in range(5)]
    writer.append(b"".join(frame(record) for record in whole))
    writer.close()
    path = segment_path(folder / "a", 1)
    length = max(path.stat().st_size - cut, 0)
    os.truncate(path, length)
    again = open_writer(folder / "a")
    again.append(frame(b"after"))
    again.close()
    kept = [r for i, r in enumerate(whole) if (i + 1) * (FRAME.size + len(r)) <= length]
    assert records_of(read_tails(folder, {}, LIMIT)) == [*kept, b"after"]


def test_a_flipped_bit_is_noticed(tmp_path):
    writer = open_writer(tmp_path / "a")
    writer.append(frame(b"one") + frame(b"two"))
    writer.close()
    path = segment_path(tmp_path / "a", 1)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"one"]


def test_a_writer_never_appends_to_a_segment_that_it_found(tmp_path):
    for record in (b"one", b"two"):
        writer = open_writer(tmp_path / "a")
        writer.append(frame(record))
        writer.close()
    assert segment_numbers(tmp_path / "a") == [1, 2]


def test_two_writers_of_one_name_are_refused(tmp_path):
    writer = open_writer(tmp_path / "a")
    with pytest.raises(Conflict):
        open_writer(tmp_path / "a")
    writer.close()
    open_writer(tmp_path / "a").close()


def test_a_full_journal_is_unavailable_and_keeps_nothing(tmp_path):
    writer = open_writer(tmp_path / "a", max_bytes=1000)
    writer.append(frame(b"x" * 900))
    writer.close()
    again = open_writer(tmp_path / "b", max_bytes=1000)
    with pytest.raises(Unavailable) as error:
        again.append(frame(b"y" * 900))
    assert error.value.retry_after_s
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"x" * 900]
    again.close()


def test_a_full_disk_is_unavailable(tmp_path):
    writer = SegmentWriter(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=1 << 60)
    with pytest.raises(Unavailable, match="disk is full"):
        writer.append(frame(b"x"))
    writer.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_write_that_fails_keeps_nothing_and_the_next_one_works(tmp_path):
    writer = open_writer(tmp_path / "a")
    writer.append(frame(b"before"))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._file)  # from here on its file is on a full disk
    with pytest.raises(Unavailable, match="disk is full"):
        writer.append(frame(b"lost"))
    os.close(full)
    writer.append(frame(b"after"))
    writer.close()
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"before", b"after"]


def test_read_segments_are_dropped_and_counted_no_more(tmp_path):
    for record in (b"one", b"two"):
        writer = open_writer(tmp_path / "a")
        writer.append(frame(record))
        writer.close()
    assert unread_bytes(tmp_path, {}) == 2 * (FRAME.size + 3)
    (tail,) = read_tails(tmp_path, {}, LIMIT)
    positions = {"a": tail.position}
    drop_read(tmp_path, positions)
    assert segment_numbers(tmp_path / "a") == [2]
    assert unread_bytes(tmp_path, positions) == 0


def test_a_finished_import_leaves_nothing(tmp_path):
    writer = open_writer(tmp_path / "import-1-x")
    writer.append(frame(b"one"))
    (tail,) = read_tails(tmp_path, {}, LIMIT)
    positions = {"import-1-x": tail.position}
    drop_finished(tmp_path, positions)
    assert (tmp_path / "import-1-x").exists(), "its writer still holds it"
    writer.close()
    drop_finished(tmp_path, positions)
    assert (tmp_path / "import-1-x").exists(), "a killed import goes on from its last record"
    (tmp_path / "import-1-x" / FINISHED).touch()
    drop_finished(tmp_path, positions)
    assert not (tmp_path / "import-1-x").exists()
    assert positions == {}


def test_a_finished_import_that_cannot_be_removed_is_not_read_again(tmp_path):
    """A link in the folder's place: removing a folder does not follow it."""
    writer = open_writer(tmp_path / "elsewhere")
    writer.append(frame(b"one"))
    writer.close()
    (tmp_path / "elsewhere" / FINISHED).touch()
    journal = tmp_path / "journal"
    journal.mkdir()
    (journal / "import-1-x").symlink_to(tmp_path / "elsewhere")
    (tail,) = read_tails(journal, {}, LIMIT)
    positions = {"import-1-x": tail.position}
    drop_finished(journal, positions)
    assert read_tails(journal, positions, LIMIT) == []


def test_one_fsync_answers_all_that_wait(tmp_path):
    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=0)
        await asyncio.gather(*(journal.append(b"%d" % i) for i in range(500)))
        on_disk = records_of(read_tails(tmp_path, {}, LIMIT))
        await journal.close()
        return on_disk

    assert asyncio.run(run()) == [b"%d" % i for i in range(500)]


def test_a_failed_commit_fails_everyone_who_waits(tmp_path):
    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=1 << 60)
        answers = await asyncio.gather(
            *(journal.append(b"x") for _ in range(3)), return_exceptions=True
        )
        assert journal.error == ""  # health says of a full disk that it is full
        await journal.close()
        return answers

    answers = asyncio.run(run())
    assert all(isinstance(answer, Unavailable) for answer in answers)


def test_a_request_given_up_while_it_waits_does_not_stop_the_journal(tmp_path):
    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=0)

        async def wait():
            await journal.append(b"one")

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, journal.append(b"two"), return_exceptions=True)
        await journal.append(b"three")
        await journal.close()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"one", b"two", b"three"]


def test_a_thread_that_cannot_start_leaves_nobody_waiting(tmp_path, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=0)
        with monkeypatch.context() as patch:
            patch.setattr(Thread, "start", refuse)
            with pytest.raises(Unavailable, match="nothing was stored"):
                journal.append(b"refused")
        await journal.append(b"taken")
        await journal.close()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"taken"]


def test_a_folder_that_another_process_took_leaves_nobody_waiting(tmp_path):
    """The journal could not take it when it was opened, because the disk was full."""
    folder = tmp_path / "journal" / "a"
    folder.parent.touch()  # no folder can be made in it

    async def run():
        journal = Journal(folder, max_bytes=1 << 30, min_free_bytes=0)
        folder.parent.unlink()
        other = open_writer(folder)
        with pytest.raises(Unavailable, match="another process writes to the journal;"):
            await journal.append(b"refused")
        assert "another process writes" in journal.error  # health shows it
        other.close()
        await journal.append(b"taken")
        assert journal.error == ""
        await journal.close()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert records_of(read_tails(folder.parent, {}, LIMIT)) == [b"taken"]


class CountingSelector(DefaultSelector):
    """Counts the turns of the loop that uses it."""

    turns = 0

    def select(self, timeout=None):
        self.turns += 1
        return super().select(timeout)


def test_closing_waits_for_the_disk_without_turning_whoever_gave_up(tmp_path, monkeypatch):
    """As when the server no longer waits for its requests: it cancels them, and then closes."""
    may_sync, sync = Event(), os.fdatasync

    def sync_later(file):
        may_sync.wait(10)
        sync(file)

    monkeypatch.setattr(os, "fdatasync", sync_later)
    selector = CountingSelector()

    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=0)
        first = journal.append(b"one")
        await asyncio.sleep(0)
        second = journal.append(b"two")
        first.cancel()
        second.cancel()
        closing = asyncio.ensure_future(journal.close())
        await asyncio.sleep(0.05)
        before = selector.turns
        await asyncio.sleep(0.05)
        turns = selector.turns - before
        assert not closing.done()
        may_sync.set()
        await closing
        return turns

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        assert runner.run(run()) < 10
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"one", b"two"]


def test_a_folder_that_is_gone_is_unavailable_to_all_who_wait(tmp_path):
    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=0)
        (tmp_path / "a").rmdir()
        answers = await asyncio.gather(journal.append(b"x"), return_exceptions=True)
        await journal.close()
        return answers

    (answer,) = asyncio.run(asyncio.wait_for(run(), 10))
    assert isinstance(answer, Unavailable)


def test_closing_writes_what_waits(tmp_path):
    async def run():
        journal = Journal(tmp_path / "a", max_bytes=1 << 30, min_free_bytes=0)
        journal.append(b"one")
        await journal.close()

    asyncio.run(run())
    assert records_of(read_tails(tmp_path, {}, LIMIT)) == [b"one"]


def test_position_orders_by_segment_then_offset():
    assert Position(1, 900) < Position(2, 0)
