"""Which format a file has: the one whose reader can read most of its lines."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from footfall.importing.format import FAULTS, Fault, Format, Formats, Reader
from footfall.model.errors import BadRequest

SAMPLE_LINES = 2_000
"""How many lines are read at first, and how many more each time while almost none can be read."""

MIN_READABLE = 0.02
"""The smallest share of readable lines with which a file counts as one in a format."""

MAX_SAMPLE_LINES = 100_000
_SHOWN_LINES = 50


class Detector:
    """Counts what each format's reader makes of a file's lines."""

    def __init__(self, formats: Formats) -> None:
        self._formats = formats
        self._readers: dict[object, Reader] = {
            row.new_reader: row.new_reader() for row in formats.known
        }
        self._readable: Counter[object] = Counter()
        self._fitting: Counter[str] = Counter()
        self._faults: Counter[tuple[object, Fault]] = Counter()
        self._unreadable: list[str] = []
        self.lines = 0  # without empty ones and comments

    def add(self, raw: bytes) -> None:
        """Count one line, in the order of the file."""
        if not raw.strip():
            return
        is_read = False
        for key, reader in self._readers.items():
            row = reader(raw)
            if row is None:
                continue
            if row.is_readable:
                is_read = True
                self._readable[key] += 1
                self._fitting[row.format] += 1
            elif row.fault:
                self._faults[key, row.fault] += 1
        self.lines += not raw.startswith(b"#")
        if not is_read and len(self._unreadable) < _SHOWN_LINES:
            self._unreadable.append(raw[:2_000].decode("utf-8", "replace"))

    @property
    def best(self) -> Format:
        """The format that most lines have."""
        return max(
            self._formats.known,
            key=lambda row: (self._readable[row.new_reader], self._fitting[row.name]),
        )

    def is_enough(self, format_: Format) -> bool:
        """Whether more than almost nothing can be read in this format."""
        return self._readable[format_.new_reader] >= max(1, self.lines * MIN_READABLE)

    def refusal(self, path: Path, format_: Format, *, is_wanted: bool) -> BadRequest:
        """The error for a file of which almost nothing can be read in this format."""
        readable = self._readable[format_.new_reader]
        count = f"{readable:,}" if readable else "none"
        name = f" as {format_.name} ({format_.label})" if readable or is_wanted else ""
        return BadRequest(
            f"{path}: {count} of {self.lines:,} lines can be read{name}, so nothing was imported."
            f" {self._advice()}",
            field="file",
        )

    def _advice(self) -> str:
        if self.is_enough(self.best):
            return (
                f"The lines look like {self.best.name} ({self.best.label}): choose that with"
                " --format, or leave --format out to have it detected."
            )
        for known in self._formats.unsupported:
            if any(known.pattern.search(line) for line in self._unreadable):
                return (
                    f"This looks like {known.label}, which Footfall does not read: {known.advice}."
                )
        near = Counter({key: hits for key, hits in self._faults.items() if key[1] != "format"})
        for (reader, fault), _ in near.most_common(1):
            row = next(row for row in self._formats.known if row.new_reader == reader)
            return f"The lines look like {row.name} ({row.label}), but are {FAULTS[fault]}."
        return f"Footfall reads these formats: {self._formats.names}. {self._formats.advice}"


def detect_format(
    lines: Iterable[bytes], path: Path, formats: Formats, wanted: Format | None
) -> Format | None:
    """The format of a file, `wanted` if given; None for a file without lines.

    Raises BadRequest where almost nothing can be read in it.
    """
    detector = Detector(formats)
    for number, raw in enumerate(lines, start=1):
        detector.add(raw)
        if number % SAMPLE_LINES == 0 and detector.is_enough(wanted or detector.best):
            break
        if number == MAX_SAMPLE_LINES:
            break
    if not detector.lines:
        return wanted
    found = wanted or detector.best
    if not detector.is_enough(found):
        raise detector.refusal(path, found, is_wanted=wanted is not None)
    return found
