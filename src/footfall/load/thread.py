"""The loader's thread: loads as records come, and keeps the house between batches."""

import threading
from collections.abc import Callable
from traceback import format_exception

import structlog

from footfall.load.loader import Loader
from footfall.model.errors import FootfallError
from footfall.store.engine import EngineError

IDLE_S = 0.1
PAUSE_S = 0.9  # between batches: each costs as much as some hundred events
MUCH_BYTES = 2 * 1024 * 1024  # with so much waiting the next batch follows at once
RETRY_S = 2.0

log = structlog.get_logger()


class LoaderThread(threading.Thread):
    """Runs `loader.step()` until stopped, then once more until nothing is left to load."""

    def __init__(self, loader: Loader, keep_house: Callable[[], None]) -> None:
        """`keep_house` runs between batches, on this thread; it decides what is due."""
        super().__init__(name="loader", daemon=True)
        self._loader = loader
        self._keep_house = keep_house
        self._stopping = threading.Event()
        self.error = ""
        """Why the last batch could not be loaded, '' where it could."""

    def stop(self, timeout_s: float) -> None:
        """Load what is left and end, or give up after the time-out: the journal keeps the rest."""
        self._stopping.set()
        self.join(timeout_s)

    def run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._turn())
        while self._turn() == 0:
            pass

    def _turn(self) -> float:
        """One batch. Answers how long to wait for the next: 0 where more is waiting already."""
        try:
            records = self._loader.step()
            self._keep_house()  # on a busy website, too: there is always something to load
        except (EngineError, OSError, FootfallError) as error:
            return self._failed(error, str(error))
        except Exception as error:  # the thread's edge: it must neither end nor be silent
            return self._failed(error, "".join(format_exception(error)))
        self.error = ""
        if not records:
            return IDLE_S
        return 0 if self._loader.backlog_bytes() > MUCH_BYTES else PAUSE_S

    def _failed(self, error: Exception, text: str) -> float:
        message = str(error) or type(error).__name__
        if message != self.error:
            log.error("loading failed; it is tried again", error=text)
        self.error = message
        return RETRY_S
