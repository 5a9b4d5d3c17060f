"""`python -m bench [PART …] [--size quick]`: run the parts and print their table."""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec

from bench.result import Figure, console, machine, print_table
from bench.size import SIZES, Size

PARTS = (
    "script",
    "collect",
    "visible",
    "reports",
    "flows",
    "abandoned",
    "dashboard",
    "sizes",
    "cached",
    "pages",
    "first_visit",
    "disk",
    "memory",
    "start",
    "deletes",
)


def main() -> None:
    options = _read_options()
    size: Size = SIZES[options.size]
    if options.events:
        size = msgspec.structs.replace(size, report_events=options.events)
    cache = Path(options.data).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    console.print(machine())
    figures: list[Figure] = []
    for part in options.parts or PARTS:
        run: Callable[[Size, Path], list[Figure]] = import_module(f"bench.{part}").run
        folder = Path(tempfile.mkdtemp(prefix=f"{part}-", dir=cache))
        try:
            found = run(size, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        figures += found
        console.print()
        print_table(found)  # what follows can take an hour
    if len({figure.part for figure in figures}) > 1:
        console.print("\n[bold]All parts[/]")
        print_table(figures)
    console.print("\n" + machine())
    if missed := [figure for figure in figures if figure.is_met is False]:
        console.print(f"{len(missed)} of {sum(f.is_met is not None for f in figures)} aims missed")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--quick", dest="size", action="store_const", const="quick")
    parser.add_argument("--events", type=int, help="events in the reports' website")
    parser.add_argument("--data", default=".footfall-bench", help="folder for what is kept")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"unknown part {part!r}; parts: {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    main()
