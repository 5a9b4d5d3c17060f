"""What a process has used, as Linux counts it."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_NS = 1e-9


class Cpu(msgspec.Struct, frozen=True):
    """CPU seconds since the start, of all threads, and by the thread's name."""

    total_s: float
    kernel_s: float  # of it, in system calls
    by_thread: dict[str, float]  # of all processes together

    def since(self, before: "Cpu") -> "Cpu":
        threads = {
            name: used - before.by_thread.get(name, 0.0) for name, used in self.by_thread.items()
        }
        return Cpu(self.total_s - before.total_s, self.kernel_s - before.kernel_s, threads)


class Memory(msgspec.Struct, frozen=True):
    """Megabytes (10⁶): pages of its own, and all that are resident."""

    anonymous: float
    resident: float


def cpu_of(pids: list[int]) -> Cpu:
    """Of several processes together, also by thread: one process's thread alone says nothing about
    an event, because each process handles only some of the events. The main threads are called
    `main`."""
    total = kernel = 0.0
    threads: dict[str, float] = {}
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) * _TICK_S
        kernel += int(fields[12]) * _TICK_S
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                name = (task / "comm").read_text().strip()
                used = int((task / "schedstat").read_text().split()[0]) * _NS
            except (FileNotFoundError, ProcessLookupError):
                continue  # the thread ended
            if task.name == str(pid):
                name = "main"
            threads[name] = threads.get(name, 0.0) + used
    return Cpu(total, kernel, threads)


def memory_of(pid: int) -> Memory:
    return Memory(_megabytes(pid, "RssAnon"), _megabytes(pid, "VmRSS"))


def proportional_mb(pid: int) -> float:
    """Resident megabytes, of which pages that several processes share count in part."""
    return _megabytes(pid, "Pss", "smaps_rollup")


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def peak_of(work: Callable[[], object], pid: int | None = None) -> float:
    """The megabytes by which a process's resident memory was larger at most during `work`; this
    process's without `pid`."""
    pid = pid or os.getpid()
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # forget the peak so far
    before = _megabytes(pid, "VmRSS")
    work()
    return _megabytes(pid, "VmHWM") - before


def _megabytes(pid: int, name: str, file: str = "status") -> float:
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(fields[name].split()[0]) * 1024 / 1e6
