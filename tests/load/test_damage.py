"""Damaged journals and batch files: nothing is counted twice, nothing is lost but the damaged
records, and the damage is reported.

`FOOTFALL_FAULT_SEED` chooses the faults and `FOOTFALL_FAULT_CASES` how many of each kind.
"""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from fault import FAULTS, Hit

from footfall.damage import DamageLog
from footfall.journal.segment import encode_mark, frame, mark_path, segment_path
from footfall.journal.writer import SegmentWriter
from footfall.load.loader import Loader
from footfall.model.record import EventsRecord, encode_record
from footfall.store.engine import StoreUnavailable

NOON = 1_767_268_800_000
SEED = int(os.environ.get("FOOTFALL_FAULT_SEED", "1"))
CASES = int(os.environ.get("FOOTFALL_FAULT_CASES", "3"))
WRITER = "collector-0"


class Disk:
    """A data folder whose journal holds numbered events, some of them loaded already."""

    def __init__(self, store, rng: random.Random) -> None:
        self.store, self.rng = store, rng
        self.folder = store.folder
        self.journal = self.folder / "journal" / WRITER
        self.places: list[tuple[int, Hit]] = []  # of each event: segment and the record's bytes
        self.segment = 0

    def write(self, records: int) -> None:
        """Acknowledge records of one event each, in a segment of their own."""
        writer = SegmentWriter(self.journal, max_bytes=1 << 30, min_free_bytes=0)
        self.segment += 1
        at = 0
        for _ in range(records):
            title = f"{len(self.places)}-" + "x" * self.rng.randrange(3000)
            number = len(self.places) + 1
            event = self.store.event(number / 10, title=title, event_id=number)
            encoded = frame(
                encode_record(EventsRecord(received_at=NOON, via="server", events=[event]))
            )
            writer.append(encoded)
            self.places.append((self.segment, Hit(at, at + len(encoded))))
            at += len(encoded)
        writer.close()

    def restart(self) -> Loader:
        loader = Loader(self.store.engine, self.folder, lambda: NOON)
        loader.catch_up()
        return loader

    def stored(self) -> Counter[int]:
        rows = self.store.rows("title", "events")
        return Counter(int(title.split("-")[0]) for (title,) in rows)

    def pageviews(self) -> int:
        [[total]] = self.store.rows("sum(pageviews)")
        return int(total)

    def events_in(self, segment: int, hit: Hit) -> set[int]:
        return {
            number
            for number, (place, record) in enumerate(self.places)
            if place == segment and record.start < hit.end and hit.start < record.end
        }


@pytest.fixture
def disk(store, request) -> Disk:
    return Disk(store, random.Random(f"{SEED}-{request.node.name}"))


def check(disk: Disk, loader: Loader, lost: set[int], *, is_reported: bool) -> None:
    stored = disk.stored()
    everything = set(range(len(disk.places)))
    assert [number for number, times in stored.items() if times > 1] == [], "counted twice"
    assert everything - set(stored) <= lost, "lost beyond the damaged records"
    assert disk.pageviews() == len(stored), "sessions and events disagree"
    if is_reported:
        assert loader.damage.unseen(), "not reported"
        assert DamageLog(disk.folder, lambda: NOON).unseen(), "not reported after a restart"


@pytest.mark.sample(5)
@pytest.mark.parametrize("case", range(CASES))
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_segment_that_is_not_loaded_yet_loses_only_the_damaged_records(
    disk: Disk, kind: str, case: int
) -> None:
    disk.write(5)
    disk.restart()
    for _ in range(3):
        disk.write(8)
    segment = 2 + case % 3
    hit = FAULTS[kind](segment_path(disk.journal, segment), disk.rng)
    check(disk, disk.restart(), disk.events_in(segment, hit), is_reported=True)


@pytest.mark.sample(2)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_segment_is_noticed_while_more_is_written(disk: Disk, kind: str) -> None:
    disk.write(8)
    loader = Loader(disk.store.engine, disk.folder, lambda: NOON)
    hit = FAULTS[kind](segment_path(disk.journal, 1), disk.rng)
    loader.catch_up()
    disk.write(8)
    loader.catch_up()
    check(disk, loader, disk.events_in(1, hit), is_reported=True)


@pytest.mark.sample(3)
@pytest.mark.parametrize("field", ["length", "checksum"])
@pytest.mark.parametrize("value", [0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 20_000_000])
def test_a_damaged_length_or_checksum_costs_one_record(disk: Disk, field: str, value: int) -> None:
    disk.write(20)
    path = segment_path(disk.journal, 1)
    content = bytearray(path.read_bytes())
    at = disk.places[7][1].start + (0 if field == "length" else 4)
    content[at : at + 4] = value.to_bytes(4, "little")
    path.write_bytes(content)
    loader = disk.restart()
    assert set(range(20)) - set(disk.stored()) == {7}
    check(disk, loader, {7}, is_reported=True)


def test_a_torn_tail_was_never_acknowledged_and_is_not_damage(disk: Disk) -> None:
    disk.write(4)
    with segment_path(disk.journal, 1).open("ab") as file:
        file.write(frame(b"\x96\x01" + b"x" * 50)[:-20])
    disk.write(4)
    loader = disk.restart()
    assert len(disk.stored()) == 8
    assert loader.damage.unseen() == []


def test_a_record_of_an_unknown_type_is_set_aside_and_loading_continues(disk: Disk) -> None:
    disk.write(2)
    unknown = b"\x93\x2aabc"
    writer = SegmentWriter(disk.journal, max_bytes=1 << 30, min_free_bytes=0)
    writer.append(frame(unknown))
    writer.close()
    disk.segment += 1
    disk.write(2)
    loader = disk.restart()
    assert sorted(disk.stored()) == [0, 1, 2, 3]
    [damage] = loader.damage.unseen()
    assert "a record of an unknown type" in damage.message
    [piece] = (disk.folder / "damaged").iterdir()
    assert piece.read_bytes() == frame(unknown)


@pytest.mark.sample(2)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_mark_loses_nothing(disk: Disk, kind: str) -> None:
    disk.write(6)
    disk.write(6)
    FAULTS[kind](mark_path(disk.journal, 1), disk.rng)
    check(disk, disk.restart(), set(), is_reported=True)


@pytest.mark.sample(10)
@pytest.mark.parametrize("case", range(CASES))
@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("which", ["batch", "copy", "both"])
def test_a_damaged_batch_file_doubles_nothing(disk: Disk, kind: str, which: str, case: int) -> None:
    disk.write(12)
    disk.restart()
    disk.write(12)
    if case % 2:
        disk.restart()
    for path in (disk.folder / "spool").iterdir():
        if which in ("both", path.suffix[1:]):
            FAULTS[kind](path, disk.rng)
    is_reported = which == "both" or kind != "delete"  # what is missing beside its copy is not
    check(disk, disk.restart(), set(), is_reported=is_reported)


def test_a_crash_between_the_two_writes_of_a_batch_is_not_damage(disk: Disk) -> None:
    disk.write(12)
    disk.restart()
    [copy] = (disk.folder / "spool").glob("*.copy")
    copy.unlink()
    loader = disk.restart()
    check(disk, loader, set(), is_reported=False)
    assert loader.damage.unseen() == []


def test_a_power_cut_that_loses_what_was_not_synced_of_a_mark_is_not_damage(disk: Disk) -> None:
    disk.write(6)
    mark_path(disk.journal, 1).write_bytes(encode_mark(0))
    loader = disk.restart()
    assert sorted(disk.stored()) == [*range(6)]
    assert loader.damage.unseen() == []


def test_segments_from_versions_without_marks_are_not_damage(disk: Disk) -> None:
    for _ in range(3):
        disk.write(6)
    for segment in (1, 2, 3):
        mark_path(disk.journal, segment).unlink()
    segment_path(disk.journal, 2).unlink()  # a number that such a version left out
    loader = Loader(disk.store.engine, disk.folder, lambda: NOON)
    disk.write(6)  # segment 4, before the old ones are read
    loader.catch_up()
    assert sorted(disk.stored()) == [*range(6), *range(12, 24)]
    assert loader.damage.unseen() == []
    assert [path.name for path in disk.journal.glob("*.acknowledged")] == [
        "000000000004.acknowledged"
    ]


def test_a_spool_that_is_ahead_of_the_rows_is_not_damage_in_a_store_without_batch_numbers(
    disk: Disk,
) -> None:
    disk.write(6)
    loader = disk.restart()
    for _ in range(3):  # batches without a row of an event, as every delete leaves them
        loader.settle()
    disk.store.engine.command("TRUNCATE TABLE batches")
    loader = disk.restart()
    check(disk, loader, set(), is_reported=False)
    assert loader.damage.unseen() == []


def test_a_lost_spool_folder_doubles_nothing(disk: Disk) -> None:
    disk.write(12)
    disk.restart()
    disk.write(3)
    shutil.rmtree(disk.folder / "spool")
    check(disk, disk.restart(), set(), is_reported=True)


def test_an_older_copy_of_the_spool_doubles_nothing(disk: Disk) -> None:
    disk.write(12)
    disk.restart()
    older = disk.folder / "older"
    shutil.copytree(disk.folder / "spool", older)
    disk.write(5)
    disk.restart()
    disk.write(5)
    shutil.rmtree(disk.folder / "spool")
    older.rename(disk.folder / "spool")
    check(disk, disk.restart(), set(), is_reported=True)


def load_three_segments(disk: Disk) -> None:
    """The folder `older` is the journal after the first one."""
    for _ in range(3):
        disk.write(4)
        disk.restart()
        if disk.segment == 1:
            shutil.copytree(disk.journal, disk.folder / "older")


@pytest.mark.parametrize("older", [True, False], ids=["older copy", "missing"])
def test_a_journal_folder_that_was_replaced_doubles_nothing_and_takes_new_events(
    disk: Disk, older: bool
) -> None:
    load_three_segments(disk)
    shutil.rmtree(disk.journal)
    if older:
        (disk.folder / "older").rename(disk.journal)
    disk.restart()
    disk.segment = max(disk.segment, 3)
    disk.write(4)
    loader = disk.restart()
    assert len(disk.stored()) == 16
    check(disk, loader, set(), is_reported=True)


class StoreAway:
    """Stands before a store that is away until `is_up`."""

    is_up = False

    def open(self) -> None:
        if not self.is_up:
            raise StoreUnavailable("it is away")

    def check_owner(self) -> None:
        """It is ours."""


@pytest.mark.parametrize("segments", [1, 5], ids=["fewer segments", "more segments"])
@pytest.mark.parametrize("journal", ["older copy", "missing", "whole"])
def test_what_is_acknowledged_while_the_store_is_away_at_the_start_is_loaded(
    disk: Disk, journal: str, segments: int
) -> None:
    load_three_segments(disk)
    if journal != "whole":
        shutil.rmtree(disk.journal)
        shutil.rmtree(disk.folder / "spool")
    if journal == "older copy":
        (disk.folder / "older").rename(disk.journal)
    store = StoreAway()
    loader = Loader(disk.store.engine, disk.folder, lambda: NOON, guard=store)
    for _ in range(segments):
        disk.write(4)
    store.is_up = True
    loader.catch_up()
    disk.write(4)
    loader.catch_up()
    assert disk.stored() == Counter(range(16 + 4 * segments))
    is_older = "older copy" in "".join(entry.message for entry in loader.damage.entries())
    assert is_older == (journal != "whole")
    assert disk.restart().damage.entries() == loader.damage.entries()
    assert disk.stored() == Counter(range(16 + 4 * segments))


@pytest.mark.parametrize("older", [True, False], ids=["older copy", "missing"])
def test_a_journal_folder_of_which_nothing_was_loaded_is_missed(disk: Disk, older: bool) -> None:
    if older:
        disk.write(4)
        shutil.copytree(disk.journal, disk.folder / "older")
    disk.write(4)
    shutil.rmtree(disk.journal)
    if older:
        (disk.folder / "older").rename(disk.journal)
    disk.restart()
    disk.segment = max(disk.segment, 2)
    disk.write(4)
    loader = disk.restart()
    lost = set(range(4, 8) if older else range(4))
    assert set(disk.stored()) == set(range(len(disk.places))) - lost
    check(disk, loader, lost, is_reported=True)
    again = disk.restart()
    assert again.damage.entries() == loader.damage.entries()


def test_a_deleted_folder_of_an_import_is_missed_once(disk: Disk) -> None:
    folder = disk.folder / "journal" / "import-1-a"
    writer = SegmentWriter(folder, max_bytes=1 << 30, min_free_bytes=0)
    writer.append(frame(encode_record(EventsRecord(received_at=NOON, via="import", events=[]))))
    writer.close()
    shutil.rmtree(folder)
    found = disk.restart().damage.entries()
    assert [damage.file.split("/")[1] for damage in found] == ["import-1-a"]
    assert disk.restart().damage.entries() == found


@pytest.mark.sample(2)
@pytest.mark.parametrize("tables", range(1, 5))
def test_a_batch_that_a_crash_left_half_stored_is_removed_when_its_file_is_lost(
    disk: Disk, tables: int
) -> None:
    disk.write(6)
    disk.restart()
    disk.write(6)

    class Crash(BaseException):
        pass

    class Crashing:
        """The engine, until the process dies after some inserts."""

        def __init__(self, engine) -> None:
            self._engine, self.left = engine, tables

        def __getattr__(self, name: str):
            return getattr(self._engine, name)

        def insert(self, table: str, lines: bytes, token: str) -> None:
            if not self.left:
                raise Crash
            self.left -= 1
            self._engine.insert(table, lines, token)

    loader = Loader(disk.store.engine, disk.folder, lambda: NOON)
    loader._engine = Crashing(disk.store.engine)
    with pytest.raises(Crash):
        loader.catch_up()
    shutil.rmtree(disk.folder / "spool")
    check(disk, disk.restart(), set(), is_reported=True)


def test_what_a_person_has_seen_is_not_reported_again(tmp_path: Path) -> None:
    running = DamageLog(tmp_path, iter(range(1, 9)).__next__)
    running.add("journal", "a.log", "1-2", "lost", b"piece")
    DamageLog(tmp_path, lambda: NOON).mark_seen()  # as another process does
    assert running.unseen() == []
    running.add("journal", "a.log", "1-2", "lost")
    assert running.unseen() == []
    running.add("journal", "a.log", "3-4", "lost")
    assert [damage.place for damage in running.unseen()] == ["3-4"]
    assert len(DamageLog(tmp_path, lambda: NOON).entries()) == 2


def test_what_is_found_after_the_clock_went_back_is_reported(tmp_path: Path) -> None:
    running = DamageLog(tmp_path, iter([NOON, NOON - 1]).__next__)
    running.add("journal", "a.log", "1-2", "lost")
    running.mark_seen()
    running.add("journal", "a.log", "3-4", "lost")
    assert [damage.place for damage in running.unseen()] == ["3-4"]


def test_a_damaged_damage_log_reports_itself(tmp_path: Path) -> None:
    log = DamageLog(tmp_path, lambda: 1)
    log.add("journal", "a.log", "1-2", "lost")
    log.add("journal", "a.log", "3-4", "lost")
    log.mark_seen()
    path = tmp_path / "damage.jsonl"
    path.write_bytes(path.read_bytes()[3:])
    assert [damage.part for damage in DamageLog(tmp_path, lambda: 2).unseen()] == ["damage log"]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", ["damage.jsonl", "damage.seen"])
def test_damage_to_the_files_of_the_damage_log_is_reported_until_it_is_seen(
    tmp_path: Path, kind: str, name: str
) -> None:
    log = DamageLog(tmp_path, lambda: 1)
    log.add("journal", "a.log", "1-2", "lost")
    log.add("journal", "a.log", "3-4", "lost")
    log.mark_seen()
    for seed in range(20):
        FAULTS[kind](tmp_path / name, random.Random(f"{SEED}-{seed}"))
        assert DamageLog(tmp_path, lambda: 2).unseen(), "not reported"
        DamageLog(tmp_path, lambda: 2).mark_seen()
        assert DamageLog(tmp_path, lambda: 3).unseen() == []
        running = DamageLog(tmp_path, lambda: 3)
        running.add("journal", "a.log", f"{seed}", "lost")
        assert [damage.place for damage in running.unseen()] == [f"{seed}"]
        running.mark_seen()


@pytest.mark.parametrize("name", ["damage.jsonl", "damage.seen"])
def test_a_damage_log_that_is_no_longer_text_is_reported(tmp_path: Path, name: str) -> None:
    log = DamageLog(tmp_path, lambda: 1)
    log.add("journal", "a.log", "1-2", "lost")
    log.mark_seen()
    content = (tmp_path / name).read_bytes()
    for place in range(len(content)):
        high = bytes([content[place] | 0x80])
        (tmp_path / name).write_bytes(content[:place] + high + content[place + 1 :])
        assert DamageLog(tmp_path, lambda: 2).unseen(), f"byte {place}: not reported"


def test_bytes_after_a_truncated_segment_are_not_taken_for_loaded(disk: Disk) -> None:
    disk.write(8)
    disk.restart()
    path = segment_path(disk.journal, 1)
    with path.open("r+b") as file:
        file.truncate(1)
    disk.write(1)
    loader = Loader(disk.store.engine, disk.folder, lambda: NOON)
    assert loader.backlog_bytes() == segment_path(disk.journal, 2).stat().st_size
    loader.catch_up()
    assert len(disk.stored()) == 9


def test_pieces_that_cannot_be_deleted_fail_the_delete_that_wants_them_gone(tmp_path):
    damage = DamageLog(tmp_path, lambda: 0)
    damage.drop_pieces()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "damaged").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        damage.drop_pieces()
