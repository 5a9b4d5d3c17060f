"""`footfall doctor`: whether everything works, and if not, what to do."""

import sys
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from footfall.cli.checkup import Check, check_all
from footfall.cli.folder import AsJson, Data, print_json, settings_of
from footfall.clock import now_ms

_SIGNS = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]fail[/]"}

Deep = Annotated[
    bool,
    Parameter(
        negative=(),
        show_default=False,
        help="Also count the visitors of a random day, and of a year, in two ways.",
    ),
]


def doctor(
    *,
    data: Data = None,
    deep: Deep = False,
    json: AsJson = False,
) -> None:
    """Check the data folder and the running server.

    Every finding says what to do. Works with and without a running server. The exit code is 1 if a
    check fails.
    """
    checks = check_all(settings_of(data), now_ms, deep=deep)
    if json:
        print_json({"status": _worst(checks), "checks": checks})
    else:
        _print(checks)
    if _worst(checks) == "fail":
        sys.exit(1)


def _worst(checks: list[Check]) -> str:
    statuses = {check.status for check in checks}
    return "fail" if "fail" in statuses else "warn" if "warn" in statuses else "ok"


def _print(checks: list[Check]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(width=4)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for check in checks:
        table.add_row(_SIGNS[check.status], check.name, check.message)
    Console().print(table, highlight=False)
