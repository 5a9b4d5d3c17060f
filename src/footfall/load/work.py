"""What parts of loading and deleting need of the store: a client that runs statements."""

from collections.abc import Mapping
from typing import Protocol

from footfall.store.engine import Rows


class Reader(Protocol):
    """Runs questions. Raises EngineError."""

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> Rows: ...


class Work(Reader, Protocol):
    """Runs any statement. Raises EngineError."""

    def command(self, sql: str, params: Mapping[str, object] | None = None) -> None: ...
