"""Counting attempts: what it keeps of a key that a client chose."""

import tracemalloc

from footfall.serve.http.attempt import Attempts


def test_long_keys_take_no_memory() -> None:
    attempts = Attempts(10, 900, lambda: 0)
    tracemalloc.start()
    try:
        for number in range(100):
            attempts.count(f"{number}{'x' * 100_000}")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
