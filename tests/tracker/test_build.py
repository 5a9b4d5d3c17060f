"""The built script and what the build hook makes it from."""

import gzip
import os
import sys
from pathlib import Path

import pytest
from browser import TRACKER

MAX_GZIPPED_BYTES = 2560
ROOT = Path(__file__).parent.parent.parent


def test_the_tracker_stays_small() -> None:
    if not TRACKER.exists():
        pytest.skip("the tracker is not built: cd tracker && npm ci && npm run build")
    assert len(gzip.compress(TRACKER.read_bytes(), 9)) <= MAX_GZIPPED_BYTES


def test_lock_files_name_no_registry() -> None:
    for folder in ("tracker", "geo"):
        lock = (ROOT / folder / "package-lock.json").read_text()
        assert "http" not in lock
        assert lock.count('"integrity"') == lock.count('"version"') - 2  # all but our own entry


def test_only_outputs_newer_than_their_inputs_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("hatchling")
    monkeypatch.syspath_prepend(str(ROOT))
    sys.modules.pop("hatch_build", None)
    from hatch_build import is_fresh

    source, output = tmp_path / "source", tmp_path / "output"
    source.touch()
    assert not is_fresh(output, [source])
    output.touch()
    os.utime(source, (1000, 1000))
    assert is_fresh(output, [source])
    os.utime(output, (999, 999))
    assert not is_fresh(output, [source])
