"""One process owns a data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footfall.journal.segment import take_lock
from footfall.model.errors import Conflict, FootfallError


@contextmanager
def data_lock(folder: Path) -> Iterator[None]:
    """Hold the data folder. Raises Conflict, in one sentence, where another process has it, and
    FootfallError where it cannot be made or written.

    The lock goes with the process, so a killed server leaves none behind.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FootfallError(f"cannot use the folder {folder}: {error.strerror}") from error
    try:
        if not take_lock(handle):
            raise Conflict(
                f"another footfall is running on {folder}: stop it, or choose another folder"
                " with --data"
            )
        yield
    finally:
        os.close(handle)
