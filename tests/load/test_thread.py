"""The loader's thread: it keeps the house however busy it is, and outlives every error."""

import threading

from footfall.load.loader import Loader
from footfall.load.thread import LoaderThread

LONG_S = 20


class Endless(Loader):
    """A loader whose journal always holds something. It needs no store."""

    def __init__(self):
        pass

    def step(self):
        return 1

    def backlog_bytes(self):
        return 1


class Failing(Endless):
    """Its first batch fails as no batch should."""

    def __init__(self):
        self.thread = None
        self.errors = []

    def step(self):
        self.errors.append(self.thread.error)
        if len(self.errors) == 1:
            raise ValueError("nobody thought of this")
        return 1


def test_the_house_is_kept_while_there_is_always_something_to_load():
    kept = threading.Event()
    thread = LoaderThread(Endless(), kept.set)
    thread.start()
    assert kept.wait(LONG_S)
    thread.stop(LONG_S)
    assert not thread.is_alive()


def test_an_unexpected_error_is_reported_and_loading_goes_on():
    loading, kept = Failing(), threading.Event()
    loading.thread = LoaderThread(loading, kept.set)
    loading.thread.start()
    assert kept.wait(LONG_S)
    loading.thread.stop(LONG_S)
    assert loading.errors[:2] == ["", "ValueError"]
    assert loading.thread.error == ""
