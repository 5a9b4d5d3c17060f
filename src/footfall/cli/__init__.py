"""The command `footfall`: one file per command."""

import os
import signal
import sys
from typing import NoReturn

from cyclopts import App
from rich.console import Console
from rich.markup import escape

from footfall.log import configure_logging
from footfall.model.errors import FootfallError

app = App(
    name="footfall",
    help="Self-hosted, privacy-first web analytics. To try it, run `footfall demo`.",
)
for _name, _module in {
    "serve": "footfall.cli.serve:serve",
    "demo": "footfall.cli.demo:demo",
    "website": "footfall.cli.website:app",
    "token": "footfall.cli.token:app",
    "user": "footfall.cli.user:app",
    "report": "footfall.cli.report:app",
    "mcp": "footfall.cli.mcp:mcp",
    "payments": "footfall.cli.payments:app",
    "import": "footfall.cli.import_:app",
    "doctor": "footfall.cli.doctor:doctor",
    "damage": "footfall.cli.damage:damage",
    "refused": "footfall.cli.refused:app",
    "store": "footfall.cli.store:app",
    "rates": "footfall.cli.rates:app",
    "audit": "footfall.cli.audit:audit",
    "collector": "footfall.cli.collector:collector",
}.items():
    app.command(_module, name=_name, show=_name != "collector")


UNREAD = 128 + signal.SIGPIPE
"""The exit code of a program whose output nobody reads."""
_OVERVIEW: tuple[list[str], ...] = ([], ["--help"], ["-h"])
"""Command lines that print the list of commands."""


def main() -> None:
    """Run the command line. An error is one line on standard error, and exit code 1."""
    os.umask(0o077)  # other users of this machine must not read what it writes
    configure_logging()  # `serve` sets its own level
    if sys.argv[1:] in _OVERVIEW:
        load_commands()
    try:
        app()
    except FootfallError as error:
        _fail(error.message)
    except BrokenPipeError:
        _end_unread()
    except OSError as error:
        if error.filename is None:
            raise  # it names no file that a person could check
        _fail(f"cannot use {error.filename}: {error.strerror}")


def load_commands() -> None:
    """Import every command, so that the list of commands shows the first line of its help.

    Any other command line imports only the command that it runs.
    """
    for name in app:
        app[name]


def _end_unread() -> NoReturn:
    """Nobody reads the output any more, as after `| head`: end without a word, as others do."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(UNREAD)


def _fail(message: str) -> NoReturn:
    console = Console(stderr=True, highlight=False)
    # the terminal wraps it; in a log, the sentence stays on one line and can be searched for
    console.print(f"[bold red]footfall:[/] {escape(message)}", soft_wrap=True)
    sys.exit(1)
