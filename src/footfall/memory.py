"""Returns free memory to the system."""

import ctypes
import gc
import os
from pathlib import Path

ENGINE_ALLOCATOR = ",".join(
    (
        "background_thread:true",  # return free pages within a second
        "dirty_decay_ms:1000",
        # each thread's own cache: there are a hundred threads, most of them idle
        "tcache_max:1024,tcache_nslots_small_min:4,tcache_nslots_small_max:16",
        "prof:false",  # the profiler's own tables
    )
)

_ROOT = Path("/")
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of malloc.h


def memory_limit(root: Path = _ROOT) -> int:
    """Bytes that this process may use: the machine's memory, or less in a container or with
    MemoryMax= of systemd (cgroup 2). `root` is where /proc and /sys are."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    groups = root / "sys" / "fs" / "cgroup"
    own = groups / _own_group(root / "proc" / "self" / "cgroup")
    # a group has no more than those around it
    around = [each for each in (own, *own.parents) if each.is_relative_to(groups)]
    return min([installed, *filter(None, map(_limit_of, around))])


def _own_group(file: Path) -> str:
    """This process's group, as a path below all groups; '' if it is not known."""
    try:
        [path] = [line[3:] for line in file.read_text().splitlines() if line.startswith("0::")]
    except (OSError, ValueError):  # no cgroup 2
        return ""
    return "" if ".." in path.split("/") else path.strip("/")  # .. leads out of the container


def _limit_of(group: Path) -> int | None:
    try:
        return int((group / "memory.max").read_text())
    except (OSError, ValueError):  # no such group, or "max"
        return None


def configure_engine_allocator() -> None:
    """Make the embedded engine's allocator (jemalloc) keep less free memory. It reads this setting
    once, when the engine's library is loaded. A setting of the operator's takes precedence."""
    os.environ.setdefault("JE_MALLOC_CONF", ENGINE_ALLOCATOR)


def configure_allocator() -> None:
    """Make the C library (glibc) return large blocks as soon as they are free, and use two heaps
    instead of one for each thread. By default it raises its threshold with the first large block
    that is freed, and keeps all of them."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, 128 * 1024)
        libc.mallopt(_M_ARENA_MAX, 2)


def release_memory() -> None:
    """Free unreachable cycles, and return the C library's free pages if possible."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if trim is not None:
        trim(0)
