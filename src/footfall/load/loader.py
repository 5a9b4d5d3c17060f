"""The loader: the single writer of the store."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

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
    newest_segments,
    read_bytes,
    read_tails,
    skip_loaded_numbers,
    unread_bytes,
)
from footfall.journal.segment import FRAME, START
from footfall.load.batch import BatchWriter
from footfall.load.deleted_rows import drop_reposted
from footfall.load.deletion import DeletionFiles
from footfall.load.doubt import DECISIVE, doubt, drop_doubts, has_doubts
from footfall.load.draft import drop_drafts, put_in_place
from footfall.load.guard import Guard
from footfall.load.join import Joiner
from footfall.load.keeper import InventoryKeeper
from footfall.load.marking import (
    find_unmarked,
    forget_purged,
    has_purged,
    mark_chunk,
    restore_visits,
    unmark_all,
)
from footfall.load.recover import find_start, remove_unfinished
from footfall.load.refuse import has_refused, insert_all
from footfall.load.reload import Reloaded, choose, take_out
from footfall.load.remove_rows import finish_removal
from footfall.load.spool import Spool
from footfall.load.walking import CHUNK, find_unwalked, forget_walks, walk_sessions
from footfall.model.errors import Unavailable
from footfall.model.identity import Identified
from footfall.model.json_text import MALFORMED
from footfall.model.record import Record, decode_record
from footfall.store.engine import Engine, EngineError, StoreForbidden, StoreUnavailable

log = structlog.get_logger()
UNKNOWN_TYPE = "a record of an unknown type"
READ_BYTES = 1024 * 1024
"""About how many bytes of each writer's journal go into one batch. As objects and rows they take
ten times as much memory."""

KeepProfiles = Callable[[Sequence[Identified]], None]
"""Stores the personal data of a batch, all or nothing. Calling it again with the same data changes
nothing. Raises Unavailable; then the batch waits."""


class Loader:
    """Moves the records of all journals into the store, exactly once.

    Only one thread may use it at a time. After an error every method can be called again: a batch
    in the spool is sent again unchanged before anything else is read.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        clock: Clock,
        keep_profiles: KeepProfiles | None = None,
        guard: Guard | None = None,
    ) -> None:
        """`folder` is the data folder. Sends the last batch again if there is one.

        A store on a server has a `guard`. If the server cannot be reached, or refuses many rows,
        the first `step` that finds it working again completes the start.

        Without `keep_profiles`, the personal data in events is dropped. It is never in their rows.
        """
        self._engine = engine
        self._journal = folder / "journal"
        self._refused = folder / "refused.jsonl"
        self._spool = Spool(folder / "spool")
        self._newest_at_start = newest_segments(self._journal)  # before anything is collected
        self._joiner = Joiner(engine)
        self._keep_profiles = keep_profiles
        self._clock = clock
        self.damage = DamageLog(folder, clock)
        self._deletions = DeletionFiles(folder)
        self._may_be_changing = True  # if it was killed
        self._has_swapped = False  # then sessions in memory may be outdated
        self.keeper = InventoryKeeper(engine, folder)
        self._deletions.adopt_older()
        self._deletions.report_unreadable(self.damage)
        mark_older_segments(self._journal)
        self._guard = guard
        self._is_started = False
        self._positions: Positions = self._spooled_positions()
        self.loaded_at = 0
        self.oldest_receipt = self._clock()
        """When the oldest of the records was received that were loaded since `begin_drafts`."""
        self.is_drafting = False
        """True while a delete writes drafts, which require that all rows that are loaded are
        new."""
        self.may_have_unmarked = True
        """Whether sessions in the store may have no mark."""
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """Hits loaded since the start, by via and outcome."""
        try:
            self._start()
        except StoreForbidden:
            raise
        except StoreUnavailable as error:
            log.error("loading waits for the store", error=error.reason)

    def _spooled_positions(self) -> Positions:
        """How far the journals were read with the spool's batch."""
        batch = self._spool.read().batch
        return dict(batch.positions) if batch else {}

    def _start(self) -> None:
        """Continue where the last loader stopped. Raises EngineError, OSError, Conflict."""
        if self._guard:
            self._guard.open()
        found = self._spool.read()
        start = find_start(self._engine, self._journal, found, self.keeper.inventory)
        for finding in start.findings:
            self.damage.add(*finding)
        self._series, self._number = start.series, start.number
        self._positions = dict(start.positions)
        self._unsent = start.batch
        self._is_again = True  # it may have been sent before
        if start.findings or start.is_unfinished:
            doubt(self._engine, "the store was not as the loader left it")
        # after a swap, the newer rows are those that a delete changed
        if start.is_unfinished and not self._deletions.is_swapping():
            with self.changing_months():
                finish_removal(self._engine)
                since = self._unread_since(start.positions)
                remove_unfinished(self._engine, start.number, since)
        lost, self._positions = skip_loaded_numbers(
            self._journal, self._positions, self._newest_at_start
        )
        for piece in lost:
            self._report(piece)
        self._is_started = True
        try:
            self._send()
            self.keeper.keep(self._number, self._positions)
        except (EngineError, OSError) as error:  # `step` sends it before anything else
            log.error("the newest batch cannot be stored yet; it is tried again", error=str(error))
        with suppress(EngineError):  # the next delete tries again
            if not self._deletions.is_swapping():
                drop_drafts(self._engine)

    def _unread_since(self, positions: Positions) -> int:
        """When the first record after `positions` was received; the time now if there is none."""
        tails = read_tails(self._journal, positions, READ_BYTES)
        records = [record for tail in tails for record in self._decode(tail)]
        return min(map(_received_at, records), default=self._clock())

    def step(self) -> int:
        """Load the next records of all journals, one batch at most. Returns how many it read.

        Raises EngineError, OSError or Unavailable. Calling it again loses and repeats nothing.
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
        """A writer's records. Lost records and records of an unknown type are reported."""
        lost = list(tail.lost)
        records = []
        for encoded, place in zip(tail.records, tail.places, strict=True):
            try:
                records.append(decode_record(encoded))
            except MALFORMED:
                end = place.offset + FRAME.size + len(encoded)
                lost.append(Lost(tail.writer, place.segment, place.offset, end, UNKNOWN_TYPE))
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
                return  # the rest is the incomplete record of a crash

    def load_records(self, records: list[Record]) -> None:
        """Load records that no journal holds, as one batch. Raises as `step`."""
        self._send()
        self._load(records, self._positions)

    # For deletes

    def settle(self) -> int:
        """Send the spool's batch and empty the spool: a month that is swapped no longer knows which
        batches it contains. Returns the newest batch's number, which no row has. Raises as
        `step`."""
        self._send()
        self._clear_spool()
        return self._number

    def begin_drafts(self) -> None:
        """Begin to note the oldest receipt of what is loaded, and load no older rows."""
        self.oldest_receipt = self._clock()
        self.is_drafting = True

    def end_drafts(self) -> None:
        """Note that the drafts are in place, or were abandoned."""
        self.is_drafting = False

    @contextmanager
    def changing_months(self) -> Iterator[None]:
        """Within it, months are changed. Until it has ended well, nothing is inserted before the
        change is completed or undone."""
        self._may_be_changing = True
        self.keeper.begin_change()
        yield
        self.keeper.keep(ends=True)
        self._may_be_changing = False

    def forget_sessions(self) -> None:
        """Read sessions from the store again, and skip the batch number that versions of sessions
        from a swap have. Raises as `step`; then the next batch does it first."""
        self._has_swapped = True
        self._joiner.forget()
        self._clear_spool()
        self._has_swapped = False
        self.may_have_unmarked = True

    def blank(self) -> None:
        """Remove what was loaded, and may now be deleted, from everything outside the store:
        journals, and damaged bytes and parts that were kept. Raises EngineError, OSError."""
        drop_read(self._journal, self._positions)
        blank_read(self._journal, self._positions)
        self.damage.drop_pieces()
        self.keeper.drop_detached()

    def _clear_spool(self) -> None:
        writer = BatchWriter(self._series, self._number + 1)
        batch = writer.finish(self._positions, self._positions)
        self._spool.write(batch)
        self._number = batch.number
        self._unsent, self._is_again = batch, False
        self._insert()

    def reload_refused(self) -> Reloaded:
        """Load the refused rows that the store accepts now. Raises as `step`, and
        Unavailable while a delete writes drafts; called again, it continues and stores nothing
        twice.
        """
        if self.is_drafting:
            raise Unavailable("a delete is running: try again in a moment")
        self._send()
        loaded = 0
        skipped: set[str] = set()
        while (chosen := choose(self._engine, self._refused, skipped)).names:
            if "events" in chosen.tables:  # walks lack them
                with self.changing_months():
                    forget_walks(self._engine)
            if DECISIVE & chosen.tables.keys():  # the first may come from an earlier version
                doubt(self._engine, "refused rows are loaded again")
                self.may_have_unmarked = True
            writer = BatchWriter(self._series, self._number + 1)
            writer.add_rows(chosen.tables)
            batch = writer.finish(self._positions, self._positions)
            batch.reloaded = chosen.names
            self._spool.write(batch)
            self._joiner.forget()  # their sessions may be among the rows
            self._number = batch.number
            self._unsent, self._is_again = batch, False
            self._send()
            loaded += len(chosen.names)
        return Reloaded(loaded, len(skipped))

    # Marks

    def look_for_doubts(self) -> None:
        """Mark all sessions again if there is a doubt that something else has cast. Raises
        EngineError."""
        self.may_have_unmarked |= has_doubts(self._engine)

    def mark_some(self) -> bool:
        """Mark some of the sessions in the store that have no mark, unless a delete is writing
        drafts; returns whether there are more. Raises as `step`."""
        if not self.may_have_unmarked or self.is_drafting:
            return False
        self._send()
        if has_doubts(self._engine):
            if has_refused(self._refused, DECISIVE):
                return False  # the doubt stays until they are loaded or deleted
            self._settle_doubts()
        chunk = find_unmarked(self._engine)
        if chunk is None:
            self.may_have_unmarked = False
            return False
        if chunk.left > 1:
            log.info("marking sessions", month=chunk.month, left=chunk.left)
        self._joiner.forget()  # its sessions may be among them
        self._clear_spool()  # no row has its number
        mark_chunk(self._engine, chunk, self._number)
        self.keeper.keep(self._number, self._positions)
        return True

    def walk_some(self) -> bool:
        """Write the walks of some sessions that are over, unless a delete is writing drafts;
        returns whether there may be more. Raises as `step`."""
        if self.is_drafting:
            return False
        self._send()
        if has_doubts(self._engine):
            return False  # a refused row may be newer than the one that would be written again
        unwalked = find_unwalked(self._engine, self._clock())
        if unwalked is None:
            return False
        if unwalked.left > CHUNK:
            log.info("writing walks", month=unwalked.month, left=unwalked.left)
        self._clear_spool()  # no row has its number
        walk_sessions(self._engine, unwalked, self._number)
        self.keeper.keep(self._number, self._positions)
        return True

    def _settle_doubts(self) -> None:
        restore_visits(self._engine)
        self._joiner.forget()
        with self.changing_months():
            unmark_all(self._engine)
            forget_walks(self._engine)
            drop_doubts(self._engine)

    def forget_purged(self, website_id: int) -> None:
        """Let no mark depend on sessions that a purge has removed. Raises as `step`, and
        Unavailable while a delete writes drafts."""
        if self.is_drafting:
            raise Unavailable("a delete is running: try again in a moment")
        self._send()
        self._joiner.forget()
        if has_purged(self._engine, website_id):
            self._clear_spool()  # no row has its number
            forget_purged(self._engine, website_id, self._number)
            self.keeper.keep(self._number, self._positions)

    def backlog_bytes(self) -> int:
        """Bytes that are acknowledged and not yet loaded."""
        return unread_bytes(self._journal, self._positions)

    def _load(self, records: list[Record], positions: Positions) -> None:
        self.oldest_receipt = min((self.oldest_receipt, *map(_received_at, records)))
        rows = BatchWriter(self._series, self._number + 1)
        try:
            self._joiner.join(records, rows)
            if self._keep_profiles and self._joiner.identified:
                self._keep_profiles(self._joiner.identified)
            batch = rows.finish(positions, self._positions)
            self._spool.write(batch)
        except BaseException:
            self._joiner.forget()  # its sessions may contain events that are not going to be sent
            raise
        self._number = batch.number
        self.may_have_unmarked |= self._joiner.has_unmarked
        self.outcomes.update(self._joiner.counted())
        self._joiner.identified.clear()
        self._unsent, self._is_again = batch, False
        self._send()

    def _send(self) -> None:
        if not self._is_started:
            self._start()
        elif self._guard and self._unsent:
            self._guard.check_owner()
        if self._may_be_changing:
            with self.changing_months():
                finish_removal(self._engine)
                self._finish_swapping()
                self._has_swapped = self._has_swapped or self._deletions.is_swapping()
        self._insert()
        if self._has_swapped:
            self.forget_sessions()

    def _insert(self) -> None:
        if self._unsent is None:
            return
        take_out(self._refused, self._unsent.reloaded)
        token = f"{self._unsent.series}-{self._unsent.number}"
        if self._unsent.reposted:
            with self.changing_months():
                drop_reposted(self._engine, self._unsent)
        is_again, self._is_again = self._is_again, True
        for table, lines in self._unsent.tables.items():
            refused = insert_all(
                self._engine, table, lines, token, self._refused, is_again=is_again
            )
            if refused and table == "events":
                self.outcomes["load", "refused_by_engine"] += refused
            self.may_have_unmarked |= bool(refused)
        self._positions = dict(self._unsent.positions)
        self.keeper.keep(self._unsent.number, self._positions)
        self._unsent = None
        self.loaded_at = self._clock()

    def _finish_swapping(self) -> None:
        """Finish the swap of a deletion that a kill or an error interrupted. If that is impossible,
        the deletion waits, and will start again."""
        for deletion in self._deletions.all():
            if deletion.phase != "swapping":
                continue
            try:
                put_in_place(self._engine, deletion.swaps)
                deletion.phase = "swapped"
            except EngineError as error:
                log.error("a delete could not be finished; it is tried again", error=str(error))
                drop_drafts(self._engine)
                deletion.phase, deletion.swaps, deletion.error = "waiting", [], str(error)
            self._deletions.write(deletion)


def _received_at(record: Record) -> int:
    return record.received_at
