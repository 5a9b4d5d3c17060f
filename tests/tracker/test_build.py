"""The built script and the packages it is made from."""

import gzip
from pathlib import Path

import pytest
from browser import TRACKER

MAX_GZIPPED_BYTES = 2470
ROOT = Path(__file__).parent.parent.parent


def test_the_tracker_stays_small() -> None:
    if not TRACKER.exists():
        pytest.skip("the tracker is not built: cd tracker && npm ci && npm run build")
    assert len(gzip.compress(TRACKER.read_bytes(), 9)) <= MAX_GZIPPED_BYTES


def test_lock_files_name_no_registry() -> None:
    for folder in ("tracker", "geo", "tests/clients"):
        lock = (ROOT / folder / "package-lock.json").read_text()
        assert '"resolved"' not in lock
        assert lock.count('"integrity"') == lock.count('"version"') - 2  # all but our own entry
