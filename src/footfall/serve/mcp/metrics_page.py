"""The metrics page as a resource: what each number and dimension means, from the registries."""

from collections.abc import Iterable

from footfall.serve.rest.schema import schema_answer


def metrics_page() -> str:
    """A Markdown page: one line for each metric, dimension, channel and reason."""
    schema = schema_answer().data
    sections = (
        ("Metrics", ((f"{each.name} ({each.unit})", each.rule) for each in schema.metrics)),
        *(
            (f"Numbers of {report.name}", ((each.name, each.rule) for each in report.numbers))
            for report in schema.reports
        ),
        ("Dimensions", ((each.name, each.rule) for each in schema.dimensions)),
        ("Channels, of which the first that matches wins", _pairs(schema.channels)),
        ("Goals that only recorded payments have", _pairs(schema.reserved_goals)),
        ("Why a visit is judged automated", _pairs(schema.bot_reasons)),
        (
            "Why a hit is not counted",
            ((each.name, f"{each.rule} {each.remedy}") for each in schema.drop_reasons),
        ),
    )
    return "# What is counted, and how\n\n" + "\n".join(
        f"## {title}\n\n{_lines(rows)}" for title, rows in sections
    )


def _pairs(rules: Iterable[object]) -> Iterable[tuple[str, str]]:
    return ((each.name, each.rule) for each in rules)  # type: ignore[attr-defined]


def _lines(rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f"- **{name}**: {rule}\n" for name, rule in rows)
