"""A damaged folder of the embedded engine: no row counts twice, no row is lost but those of the
damaged part, reports answer, and the damage is reported once.

`FOOTFALL_FAULT_SEED` chooses files and faults, `FOOTFALL_FAULT_CASES` how many of each kind.
"""

import errno
import os
import random
import shutil
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from fault import FAULTS
from load.deleting import delete_visitor, purge

from footfall.damage import DamageLog
from footfall.journal.segment import frame
from footfall.journal.writer import SegmentWriter
from footfall.load.deleter import Deleter
from footfall.load.inspection import Inspection, inspect_all
from footfall.load.inventory import inventory_path, read_inventory
from footfall.load.loader import Loader
from footfall.load.opening import open_engine
from footfall.model.event import Event
from footfall.model.payment import Movement
from footfall.model.record import EventsRecord, MovementRecord, encode_record
from footfall.store.engine import Engine, EngineError

pytestmark = pytest.mark.slow

NOON = 1_767_268_800_000
DAY = 86_400_000
SEED = int(os.environ.get("FOOTFALL_FAULT_SEED", "1"))
CASES = int(os.environ.get("FOOTFALL_FAULT_CASES", "1"))
TABLES = ("events", "sessions", "visits", "payments", "ingestion", "event_ids", "batches")
PER_BATCH = 6


class Site:
    """A data folder without a server: numbered page views of three months, in several batches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "engine"
        self.damage = DamageLog(folder, lambda: NOON)
        self.engine: Engine | None = None
        self.loader: Loader | None = None

    def open(self) -> Engine:
        self.damage = DamageLog(self.folder, lambda: NOON)
        self.engine = open_engine(str(self.home), self.folder, self.damage, readers=1)
        return self.engine

    def start(self) -> Loader:
        """As a server starts: open, load what the journals hold, check every part."""
        engine = self.open()
        self.loader = Loader(engine, self.folder, lambda: NOON)
        self.damage = self.loader.damage
        self.loader.catch_up()
        inspection = Inspection(engine, self.loader.keeper, self.damage, lambda: NOON, rests=0)
        for _ in range(50):
            inspection.turn()
        return self.loader

    def stop(self) -> None:
        if self.engine:
            self.engine.close()
            self.engine = None

    def write(self, count: int, *, first: int) -> None:
        """Acknowledge page views, of a visitor each, in a segment of their own."""
        journal = self.folder / "journal" / "collector-0"
        writer = SegmentWriter(journal, max_bytes=1 << 30, min_free_bytes=0)
        for number in range(first, first + count):
            event = Event(
                website_id=1,
                type="page",
                occurred_at=NOON - (number % 3) * 31 * DAY + number,
                visitor_id=number + 1,
                path=f"/{number}",
                event_id=number + 1,
            )
            record = EventsRecord(received_at=NOON, via="server", events=[event])
            writer.append(frame(encode_record(record)))
        movement = Movement(
            website_id=1,
            movement_id=f"t{first}",
            kind="new",
            occurred_at=NOON,
            amount=Decimal(10),
            original_amount=Decimal(10),
            original_currency="EUR",
        )
        writer.append(frame(encode_record(MovementRecord(received_at=NOON, movement=movement))))
        writer.close()

    def stored(self) -> Counter[int]:
        assert self.engine
        return Counter(
            int(path[1:])
            for (path,) in self.engine.query("SELECT path FROM events WHERE path != ''").rows
        )

    def in_part(self, name: str) -> set[int]:
        """Numbers of the events in a part."""
        assert self.engine
        rows = self.engine.query(
            "SELECT path FROM events WHERE _part = {name:String} AND path != ''", {"name": name}
        )
        return {int(path[1:]) for (path,) in rows.rows}


BATCHES = 4
EVERYTHING = set(range(BATCHES * PER_BATCH))


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The folder after four batches, which events each part holds, and its copy after two."""
    site = Site(tmp_path_factory.mktemp("template") / "data")
    for batch in range(BATCHES):
        if batch == 2:
            older = site.folder.parent / "older"
            shutil.copytree(site.folder, older, symlinks=True)
        site.write(PER_BATCH, first=batch * PER_BATCH)
        site.start()
        if batch < BATCHES - 1:
            site.stop()
    parts = {
        part.name: site.in_part(part.name) for part in site.loader.keeper.inventory.parts["events"]
    }
    site.stop()
    assert not site.damage.entries()
    return site.folder, parts, older


class Case:
    """A copy of the template to be damaged, and what to expect of it."""

    def __init__(self, template, folder: Path, rng: random.Random) -> None:
        self.template, self.parts, self.older = template
        shutil.copytree(self.template, folder, symlinks=True)
        self.site = Site(folder)
        self.rng = rng
        self.inventory = read_inventory(folder)

    def folder_of(self, table: str) -> Path:
        return self.site.home / self.inventory.folder_of(table)

    def part_folders(self, table: str) -> list[Path]:
        return [self.folder_of(table) / part.name for part in self.inventory.parts[table]]

    def random_part(self, table: str) -> Path:
        return self.rng.choice(self.part_folders(table))

    def check(self, lost: set[int], *, exactly: bool = False) -> None:
        self.site.start()
        stored = self.site.stored()
        assert [number for number, times in stored.items() if times > 1] == [], "counted twice"
        missing = EVERYTHING - set(stored)
        assert missing <= lost, "lost beyond the damaged part"
        assert not exactly or missing == lost
        found = self.site.damage.unseen()
        assert found, "not reported"
        for table in TABLES:
            self.site.engine.query(f"SELECT * FROM {table}")
        self.site.damage.mark_seen()
        self.site.stop()
        self.site.write(PER_BATCH, first=1000)
        self.site.start()
        assert self.site.damage.unseen() == [], "reported twice"
        after = self.site.stored()
        assert after == stored + Counter(range(1000, 1000 + PER_BATCH)), "the next start is wrong"
        self.site.stop()


@pytest.fixture
def case(template, tmp_path, request):
    made = Case(template, tmp_path / "data", random.Random(f"{SEED}-{request.node.name}"))
    yield made
    made.site.stop()


def test_a_folder_without_damage_reports_none(case: Case) -> None:
    for _ in range(3):
        case.site.start()
        assert set(case.site.stored()) == EVERYTHING
        assert case.site.damage.entries() == []
        case.site.stop()


@pytest.mark.sample(2)
@pytest.mark.parametrize("number", range(2 * CASES))
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_file_of_a_part_costs_that_part_at_most(
    case: Case,
    kind: str,
    number: int,  # noqa: ARG001
) -> None:
    table = case.rng.choice(TABLES)
    part = case.random_part(table)
    path = case.rng.choice(sorted(path for path in part.iterdir() if path.stat().st_size))
    before = path.read_bytes()
    FAULTS[kind](path, case.rng)
    if path.exists() and path.read_bytes() == before:
        pytest.skip("the block was zero already")
    case.check(case.parts.get(part.name, set()) if table == "events" else set())


@pytest.mark.sample(1)
@pytest.mark.parametrize("table", TABLES)
def test_a_deleted_part_is_named_with_its_rows(case: Case, table: str) -> None:
    part = case.random_part(table)
    shutil.rmtree(part)
    case.check(case.parts[part.name] if table == "events" else set(), exactly=True)
    [rows] = [known.rows for known in case.inventory.parts[table] if known.name == part.name]
    text = " ".join(found.message for found in case.site.damage.entries())
    assert f"{table}: about {rows:,} rows" in text


@pytest.mark.sample(1)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_whose_folder_is_gone_is_empty_and_reported(case: Case, table: str) -> None:
    shutil.rmtree(case.folder_of(table))
    case.check(EVERYTHING if table == "events" else set(), exactly=True)


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", range(CASES))
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_definition_is_restored(
    case: Case,
    kind: str,
    number: int,  # noqa: ARG001
) -> None:
    table = case.rng.choice([*TABLES, "migrations"])
    [path] = case.site.home.glob(f"store/*/*/{table}.sql")
    FAULTS[kind](path, case.rng)
    case.check(set())


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_version_of_a_table_is_restored(case: Case, kind: str) -> None:
    FAULTS[kind](case.folder_of(case.rng.choice(TABLES)) / "format_version.txt", case.rng)
    case.check(set())


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", range(CASES))
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_log_of_inserts_costs_nothing(
    case: Case,
    kind: str,
    number: int,  # noqa: ARG001
) -> None:
    log = case.folder_of(case.rng.choice(TABLES)) / "deduplication_logs"
    newest = max(log.iterdir(), key=lambda path: int(path.stem.rpartition("_")[2]))
    files = (
        [newest] if kind == "delete" else [path for path in log.iterdir() if path.stat().st_size]
    )
    FAULTS[kind](case.rng.choice(sorted(files)), case.rng)
    case.check(set())


def test_a_missing_link_to_the_definitions_is_restored(case: Case) -> None:
    (case.site.home / "metadata" / "default").unlink()
    case.check(set())


def test_missing_definitions_of_all_tables_are_restored(case: Case) -> None:
    [path] = case.site.home.glob("store/*/*/events.sql")
    shutil.rmtree(path.parent)
    case.check(set())


def test_a_copy_of_a_part_under_an_older_number_is_moved_away(case: Case) -> None:
    part = case.part_folders("events")[0]
    month = part.name.split("_")[0]
    # as if its month had been rewritten since
    inventory = case.inventory
    first = min(known.range.first for known in inventory.parts["events"])
    shutil.copytree(part, part.with_name(f"{month}_{first - 1}_{first - 1}_0"))
    case.check(set())


def test_a_copy_of_a_part_under_a_newer_number_is_taken_out(case: Case) -> None:
    part = case.random_part("events")
    month = part.name.split("_")[0]
    shutil.copytree(part, part.with_name(f"{month}_900_900_0"))
    case.check(set())


def test_a_part_that_overlaps_others_does_not_keep_the_engine_from_opening(case: Case) -> None:
    part = case.part_folders("events")[0]
    shutil.copytree(part, part.with_name(f"{part.name.split('_')[0]}_1_900_0"))
    case.check(set())


def test_a_file_in_the_place_of_a_part_costs_that_part(case: Case) -> None:
    part = case.random_part("events")
    shutil.rmtree(part)
    part.write_text("x")
    case.check(case.parts[part.name], exactly=True)


def test_a_deleted_engine_is_loaded_again_from_what_the_journals_hold(case: Case) -> None:
    shutil.rmtree(case.site.home)
    case.check(set(range((BATCHES - 1) * PER_BATCH)), exactly=True)


def test_a_deleted_engine_is_loaded_again_from_a_whole_segment(tmp_path: Path) -> None:
    """Batches that end within a segment: none of its records is read twice."""
    site = Site(tmp_path / "data")
    journal = site.folder / "journal" / "collector-0"
    writer = SegmentWriter(journal, max_bytes=1 << 30, min_free_bytes=0)
    site.start()
    for number in range(5):
        event = Event(
            website_id=1, type="page", occurred_at=NOON + number, visitor_id=9, path=f"/{number}"
        )
        record = EventsRecord(received_at=NOON, via="server", events=[event])
        writer.append(frame(encode_record(record)))
        site.loader.step()
    site.stop()
    shutil.rmtree(site.home)
    site.start()
    assert site.stored() == Counter(range(5))
    assert site.damage.unseen()
    site.stop()
    writer.close()


def test_an_older_copy_of_the_engine_is_reported_and_doubles_nothing(case: Case) -> None:
    shutil.rmtree(case.site.home)
    shutil.copytree(case.older / "engine", case.site.home, symlinks=True)
    case.check(set(range(2 * PER_BATCH, 3 * PER_BATCH)), exactly=True)


def test_an_older_copy_of_one_table_is_reported_and_doubles_nothing(case: Case) -> None:
    for table in ("events", "batches"):
        shutil.rmtree(case.folder_of(table))
        shutil.copytree(
            case.older / "engine" / case.inventory.folder_of(table), case.folder_of(table)
        )
    case.check(set(range(2 * PER_BATCH, 4 * PER_BATCH)), exactly=True)


@pytest.mark.sample(1)
@pytest.mark.parametrize("has_spool", [True, False])
def test_a_lost_table_of_batches_doubles_nothing(case: Case, has_spool: bool) -> None:
    shutil.rmtree(case.folder_of("batches"))
    if not has_spool:
        shutil.rmtree(case.site.folder / "spool")
    case.check(set())


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_damaged_inventory_is_reported(case: Case, kind: str) -> None:
    FAULTS[kind](inventory_path(case.site.folder), case.rng)
    case.check(set())


def test_an_older_copy_of_the_inventory_is_reported(case: Case) -> None:
    shutil.copy(inventory_path(case.older), inventory_path(case.site.folder))
    case.check(set())


def test_a_folder_from_before_inventories_is_not_damaged(case: Case) -> None:
    inventory_path(case.site.folder).unlink()
    shutil.rmtree(case.site.folder / "spool")
    case.site.start()
    assert set(case.site.stored()) == EVERYTHING
    assert [found.part for found in case.site.damage.unseen()] == ["spool"]


@pytest.mark.parametrize("kind", ["file", "unreadable"])
def test_an_engine_that_cannot_be_opened_is_one_sentence(case: Case, kind: str) -> None:
    home = case.site.home
    if kind == "file":
        shutil.rmtree(home)
        home.write_text("x")
    else:
        inventory_path(case.site.folder).unlink()
        [path] = home.glob("store/*/*/events.sql")
        path.write_text("ATTACH TAXLE")
    with pytest.raises(EngineError, match="restore it from a backup") as raised:
        case.site.open()
    assert "\n" not in str(raised.value)


def test_a_part_that_is_damaged_while_the_engine_runs_is_reported_and_taken_out(case: Case) -> None:
    loader = case.site.start()
    part = case.random_part("events")
    path = part / "data.bin"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(EngineError):
        case.site.engine.query("SELECT * FROM events")
    inspection = Inspection(
        case.site.engine, loader.keeper, case.site.damage, lambda: NOON, rests=0
    )
    for _ in range(50):
        inspection.turn()
    assert case.site.damage.unseen()
    assert set(case.site.stored()) == EVERYTHING - case.parts[part.name]


def test_a_part_that_vanishes_while_the_engine_runs_is_reported_and_taken_out(case: Case) -> None:
    loader = case.site.start()
    part = case.random_part("events")
    shutil.rmtree(part)
    inspection = Inspection(
        case.site.engine, loader.keeper, case.site.damage, lambda: NOON, rests=0
    )
    for _ in range(50):
        inspection.turn()
    assert any(part.name in found.message for found in case.site.damage.unseen())
    assert set(case.site.stored()) == EVERYTHING - case.parts[part.name]
    case.site.stop()
    case.site.start()
    assert set(case.site.stored()) == EVERYTHING - case.parts[part.name]
    assert len(case.site.damage.unseen()) == 1


def test_rows_count_as_lost_even_if_their_part_cannot_be_noted(case: Case, monkeypatch) -> None:
    """Payments are restored whenever rows were lost."""
    loader = case.site.start()
    part = case.random_part("payments")
    (part / "data.bin").write_bytes(b"")
    inspection = Inspection(
        case.site.engine, loader.keeper, case.site.damage, lambda: NOON, rests=0
    )

    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(loader.keeper, "note_detached", fail)
    with suppress(OSError):
        for _ in range(50):
            inspection.turn()
    assert inspection.has_found


def test_damage_that_no_part_explains_counts_again_on_another_day(case: Case) -> None:
    loader = case.site.start()
    days = [NOON, NOON, NOON + DAY]
    clock = iter(days)
    inspection = Inspection(
        case.site.engine, loader.keeper, case.site.damage, lambda: next(clock), rests=0
    )
    for _ in days:
        case.site.engine._suspicion = "Code: 117. DB::Exception: a cause elsewhere"
        inspection._waiting = []
        inspection.turn()
    assert len(case.site.damage.unseen()) == 2


def test_an_erasure_deletes_the_parts_that_were_put_aside(case: Case) -> None:
    part = case.random_part("events")
    (part / "data.bin").write_bytes(b"")
    loader = case.site.start()
    assert any(case.site.home.glob("store/*/*/detached/*"))
    delete_visitor(Deleter(case.site.engine, case.site.folder, loader), 1, 1)
    assert not any(case.site.home.glob("store/*/*/detached/*"))


@pytest.mark.sample(2)
@pytest.mark.parametrize("left", range(0, 60, 4))
def test_a_delete_that_was_killed_is_not_damage(case: Case, left: int) -> None:
    """Killed after `left` statements: what is rewritten is not taken for lost."""

    class Killed(BaseException):
        pass

    class Dying:
        """An engine, or its client for long statements."""

        def __init__(self, engine, left: list[int]) -> None:
            self._engine, self._left = engine, left

        @property
        def aside(self) -> "Dying":
            return Dying(self._engine.aside, self._left)

        def __getattr__(self, name: str):
            return getattr(self._engine, name)

        def command(self, *words, **options) -> None:
            if not self._left[0]:
                raise Killed
            self._left[0] -= 1
            self._engine.command(*words, **options)

    loader = case.site.start()
    dying = Dying(case.site.engine, [left])
    loader._engine = dying
    with suppress(Killed):
        purge(Deleter(dying, case.site.folder, loader), 1, NOON - 40 * DAY + left)
    case.site.stop()
    case.site.start()
    assert case.site.damage.entries() == []
    case.site.stop()


def test_doctor_finds_what_only_reading_finds(case: Case) -> None:
    part = case.random_part("sessions")
    path = max(part.iterdir(), key=lambda file: file.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    inspect_all(case.site.open(), case.site.folder, case.site.damage)
    assert any("sessions" in found.message for found in case.site.damage.unseen())


def test_months_that_were_rewritten_before_a_kill_are_not_foreign(case: Case) -> None:
    """The engine keeps the replaced parts on disk for some minutes."""
    for visitor_id in (1, 2):
        loader = case.site.start()
        delete_visitor(Deleter(case.site.engine, case.site.folder, loader), 1, visitor_id)
        case.site.stop()
    case.site.start()
    assert case.site.damage.entries() == []
    assert set(case.site.stored()) == EVERYTHING - {0, 1}
