"""The only module that reads the time. Everything else gets a `Clock`."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the time now as milliseconds since 1970, UTC."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000
