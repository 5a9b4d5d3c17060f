"""`python -m evals questions|tools|serve|score FILE`: how well an assistant chooses among tools.

questions  one JSON object per line: id and ask, in random order (the same for the same --seed)
tools      what an assistant sees: names, descriptions and input schemas
serve      the demo website at the questions' time, for an assistant that really calls the tools
score      marks for lines of JSON: id, tool, arguments and, if it has called, answer
"""

import argparse
import random
import sys
import tempfile
import threading
from pathlib import Path

import msgspec

from evals.question import DAYS, NOW_MS, questions
from evals.score import ENOUGH, Choice, score, table
from footfall.serve.mcp.server import tool_entry
from footfall.serve.mcp.tool import TOOLS


def main() -> int:
    options = _read_options()
    match options.command:
        case "questions":
            rows = [{"id": each.id, "ask": each.ask} for each in questions()]
            random.Random(options.seed).shuffle(rows)  # noqa: S311 – an order, no secret
            _print(rows)
        case "tools":
            hidden = {"output_schema", "annotations"}
            entries = [tool_entry(tool) for tool in TOOLS.values()]
            _print(
                [
                    each.model_dump(exclude=hidden, by_alias=True, exclude_none=True)
                    for each in entries
                ]
            )
        case "serve":
            _serve()
        case _:
            return _score(Path(options.file))
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m evals",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("questions", "tools", "serve", "score"))
    parser.add_argument("file", nargs="?", default="-", help="for score: a file; - reads stdin")
    parser.add_argument("--seed", type=int, default=1, help="for questions: the order")
    return parser.parse_args()


def _print(rows: list[dict[str, object]]) -> None:
    for row in rows:
        print(msgspec.json.encode(row).decode())


def _score(file: Path) -> int:
    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    marks = score(msgspec.json.decode(line, type=Choice) for line in lines)
    print(table(marks))
    return 0 if sum(mark.is_right_tool for mark in marks) >= ENOUGH else 1


def _serve() -> None:
    """The demo server of the tests, whose clock stands still."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from dashboard import demo_server

    assert (demo_server.NOW_MS, demo_server.DAYS) == (NOW_MS, DAYS)
    with (
        tempfile.TemporaryDirectory(prefix="footfall-evals-") as folder,
        demo_server.demo_server(Path(folder) / "data") as demo,
    ):
        token, _ = demo.server.catalog.add_token(
            website_id=None, scopes=("read", "write", "delete"), now_ms=NOW_MS
        )
        print(
            f"MCP    {demo.url}/mcp\nToken  {token}\nIt is Saturday, 28 November 2026, 12:00 in"
            " Berlin. Ctrl-C stops it.",
            flush=True,
        )
        threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
