"""The damage log: damaged and missing files in the data folder, and what was lost with them.

Every part that reads files reports here what it cannot read. Until a person has acknowledged an
entry (`footfall damage --seen`), `/health` does not report `ok`.
"""

import shutil
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Literal
from zlib import crc32

import msgspec
import structlog

from footfall.clock import Clock
from footfall.durable import write_whole
from footfall.model.json_text import MALFORMED

Part = Literal[
    "journal",
    "spool",
    "store",
    "catalog",
    "deletes",
    "refused rows",
    "rates",
    "secrets",
    "damage log",
]

log = structlog.get_logger()


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `file` and `place` identify the damage, so that it is stored only once."""

    part: Part
    file: str  # the path below the data folder
    place: str  # where in the file; '' for the whole file
    found_at: int  # milliseconds since 1970
    message: str  # what is damaged and what is lost, for the operator

    @property
    def name(self) -> "Name":
        return self.part, self.file, self.place


Name = tuple[str, str, str]
_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(Damage).decode
_decode_names = msgspec.json.Decoder(set[Name]).decode


class DamageLog:
    """The file `damage.jsonl` of a data folder, and the folder `damaged` beside it with the
    unreadable bytes.

    Only the process that has locked the data folder adds to it. Any process can acknowledge its
    entries.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Files are created only when there is something to report."""
        self._path = folder / "damage.jsonl"
        self._seen = folder / "damage.seen"
        self._pieces = folder / "damaged"
        self._clock = clock
        self._is_written = True
        self._adding = Lock()  # threads may find damage at the same time
        self._entries = {damage.name: damage for damage in self._read()}

    def entries(self) -> list[Damage]:
        """All findings, the oldest first."""
        return list(self._entries.values())

    def unseen(self) -> list[Damage]:
        """The findings that nobody has acknowledged yet."""
        seen = self._seen_names()
        return [damage for damage in self._entries.values() if damage.name not in seen]

    def mark_seen(self) -> None:
        """Acknowledge all current findings. Raises OSError."""
        write_whole(self._seen, _encode(list(self._entries)))

    def _seen_names(self) -> set[Name]:
        """By name, not by time, because the clock may have been wrong for a while."""
        try:
            return _decode_names(self._seen.read_bytes())
        except (FileNotFoundError, *MALFORMED):
            return set()

    def add(
        self, part: Part, file: str, place: str, message: str, piece: bytes | None = None
    ) -> None:
        """Report a finding, once. `piece`: the unreadable bytes, which are stored. Raises
        OSError."""
        damage = Damage(part=part, file=file, place=place, found_at=self._clock(), message=message)
        with self._adding:
            if damage.name in self._entries and self._is_written:
                return
            if damage.name not in self._entries:
                log.error("damage found", part=part, file=file, place=place, message=message)
                self._entries[damage.name] = damage
                self._is_written = False  # only now: if the disk is full, the caller tries again
            if piece:
                self._keep(damage, piece)
            self._write()
            self._is_written = True

    def drop_pieces(self) -> None:
        """Delete the unreadable bytes, because it is unknown whose data they contain. Raises
        OSError if any are left."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._pieces)

    def _keep(self, damage: Damage, piece: bytes) -> None:
        self._pieces.mkdir(mode=0o700, exist_ok=True)
        name = f"{damage.file}-{damage.place}".replace("/", "-")
        write_whole(self._pieces / name, piece)

    def _read(self) -> list[Damage]:
        content, changed_at = b"", 0
        with suppress(FileNotFoundError):
            content, changed_at = self._path.read_bytes(), self._path.stat().st_mtime_ns
        *lines, checksum = content.split(b"\n") if content else (b"",)
        found = [damage for line in lines if (damage := _read_line(line))]
        known = {damage.name for damage in found}
        missing = {name for name in self._seen_names() - known if name[0] != "damage log"}
        is_changed = bool(content) and checksum != _checksum(lines)
        if is_changed or missing:
            what = content if is_changed else _encode(sorted(missing))
            found.append(
                Damage(
                    part="damage log",
                    file=self._path.name,
                    place=f"{crc32(what):08x}-{changed_at}",  # the next damage gets another file
                    found_at=self._clock(),
                    message="earlier findings cannot be read or are missing",
                )
            )
        return found

    def _write(self) -> None:
        lines = [_encode(damage) for damage in self._entries.values()]
        write_whole(self._path, b"\n".join([*lines, _checksum(lines)]))


def _checksum(lines: list[bytes]) -> bytes:
    """The log's last line, if it does not end with a line feed."""
    return b"# %08x" % crc32(b"\n".join(lines))


def _read_line(line: bytes) -> Damage | None:
    try:
        return _decode(line)
    except MALFORMED:
        return None
