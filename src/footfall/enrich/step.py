"""What a step of the pipeline is."""

from collections.abc import Callable

from footfall.enrich.draft import Draft
from footfall.model.event import Dropped

Step = Callable[[Draft], Dropped | None]


def invalid(field: str, message: str) -> Dropped:
    """A drop for a hit that is not valid; `message` says what would be."""
    return Dropped("invalid", field, message)
