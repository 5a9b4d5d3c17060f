"""Deletes on disk: those that have begun and must be finished, whatever happens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from footfall.damage import DamageLog
from footfall.durable import sync_folder, write_whole
from footfall.journal.segment import frame, read_frames
from footfall.load.deleted_rows import DeletionKind
from footfall.load.draft import Swap
from footfall.model.json_text import MALFORMED

_COPIES = (".json", ".copy")
_REMOVING = "removing"

Phase = Literal["waiting", "swapping", "swapped"]
"""`waiting`: it has changed nothing in the store, or must start again. `swapping`: its drafts are
replacing months; no batch may be inserted. `swapped`: the rows are gone from all reports; the
replaced parts are still on disk."""


class Deletion(msgspec.Struct, kw_only=True):
    """One delete, or one step of a purge."""

    number: int  # in the table `erased`, and the file's name
    website_id: int = 0
    what: DeletionKind | Literal["purge"]
    phase: Phase = "waiting"
    swaps: list[Swap] = []
    visitor_id: int = 0
    transaction_ids: list[str] = []
    movement_ids: list[str] = []  # of `events`: the payments whose goals are deleted
    actor: str = ""  # who asked for it
    error: str = ""  # why it could not be carried out

    @property
    def values(self) -> dict[str, object]:
        return {"number": self.number, "website_id": self.website_id}


class _Older(msgspec.Struct, kw_only=True):
    """The content of `deleting.json` or `erasing.json`, which earlier versions wrote."""

    number: int = 0
    website_id: int
    what: DeletionKind | Literal[""] = ""
    visitor_id: int = 0
    transaction_ids: list[str] = []
    movement_ids: list[str] = []
    actor: str = ""


class DeletionFiles:
    """The folder `erasing`: two equal files for each deletion that has begun, so that a damaged
    file neither stops a delete half-way nor deletes something else. Methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the data folder."""
        self._data = folder
        self._folder = folder / "erasing"

    def all(self) -> list[Deletion]:
        """The oldest first, without those that cannot be read."""
        return [deletion for _, deletion in self._read() if deletion]

    def is_swapping(self) -> bool:
        """Whether a swap has begun whose deletion is not finished."""
        return any(deletion.phase != "waiting" for deletion in self.all())

    def write(self, deletion: Deletion) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for suffix in _COPIES:
            path = self._folder / f"{deletion.number:012}{suffix}"
            write_whole(path, frame(msgspec.json.encode(deletion)))

    def remove(self, deletion: Deletion) -> None:
        for suffix in reversed(_COPIES):
            (self._folder / f"{deletion.number:012}{suffix}").unlink(missing_ok=True)
        if self._folder.exists():
            sync_folder(self._folder)

    def begin_removal(self) -> None:
        """Note that old rows are being removed: until `end_removal`, some may still be in replaced
        parts and in journals, also when no row is left."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(self._folder / _REMOVING, b"")

    def end_removal(self) -> None:
        (self._folder / _REMOVING).unlink(missing_ok=True)
        sync_folder(self._folder)

    def is_removal_unfinished(self) -> bool:
        return (self._folder / _REMOVING).exists()

    def adopt_older(self) -> None:
        """Take over the deletion that an earlier version began, which it wrote to two files."""
        ledger, store = self._data / "deleting.json", self._data / "erasing.json"
        for path in (ledger, store):
            if path.exists():
                older = msgspec.json.decode(path.read_bytes(), type=_Older)
                if path == ledger or older.what == "events":
                    what = older.what or ("visitor" if older.visitor_id else "payments")
                    # with 0 it would get a new number, and this file would be carried out
                    # repeatedly
                    number = older.number or 1
                    begun = {**msgspec.to_builtins(older), "what": what, "number": number}
                    self.write(msgspec.convert(begun, Deletion))
        for path in (ledger, store):
            path.unlink(missing_ok=True)

    def report_unreadable(self, damage: DamageLog) -> None:
        """Put aside the files that cannot be read, and report them."""
        for paths, deletion in self._read():
            for path in paths:
                if path.exists() and _read_file(path) is None:
                    message = (
                        "the file cannot be read; its copy was used, nothing is lost"
                        if deletion
                        else "the plan of a delete cannot be read: send that delete again"
                    )
                    # a later delete removes the copy, which may name a person
                    damage.add("deletes", f"erasing/{path.name}", "", message, path.read_bytes())
                    path.unlink()
            if deletion:
                self.write(deletion)

    def _read(self) -> Iterator[tuple[list[Path], Deletion | None]]:
        """The files of each deletion, and the deletion itself, the oldest first."""
        names = {path.stem for path in self._folder.glob("*") if path.suffix in _COPIES}
        for name in sorted(names):
            paths = [self._folder / (name + suffix) for suffix in _COPIES]
            found = [deletion for path in paths if (deletion := _read_file(path))]
            if found or any(path.exists() for path in paths):  # otherwise it was finished just now
                yield paths, found[0] if found else None


def _read_file(path: Path) -> Deletion | None:
    """None if it is missing or cannot be read."""
    try:
        frames = read_frames(path, 0, path.stat().st_size)
        return msgspec.json.decode(frames.records[0], type=Deletion)
    except (FileNotFoundError, IndexError, *MALFORMED):
        return None
