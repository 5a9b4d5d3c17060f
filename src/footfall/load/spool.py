"""The spool: the newest batch's bytes on disk, until the next batch replaces it.

A joined batch is never joined again. After a crash, the same bytes are sent to the store under the
same number, and the store skips those that it has. Every batch is written twice, so that one
damaged file loses nothing.
"""

from pathlib import Path
from typing import NamedTuple

import msgspec

from footfall.durable import write_whole
from footfall.journal.segment import frame, read_frames
from footfall.load.batch import Batch
from footfall.load.time_text import with_text_times
from footfall.model.json_text import MALFORMED

_COPIES = (".batch", ".copy")
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Batch).decode


class Found(NamedTuple):
    """The content of the spool."""

    batch: Batch | None  # the newest complete one
    damaged: list[Path]  # files that cannot be read


class Spool:
    """Keeps exactly one complete batch. The folder is created if it is missing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def read(self) -> Found:
        """The newest complete batch, and the files of it or of newer ones that are damaged.

        A missing copy is not damage: a crash between the two writes leaves one file, and earlier
        versions wrote only one.
        """
        damaged: list[Path] = []
        names = {path.stem for path in self._folder.iterdir() if path.suffix in _COPIES}
        for name in sorted(names, reverse=True):
            paths = [self._folder / (name + suffix) for suffix in _COPIES]
            batches = [_read(path) for path in paths]
            found = zip(paths, batches, strict=True)
            damaged += [path for path, batch in found if not batch and path.exists()]
            for batch in batches:
                if batch:
                    return Found(batch, damaged)
        return Found(None, damaged)

    def write(self, batch: Batch) -> None:
        """Write the batch to disk, then remove the previous ones. Raises OSError."""
        content = frame(_encode(batch))
        name = f"{batch.number:012}"
        for suffix in _COPIES:
            write_whole(self._folder / (name + suffix), content)
        for other in self._folder.iterdir():
            if other.stem != name:
                other.unlink()


def _read(path: Path) -> Batch | None:
    try:
        frames = read_frames(path, 0, path.stat().st_size)
        batch = _decode(frames.records[0])
        tables = {table: with_text_times(table, lines) for table, lines in batch.tables.items()}
        return msgspec.structs.replace(batch, tables=tables)
    except (OSError, IndexError, *MALFORMED):
        return None
