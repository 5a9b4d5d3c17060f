"""Writes skill/references from the registries: `make skill`. A test fails if they are not up to
date."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from footfall.model.dimension import DIMENSIONS, FILTERS, PATH_OF
from footfall.model.metric import METRICS
from footfall.serve.mcp.schema import input_schema
from footfall.serve.mcp.tool import TOOLS
from footfall.serve.openapi.document import openapi_document
from footfall.serve.openapi.skill import FOLDER
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.serve.rest.schema import schema_answer

_NOTE = "This list is generated from the server's source.\n"


def references() -> Mapping[str, str]:
    """The content of each file, by its name."""
    return {
        "dimensions.md": _dimensions(),
        "metrics.md": _metrics(),
        "tools.md": _tools(),
        "endpoints.md": _endpoints(),
    }


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"

    names = list(head)
    return line(names) + f"|{'---|' * len(names)}\n" + "".join(map(line, rows))


def _dimensions() -> str:
    path_of = {name: path for path, name in PATH_OF.items()}
    rows = (
        (
            f"`{name}`",
            f"`/{path_of[name]}`" if name in path_of else f"`/breakdown?dimension={name}`",
            f"`filter_{name}`" if name in FILTERS else "",
            dimension.rule,
        )
        for name, dimension in DIMENSIONS.items()
    )
    channels = ((each.name, each.rule) for each in schema_answer().data.channels)
    return (
        f"# Dimensions and filters\n\n{_NOTE}\n"
        + _table(("dimension", "list", "filter", "what it is"), rows)
        + "\n## Channels\n\nThe first that matches wins.\n\n"
        + _table(("channel", "rule"), channels)
    )


def _metrics() -> str:
    rows = ((f"`{each.name}`", each.unit, each.rule) for each in METRICS.values())
    schema = schema_answer().data
    reasons = ((f"`{each.name}`", each.rule, each.remedy) for each in schema.drop_reasons)
    return (
        f"# Numbers\n\n{_NOTE}\n"
        + _table(("number", "unit", "how it is counted"), rows)
        + "\n## Why a hit is not counted\n\n"
        + _table(("reason", "what it means", "what to do"), reasons)
    )


def _tools() -> str:
    rows = []
    for tool in TOOLS.values():
        names = input_schema(tool)["properties"]
        shown = [f"`{name}`" for name in names if not name.startswith("filter_")]
        filters = ["`filter_…`"] if len(shown) < len(names) else []
        address = f"{tool.method} {tool.path}"
        rows.append((f"`{tool.name}`", f"`{address}`", ", ".join(shown + filters)))
    return (
        f"# MCP tools\n\n{_NOTE}\nConnect to `/mcp` of the server with the token in the header"
        " `Authorization`, or start `footfall mcp`.\n\n"
        + _table(("tool", "what it asks", "arguments"), rows)
    )


def _endpoints() -> str:
    """Without the dashboard's own: no assistant needs them, and some of them delete a website."""
    of_the_dashboard = {(call.method, call.path) for call in MANAGE_CALLS}
    rows = []
    paths: Any = openapi_document()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            if "responses" in operation and (method.upper(), path) not in of_the_dashboard:
                summary = operation.get("summary") or operation.get("description", "")
                rows.append((f"`{method.upper()} {path}`", summary.strip()))
    return (
        f"# Endpoints\n\n{_NOTE}\nPaths that do not begin with /v0 are below `/api/v1`."
        " `/openapi.json` has all parameters, and what the dashboard's pages use beside these.\n\n"
        + _table(("endpoint", "what it does"), rows)
    )


if __name__ == "__main__":
    for name, text in references().items():
        Path(str(FOLDER / "references" / name)).write_text(text, "utf-8")
