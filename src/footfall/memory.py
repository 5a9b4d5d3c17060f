"""Giving memory back to the system after work."""

import ctypes
import gc
import os

ENGINE_ALLOCATOR = ",".join(
    (
        "background_thread:true",  # free pages go back within a second, without being asked
        "dirty_decay_ms:1000",
        # each thread's own stock: there are a hundred threads, most of them idle
        "tcache_max:1024,tcache_nslots_small_min:4,tcache_nslots_small_max:16",
        "prof:false",  # the profiler's own tables
    )
)

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of malloc.h


def configure_engine_allocator() -> None:
    """Make the embedded engine's allocator (jemalloc) keep less of what is free. It reads this
    once, when the engine's library is loaded. An operator's own setting stays."""
    os.environ.setdefault("JE_MALLOC_CONF", ENGINE_ALLOCATOR)


def configure_allocator() -> None:
    """Make the C library (glibc) give large blocks back as soon as they are free, and use two heaps
    instead of one for each thread: by default it raises its threshold with the first large block
    that is freed, and keeps all of them."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, 128 * 1024)
        libc.mallopt(_M_ARENA_MAX, 2)


def release_memory() -> None:
    """Free what only cycles hold, and give the C library's free pages back, where it can."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if trim is not None:
        trim(0)
