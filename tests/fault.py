"""Ways in which a disk damages a file."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Hit(NamedTuple):
    """Which bytes of a file a fault may have changed: from `start` up to `end`."""

    start: int
    end: int


def truncate(path: Path, rng: random.Random) -> Hit:
    size = path.stat().st_size
    left = rng.randrange(size)
    with path.open("r+b") as file:
        file.truncate(left)
    return Hit(left, size)


def flip_bit(path: Path, rng: random.Random) -> Hit:
    content = bytearray(path.read_bytes())
    at = rng.randrange(len(content))
    content[at] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    return Hit(at, at + 1)


def zero_block(path: Path, rng: random.Random) -> Hit:
    content = bytearray(path.read_bytes())
    start = rng.randrange(0, len(content), 4096)
    end = min(start + 4096, len(content))
    content[start:end] = bytes(end - start)
    path.write_bytes(content)
    return Hit(start, end)


def delete(path: Path, rng: random.Random) -> Hit:  # noqa: ARG001
    size = path.stat().st_size
    path.unlink()
    return Hit(0, size)


FAULTS: dict[str, Callable[[Path, random.Random], Hit]] = {
    "truncate": truncate,
    "flip a bit": flip_bit,
    "zero a block": zero_block,
    "delete": delete,
}


def replace_by_older(path: Path, older: Path) -> None:
    """Put an older copy of a file or folder in its place."""
    if path.is_dir():
        shutil.rmtree(path)
        shutil.copytree(older, path)
    else:
        shutil.copyfile(older, path)
