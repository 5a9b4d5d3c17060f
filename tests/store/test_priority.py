"""Which threads have to wait for the others: the engine's, and never one of Python's."""

import _thread
import os
import sys
from threading import Event, Thread, get_native_id

import pytest

from footfall.store import priority
from footfall.store.priority import NICE, lower_engine_threads

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists threads")
THREADS = 1000


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "EVERY_S", 0)


def nice(task: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, task)


class Waiting:
    """What a thread does: it says who it is, and waits."""

    def __init__(self) -> None:
        self.task = 0
        self.has_begun, self.may_end = Event(), Event()

    def __call__(self) -> None:
        self.task = get_native_id()
        self.has_begun.set()
        self.may_end.wait(60)


def test_threads_that_python_did_not_start_come_after_its_own() -> None:
    ours, foreign = Waiting(), Waiting()
    Thread(target=ours, daemon=True).start()
    _thread.start_new_thread(foreign, ())  # `threading` does not know it, like the engine's
    for each in (ours, foreign):
        each.has_begun.wait(60)
    for _ in range(2):  # again changes nothing
        lower_engine_threads()
        assert nice(foreign.task) == nice(os.getpid()) + NICE
        assert nice(ours.task) == nice(os.getpid())
    for each in (ours, foreign):
        each.may_end.set()


def test_a_thread_that_starts_meanwhile_is_pythons_too() -> None:
    has_ended, lowered = Event(), list[int]()
    own = nice(os.getpid())

    def look() -> None:
        while not has_ended.is_set():
            lower_engine_threads()

    def check() -> None:
        if nice(get_native_id()) != own:
            lowered.append(get_native_id())

    looking = Thread(target=look, daemon=True)
    looking.start()
    for _ in range(THREADS):
        thread = Thread(target=check)
        thread.start()
        thread.join()
    has_ended.set()
    looking.join()
    assert lowered == []
