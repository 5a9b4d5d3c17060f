"""What loading and deleting need from the store: a client that runs statements."""

from collections.abc import Mapping
from typing import Protocol

from footfall.store.reader import Reader


class Work(Reader, Protocol):
    """Runs any statement. Raises EngineError."""

    def command(self, sql: str, params: Mapping[str, object] | None = None) -> None: ...
