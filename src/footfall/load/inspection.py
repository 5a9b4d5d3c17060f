"""Reading every part of the engine's tables, to find the ones that the disk has changed.

A part that cannot be read fails every report that needs it. It is reported and detached, so that
reports work without its rows. Its files stay in the table's folder `detached` until the
next deletion.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from random import shuffle

import structlog

from footfall.clock import Clock
from footfall.damage import DamageLog
from footfall.load.doubt import doubt_loss
from footfall.load.inventory import is_transient
from footfall.load.keeper import InventoryKeeper
from footfall.store.engine import DAMAGE_CODES, Engine, EngineError, error_code, plain_reason

DAY_MS = 86_400_000
TURN_S = 0.2
"""Parts are checked one after another for about this long; then loading continues."""
RESTS = 4
"""How many times as long no part is checked then, so that reports have most of the processor."""
_PARTS = (
    "SELECT table, name, rows, partition_id FROM system.parts"
    " WHERE active AND database = currentDatabase() ORDER BY table, name"
)

log = structlog.get_logger()
Checked = tuple[str, str, int, str]  # table, part, its rows, its month


class Inspection:
    """Checks every part once a day, and without rests after a query met damage. For one thread."""

    def __init__(
        self,
        engine: Engine,
        keeper: InventoryKeeper,
        damage: DamageLog,
        clock: Clock,
        *,
        rests: int = RESTS,
    ) -> None:
        self._engine = engine
        self._keeper = keeper
        self._damage = damage
        self._clock = clock
        self._waiting: list[Checked] = []
        self._day = -1
        self._rests = rests
        self._rests_until = 0.0
        self._suspicion = ""
        self.has_found = False
        """Whether rows were lost since it was last set to False."""

    def turn(self) -> None:
        """Check some parts, if a check is due. Raises EngineError, OSError."""
        if self._engine.folder is None:
            return
        day = self._clock() // DAY_MS
        if suspicion := self._engine.take_suspicion():
            self._suspicion = suspicion
        if suspicion or day != self._day:
            self._waiting = list_parts(self._engine)
            shuffle(self._waiting)  # so that no part is always the last one
            self._day = day
        begun = time.monotonic()
        if self._suspicion or begun >= self._rests_until:
            self._check_some(begun + TURN_S)
            now = time.monotonic()
            self._rests_until = now + self._rests * (now - begun)
        if not self._waiting and self._suspicion:
            self._report_suspicion()

    def _check_some(self, until: float) -> None:
        while self._waiting and time.monotonic() < until:
            self._check(self._waiting.pop())

    def _check(self, part: Checked) -> None:
        reason = why_broken(self._engine, part)
        if reason:
            self.has_found = True  # first: its payments are missing even if the rest fails
            put_aside(self._engine, self._keeper, self._damage, part, reason)
            self._suspicion = ""

    def _report_suspicion(self) -> None:
        """Report damage that a query met although every part is readable: a part was replaced
        meanwhile, or something other than a part is damaged."""
        reason, self._suspicion = plain_reason(self._suspicion), ""
        message = f"a query failed, though every part can be read: {reason}"
        self._damage.add("store", "engine", f"{reason[:100]} {self._day}", message)


def inspect_all(engine: Engine, folder: Path, damage: DamageLog) -> None:
    """Check every part of every table now. Raises EngineError, OSError."""
    keeper = InventoryKeeper(engine, folder)
    for part in list_parts(engine) if engine.folder else []:
        if reason := why_broken(engine, part):
            put_aside(engine, keeper, damage, part, reason)


def list_parts(engine: Engine, tables: Iterable[str] = ()) -> list[Checked]:
    """The active parts of all tables, or of some. Raises EngineError."""
    wanted = set(tables)
    return [
        (table, name, int(rows), month)
        for table, name, rows, month in engine.query(_PARTS).rows
        if not is_transient(table) and (not wanted or table in wanted)
    ]


def why_broken(engine: Engine, part: Checked) -> str:
    """Why a part cannot be read; '' if it can, or if it has been merged or dropped meanwhile.
    Raises EngineError."""
    for _ in range(2):  # twice: a chance failure must not cost a part
        reason = _check_once(engine, *part[:2])
        if not reason:
            return ""
    return reason


def _check_once(engine: Engine, table: str, name: str) -> str:
    check = f"CHECK TABLE {table} PART '{name}' SETTINGS check_query_single_value_result = 0"
    try:
        rows = engine.query(check).rows
    except EngineError as error:
        text = str(error)
    else:
        text = next((str(message) for _, is_whole, message in rows if not is_whole), "")
    finally:
        engine.take_suspicion()  # the damage that this check met is known
    return text if error_code(text) in DAMAGE_CODES else ""


def put_aside(
    engine: Engine, keeper: InventoryKeeper, damage: DamageLog, part: Checked, reason: str
) -> None:
    """Report a part that cannot be read, and take it out of its table. Raises EngineError."""
    table, name, rows, month = part
    folder = f"engine/{keeper.inventory.folder_of(table)}"
    lost = "they are restored from the ledger" if table == "payments" else "they are lost"
    message = (
        f"{table}, month {month}: the part {name} with {rows:,} rows cannot be read"
        f" ({plain_reason(reason)}); {lost}, and the part was detached"
    )
    damage.add("store", f"{folder}/{name}", month, message)
    doubt_loss(engine, [table])
    detach(engine, table, name)
    keeper.note_detached()


def detach(engine: Engine, table: str, name: str) -> None:
    """Move a part out of its table into the folder `detached`, or delete it if its files do not
    allow that. Raises EngineError."""
    try:
        engine.command(f"ALTER TABLE {table} DETACH PART '{name}'")
    except EngineError:
        with suppress(EngineError):  # it may be gone, or partly gone, already
            engine.command(f"ALTER TABLE {table} DROP PART '{name}'")
    finally:
        engine.take_suspicion()
