"""Clients of the ClickHouse engine: how they connect, and which one is free."""

import os
import queue
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from footfall.memory import configure_engine_allocator
from footfall.model.json_text import MALFORMED
from footfall.store.error import EngineError, engine_error, plain_reason
from footfall.store.rows import decode_reply
from footfall.store.server import ServerClient

_LIMITS = urlencode(
    {
        # caches of the embedded engine; by default gigabytes, or half the memory
        "mark_cache_size": 32 << 20,
        "index_mark_cache_size": 8 << 20,
        "primary_index_cache_size": 32 << 20,
        "query_condition_cache_size": 8 << 20,
        "compiled_expression_cache_size": 8 << 20,
        # compiling a statement takes 100 to 300 ms of CPU, and the compiled one is no faster
        "compile_expressions": 0,
        "compile_aggregate_expressions": 0,
        "compile_sort_description": 0,
        "threadpool_local_fs_reader_pool_size": 2,
    }
)

_DRAININGS = 5
_SERVER = ("http://", "https://")


def is_always_clear(_client: Any) -> bool:
    return True


class _NotYet:
    """In place of a client that is not connected yet."""


NOT_YET = _NotYet()


class Pool:
    """Clients with equal connections, of which the first ones may be preferred. Each connects when
    it is first needed: the server starts faster, and most of them are rarely needed."""

    def __init__(
        self,
        connects: Sequence[Callable[[], Any]],
        is_clear: Callable[[Any], bool] = is_always_clear,
        opened: Any = NOT_YET,
    ) -> None:
        """One client for each of `connects`; `opened` is the first one, if it is connected already.
        `is_clear` says whether a client whose statement failed can run another one; if not, a new
        client takes its place."""
        self._connects = connects
        self._is_clear = is_clear
        self._free: queue.PriorityQueue[tuple[int, Any]] = queue.PriorityQueue()
        for number in range(len(connects)):
            self._free.put((number, NOT_YET if number else opened))

    @contextmanager
    def client(self) -> Iterator[Any]:
        """The first free client. Raises EngineError."""
        number, client = self._free.get()
        if client is None:
            self._free.put((number, None))  # for the next thread that waits
            raise EngineError("the engine is closed")
        try:
            if client is NOT_YET:
                client = self._connects[number]()
            yield client
        except ClickHouseError as error:
            if not self._is_clear(client):
                unclear, client = client, NOT_YET  # it is not used again, whatever fails now
                with closing(unclear):  # after the new one is open: the last one ends the engine
                    client = self._connects[number]()
            raise engine_error(str(error)) from error
        finally:
            self._free.put((number, client))

    def close(self) -> None:
        """Close every client once all are free, also after one that fails to close. Threads that
        wait for one, now or later, get an error: otherwise they would keep the process from
        ending."""
        with ExitStack() as closings:
            closings.callback(self._free.put, (0, None))
            for _ in self._connects:
                client = self._free.get()[1]
                if client is not NOT_YET:
                    closings.callback(client.close)


def drain(client: Any) -> bool:
    """If a query fails half-way (too slow, too much memory, cancelled), the embedded engine puts
    the partial result in front of the same client's next result. So run a query until its result
    comes alone. That query can be cancelled too."""
    for _ in range(_DRAININGS):
        with suppress(ClickHouseError, *MALFORMED):
            decode_reply(client.raw_query("SELECT 1", fmt="JSONCompact"))
            return True
    return False


def widths(count: int) -> list[int]:
    """How many threads the clients of a pool may use: the first one all cores, each further one
    half as many. Parallel queries then use about twice as many threads as there are cores, so that
    live reports and Python's own threads are not starved."""
    cores = os.cpu_count() or 1
    return [max(1, cores >> number) for number in range(count)]


def is_server(location: str) -> bool:
    """Whether it is the URL of a server, and not a folder for the embedded engine."""
    return location.startswith(_SERVER)


def connect_first(location: str, settings: dict[str, object]) -> Any:
    """The first client, which opens the embedded engine. Not safe beside other threads."""
    if is_server(location):
        return connect(location, settings)
    try:
        Path(location).mkdir(mode=0o700, parents=True, exist_ok=True)
        configure_engine_allocator()
        with _without("pyarrow", "pandas"), _caught_output() as output:
            return _embedded(location, settings)
    except ClickHouseError as error:
        raise EngineError(plain_reason(output() or str(error))) from None
    except OSError as error:
        raise EngineError(error.strerror or str(error)) from None


def connect(location: str, settings: dict[str, object]) -> Any:
    """A further client."""
    if is_server(location):
        return ServerClient(location, settings)
    try:
        return _embedded(location, settings)
    except ClickHouseError as error:
        raise EngineError(plain_reason(str(error))) from None


def _embedded(location: str, settings: dict[str, object]) -> Any:
    path = f"{location}?{_LIMITS}"
    return clickhouse_connect.get_client(interface="chdb", path=path, settings=settings)


@contextmanager
def _caught_output() -> Iterator[Callable[[], str]]:
    """Capture stderr: the embedded engine writes there, with a trace, why it cannot open, and
    raises an error without the reason."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        text = ""
        try:
            yield lambda: text
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            text = file.read().decode(errors="replace")


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Make imports of optional modules fail. If they are installed, the embedded engine loads them,
    which takes 38 MB and a second, for kinds of tables that we never use."""
    kept = {name: sys.modules[name] for name in modules if name in sys.modules}
    sys.modules.update(dict.fromkeys(modules))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(kept)
