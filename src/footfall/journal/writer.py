"""Writes records with group commit: one fsync acknowledges all waiting records."""

import asyncio
import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import structlog

from footfall.durable import sync_folder, write_whole
from footfall.journal.segment import (
    begun_path,
    encode_mark,
    frame,
    mark_path,
    newest_number,
    segment_path,
    take_lock,
)
from footfall.model.errors import Conflict, Unavailable

SEGMENT_BYTES = 32 * 1024 * 1024
_CHECK_SPACE_EVERY_BYTES = 4 * 1024 * 1024
RETRY_AFTER_S = 10
MAX_WAITING_BYTES = 64 * 1024 * 1024

log = structlog.get_logger()


class DiskFull(Unavailable):
    def __init__(self) -> None:
        super().__init__("the disk is full; nothing was stored", retry_after_s=RETRY_AFTER_S)


class SegmentWriter:
    """One writer's segments in its own folder. Blocking; only one thread may use it at a time."""

    def __init__(self, folder: Path, *, max_bytes: int, min_free_bytes: int) -> None:
        """`max_bytes` limits the segments of all writers in the journal together."""
        self._folder = folder
        self._lock = -1
        with suppress(OSError):  # the disk is full: `append` tries again and reports it
            self._take_folder()
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._unchecked_bytes = _CHECK_SPACE_EVERY_BYTES
        self._file = -1
        self._mark = -1
        self._size = 0
        self._number = newest_number(folder)

    def append(self, frames: bytes) -> None:
        """Write frames and fsync them. Raises Unavailable; then none of them is kept."""
        try:
            if self._lock < 0:
                self._take_folder()
            self._check_space(len(frames))
            if self._file < 0 or self._size >= SEGMENT_BYTES:
                self._open_next()
        except OSError as error:
            raise _unavailable(error) from error
        except Conflict as error:
            reason = "another process writes to the journal; nothing was stored"
            raise Unavailable(reason, retry_after_s=RETRY_AFTER_S) from error
        try:
            _write_all(self._file, frames)
            os.fdatasync(self._file)
        except OSError as error:
            self._take_back()
            raise _unavailable(error) from error
        self._size += len(frames)
        with suppress(OSError):  # the records are stored; an outdated mark only detects less
            # not synced: it only has to survive this process, and the data is on disk before it
            os.pwrite(self._mark, encode_mark(self._size), 0)

    def close(self) -> None:
        self._close_segment()
        if self._lock >= 0:
            os.close(self._lock)

    def _take_folder(self) -> None:
        """Raises Conflict if another process writes to it, OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(self._folder.parent)
        lock = os.open(self._folder, os.O_RDONLY)
        if not take_lock(lock):
            os.close(lock)
            raise Conflict(f"another process writes to {self._folder}")
        self._lock = lock

    def _close_segment(self) -> None:
        for handle in (self._file, self._mark):
            if handle >= 0:
                os.close(handle)
        self._file = self._mark = -1

    def _open_next(self) -> None:
        self._close_segment()
        number = max(self._number, newest_number(self._folder)) + 1
        self._size = 0
        self._file = os.open(
            segment_path(self._folder, number),
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND,
            0o600,
        )
        self._number = number  # numbers have no gaps, so a missing segment is noticed
        try:
            mark = mark_path(self._folder, number)
            self._mark = os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._mark, encode_mark(0), 0)
            os.fsync(self._mark)  # after a power cut it is too small, which is no damage
            sync_folder(self._folder)
            write_whole(begun_path(self._folder), encode_mark(number))
        except OSError:
            self._close_segment()
            raise

    def _take_back(self) -> None:
        """After a failed write: remove the incomplete tail, and continue in a new segment."""
        try:
            os.ftruncate(self._file, self._size)
            os.fdatasync(self._file)
        except OSError:
            pass  # a reader stops at the incomplete frame; nothing is appended after it
        self._close_segment()

    def _check_space(self, size: int) -> None:
        self._unchecked_bytes += size
        if self._unchecked_bytes < _CHECK_SPACE_EVERY_BYTES:
            return
        if shutil.disk_usage(self._folder).free < self._min_free_bytes:
            raise DiskFull
        if journal_bytes(self._folder.parent) + size > self._max_bytes:
            if self._number and (self._file < 0 or self._size):
                self._open_next()  # a loaded segment is removed only when another one follows it
            raise Unavailable(
                "the journal is full because loading lags behind; nothing was stored",
                retry_after_s=RETRY_AFTER_S,
            )
        self._unchecked_bytes = 0


class Journal:
    """A SegmentWriter for an event loop: requests append, and one fsync completes all that wait.

    The next write and fsync start as soon as the last ones end, so a single request waits for one
    fsync, and many requests share one.
    """

    def __init__(self, folder: Path, *, max_bytes: int, min_free_bytes: int) -> None:
        self._writer = SegmentWriter(folder, max_bytes=max_bytes, min_free_bytes=min_free_bytes)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._committed: asyncio.Future[None] | None = None  # of those that wait
        self._writing: asyncio.Future[None] | None = None  # of those being written
        # a queue and a thread of our own: an executor takes twice the CPU for every commit
        self._to_write: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._all_written = asyncio.Event()
        self._all_written.set()
        self.error = ""
        """Why the newest records could not be written, '' if they were. A full disk is no error."""

    def append(self, record: bytes) -> "asyncio.Future[None]":
        """Queue a record. The future is done when it is on disk, or raises Unavailable."""
        if self._waiting_bytes > MAX_WAITING_BYTES:
            raise Unavailable("too much is waiting to be written", retry_after_s=RETRY_AFTER_S)
        if self._thread is None:
            self._start_thread()
        self._waiting.append(frame(record))
        self._waiting_bytes += len(record)
        if self._committed is None or self._committed.cancelled():
            loop = asyncio.get_running_loop()
            self._committed = loop.create_future()
            self._all_written.clear()
            if self._writing is None:
                # together with all records of this turn of the loop
                loop.call_soon(self._hand_over)
        return self._committed

    async def close(self) -> None:
        """Write the waiting records, also those whose requests were given up, then close the
        segment."""
        await self._all_written.wait()
        self._to_write.put(None)
        if self._thread is not None:
            self._thread.join()
        self._writer.close()

    def _start_thread(self) -> None:
        """Raises Unavailable."""
        loop = asyncio.get_running_loop()
        thread = Thread(target=self._write, args=(loop,), name="journal", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system has no room for one more
            raise Unavailable(
                f"{error}; nothing was stored", retry_after_s=RETRY_AFTER_S
            ) from error
        self._thread = thread

    def _hand_over(self) -> None:
        if self._writing is None and self._committed is not None:
            self._to_write.put(b"".join(self._waiting))
            self._writing, self._committed = self._committed, None
            self._waiting, self._waiting_bytes = [], 0

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """The thread: writes and syncs the frames that it gets, until it gets None."""
        while (frames := self._to_write.get()) is not None:
            error: Exception | None = None
            try:
                self._writer.append(frames)
            except OSError as failure:
                error = _unavailable(failure)
            except Exception as failure:  # also a mistake of ours: nobody may wait for ever
                error = failure
            loop.call_soon_threadsafe(self._finish, error)

    def _finish(self, error: Exception | None) -> None:
        """Complete the futures of written records, and pass on the records that came meanwhile."""
        self._note(error)
        written, self._writing = self._writing, None
        assert written is not None
        if written.cancelled():
            pass  # by a request that was abandoned when the server stopped
        elif error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
            written.exception()  # the request may have been abandoned
        self._hand_over()
        if self._writing is None:
            self._all_written.set()

    def _note(self, error: Exception | None) -> None:
        reason = "" if error is None or isinstance(error, DiskFull) else str(error)
        if reason and reason != self.error:
            log.error("the journal cannot be written", error=reason)
        self.error = reason


def journal_bytes(folder: Path) -> int:
    """Bytes of all writers' segments under the journal folder."""
    total = 0
    for path in folder.glob("*/*.log"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue  # it was loaded and removed just now
    return total


def _unavailable(error: OSError) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull()
    return Unavailable(f"{error}; nothing was stored", retry_after_s=RETRY_AFTER_S)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
