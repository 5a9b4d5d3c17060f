"""`footfall --help` lists every command in groups, and every command's help has an example."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cli.running import environment
from cyclopts import App
from e2e.forked import Forked

from footfall.cli import COMMANDS, app, give_example, load_commands
from footfall.cli.exit_code import EXIT_CODES
from footfall.cli.report import app as report_app

EXAMPLES = {name: command.example for name, command in COMMANDS.items() if command.group}


def test_the_overview_has_one_line_for_each_command() -> None:
    overview = run("--help")
    load_commands()
    shown = {name for name in app if not name.startswith("-") and app[name].show}
    lines = dict(re.findall(r"^│ ([a-z]+) +(\S.*?\.) +│$", overview, re.MULTILINE))
    assert lines.keys() == shown == EXAMPLES.keys()
    groups = re.findall(r"^╭─ (.+?) ─+╮$", overview, re.MULTILINE)
    assert groups == ["Run", "Numbers", "Websites, tokens and people", "Data", "Help"]
    assert overview.count("│ footfall ") == len(groups)


def test_without_a_command_the_overview_is_shown() -> None:
    assert run() == run("--help")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_command_that_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    give_example(name)
    app.help_print([name])
    assert EXAMPLES[name] in re.sub(r"\s+", " ", capsys.readouterr().out)
    line = EXAMPLES[name].removeprefix('eval "$(').removesuffix(')"')
    program, *words = shlex.split(line)
    assert (program, words[0]) == ("footfall", name)
    assert _accepts(app, words)


@pytest.mark.parametrize("name", [name for name in report_app if not name.startswith("-")])
def test_each_report_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    report_app.help_print([name])
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    [example] = re.findall(r"Example: footfall report (.+)$", shown.strip())
    assert _accepts(report_app, shlex.split(example))


def _accepts(program: App, words: list[str]) -> bool:
    """Whether a command line is complete and right; it is not run."""
    if "--help" in words:
        return words[0] in program
    program.parse_args(words, exit_on_error=False, print_error=False)
    return True


def test_help_explains_commands_and_exit_codes(tmp_path: Path) -> None:
    code, shown = forked(tmp_path / "codes", "help", "exit-codes")
    assert code == 0
    listed = dict(re.findall(r"^ +(\d+)  (.+)$", shown, re.MULTILINE))
    assert {int(number): text for number, text in listed.items()} == EXIT_CODES
    assert "--start-step" in forked(tmp_path / "flow", "help", "report", "flow")[1]
    assert "Numbers" in forked(tmp_path / "all", "help")[1]
    code, shown = forked(tmp_path / "no", "help", "reports")
    assert (code, "there is no command 'reports'" in shown) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("serv", 'Did you mean "serve"?'),
        ("report pagse", 'Did you mean "pages"?'),
        ("report pages --limt 3", "Did you mean --limit?"),
        ("report pages --sort visitor", 'Did you mean "visitors"?'),
        ("report breakdown chanel", 'Did you mean "channel"?'),
        ("website set example.com --timezon UTC", "Did you mean --timezone?"),
    ],
)
def test_a_mistyped_word_gets_a_suggestion(words: str, said: str, tmp_path: Path) -> None:
    code, shown = forked(tmp_path / "said", *words.split())
    assert code == 2
    assert said in re.sub(r"[│\s]+", " ", shown)


def forked(output: Path, *words: str) -> tuple[int, str]:
    process = Forked(words, environment(COLUMNS="100"), output)
    code = process.wait(timeout=120)
    return code, output.read_text()


def run(*words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "footfall", *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ran.stdout
