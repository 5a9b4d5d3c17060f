"""A pytest plugin for test_collection.py: another clock, another order of files, other randomness.

The environment variable SHIFT says by how many days the clock is wrong. Directories are listed in
alphabetical order where it is 0, and in reverse otherwise: file systems promise no order at all.
"""

import os
import random
import time

_DAYS = int(os.environ.get("SHIFT", "0"))
_SHIFT_S = _DAYS * 86_400


def _shift_clock() -> None:
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() + _SHIFT_S
    time.time_ns = lambda: nanoseconds() + _SHIFT_S * 10**9


def _reverse_directories() -> None:
    listed, scanned = os.listdir, os.scandir

    class Entries(list[os.DirEntry[str]]):
        def __enter__(self) -> "Entries":
            return self

        def __exit__(self, *_: object) -> None: ...

        def close(self) -> None: ...

        def __next__(self) -> "os.DirEntry[str]":
            if not self:
                raise StopIteration
            return self.pop(0)

    def scandir(path: str = ".") -> Entries:
        with scanned(path) as entries:
            return Entries(sorted(entries, key=lambda entry: entry.name, reverse=_DAYS != 0))

    os.listdir = lambda path=".": sorted(listed(path), reverse=_DAYS != 0)
    os.scandir = scandir


_shift_clock()
_reverse_directories()
random.seed(_DAYS)
