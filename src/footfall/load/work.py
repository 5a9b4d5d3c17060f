"""What loading and deleting need from the store: a client that runs statements."""

from collections.abc import Mapping
from typing import Protocol

from footfall.store.reader import Reader


class Work(Reader, Protocol):
    """Runs any statement. Raises EngineError."""

    def command(
        self, sql: str, params: Mapping[str, object] | None = None, *, keeps_rows: bool = False
    ) -> None:
        """Run a statement that returns no rows. `keeps_rows`: no report answers anything else
        after it: it only changes tables that no report reads, or how rows are stored."""
