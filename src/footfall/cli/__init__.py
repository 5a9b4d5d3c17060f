"""The command `footfall`: one file per command."""

import os
import sys
from typing import NoReturn

from cyclopts import App
from rich.console import Console
from rich.markup import escape

from footfall.model.errors import FootfallError

app = App(
    name="footfall",
    help="Self-hosted, privacy-first web analytics. Begin with `footfall demo`.",
)
for _name, _module in {
    "serve": "footfall.cli.serve:serve",
    "demo": "footfall.cli.demo:demo",
    "website": "footfall.cli.website:app",
    "token": "footfall.cli.token:app",
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


def main() -> None:
    """Run the command line; what went wrong is one line and exit code 1."""
    os.umask(0o077)  # nothing that it writes is for anybody else on this machine
    try:
        app()
    except FootfallError as error:
        _fail(error.message)
    except OSError as error:
        if error.filename is None:
            raise  # not about a file that a person could look at
        _fail(f"cannot use {error.filename}: {error.strerror}")


def _fail(message: str) -> NoReturn:
    console = Console(stderr=True, highlight=False)
    # a terminal wraps by itself, and whoever searches a log finds the sentence in one line
    console.print(f"[bold red]footfall:[/] {escape(message)}", soft_wrap=True)
    sys.exit(1)
