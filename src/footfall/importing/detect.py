"""Which format a log has: the one whose reader reads most of its lines."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from footfall.importing.accesslog.entry import FAULTS, Fault, Reader
from footfall.importing.accesslog.format import FORMATS, UNSUPPORTED, Format
from footfall.importing.accesslog.line import read_line
from footfall.model.errors import BadRequest

SAMPLE_LINES = 2_000
"""How many lines are read at first, and how many more each time while almost none can be read."""

MIN_READABLE = 0.02
"""The smallest share of readable lines with which a log counts as one in a format."""

MAX_SAMPLE_LINES = 100_000
_SHOWN_LINES = 50


class Detector:
    """Counts what each format's reader makes of a log's lines."""

    def __init__(self) -> None:
        self._readers: dict[object, Reader] = {row.new_reader: row.new_reader() for row in FORMATS}
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
            entry = read_line(raw, reader)
            if isinstance(entry, str):
                self._faults[key, entry] += 1
            elif entry is not None:
                is_read = True
                self._readable[key] += 1
                self._fitting.update(
                    row.name for row in FORMATS if row.new_reader == key and row.fits(entry)
                )
        self.lines += not raw.startswith(b"#")
        if not is_read and len(self._unreadable) < _SHOWN_LINES:
            self._unreadable.append(raw[:2_000].decode("utf-8", "replace"))

    @property
    def best(self) -> Format:
        """The format that most lines have."""
        return max(
            FORMATS, key=lambda row: (self._readable[row.new_reader], self._fitting[row.name])
        )

    def is_enough(self, format_: Format) -> bool:
        """Whether more than almost nothing can be read in this format."""
        return self._readable[format_.new_reader] >= max(1, self.lines * MIN_READABLE)

    def refusal(self, path: Path, format_: Format, *, is_wanted: bool) -> BadRequest:
        """The error for a log of which almost nothing can be read in this format."""
        readable = self._readable[format_.new_reader]
        count = f"{readable:,}" if readable else "none"
        name = f" as {format_.name} ({format_.title})" if readable or is_wanted else ""
        return BadRequest(
            f"{path}: {count} of {self.lines:,} lines can be read{name}, so nothing was imported."
            f" {self._advice()}",
            field="file",
        )

    def _advice(self) -> str:
        if self.is_enough(self.best):
            return (
                f"The lines look like {self.best.name} ({self.best.title}): choose that with"
                " --format, or leave --format out to have it detected."
            )
        for known in UNSUPPORTED:
            if any(known.pattern.search(line) for line in self._unreadable):
                return (
                    f"This looks like {known.title}, which Footfall does not read: {known.advice}."
                )
        near = Counter({key: hits for key, hits in self._faults.items() if key[1] != "format"})
        for (reader, fault), _ in near.most_common(1):
            row = next(row for row in FORMATS if row.new_reader == reader)
            return f"The lines look like {row.name} ({row.title}), but are {FAULTS[fault]}."
        names = ", ".join(row.name for row in FORMATS)
        return (
            f"Footfall reads these formats: {names}. Have your server write one of them, or name"
            " the one that the log has with --format."
        )


def detect_format(lines: Iterable[bytes], path: Path, wanted: Format | None) -> Format | None:
    """The format of a log, `wanted` if given; None for a log without lines.

    Raises BadRequest where almost nothing can be read in it.
    """
    detector = Detector()
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
