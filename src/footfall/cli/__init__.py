"""The command `footfall`: one file per command."""

import gc
import os
import sys
from errno import ENOSPC
from typing import NamedTuple, NoReturn

from cyclopts import App, Group
from rich.console import Console
from rich.markup import escape

from footfall.cli.exit_code import FAILED, UNREAD
from footfall.log import configure_logging
from footfall.model.errors import FootfallError


class _Command(NamedTuple):
    module: str
    group: Group | None
    example: str


RUN = Group("Run", help="footfall demo, or footfall serve --data /srv/footfall", sort_key=1)
NUMBERS = Group("Numbers", help="footfall report pages --last 7d --compare", sort_key=2)
SETTINGS = Group("Websites, tokens and people", help="footfall website add example.com", sort_key=3)
DATA = Group("Data", help="footfall import access-log access.log --website example.com", sort_key=4)
SHELL = Group("Help", help="footfall help report flow", sort_key=5)

COMMANDS: dict[str, _Command] = {
    "demo": _Command("demo:demo", RUN, "footfall demo"),
    "serve": _Command("serve:serve", RUN, "footfall serve --data /srv/footfall --port 8000"),
    "doctor": _Command("doctor:doctor", RUN, "footfall doctor"),
    "collector": _Command("collector:collector", None, ""),
    "report": _Command("report:app", NUMBERS, "footfall report overview --last 30d --compare"),
    "mcp": _Command("mcp:mcp", NUMBERS, "footfall mcp --website example.com"),
    "skill": _Command("skill:app", NUMBERS, "footfall skill install --url https://HOST"),
    "website": _Command(
        "website:app", SETTINGS, "footfall website add example.com --timezone Europe/Vienna"
    ),
    "token": _Command("token:app", SETTINGS, "footfall token create --website example.com"),
    "user": _Command("user:app", SETTINGS, "footfall user link ann@example.com"),
    "audit": _Command("audit:audit", SETTINGS, "footfall audit --limit 20"),
    "import": _Command(
        "import_:app", DATA, "footfall import access-log access.log.1.gz --website example.com"
    ),
    "payments": _Command("payments:app", DATA, "footfall payments list --website example.com"),
    "rates": _Command("rates:app", DATA, "footfall rates --help"),
    "damage": _Command("damage:damage", DATA, "footfall damage"),
    "refused": _Command("refused:app", DATA, "footfall refused reload"),
    "store": _Command("store:app", DATA, "footfall store --help"),
    "completion": _Command("completion:completion", SHELL, 'eval "$(footfall completion bash)"'),
    "help": _Command("help:help_", SHELL, "footfall help exit-codes"),
}
"""Every command with its module, its group in the overview, and an example."""

app = App(
    name="footfall",
    help="Self-hosted, privacy-first web analytics. To try it, run `footfall demo`.",
    help_epilogue="Exit codes: 0 done, 1 refused or failed, 2 a wrong command line. The others:"
    " footfall help exit-codes",
)
app["--help"].group = app["--version"].group = SHELL
for _name, _command in COMMANDS.items():
    app.command(
        f"footfall.cli.{_command.module}",
        name=_name,
        group=_command.group,
        show=_command.group is not None,
    )


_STDERR = 2
_OVERVIEW: tuple[list[str], ...] = ([], ["--help"], ["-h"])
"""Command lines that print the list of commands."""
_SERVERS = ("serve", "collector")


def main() -> None:
    """Run the command line. An error is one line on standard error, and exit code 1."""
    _have_standard_streams()
    os.umask(0o077)  # other users of this machine must not read what it writes
    configure_logging()  # `serve` sets its own level
    if sys.argv[1:] in _OVERVIEW:
        load_commands()
    elif len(sys.argv) > 1:
        if sys.argv[1] == "report":
            _keep_document()
        if sys.argv[1] in _SERVERS:
            gc.disable()  # while they start, what they make stays; `run_asgi` enables it
        give_example(sys.argv[1])
    try:
        app()
    except FootfallError as error:
        _fail(error.message)
    except BrokenPipeError:
        _end_unread()
    except OSError as error:
        if error.filename is not None:
            _fail(f"cannot use {error.filename}: {error.strerror}")
        if error.errno != ENOSPC:
            raise  # it names no file that a person could check
        _discard_output()
        _fail(f"cannot write the output: {error.strerror}")


def _keep_document() -> None:
    from footfall.cli.kept_document import keep_document  # which only reports need

    keep_document()


def load_commands() -> None:
    """Import every command, so that the list of commands shows the first line of its help.

    Any other command line imports only the command that it runs.
    """
    for name in app:
        app[name]


def give_example(name: str) -> None:
    """Let a command's help end with its example. This imports the command."""
    if name in COMMANDS and COMMANDS[name].example:
        app[name].help_epilogue = f"Example: {COMMANDS[name].example}"


def _end_unread() -> NoReturn:
    """Nobody reads the output any more, as after `| head`: end without a word, as others do."""
    _discard_output()
    sys.exit(int(UNREAD))


def _discard_output() -> None:
    """What is still in the buffer cannot be written at the end, either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _have_standard_streams() -> None:
    """Open what the caller has closed, as `>&-` does. Otherwise a file of ours gets its number,
    and everything that is printed."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (beyond := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(beyond)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def _fail(message: str) -> NoReturn:
    console = Console(stderr=True, highlight=False)
    # the terminal wraps it; in a log, the sentence stays on one line and can be searched for
    console.print(f"[bold red]footfall:[/] {escape(message)}", soft_wrap=True)
    sys.exit(FAILED)
