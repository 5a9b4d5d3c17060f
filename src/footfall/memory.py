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

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of malloc.h


def memory_limit() -> int:
    """Bytes that this process may use: the machine's memory, or less in a container (cgroup 2)."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(installed, int(_CONTAINER_LIMIT.read_text()))
    except (OSError, ValueError):  # no container, or "max"
        return installed


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
