"""Lets Python's threads, which handle requests and write the journal, run before the engine's.

Each request that is answered wakes several threads for some microseconds. While
queries use all cores, each of these threads would wait a few milliseconds for its turn.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

NICE = 10  # below the process's own priority
EVERY_S = 1.0
_TASKS = Path("/proc/self/task")
_looked_at = 0.0


def lower_engine_threads() -> None:
    """Lower the priority of all threads that Python did not start. The engine keeps its threads for
    later queries and adds some, so this is called before queries. It checks once a second.

    The engine's own setting for this (`os_threads_nice_value_query`) ends the process if it
    may not raise the priority again, which takes a privilege. Does nothing on systems without
    /proc."""
    global _looked_at
    now = time.monotonic()
    if now - _looked_at < EVERY_S:
        return
    _looked_at = now
    with suppress(OSError):
        own = os.getpriority(os.PRIO_PROCESS, os.getpid())
        tasks = {int(path.name) for path in _TASKS.iterdir()}
        # after the tasks, so that none of Python's threads among them is missing
        pythons = {thread.native_id for thread in threading.enumerate()}
        if None in pythons:
            return  # one has just started and does not know its id yet
        for task in tasks - pythons:
            _lower(task, own)


def _lower(task: int, own: int) -> None:
    with suppress(OSError):  # it has ended
        if os.getpriority(os.PRIO_PROCESS, task) == own:
            os.setpriority(os.PRIO_PROCESS, task, own + NICE)
