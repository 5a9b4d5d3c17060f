"""The loader's thread: loads records as they arrive, and does housekeeping between batches."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from traceback import format_exception
from typing import TypeVar

import structlog

from footfall.load.loader import READ_BYTES, Loader
from footfall.model.errors import FootfallError, Unavailable
from footfall.store.engine import EngineError

IDLE_S = 0.1
PAUSE_S = 0.9  # between batches: each batch costs as much as several hundred events
LONG_PAUSE_S = 1.5  # after one of so few records that this is most of its cost
FEW_RECORDS = 300
MUCH_BYTES = READ_BYTES  # with this much waiting, the next batch follows at once
RETRY_S = 2.0

log = structlog.get_logger()
T = TypeVar("T")


class LoaderThread(threading.Thread):
    """Runs `loader.step()` until stopped, then once more until nothing is left to load."""

    def __init__(
        self,
        loader: Loader,
        keep_house: Callable[[], None],
        inspect: Callable[[], None] = lambda: None,
    ) -> None:
        """`keep_house` runs between batches on this thread, and decides what is due. `inspect` runs
        before each batch, even while batches fail, because it may find the cause."""
        super().__init__(name="loader", daemon=True)
        self._loader = loader
        self._keep_house = keep_house
        self._inspect = inspect
        self._stopping = threading.Event()
        self._putting = threading.Lock()
        self._wake = threading.Event()
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.error = ""
        """Why the last batch could not be loaded, without any of its values; '' if it was
        loaded."""

    def stop(self, timeout_s: float) -> None:
        """Load what is left and stop, or give up after the time-out: the journal keeps the rest."""
        self._stopping.set()
        self._wake.set()
        self.join(timeout_s)

    def call(self, job: Callable[[], T]) -> Future[T]:
        """Run a job on this thread, between two batches, as soon as possible, because the store has
        one writer. The future has the job's result or exception. Raises Unavailable while
        stopping."""
        answer: Future[T] = Future()

        def work() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(job())
            except BaseException as error:  # the future passes it to the caller
                answer.set_exception(error)

        with self._putting:
            if self._stopping.is_set():
                raise Unavailable("the server is stopping: try again in a moment", retry_after_s=5)
            self._jobs.put(work)
        self._wake.set()
        return answer

    def run(self) -> None:
        while not self._stopping.is_set():
            pause_s = self._turn()
            self._wake.wait(pause_s)
            self._wake.clear()
            self._do_jobs()
        while self._turn() == 0:
            pass
        with self._putting:  # later jobs are refused, so that no caller waits for ever
            pass
        self._do_jobs()

    def _do_jobs(self) -> None:
        while not self._jobs.empty():
            self._jobs.get()()

    def _turn(self) -> float:
        """Load one batch. Returns how long to wait for the next: 0 if more is waiting already."""
        try:
            self._inspect()
            records = self._loader.step()
            self._keep_house()  # also on a busy website, where there is always something to load
        except EngineError as error:
            return self._failed(error.reason, str(error))
        except (OSError, FootfallError) as error:
            return self._failed(str(error), str(error))
        except Exception as error:  # the thread's edge: it must neither end nor be silent
            return self._failed(type(error).__name__, "".join(format_exception(error)))
        self.error = ""
        if not records:
            return IDLE_S
        if self._loader.backlog_bytes() > MUCH_BYTES:
            return 0
        return LONG_PAUSE_S if records < FEW_RECORDS else PAUSE_S

    def _failed(self, reason: str, text: str) -> float:
        if reason != self.error:
            log.error("loading failed; it is tried again", error=text)
        self.error = reason or "it failed without a reason"
        return RETRY_S
