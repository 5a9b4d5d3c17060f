"""The spool: the newest batch's bytes on disk, until the next batch takes its place.

A joined batch is never joined again. After a crash the same bytes go to the store under the
same number; the store knows what it has of them.
"""

import os
from pathlib import Path

import msgspec

from footfall.journal.segment import frame, read_frames
from footfall.load.batch import Batch

_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Batch).decode


class Spool:
    """Keeps exactly one whole batch. The folder is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def read(self) -> Batch | None:
        """The newest whole batch, or None before the first."""
        for path in sorted(self._folder.glob("*.batch"), reverse=True):
            records, _ = read_frames(path, 0, path.stat().st_size)
            if records:
                return _decode(records[0])
        return None

    def write(self, batch: Batch) -> None:
        """Put the batch on disk, then remove the ones before it. Raises OSError."""
        path = self._folder / f"{batch.number:012}.batch"
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(frame(_encode(batch)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        for older in self._folder.glob("*"):
            if older != path:
                older.unlink()
