"""A plan on disk: what has begun and must be finished, whatever happens."""

import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class PlanFile(Generic[T]):
    """One plan, from before its first step until after its last. Raises OSError."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path = path
        self._kind = kind

    def read(self) -> T | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None

    def write(self, plan: T) -> None:
        unfinished = self._path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(plan))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._path)
        self._sync_folder()

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
