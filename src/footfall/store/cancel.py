"""Cancelling the queries that run in the engine."""

import re
import secrets
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import count

import structlog

AGAIN_S, AT_MOST_EVERY_S = 0.02, 0.2
MANY = 30
"""After so many attempts, in some six seconds, a query that goes on is worth a line in the log."""
KILL = (
    "KILL QUERY WHERE arrayExists(tag ->"
    " position(query, concat('WITH \\'', tag, '\\' AS footfall_tag')) > 0, {tags:Array(String)})"
    " ASYNC"
)
KILL_ALL = "KILL QUERY WHERE position(query, concat('WITH \\'', {beginning:String})) > 0 ASYNC"
_QUERY = re.compile(r"\s*(?:INSERT INTO [^()]+?(?:\([^()]*\)\s*)?)?\b(WITH|SELECT)\b")


log = structlog.get_logger()


class Tags:
    """Names for this process's queries. The embedded engine accepts no query ids, and its list of
    running queries shows their text."""

    def __init__(self) -> None:
        self.beginning = f"footfall-{secrets.token_hex(8)}-"
        """The beginning of every tag of this process."""
        self._numbers = count(1)

    def new(self) -> str:
        return f"{self.beginning}{next(self._numbers)}"


def tagged(tag: str, sql: str) -> str:
    """The statement with its tag, as an expression that nothing uses: a statement that has
    parameters is listed without its comments. Others than queries have a comment."""
    named = f"WITH '{tag}' AS footfall_tag"  # no text in a statement can look like this
    query = _QUERY.match(sql)
    if query is None:
        return f"/* {named} */ {sql}"
    start, end = query.span(1)
    rest = f",{sql[end:]}" if query[1] == "WITH" else f" {sql[start:]}"
    return f"{sql[:start]}{named}{rest}"


class Canceller:
    """Cancels queries by their tags until they have ended.

    A query may not have begun yet when its client disconnects, and one attempt would miss it. One
    thread attempts it for all queries, so that callers of `cancel` never wait.
    """

    def __init__(self, kill: Callable[[Collection[str]], None]) -> None:
        """`kill` asks the engine to end the queries with these tags; it may raise any error."""
        self._kill = kill
        self._attempts: dict[str, int] = {}
        """How often each query that is to end was killed."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self.cancelled = 0
        """Queries that have ended since the start after they were to be cancelled."""

    def cancel(self, tag: str) -> None:
        with self._changed:
            if self._is_closed or tag in self._attempts:
                return
            self._attempts[tag] = 0
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="canceller", daemon=True)
                self._thread.start()
            self._changed.notify()

    def ended(self, tag: str) -> None:
        """Note that the query has ended, cancelled or not."""
        with self._changed:
            self.cancelled += self._attempts.pop(tag, None) is not None

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._attempts.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        pause = AGAIN_S
        while True:
            with self._changed:
                if not self._attempts:
                    pause = AGAIN_S
                    self._changed.wait_for(lambda: self._attempts or self._is_closed)
                if self._is_closed:
                    return
                tags = sorted(self._attempts)
            with suppress(Exception):  # an engine that cannot be reached is asked again
                self._kill(tags)
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed, pause)
            pause = min(2 * pause, AT_MOST_EVERY_S)
            self._count(tags)

    def _count(self, tags: Collection[str]) -> None:
        """Count an attempt at each of the queries, and log those that still run after many."""
        with self._changed:
            running = self._attempts.keys() & tags
            for tag in running:
                self._attempts[tag] += 1
            late = sum(self._attempts[tag] == MANY for tag in running)
        if late:
            log.warning("queries go on although they were cancelled", count=late)
