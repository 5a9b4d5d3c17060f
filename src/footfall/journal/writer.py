"""Writing: group commit, where one fsync acknowledges everything that waits for it."""

import asyncio
import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

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


class SegmentWriter:
    """One writer's segments in its own folder. Blocking; not for two threads at once."""

    def __init__(self, folder: Path, *, max_bytes: int, min_free_bytes: int) -> None:
        """`max_bytes` bounds the segments of all writers beside this folder."""
        self._folder = folder
        self._lock = -1
        with suppress(OSError):  # a full disk: `append` tries again, and says so
            self._take_folder()
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._unchecked_bytes = _CHECK_SPACE_EVERY_BYTES
        self._file = -1
        self._mark = -1
        self._size = 0
        self._number = newest_number(folder)

    def append(self, frames: bytes) -> None:
        """Write frames and fsync them. Raises Unavailable and then none of them is kept."""
        try:
            if self._lock < 0:
                self._take_folder()
            self._check_space(len(frames))
            if self._file < 0 or self._size >= SEGMENT_BYTES:
                self._open_next()
        except OSError as error:
            raise _unavailable(error) from error
        try:
            _write_all(self._file, frames)
            os.fdatasync(self._file)
        except OSError as error:
            self._take_back()
            raise _unavailable(error) from error
        self._size += len(frames)
        with suppress(OSError):  # what is stored is stored; an older mark notices less, no more
            # not synced: it has to survive this process only, and the data are on disk before it
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
        self._number = number  # numbers have no gaps: a missing segment is noticed
        try:
            mark = mark_path(self._folder, number)
            self._mark = os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._mark, encode_mark(0), 0)
            os.fsync(self._mark)  # once: after a power cut it says too little, and is not damaged
            sync_folder(self._folder)
            write_whole(begun_path(self._folder), encode_mark(number))
        except OSError:
            self._close_segment()
            raise

    def _take_back(self) -> None:
        """After a failed write: cut the torn tail off, and continue in a new segment."""
        try:
            os.ftruncate(self._file, self._size)
            os.fdatasync(self._file)
        except OSError:
            pass  # a reader stops at the torn frame; nothing is appended behind it
        self._close_segment()

    def _check_space(self, size: int) -> None:
        self._unchecked_bytes += size
        if self._unchecked_bytes < _CHECK_SPACE_EVERY_BYTES:
            return
        if shutil.disk_usage(self._folder).free < self._min_free_bytes:
            raise Unavailable("the disk is full; nothing was stored", retry_after_s=RETRY_AFTER_S)
        if journal_bytes(self._folder.parent) + size > self._max_bytes:
            if self._number and (self._file < 0 or self._size):
                self._open_next()  # a loaded segment goes only when another one follows it
            raise Unavailable(
                "the journal is full because loading lags behind; nothing was stored",
                retry_after_s=RETRY_AFTER_S,
            )
        self._unchecked_bytes = 0


class Journal:
    """A SegmentWriter for an event loop: requests append, one fsync answers all that wait.

    The next write and fsync start as soon as the last ones end, so a lone request waits for one
    fsync and many share one.
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

    def append(self, record: bytes) -> "asyncio.Future[None]":
        """Queue a record. The answer is done when it is on disk, or raises Unavailable."""
        if self._waiting_bytes > MAX_WAITING_BYTES:
            raise Unavailable("too much is waiting to be written", retry_after_s=RETRY_AFTER_S)
        self._waiting.append(frame(record))
        self._waiting_bytes += len(record)
        if self._committed is None or self._committed.cancelled():
            loop = asyncio.get_running_loop()
            self._committed = loop.create_future()
            if self._thread is None:
                self._thread = Thread(target=self._write, args=(loop,), name="journal", daemon=True)
                self._thread.start()
            if self._writing is None:
                loop.call_soon(self._hand_over)  # with all that arrived in this turn of the loop
        return self._committed

    async def close(self) -> None:
        """Write what waits, then close the segment."""
        while unfinished := self._writing or self._committed:
            await asyncio.wait([unfinished])
        self._to_write.put(None)
        if self._thread is not None:
            self._thread.join()
        self._writer.close()

    def _hand_over(self) -> None:
        if self._writing is None and self._committed is not None:
            self._to_write.put(b"".join(self._waiting))
            self._writing, self._committed = self._committed, None
            self._waiting, self._waiting_bytes = [], 0

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """The thread: writes and syncs what it is handed, until it is handed None."""
        while (frames := self._to_write.get()) is not None:
            error: Unavailable | None = None
            try:
                self._writer.append(frames)
            except Unavailable as failure:
                error = failure
            except OSError as failure:
                error = _unavailable(failure)
            loop.call_soon_threadsafe(self._finish, error)

    def _finish(self, error: Unavailable | None) -> None:
        """Answer those that were written, and hand over those that came meanwhile."""
        written, self._writing = self._writing, None
        assert written is not None
        if written.cancelled():
            pass  # by a request that was given up, at the server's stop
        elif error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
            written.exception()  # nobody may be waiting any more
        self._hand_over()


def journal_bytes(folder: Path) -> int:
    """Bytes of all writers' segments under the journal folder."""
    total = 0
    for path in folder.glob("*/*.log"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue  # just loaded and removed
    return total


def _unavailable(error: OSError) -> Unavailable:
    reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error)
    return Unavailable(f"{reason}; nothing was stored", retry_after_s=RETRY_AFTER_S)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
