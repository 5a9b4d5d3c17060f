"""Every process collects the same tests in the same order, or several cannot share the work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def collected(**environment: str) -> list[str]:
    """The ids of all tests, in order, as a fresh process sees them."""
    command = ["-m", "pytest", "--collect-only", "-q", "-p", "shifted_collection"]
    command += ["-p", "no:xdist", "-p", "no:cacheprovider", "tests"]
    inherited = {name: text for name, text in os.environ.items() if "PYTEST" not in name}
    search = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=inherited | {"PYTHONPATH": search} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return [line for line in done.stdout.splitlines() if "::" in line]


def is_everything(config: pytest.Config) -> bool:
    """Whether this run has all tests of `make test`."""
    folders = [Path(arg).resolve() for arg in config.args]
    return folders == [ROOT / "tests"] and not (config.option.keyword or config.option.markexpr)


def test_collection_depends_on_no_clock_hash_seed_zone_or_order_of_files(
    request: pytest.FixtureRequest,
) -> None:
    if is_everything(request.config):  # collected as it is here
        here = [item.nodeid for item in request.session.items]
    else:
        here = collected(SHIFT="0", PYTHONHASHSEED="1", TZ="Pacific/Kiritimati")
    there = collected(SHIFT="400", PYTHONHASHSEED="2", TZ="Pacific/Pago_Pago", LANG="C")
    assert len(here) > 1000
    assert [pair for pair in zip(here, there, strict=False) if pair[0] != pair[1]] == []
    assert len(here) == len(there)
