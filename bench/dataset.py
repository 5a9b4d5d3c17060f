"""One website with a year of events, made inside the engine in some minutes and kept.

docs/benchmarks.md says what is in it. It is a whole data folder, so that a server can run on it.
"""

import shutil
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from bench.result import console
from bench.server import prepare_folder
from footfall.load.batch import BatchWriter
from footfall.load.keeper import InventoryKeeper
from footfall.load.marking import find_unmarked, mark_chunk
from footfall.load.recover import newest_number
from footfall.load.spool import Spool
from footfall.load.walking import OVER_MS, find_unwalked, walk_sessions
from footfall.model.country import COUNTRY_CODES
from footfall.model.website import Website
from footfall.store.engine import Engine
from footfall.store.schema import migrations

START_MS = 1_735_689_600_000  # 2025-01-01 UTC
END_MS = 1_767_225_600_000  # 2026-01-01
LAST_MONTH_MS = 1_764_547_200_000  # 2025-12-01
YEAR = {"startAt": "2025-01-01", "endAt": "2025-12-31"}
MONTH = {"startAt": "2025-12-02", "endAt": "2025-12-31"}

_SQL = Path(__file__).with_name("sql") / "dataset"
EVENTS_PER_SESSION = 3.3
_VISITORS_PER_SESSION = 0.6
_MOST_EVENTS = 10_000_000  # a larger website has the visitors of one of this size several times
_SLICES = 52  # a week's sessions each, so that inserts stay small
_DONE = "complete"
_OTHER_VISITOR = (
    "cityHash64(session_id, copy) AS session_id, cityHash64(visitor_id, copy) AS visitor_id"
)
_COPIED = {
    "events": _OTHER_VISITOR,
    "sessions": _OTHER_VISITOR,
    "visits": _OTHER_VISITOR,
    "payments": f"{_OTHER_VISITOR}, concat(movement_id, '_', toString(copy)) AS movement_id",
}
"""What a copy of each table's rows has instead."""


def dataset(
    cache: Path, events: int, per_session: float = EVENTS_PER_SESSION
) -> tuple[Path, Website]:
    """The data folder with about this many events, built if it is missing or of an older store."""
    folder = cache / f"website-{events}"
    if per_session != EVENTS_PER_SESSION:
        folder = folder.with_name(f"{folder.name}-{per_session:g}")
    newest = str(max(migrations())[0])
    done = folder / _DONE
    if not done.exists() or done.read_text() != newest:
        shutil.rmtree(folder, ignore_errors=True)
        times = -(-events // _MOST_EVENTS)
        if times > 1:
            smaller, _ = dataset(cache, events // times, per_session)
            copy_of(smaller, folder)
            done.unlink()
        began = time.perf_counter()
        console.print(f"making a website with {events:,} events in {folder} …")
        folder.mkdir(parents=True, exist_ok=True)
        website, _ = prepare_folder(folder)
        engine = Engine(str(folder / "engine"))
        try:
            engine.migrate()
            if times > 1:
                _multiply(engine, times)
            else:
                _fill(engine, website, events, per_session)
            _settle(engine)
            _record(engine, folder)
        finally:
            engine.close()
        done.write_text(newest)
        console.print(f"made in {time.perf_counter() - began:.0f} s")
    return folder, prepare_folder(folder)[0]


def copy_of(folder: Path, target: Path) -> Path:
    """A data folder of its own with the same contents."""
    shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)
    return target


def _fill(engine: Engine, website: Website, events: int, per_session: float) -> None:
    sessions = round(events / per_session)
    base = {"website": website.id}
    of_events = {
        **base,
        "start_ms": START_MS,
        "year_ms": END_MS - START_MS,
        "sessions": sessions,
        "per_session": per_session,
        "visitors": max(1, round(sessions * _VISITORS_PER_SESSION)),
        "countries": list(COUNTRY_CODES[:200]),
    }
    bounds = [sessions * n // _SLICES for n in range(_SLICES + 1)]
    for first, past in pairwise(bounds):
        _run(engine, "events", {**of_events, "first": first, "past": past})
    cuts = [START_MS + (END_MS - START_MS) * n // _SLICES for n in range(_SLICES + 1)]
    for from_ms, to_ms in pairwise(cuts):
        _run(engine, "sessions", {**base, "from_ms": from_ms, "to_ms": to_ms})
    for name in ("visits", "payments"):
        _run(engine, name, base)
    _run(engine, "goals", {**base, "first_seq": sessions * 64})


def _multiply(engine: Engine, times: int) -> None:
    """Each visitor and all that they did, so many times, as other visitors at the same times."""
    months = engine.query("SELECT DISTINCT _partition_id FROM events ORDER BY 1").rows
    for (month,) in months:
        for table, ids in _COPIED.items():
            final = "FINAL" if table in ("sessions", "payments") else ""
            engine.command(
                f"""
                INSERT INTO {table}
                SELECT * EXCEPT (copy) REPLACE ({ids})
                FROM (
                    SELECT *, arrayJoin(range(1, {{times:UInt32}})) AS copy
                    FROM {table} {final}
                    WHERE _partition_id = {{month:String}}
                )
                """,
                {"month": month, "times": times},
            )
        console.print(f"made {month}")


def _settle(engine: Engine) -> None:
    """Merge as the engine would have by now: past months into one part; the newest month keeps
    several, with versions of sessions in them that are out of date."""
    version = 2
    while chunk := find_unmarked(engine):
        mark_chunk(engine, chunk, version)
        version += 1
    while unwalked := find_unwalked(engine, END_MS + 2 * OVER_MS):
        walk_sessions(engine, unwalked, version)
        version += 1
    for table in ("events", "sessions", "visits", "payments"):
        engine.command(f"OPTIMIZE TABLE {table} FINAL")
    [[website]] = engine.query("SELECT any(website_id) FROM sessions").rows
    for day in range(24, 31):
        from_ms = LAST_MONTH_MS + day * 86_400_000
        values = {"website": website, "from_ms": from_ms, "to_ms": from_ms + 86_400_000}
        _run(engine, "again", values)


def _record(engine: Engine, folder: Path) -> None:
    """Write down a newest batch and the inventory, as a loader does. Without either of them a
    server suspects a loss and marks all sessions again, while the benchmark measures."""
    batch = BatchWriter("dataset", newest_number(engine)).finish({})
    engine.insert("batches", batch.tables["batches"], "dataset")
    Spool(folder / "spool").write(batch)
    keeper = InventoryKeeper(engine, folder)
    keeper.start_over()
    keeper.keep(batch.number, {})


def _run(engine: Engine, name: str, values: Mapping[str, object]) -> None:
    engine.command((_SQL / f"{name}.sql").read_text(), values)
