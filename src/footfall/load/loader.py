"""The loader: the single writer of the store."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from footfall.clock import Clock
from footfall.damage import DamageLog
from footfall.journal.blank import blank_read
from footfall.journal.reader import (
    Lost,
    Positions,
    Tail,
    drop_finished,
    drop_read,
    ends,
    mark_older_segments,
    read_bytes,
    read_tails,
    skip_loaded_numbers,
    unread_bytes,
)
from footfall.journal.segment import FRAME, START
from footfall.load.batch import BatchWriter
from footfall.load.erase import (
    ErasedThing,
    GoalsToErase,
    Plan,
    apply,
    choose_goals,
    choose_payments,
    choose_visitor,
    drop_retold,
    is_goal,
    is_of_payments,
)
from footfall.load.join import Joiner
from footfall.load.keeper import InventoryKeeper
from footfall.load.plan_file import PlanFile
from footfall.load.purge import purge, purge_event_ids, purge_quarantine
from footfall.load.recover import find_start, remove_unfinished
from footfall.load.refuse import Refused, drop_refused, insert_all
from footfall.load.rewrite import finish_rewriting
from footfall.load.spool import Spool
from footfall.model.identity import Identified
from footfall.model.record import Record, decode_record
from footfall.store.engine import Engine, EngineError

log = structlog.get_logger()
UNKNOWN = "a record of no type that this version knows"
READ_BYTES = 8 * 1024 * 1024
"""About how much of each writer's journal goes into one batch."""

KeepProfiles = Callable[[Sequence[Identified]], None]
"""Keeps what a batch tells of people, all or nothing. Called again with the same, it changes
nothing. Raises Unavailable: then the batch waits."""


class Loader:
    """Moves what is in the journals into the store, exactly once.

    Not for two threads at once. After an error every method may be called again: a batch that
    is in the spool is sent again as it is, before anything else is read.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        clock: Clock,
        keep_profiles: KeepProfiles | None = None,
    ) -> None:
        """`folder` is the data folder. Sends the last batch once more if there is one.

        Without `keep_profiles` what events tell of people is dropped: it is never in their rows.
        """
        self._engine = engine
        self._journal = folder / "journal"
        self._refused = folder / "refused.jsonl"
        self._spool = Spool(folder / "spool")
        self._joiner = Joiner(engine)
        self._keep_profiles = keep_profiles
        self._clock = clock
        self.damage = DamageLog(folder, clock)
        self._plan_file = PlanFile(folder / "erasing.json", Plan)
        self._may_be_rewriting = True  # when it was killed
        self.keeper = InventoryKeeper(engine, folder)
        mark_older_segments(self._journal)
        self._start()
        try:
            self.finish_erasure()
        except EngineError as error:
            log.error("an erasure could not be finished; it is tried again", error=str(error))

    def _start(self) -> None:
        """Go on where the last loader ended. Raises EngineError, OSError."""
        found = self._spool.read()
        start = find_start(self._engine, self._journal, found, self.keeper.inventory)
        for finding in start.findings:
            self.damage.add(*finding)
        self._series, self._number = start.series, start.number
        self._positions: Positions = dict(start.positions)
        self._unsent = start.batch
        self._is_again = True  # it may have been sent before
        self.loaded_at = 0
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """Hits loaded since the start, by via and outcome."""
        # with a plan, the newer rows are what a delete changed
        if start.is_unfinished and self._plan_file.read() is None:
            with self._rewriting():
                finish_rewriting(self._engine)
                since = self._unread_since(start.positions)
                remove_unfinished(self._engine, start.number, since)
        for lost in skip_loaded_numbers(self._journal, self._positions):
            self._report(lost)
        try:
            self._send()
            self.keeper.keep(self._number, self._positions)
        except (EngineError, OSError) as error:  # `step` sends it before anything else
            log.error("the newest batch cannot be stored yet; it is tried again", error=str(error))

    def _unread_since(self, positions: Positions) -> int:
        """When the first record after `positions` was received; now if there is none."""
        tails = read_tails(self._journal, positions, READ_BYTES)
        records = [record for tail in tails for record in self._decode(tail)]
        return min(map(_received_at, records), default=self._clock())

    def step(self) -> int:
        """Load what the journals hold, one batch at most. Answers how many records it read.

        Raises EngineError, OSError or Unavailable; nothing is lost or doubled by calling again.
        """
        self._send()
        tails = read_tails(self._journal, self._positions, READ_BYTES)
        if not tails:
            drop_finished(self._journal, self._positions)
            return 0
        records = [record for tail in tails for record in self._decode(tail)]
        if len(tails) > 1:
            records.sort(key=_received_at)
        positions = self._positions | {tail.writer: tail.position for tail in tails}
        self._load(records, positions)
        drop_read(self._journal, self._positions)
        return len(records)

    def _decode(self, tail: Tail) -> list[Record]:
        """A writer's records. What was lost, or is not a record of a known type, is reported."""
        lost = list(tail.lost)
        records = []
        for encoded, place in zip(tail.records, tail.places, strict=True):
            try:
                records.append(decode_record(encoded))
            except msgspec.DecodeError:
                end = place.offset + FRAME.size + len(encoded)
                lost.append(Lost(tail.writer, place.segment, place.offset, end, UNKNOWN))
        for piece in lost:
            self._report(piece)
        return records

    def _report(self, lost: Lost) -> None:
        """Report what a journal has lost, and keep the bytes: its segment will be removed."""
        piece = read_bytes(self._journal, *lost[:4])
        if lost.end:
            place = f"{lost.start}-{lost.end}"
            message = f"bytes {lost.start:,} to {lost.end:,} are lost: {lost.reason}"
        else:
            place, message = lost.reason, lost.reason
        self.damage.add("journal", lost.file, place, message, piece)

    def catch_up(self) -> None:
        """Load at least what was acknowledged before this call. Raises as `step`."""
        wanted = ends(self._journal)
        while any(self._positions.get(name, START) < end for name, end in wanted.items()):
            before = self._positions
            self.step()
            if self._positions == before:
                return  # what is left is the torn end of a crash

    def load_records(self, records: list[Record]) -> None:
        """Load records that no journal holds, as one batch. Raises as `step`."""
        self._send()
        self._load(records, self._positions)

    def purge(self, website_id: int, before_ms: int | None = None) -> None:
        """Remove a website's rows, or those placed before a time. Raises EngineError, OSError."""

        def is_old(row: Refused) -> bool:
            is_past = before_ms is None or row.placed_at < before_ms
            return row.website_id == website_id and is_past

        self._settle()
        drop_refused(self._refused, is_old)
        with self._rewriting():
            purge(self._engine, website_id, before_ms)
        self._forget_loaded()

    def erase_goals(self, website_id: int, goals: GoalsToErase) -> int:
        """Erase completions, everywhere; answers how many. Raises as `step`: what has begun then is
        finished by `finish_erasure`."""
        plan = self._plan(website_id, "events")
        drop_refused(
            self._refused, lambda row: row.website_id == website_id and is_goal(row, goals)
        )
        return self._carry_out(plan, choose_goals(self._engine, plan, goals))

    def erase_payments(self, website_id: int, movement_ids: Sequence[str]) -> int:
        """Erase movements of money and the goals that they recorded. As `erase_goals`."""
        plan = self._plan(website_id, "payments")
        ids = set(movement_ids)
        drop_refused(
            self._refused, lambda row: row.website_id == website_id and is_of_payments(row, ids)
        )
        return self._carry_out(plan, choose_payments(self._engine, plan, movement_ids))

    def erase_visitor(self, website_id: int, visitor_id: int) -> int:
        """Erase all of one person, whose payments stay as nobody's; answers how many events
        they had. As `erase_goals`."""
        plan = self._plan(website_id, "visitor")
        person = website_id, visitor_id
        drop_refused(self._refused, lambda row: (row.website_id, row.visitor_id) == person)
        return self._carry_out(plan, choose_visitor(self._engine, plan, visitor_id))

    def finish_erasure(self) -> None:
        """Carry out an erasure that began and was killed or failed. Raises as `step`."""
        if plan := self._plan_file.read():
            self._send()
            self._erase(plan)

    def _plan(self, website_id: int, what: ErasedThing) -> Plan:
        self.catch_up()
        self._settle()
        return Plan(self._number, website_id, what)

    def _carry_out(self, plan: Plan, found: int) -> int:
        self._plan_file.write(plan)
        self._erase(plan)
        return found

    def _erase(self, plan: Plan) -> None:
        with self._rewriting():
            apply(self._engine, plan, self._number + 1)
        self._forget_loaded()
        self._plan_file.remove()

    def _settle(self) -> None:
        """Finish what has begun, and leave nothing in the spool: what is about to be written anew
        no longer knows which batches it holds."""
        self._send()
        self.finish_erasure()
        self._clear_spool()

    def _clear_spool(self) -> None:
        writer = BatchWriter(self._series, self._number + 1)
        batch = writer.finish(self._positions, self._positions)
        self._spool.write(batch)
        self._number = batch.number
        self._unsent, self._is_again = batch, False
        self._send()

    def _forget_loaded(self) -> None:
        """Let nothing beside the store hold what was loaded: memory, spool, journals."""
        self._joiner.forget()
        self._clear_spool()
        drop_read(self._journal, self._positions)
        blank_read(self._journal, self._positions)
        self.damage.drop_pieces()
        self.keeper.drop_detached()

    def forget_event_ids(self, before_ms: int) -> None:
        """Forget eventIds that can no longer come again. Raises EngineError, OSError."""
        self._settle()
        with self._rewriting():
            purge_event_ids(self._engine, before_ms)

    def forget_quarantined(self, before_ms: int) -> None:
        """Forget the events quarantined before a time. Raises EngineError, OSError."""
        self._settle()
        with self._rewriting():
            purge_quarantine(self._engine, before_ms)

    def backlog_bytes(self) -> int:
        """Bytes acknowledged and not yet loaded."""
        return unread_bytes(self._journal, self._positions)

    def _load(self, records: list[Record], positions: Positions) -> None:
        rows = BatchWriter(self._series, self._number + 1)
        try:
            self._joiner.join(records, rows)
            if self._keep_profiles and self._joiner.identified:
                self._keep_profiles(self._joiner.identified)
            batch = rows.finish(positions, self._positions)
            self._spool.write(batch)
        except BaseException:
            self._joiner.forget()  # its sessions may hold what is not going to be sent
            raise
        self._number = batch.number
        self.outcomes.update(self._joiner.counted())
        self._unsent, self._is_again = batch, False
        self._send()

    @contextmanager
    def _rewriting(self) -> Iterator[None]:
        """Nothing is inserted before what is done here is either done or undone."""
        self._may_be_rewriting = True
        self.keeper.begin_change()
        yield
        self.keeper.keep(ends=True)
        self._may_be_rewriting = False

    def _send(self) -> None:
        if self._may_be_rewriting:
            with self._rewriting():
                finish_rewriting(self._engine)
        if self._unsent is None:
            return
        token = f"{self._unsent.series}-{self._unsent.number}"
        if self._unsent.retold:
            is_alone = self._plan_file.read() is None
            with self._rewriting():
                drop_retold(self._engine, self._unsent, is_alone=is_alone)
        is_again, self._is_again = self._is_again, True
        for table, lines in self._unsent.tables.items():
            refused = insert_all(
                self._engine, table, lines, token, self._refused, is_again=is_again
            )
            if refused and table == "events":
                self.outcomes["load", "refused_by_engine"] += refused
        self._positions = dict(self._unsent.positions)
        self.keeper.keep(self._unsent.number, self._positions)
        self._unsent = None
        self.loaded_at = self._clock()


def _received_at(record: Record) -> int:
    return record.received_at
