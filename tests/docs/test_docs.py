"""The documentation names everything there is, and what it names is there."""

import re
import shlex
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cyclopts import App, CycloptsError

from footfall.catalog.secret import VARIABLE
from footfall.catalog.website import CHECKERS
from footfall.cli import app
from footfall.collect.raw import RAW_TYPES, RawEvent
from footfall.collect.server_call import GoalBody, PaymentBody
from footfall.collect.wire import PublicEvent, ServerEvent
from footfall.config import Settings, read_settings
from footfall.enrich.bot import BOT_REASONS, BOT_RULES
from footfall.enrich.channel import CHANNELS
from footfall.importing.accesslog.line import parse_line
from footfall.model.dimension import DIMENSIONS, FILTERS, PATH_OF
from footfall.model.drop_rule import DROP_RULES
from footfall.model.event import DROP_REASONS, EVENT_TYPES
from footfall.model.metric import METRICS
from footfall.model.named_period import PERIOD_NAMES
from footfall.model.step import (
    BUILT_IN_EVENTS,
    EVENT_COLUMNS,
    OPERATOR_ALIASES,
    OPERATORS,
    STEP_TYPES,
)
from footfall.model.website import SCOPES
from footfall.query.parse.deletion import GOAL_FILTERS, PAYMENT_FILTERS
from footfall.query.parse.flow import FLOW_PARAMS
from footfall.query.parse.funnel import FUNNEL_PARAMS
from footfall.query.parse.retention import RETENTION_PARAMS
from footfall.query.quarantine import QuarantineRow
from footfall.serve.limit import EndReason
from footfall.serve.mcp.tool import TOOLS
from footfall.serve.openapi.document import openapi_document
from footfall.serve.v0.reply import ERROR_CODES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "tracker" / "README.md"],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
HIDDEN_COMMANDS = {"collector"}
"""Started by the server, not by people."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def names_in(name: str) -> set[str]:
    """What a page sets as code, with the words of longer pieces of code."""
    code = re.findall(r"`([^`\n]+)`", text_of(name))
    return {*code, *(word for piece in code for word in re.split(r"[\s,]+", piece))}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# What there is is named


def test_every_setting_stands_with_its_variable_and_default() -> None:
    page = text_of("docs/settings.md")
    for field in msgspec.structs.fields(Settings):
        row = re.search(rf"^\| `{field.name}` \|.*$", page, re.MULTILINE)
        assert row, f"{field.name} is not in docs/settings.md"
        default = msgspec.json.encode(field.default).decode()
        assert f"`FOOTFALL_{field.name.upper()}`" in row[0]
        assert f"| `{default}` |" in row[0], f"the default of {field.name} is {default}"


def test_the_example_of_a_settings_file_is_one(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", text_of("docs/settings.md"), re.DOTALL)
    file = tmp_path / "footfall.toml"
    file.write_text(example)
    assert read_settings(environment={}, file=str(file)).trusted_proxies == ("10.0.0.0/8",)


def test_every_metric_dimension_and_filter_has_its_rule() -> None:
    names = names_in("docs/metrics.md")
    filters = {f"filter_{name}" for name in FILTERS}
    assert not {*METRICS, *DIMENSIONS, *filters} - names


def test_every_filter_whose_values_hold_commas_is_kept_apart() -> None:
    [sentence] = re.findall(r"\*\*A comma\*\*(.*?)whose values", text_of("docs/metrics.md"), re.S)
    separated = {name for name, dimension in FILTERS.items() if dimension.comma_separates}
    assert set(re.findall(r"[a-z_]+", sentence)) - {"separates", "like", "in", "and"} == separated


def test_every_filter_that_ignores_case_is_named() -> None:
    [sentence] = re.findall(r"\*\*Case\*\* matters, except for(.*?)\.", text_of("docs/metrics.md"))
    ignoring = {name for name, dimension in FILTERS.items() if dimension.is_case_insensitive}
    assert set(re.findall(r"[a-z_]+", sentence)) - {"and"} == ignoring


def test_every_dimension_says_what_becomes_of_sessions_that_lack_it() -> None:
    page = text_of("docs/metrics.md")
    for name, dimension in DIMENSIONS.items():
        row = re.search(rf"^\| (?:`\w+` )*`{name}`.* \|([^|]*)\|$", page, re.MULTILINE)
        assert row, name
        wanted = f"`{dimension.missing}`" if dimension.missing else "left out"
        if name == "event":
            wanted = "none lacks it"
        assert wanted in row[1], name


def test_every_event_type_and_channel_is_explained() -> None:
    page = text_of("docs/metrics.md")
    assert all(f"`{event_type}`" in page for event_type in EVENT_TYPES)
    assert all(channel.name in page for channel in CHANNELS)


def test_every_bot_reason_is_explained() -> None:
    table = text_of("docs/metrics.md").split("## Bots")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", table, re.M)
    assert dict(rows) == BOT_RULES
    assert [reason for reason, _ in rows] == list(BOT_REASONS)


def test_every_drop_reason_says_what_to_do() -> None:
    page = text_of("docs/drop-reasons.md")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    assert [reason for reason, _, _ in rows] == list(DROP_REASONS)
    for reason, happened, remedy in rows:
        rule = DROP_RULES[reason]
        assert (happened.replace("`", ""), remedy.replace("`", "")) == (rule.happened, rule.remedy)


def test_every_reason_that_ends_a_connection_is_explained() -> None:
    table = text_of("docs/operating.md").split("## Slow and too many clients")[1]
    rows = re.findall(r"^\| .+ \| `(\w+)` \|$", table, re.MULTILINE)
    assert set(rows) == set(typing.get_args(EndReason))


def test_every_endpoint_is_described() -> None:
    page = text_of("docs/api.md")
    paths = typing.cast(dict[str, dict[str, object]], openapi_document()["paths"])
    for path, operations in paths.items():
        for method in operations.keys() - {"servers"}:
            named = re.escape(f"{method.upper()} {path}") + r"(?![\w/])"
            assert re.search(named, page), f"{method.upper()} {path}"


def test_every_parameter_of_the_api_is_described() -> None:
    names = names_in("docs/api.md")
    components = typing.cast(dict[str, dict[str, object]], openapi_document()["components"])
    parameters = typing.cast(dict[str, dict[str, str]], components["parameters"])
    asked = {parameter["name"] for parameter in parameters.values()}
    assert not {name for name in asked if not name.startswith("filter_")} - names


def test_every_own_parameter_of_flow_funnel_and_retention_has_its_rule() -> None:
    names = {name.partition("=")[0] for name in names_in("docs/flows.md")}
    assert not {*FLOW_PARAMS, *FUNNEL_PARAMS, *RETENTION_PARAMS} - names


def test_every_column_operator_and_type_of_a_step_is_named() -> None:
    names = names_in("docs/flows.md")
    operators = {*OPERATORS, *OPERATOR_ALIASES}
    assert not {*EVENT_COLUMNS, *operators, *STEP_TYPES, *BUILT_IN_EVENTS} - names


def test_every_error_code_stands_with_its_status() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", text_of("docs/api.md"), re.MULTILINE)
    assert rows == [(code, str(status)) for code, (status, _) in ERROR_CODES.items()]


def test_every_field_of_a_raw_event_and_of_what_was_not_taken_is_described() -> None:
    names = names_in("docs/api.md")
    fields = {field.encode_name for field in msgspec.structs.fields(RawEvent)}
    assert not {*fields, *QuarantineRow.__struct_fields__, *RAW_TYPES} - names


def test_every_field_of_an_event_is_described() -> None:
    names = names_in("docs/api.md")
    for struct in (ServerEvent, PublicEvent):
        assert not {field.encode_name for field in msgspec.structs.fields(struct)} - names


def test_every_field_and_filter_of_goals_and_payments_is_described() -> None:
    names = names_in("docs/api.md")
    for struct in (GoalBody, PaymentBody):
        assert not {field.encode_name for field in msgspec.structs.fields(struct)} - names
    assert not {*GOAL_FILTERS, *PAYMENT_FILTERS} - names


def test_the_variable_of_the_secret_key_is_described() -> None:
    assert f"`{VARIABLE}`" in text_of("docs/settings.md")


def test_every_list_path_stands_with_its_dimension() -> None:
    page = text_of("docs/metrics.md")
    for path, name in PATH_OF.items():
        assert f"| `{name}` | `/{path}` |" in page


def test_every_scope_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", text_of("docs/api.md").split("| scope |")[1], re.M)
    assert rows[: len(SCOPES)] == list(SCOPES)


def test_every_command_is_described() -> None:
    page = text_of("docs/operating.md").split("## Commands")[1]
    for words in commands(app):
        first, *rest = words
        row = re.search(rf"^\| `footfall {first}\b.*$", page, re.MULTILINE)
        assert row, f"footfall {first}"
        assert all(word in row[0] for word in rest), " ".join(words)


def test_every_tool_and_named_period_is_described() -> None:
    page = text_of("docs/mcp.md")
    for name in (*TOOLS, *PERIOD_NAMES):
        assert f"`{name}`" in page, name


def test_every_setting_of_a_website_is_described() -> None:
    page = text_of("docs/operating.md")
    options = {f"--{name.replace('_', '-')}" for name in CHECKERS} - {
        "--exclusions",
        "--allowed-hostnames",
        "--return-hostnames",
    }
    options |= {"--allow-hostname", "--return-hostname"}
    options |= {f"--exclude-{what}" for what in ("address", "path", "hostname", "country")}
    assert all(f"`{option}`" in page for option in options)


def commands(group: App, *before: str) -> Iterator[tuple[str, ...]]:
    """The words of every command, `--help` and the like left out."""
    for name in group:
        if name.startswith("-") or name in HIDDEN_COMMANDS:
            continue
        words = (*before, name)
        inner = list(commands(group[name], *words))
        yield from inner or [words]


# What is named is there


def shell_lines(page: Path) -> Iterator[str]:
    """The commands in a page's sh blocks, continued lines joined, quoted text too."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        line = ""
        for piece in re.sub(r"\\\n\s*", " ", block).splitlines():
            line += piece
            if line.count("'") % 2 == 0:
                yield line
                line = ""
        assert not line, f"{name_of(page)} has an odd ' in {line}"


FOOTFALL_LINES = sorted(
    {
        line.strip()
        for page in PAGES
        for line in shell_lines(page)
        if line.strip().startswith("footfall ")
    }
)


@pytest.mark.parametrize("line", FOOTFALL_LINES)
def test_a_command_in_the_docs_can_be_typed(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    try:
        app.parse_args(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        pytest.fail(f"{line}: {error}")


def test_the_docs_show_commands() -> None:
    assert len(FOOTFALL_LINES) >= 8


def test_a_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^(\w+):", text_of("Makefile"), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)make (\w+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert {"run", "test"} <= named <= targets


def test_the_readme_opens_with_the_two_commands() -> None:
    assert re.match(r"# Footfall\n\n```sh\nmake run .*\nmake test .*\n```\n", text_of("README.md"))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text("utf-8"))):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.is_file(), f"{target}: there is no such file"
        if anchor:
            assert anchor in anchors(file), f"{target}: there is no such heading"


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = list(reached)
    while waiting:
        page = waiting.pop()
        for target in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text("utf-8")):
            file = (page.parent / target).resolve()
            if file.is_file() and file not in reached:
                reached.add(file)
                waiting.append(file)
    assert not set(PAGES) - reached


def test_decisions_are_numbered_without_gaps_and_named_by_their_title() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    for number, record in enumerate(records, start=1):
        title, *rest = record.read_text("utf-8").splitlines()
        assert record.name.startswith(f"{number:04}-")
        assert title.startswith(f"# {number:04} ")
        for part in ("Context", "Decision", "Why", "Consequences"):
            assert any(line.startswith(f"**{part}.**") for line in rest), f"{record.name}: {part}"


def test_every_promise_names_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| (?!promise \||---)(.+) \| (.+) \|$", text_of("docs/promises.md"), re.M)
    assert len(rows) > 30
    for promise, tests in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", tests)
        assert named, f"no test enforces: {promise}"
        for file, name in named:
            code = (ROOT / file).read_text("utf-8")
            assert re.search(rf"^(async )?def {name}\(", code, re.M), f"{file} has no {name}"


def test_the_example_of_a_log_line_is_one() -> None:
    [example] = re.findall(r"^\| common \| `(.+)` \|$", text_of("docs/import.md"), re.MULTILINE)
    assert not isinstance(parse_line(example.encode()).outcome, str)


def test_json_in_the_docs_is_json() -> None:
    for page in PAGES:
        for block in re.findall(r"```json\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            msgspec.json.decode(block.replace("…", '"…"').replace('""…""', '"…"'))
