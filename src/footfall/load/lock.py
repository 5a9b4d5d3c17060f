"""Only one process uses a data folder, and a server takes precedence over commands.

A process that reads or writes the store locks the folder. A server first locks the file `lock` in
it: this is how a command that has locked the folder notices that a server is waiting.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from footfall.durable import is_without_room
from footfall.journal.segment import take_lock
from footfall.model.errors import Conflict, FootfallError

_TRIES, _PAUSE_S = 10, 0.1


@contextmanager
def data_lock(folder: Path) -> Iterator[None]:
    """Lock the data folder. Raises Conflict, with one sentence, if another process has locked it,
    and FootfallError if it cannot be created or opened.

    The lock ends with the process, so a killed server leaves none behind. It is on the folder
    itself, so there is no file to delete, and a full disk does not matter.
    """
    handle = _open_folder(folder)
    try:
        if not take_lock(handle):
            raise _taken(folder)
        yield
    finally:
        os.close(handle)


@contextmanager
def server_lock(folder: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Lock the data folder as its server. Raises as `data_lock` if another server is running.

    If a command has locked the folder, call `on_wait` once and wait: the command ends, or notices
    `is_server_waiting`.
    """
    handle = _open_folder(folder)
    server = _open_server_file(folder)
    try:
        if server >= 0 and not _take_soon(server):
            raise _taken(folder)
        if not take_lock(handle):
            on_wait()
            while not take_lock(handle):
                time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(handle)
        if server >= 0:
            os.close(server)


def is_server_waiting(folder: Path) -> bool:
    """Whether a server is running or waiting. For commands."""
    try:
        handle = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False  # no server has run yet
    try:
        return not take_lock(handle)
    finally:
        os.close(handle)


def _open_folder(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FootfallError(f"cannot use the folder {folder}: {error.strerror}") from error


def _open_server_file(folder: Path) -> int:
    """-1 if the disk is full: then the folder's own lock must suffice."""
    try:
        return os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if is_without_room(error):
            return -1
        raise FootfallError(f"cannot use the folder {folder}: {error.strerror}") from error


def _take_soon(handle: int) -> bool:
    """Try for a second: a command that calls `is_server_waiting` holds the lock for a moment."""
    for _ in range(_TRIES):
        if take_lock(handle):
            return True
        time.sleep(_PAUSE_S)
    return False


def _taken(folder: Path) -> Conflict:
    return Conflict(
        f"another footfall is running on {folder}: stop it, or choose another folder with --data"
    )
