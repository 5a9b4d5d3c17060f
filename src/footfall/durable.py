"""Writes files so that they are on disk, completely or not at all, when a call returns."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from zlib import crc32

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def is_without_room(error: OSError) -> bool:
    """Whether the disk is full or read-only."""
    return error.errno in _NO_ROOM


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read. Raises OSError.

    After a crash the file has either its old content or the new one.
    """
    # another process may write a file with the same stem at the same time
    unfinished = path.with_name(f"{path.name}.unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync_folder(path.parent)


def write_summed(path: Path, content: bytes) -> None:
    """Like `write_whole`, with a file beside it whose checksum `find_trouble` compares."""
    sum_path(path).unlink(missing_ok=True)  # a crash must not leave the checksum of another content
    write_whole(path, content)
    write_sum(path, content)


def write_sum(path: Path, content: bytes) -> None:
    """Write the checksum of a file that begins with this content. Raises OSError."""
    write_whole(sum_path(path), _sum_of(content))


def find_trouble(path: Path) -> str:
    """What is wrong with a file that has a checksum, '' if nothing. The file may have grown since.
    Raises OSError."""
    try:
        checksum = sum_path(path).read_bytes()
        size = int(checksum.split()[0])
    except FileNotFoundError:
        return ""  # a person or an earlier version wrote it, or there was a crash
    except (ValueError, IndexError):
        return "its checksum was changed"
    content = path.read_bytes() if path.exists() else b""
    if checksum == _sum_of(content[:size]):
        return ""
    return "the file was changed" if content else "the file is missing"


def sum_path(path: Path) -> Path:
    return path.with_suffix(".sum")


def _sum_of(content: bytes) -> bytes:
    return b"%d %08x\n" % (len(content), crc32(content))


def sync_folder(folder: Path) -> None:
    """Sync a folder's list of files to disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_private(folder: Path) -> None:
    """Make a folder and everything below it accessible only to its owner. Links are not followed.

    Files of other users stay as they are.
    """
    _restrict(folder, 0o700)
    for parent, folders, files in os.walk(folder):
        for names, mode in ((folders, 0o700), (files, 0o600)):
            for name in names:
                _restrict(Path(parent, name), mode)


def _restrict(path: Path, mode: int) -> None:
    with suppress(OSError):  # it may just have been removed
        found = path.lstat()
        if not stat.S_ISLNK(found.st_mode) and stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)
