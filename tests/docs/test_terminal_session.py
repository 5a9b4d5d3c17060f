"""The terminal sessions in docs/cli.md are what the demo website shows at a fixed time.

After a change that is meant, `make golden` writes them again.
"""

import io
import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from footfall.catalog import Catalog
from footfall.cli.exit_code import EXIT_CODES
from footfall.cli.report.command import report_app
from footfall.demo.fill import fill

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
SESSION = re.compile(r"^```console\n\$ (footfall report .+)\n((?:.*\n)*?)```$", re.MULTILINE)
WRITES = os.environ.get("FOOTFALL_WRITE_GOLDEN", "") not in ("", "0")
NOW_MS = 1_795_863_600_000  # Saturday 2026-11-28, 12:00 in Berlin
DAYS = 15
WIDTH = 100

Run = Callable[[str], str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("session") / "data"
    catalog = Catalog(folder)
    fill(catalog, folder, lambda: 0, lambda: NOW_MS, lambda _: None, days=DAYS)
    catalog.close()
    return folder


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """What a command prints, at NOW_MS and in a terminal of a page's width."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("FOOTFALL_DATA", str(folder))
    app = report_app(lambda: NOW_MS)

    def said(line: str) -> str:
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(printed):
            app(shlex.split(line)[2:], result_action="return_value", exit_on_error=False)
        printed.seek(0)
        return printed.read()

    return said


def test_the_sessions_are_what_the_commands_print(run: Run) -> None:
    page = PAGE.read_text("utf-8")
    sessions = dict(SESSION.findall(page))
    assert len(sessions) == 2
    shown = {line: run(line) for line in sessions}
    if WRITES:
        written = SESSION.sub(lambda found: _block(found[1], shown[found[1]]), page)
        PAGE.write_text(written, "utf-8")
        return
    assert shown == sessions


def _block(line: str, text: str) -> str:
    return f"```console\n$ {line}\n{text}```"


def test_the_page_lists_the_exit_codes() -> None:
    table = PAGE.read_text("utf-8").split("## Exit codes")[1]
    codes = re.findall(r"^\| (\d+) \| (.+) \|$", table, re.MULTILINE)
    listed = {int(code): meaning.replace("\\|", "|").lower() for code, meaning in codes}
    assert listed == {
        code: meaning.rstrip(".").replace(". Standard", "; standard").lower()
        for code, meaning in EXIT_CODES.items()
    }
