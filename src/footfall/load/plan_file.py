"""A plan on disk: what has begun and must be finished, whatever happens."""

from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from footfall.durable import sync_folder, write_whole

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
        write_whole(self._path, msgspec.json.encode(plan))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
        sync_folder(self._path.parent)
