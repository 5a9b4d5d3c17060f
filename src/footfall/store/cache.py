"""Keeps what statements answered, for as long as no row has changed that they depend on.

A statement answers the same as long as its text, its values and the rows that it reads are the
same. Text and values are the key, in which everything else is spelled out: website, period, zone,
filters, settings. `Changes` knows whether the rows are the same.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from threading import Condition

import msgspec

from footfall.store.change import Changes, Touched
from footfall.store.error import EngineError, QueryCancelled
from footfall.store.rows import Reads, Rows, rows_of

LARGEST_SHARE = 8
"""A reply that takes more than this part of the cache is not kept: it would displace all others."""
ENTRY_BYTES = 512
"""What an entry takes beside its reply, as measured."""

_encode = msgspec.msgpack.Encoder(decimal_format="string").encode
Values = Mapping[str, object] | None
Run = Callable[[str, Values], bytes]


class _Entry(msgspec.Struct, frozen=True):
    body: bytes
    website_id: int
    until_ms: int | None
    number: int  # of the newest change before it was read

    @property
    def size(self) -> int:
        return len(self.body) + ENTRY_BYTES


class _Flight(msgspec.Struct):
    """A statement that is being run, for all who ask for it meanwhile. It goes on after its reply
    is there, until it is known which rows can change that."""

    number: int
    is_done: bool = False
    body: bytes | None = None
    error: EngineError | None = None


class Cache:
    """The replies of the statements that were asked last, limited in bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.changes = Changes()
        self.hits = 0
        self.misses = 0
        self.bytes = 0
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._flights: dict[bytes, _Flight] = {}
        self._changed = Condition()  # a statement has ended, or someone no longer waits

    @property
    def entries(self) -> int:
        return len(self._entries)

    @contextmanager
    def change(self, touched: Touched | None) -> Iterator[None]:
        """Within it, rows are changed. If these may be any rows, nothing is kept: they may be
        deleted, and then no copy of them must be left."""
        with self.changes.change(touched):
            if touched is None:
                self.clear()
            yield

    def clear(self) -> None:
        with self._changed:
            self._entries.clear()
            self.bytes = 0

    def read(
        self, sql: str, values: Values, reads: Reads, run: Run, is_cancelled: Callable[[], bool]
    ) -> Rows:
        """The rows of a statement: kept ones, those that another request is reading now, or by
        `run`. Raises what `run` does, and QueryCancelled if `wake` finds it cancelled."""
        key = _key_of(sql, values)
        with self._changed:
            found = self._find_or_start(key, reads, is_cancelled)
        if isinstance(found, bytes):
            return rows_of(found)
        return self._run(key, found, sql, values, reads, run)

    def _find_or_start(
        self, key: bytes, reads: Reads, is_cancelled: Callable[[], bool]
    ) -> bytes | _Flight:
        """The reply, or the flight by which the caller has to read it."""
        while True:
            if (entry := self._find(key)) is not None:
                self.hits += 1
                return entry.body
            flight = self._flights.get(key)
            if flight is None or not self._is_current(flight, reads):
                self.misses += 1
                self._flights[key] = flight = _Flight(self.changes.newest())
                return flight
            if (body := self._wait(flight, is_cancelled)) is not None:
                self.hits += 1
                return body

    def _wait(self, flight: _Flight, is_cancelled: Callable[[], bool]) -> bytes | None:
        """Its reply; None if whoever asked for it has cancelled it. Raises as `read`."""
        self._changed.wait_for(lambda: flight.body is not None or flight.is_done or is_cancelled())
        if is_cancelled():
            raise QueryCancelled("the query was cancelled")
        if flight.error is not None:
            raise flight.error
        return flight.body

    def wake(self) -> None:
        """Make those who wait see whether they are cancelled."""
        with self._changed:
            self._changed.notify_all()

    def _find(self, key: bytes) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if not self.changes.is_unchanged(entry.website_id, entry.until_ms, entry.number):
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def _is_current(self, flight: _Flight, reads: Reads) -> bool:
        """Whether nothing has changed since it was started."""
        until_ms = None if reads.further else reads.until_ms
        return self.changes.is_unchanged(reads.website_id, until_ms, flight.number)

    def _run(
        self, key: bytes, flight: _Flight, sql: str, values: Values, reads: Reads, run: Run
    ) -> Rows:
        try:
            body = run(sql, values)
            rows = rows_of(body)
            self._hand_out(flight, body)
            self._keep(key, _Entry(body, reads.website_id, _until_ms(reads, run), flight.number))
        except EngineError as error:
            if not isinstance(error, QueryCancelled):
                flight.error = error
            raise
        finally:
            self._land(key, flight)
        return rows

    def _hand_out(self, flight: _Flight, body: bytes) -> None:
        with self._changed:
            flight.body = body
            self._changed.notify_all()

    def _land(self, key: bytes, flight: _Flight) -> None:
        with self._changed:
            flight.is_done = True
            if self._flights.get(key) is flight:
                del self._flights[key]
            self._changed.notify_all()

    def _keep(self, key: bytes, entry: _Entry) -> None:
        with self._changed:
            if entry.size > self.max_bytes // LARGEST_SHARE or not self.changes.is_unchanged(
                entry.website_id, entry.until_ms, entry.number
            ):
                return
            self._drop(key)
            self._entries[key] = entry
            self.bytes += entry.size
            while self.bytes > self.max_bytes:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: bytes) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self.bytes -= entry.size


def _until_ms(reads: Reads, run: Run) -> int | None:
    """Before which time rows decide the answer, None for rows of any time."""
    if reads.until_ms is None or not reads.further:
        return reads.until_ms
    try:
        [[latest]] = rows_of(run(*reads.further)).rows
    except EngineError:  # too slow, or cancelled: then any row may matter
        return None
    return max(reads.until_ms, int(latest) + 1)


def _key_of(sql: str, values: Values) -> bytes:
    """Different statements have different keys: they would have to have one 256-bit checksum."""
    return blake2b(_encode((sql, list((values or {}).items()))), digest_size=32).digest()
