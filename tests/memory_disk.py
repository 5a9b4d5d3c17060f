"""Temporary files of tests in memory, where there is enough of it.

Half of the time of tests that store events goes into waiting for a disk: each delete and each batch
is flushed to it. What the tests check does not depend on that: they kill processes, not the power.
`make test-all` uses the disk.
"""

import os
import shutil
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
MEMORY = Path("/proc/meminfo")
NEEDED_BYTES = 5 << 30
"""Three times what a whole run has taken; the processes of the tests need about as much besides."""


def use_memory_disk() -> str:
    """Let pytest make its folders in memory if there is room. Answers where; '' is the disk."""
    chosen = os.environ.get("FOOTFALL_TEST_MEMORY_DISK", "1") != "0"
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and chosen and _has_room():
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(SHARED_MEMORY)
    place = os.environ.get("PYTEST_DEBUG_TEMPROOT", "")
    return place if place == str(SHARED_MEMORY) else ""


def _has_room() -> bool:
    try:
        free = shutil.disk_usage(SHARED_MEMORY).free
        [line] = [line for line in MEMORY.read_text().splitlines() if line.startswith("MemAvail")]
    except (OSError, ValueError):
        return False
    available = int(line.split()[1]) << 10
    return free >= NEEDED_BYTES and available >= 2 * NEEDED_BYTES
