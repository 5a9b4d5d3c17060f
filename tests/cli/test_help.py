"""`footfall --help` lists every command with one line that says what it does."""

import re
import subprocess
import sys

from footfall.cli import app, load_commands


def test_the_overview_has_one_line_for_each_command() -> None:
    overview = run("--help")
    load_commands()
    shown = {name for name in app if not name.startswith("-") and app[name].show}
    lines = dict(re.findall(r"^│ ([a-z]+) +(\S.*?\.) +│$", overview, re.MULTILINE))
    assert lines.keys() == shown


def test_without_a_command_the_overview_is_shown() -> None:
    assert run() == run("--help")


def run(*words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "footfall", *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ran.stdout
