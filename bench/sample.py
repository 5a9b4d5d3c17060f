"""The lines of a soak's CSV, and what they say about growth."""

import csv
import os
import time
from contextlib import suppress
from pathlib import Path
from statistics import fmean

from bench.process import memory_of
from bench.result import percentile
from bench.soak_work import Ledger, Soaked

WINDOW = 1 / 12
"""The part of the run whose mean counts as its size at a moment: ten minutes of two hours."""


class Sampler:
    """Appends a line at each `sample`: megabytes are 10⁶ bytes, latencies milliseconds."""

    def __init__(self, soaked: Soaked, ledger: Ledger, path: Path, kinds: list[str]) -> None:
        self._soaked = soaked
        self._ledger = ledger
        self._path = path
        self._kinds = kinds
        self._began = time.monotonic()
        names = ["seconds", "anonymous_mb", "resident_mb", "backlog_bytes", "disk_mb", "threads"]
        names += ["open_files", "errors", "kills"]
        for kind in kinds:
            names += [f"{kind}_count", f"{kind}_p50_ms", f"{kind}_p99_ms"]
        self._write(names, "w")

    def sample(self) -> None:
        pid = self._soaked.pid
        memory = memory_of(pid)
        process = Path(f"/proc/{pid}")
        row: list[object] = [
            round(time.monotonic() - self._began, 1),
            round(memory.anonymous, 1),
            round(memory.resident, 1),
            self._soaked.ask("/health")["journal_backlog_bytes"],
            round(_size_of(self._soaked.folder) / 1e6, 1),
            len(list((process / "task").iterdir())),
            len(list((process / "fd").iterdir())),
            len(self._ledger.problems),
            self._ledger.kills,
        ]
        taken = self._ledger.take_latencies()
        for kind in self._kinds:
            found = taken.get(kind, [])
            row += [len(found)]
            row += [round(percentile(found, share), 1) if found else "" for share in (0.5, 0.99)]
        self._write(row, "a")

    def _write(self, row: list[object] | list[str], mode: str) -> None:
        with self._path.open(mode, newline="") as file:
            csv.writer(file).writerow(row)


def read_samples(path: Path) -> list[dict[str, float]]:
    """The lines as numbers; what is empty is missing."""
    with path.open(newline="") as file:
        return [
            {name: float(value) for name, value in row.items() if value}
            for row in csv.DictReader(file)
        ]


def growth(path: Path) -> float:
    """The anonymous memory at the end ÷ that at half-time, each the mean of a window.

    The last line is after the work and is left out.
    """
    rows = read_samples(path)[:-1]
    window = max(1, round(len(rows) * WINDOW))
    half = len(rows) // 2
    middle = [row["anonymous_mb"] for row in rows[half : half + window]]
    end = [row["anonymous_mb"] for row in rows[-window:]]
    return fmean(end) / fmean(middle)


def _size_of(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # it passes over folders that vanish meanwhile
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_blocks * 512
    return total
