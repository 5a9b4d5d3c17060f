"""The options of a report's command, made from the schema of its tool, and their values as the
tool's arguments."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from inspect import Parameter as Argument
from inspect import Signature
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Group, Parameter

from footfall.cli.remote import TOKEN_VARIABLE
from footfall.model.errors import BadRequest
from footfall.model.metric import BY_SPELLING
from footfall.model.named_period import BACK_RULE, PERIOD_RULE
from footfall.serve.mcp.schema import (
    CODE,
    PERIOD,
    PERSONAL,
    argument_name,
    input_schema,
    parameters,
    period_names,
)
from footfall.serve.mcp.tool import Tool

PERIODS = Group("Period", sort_key=1)
ROWS = Group("Rows", sort_key=2)
QUESTION = Group("Question", sort_key=3)
OUTPUT = Group("Output", sort_key=4)
CONNECTION = Group("Connection", sort_key=5)

FILTER = "filter_"
MANY = ("dimension", "anchors", "steps")
"""Arguments with several values, which are given one by one."""
_STEPS = ("start_step", "end_step", "anchors", "steps")
_ANY_PAGE = "page"
_STEP_RULE = "A page (/pricing), a goal (signup), `page` for any page, or JSON"
_OF_ROWS = ("limit", "offset", "search", "sort", "order", "fields", "attribution", "bots", "cursor")
_OF_PERIOD = ("timezone", "interval", "match")
_LEFT_OUT = {
    *("websiteId", "domain", "startAt", "endAt", "compare", PERIOD, PERSONAL, CODE),
    "filters",  # the same as global_filters, and easily confused with --filter
}

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "get_flow": {"start_step": _ANY_PAGE, "drop_off": True, "nodes_per_step": 6},
    "get_realtime": {"minutes": 30},
}
"""Where a picture needs more than the API answers by itself."""
WITHOUT_PERIOD = ("get_retention",)
"""These have a period of their own if none is given."""
DEFAULT_LAST = "30d"
WATCHED = ("get_realtime", "get_realtime_map")
WITHOUT_ROWS = ("get_visitor", "list_websites", "get_metadata")


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option, or with `is_positional` an argument. `name` is what it is called in Python."""

    name: str
    type: Any
    help: str = ""
    flag: str = ""
    group: Group = QUESTION
    default: Any = None
    is_positional: bool = False

    def argument(self) -> Argument:
        if self.is_positional:
            is_many = self.name in MANY
            kind = Argument.VAR_POSITIONAL if is_many else Argument.POSITIONAL_ONLY
            return Argument(self.name, kind, annotation=self._annotation())
        return Argument(
            self.name, Argument.KEYWORD_ONLY, default=self.default, annotation=self._annotation()
        )

    def _annotation(self) -> Any:
        if self.is_positional:
            shown = Parameter(name=flag_of(self.name), help=self.help)
            return Annotated[self.type, shown]
        given = self.type if self.default is not None else self.type | None
        return Annotated[
            given,
            Parameter(
                name=self.flag or flag_of(self.name),
                help=self.help,
                group=self.group,
                negative=None if self.default is True else (),
                show_default=self.default not in (None, False),
                consume_multiple=False,
            ),
        ]


def flag_of(name: str) -> str:
    """The flag of an argument: `--start-step` of start_step."""
    known = {
        "websiteId": "--website",
        "domain": "--website",
        "startAt": "--start",
        "endAt": "--end",
        "compare": "--compare-with",
        "steps": "--step",
        "anchors": "--anchor",
        "visitorId": "VISITOR",
        "id": "VISITOR",
        "dimension": "DIMENSION",
    }
    if name.startswith(FILTER):
        return f"--filter {name.removeprefix(FILTER)}="
    return known.get(name) or f"--{name.replace('_', '-')}"


def signature(options: Iterable[Option]) -> Signature:
    found = [option.argument() for option in options]
    return Signature(sorted(found, key=lambda each: each.kind))


def options_of(tool: Tool) -> tuple[Option, ...]:
    """All options of a report's command."""
    known = input_schema(tool)["properties"]
    choices = {argument_name(each): _choices(each["schema"]) for each in parameters(tool)}
    own = (_option(tool, name, each, choices.get(name, ())) for name, each in known.items())
    return (
        *(option for option in own if option is not None),
        *(_period_options(tool) if PERIOD in known else ()),
        *(_comparison() if "compare" in known else ()),
        *((_filter(),) if any(name.startswith(FILTER) for name in known) else ()),
        *_output_options(tool),
        *_connection_options(takes_website="domain" in known),
    )


def _choices(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """A parameter's values in the API, where they are listed. Numbers have two spellings there."""
    found = schema.get("enum", ())
    return tuple(
        dict.fromkeys(BY_SPELLING[each].name if each in BY_SPELLING else each for each in found)
    )


def _option(
    tool: Tool, name: str, schema: Mapping[str, Any], choices: tuple[str, ...]
) -> Option | None:
    if name in _LEFT_OUT or name.startswith(FILTER):
        return None
    text = _sentence(schema.get("description", ""))
    kind = _type(name, schema, choices)
    default = _DEFAULTS.get(tool.name, {}).get(name, False if kind is bool else None)
    if name in ("visitorId", "dimension"):
        return Option(name=name, type=kind, help=text, is_positional=True)
    if name in _STEPS:
        about = f"{text.rstrip('.')}. {_STEP_RULE}."
        about += " Repeat it for each step." if name in MANY else ""
        return Option(name=name, type=kind, help=about, default=default)
    group = PERIODS if name in _OF_PERIOD else ROWS if name in _OF_ROWS else QUESTION
    return Option(name=name, type=kind, help=text, group=group, default=default)


def _type(name: str, schema: Mapping[str, Any], choices: tuple[str, ...]) -> Any:
    if name in MANY:
        items = schema.get("items", {}).get("enum", ())
        each = Literal[tuple(items)] if items else str
        return each if name == "dimension" else list[each]  # type: ignore[valid-type]
    if choices:
        return Literal[choices]
    return {"integer": int, "boolean": bool}.get(schema.get("type", ""), str)


def _sentence(text: str) -> str:
    short = text.partition(" JSON text, as in")[0].strip()
    return f"{short}." if short and not short.endswith(".") else short


def _period_options(tool: Tool) -> Iterator[Option]:
    has_default = tool.name not in WITHOUT_PERIOD
    note = f" {DEFAULT_LAST} if no period is given." if has_default else ""
    about = f"How far to reach back, such as 30d. {BACK_RULE}.{note}"
    yield Option(name="last", type=str, help=about, group=PERIODS)
    names = Literal[tuple(period_names(tool))]  # type: ignore[valid-type]
    yield Option(name="period", type=names, help=f"{PERIOD_RULE}.", group=PERIODS)
    day = "A date (2026-01-31), or a date and time (2026-01-31T18:30:00Z)."
    yield Option(name="start", type=str, help=f"Start of the period. {day}", group=PERIODS)
    yield Option(name="end", type=str, help=f"End of the period. {day}", group=PERIODS)


def _comparison() -> Iterator[Option]:
    yield Option(
        name="compare", type=bool, flag="--compare", default=False, group=PERIODS,
        help="Compare with the period before.",
    )  # fmt: skip
    yield Option(
        name="compare_with", type=str, group=PERIODS,
        help="Compare with previous_year, or a period of your own: 2026-01-01..2026-01-31.",
    )  # fmt: skip


def _filter() -> Option:
    return Option(
        name="filter", type=list[str], group=ROWS,
        help="Only what has this value: country=AT. Also !AT (is not), ~text (contains), !~text,"
        " AT|DE (any of). You can repeat it.",
    )  # fmt: skip


def _output_options(tool: Tool) -> Iterator[Option]:
    def switch(name: str, text: str, flag: str = "") -> Option:
        return Option(name=name, type=bool, default=False, help=text, flag=flag, group=OUTPUT)

    yield switch("as_json", "Print the API's answer.", "--json")
    if tool.name not in WITHOUT_ROWS:
        yield switch("as_csv", "Print the rows as CSV, for spreadsheets.", "--csv")
    yield switch("request", "Print the API's address of this question instead of asking it.")
    if tool.name in WATCHED:
        yield switch("watch", "Ask again and again until Ctrl-C.")
        yield Option(
            name="every", type=int, default=5, group=OUTPUT, help="Seconds between two answers."
        )


def _connection_options(*, takes_website: bool) -> Iterator[Option]:
    texts = {
        "website": "The website: its domain or ID. Not needed if there is only one.",
        "data": "The data folder.",
        "url": "A server's address, instead of a folder.",
        "token": f"A token of that server. Better: the variable {TOKEN_VARIABLE} or a profile.",
        "profile": "A connection of your configuration file, by its name.",
    }
    for name, text in texts.items():
        if name != "website" or takes_website:
            yield Option(name=name, type=str, help=text, group=CONNECTION)


# Values


def arguments_of(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """The tool's arguments for what was given, without website and period. Raises BadRequest."""
    known = input_schema(tool)["properties"]
    found: dict[str, Any] = {}
    for name, value in given.items():
        is_given = value is not None and value is not False and value != ()  # 0 is given, too
        if name in known and name not in _LEFT_OUT and is_given:
            found[name] = _value(name, value, known[name])
    for text in given.get("filter") or ():
        name, value = _filter_of(text, known)
        if name in found:
            raise BadRequest(
                f"--filter {name.removeprefix(FILTER)} is given twice: join its values with |"
            )
        found[name] = value
    for name in input_schema(tool).get("required", ()):
        if found.get(name) in (None, "", []):
            about = _sentence(known[name].get("description", ""))
            raise BadRequest(f"{flag_of(name)} is missing: {about[:1].lower()}{about[1:]}")
    if compared := _compared(given):
        found["compare"] = compared
    if PERSONAL in known:
        found[PERSONAL] = True  # a person asks for this, and the token says what they may see
    return found


def _compared(given: Mapping[str, Any]) -> str | None:
    if given.get("compare") and given.get("compare_with"):
        raise BadRequest("give --compare or --compare-with, not both")
    return "previous_period" if given.get("compare") else given.get("compare_with")


def _value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    if name in _STEPS:
        return _step_value(name, value)
    if name == "dimension":
        return ",".join(value)
    if name == "fields":
        return _fields(str(value), schema["items"].get("enum", ()))
    return value


def _fields(text: str, choices: Iterable[str]) -> str:
    for each in text.split(","):
        if each not in choices and each not in BY_SPELLING:
            raise BadRequest(f"--fields {each!r} is not a number{suggestion(each, choices)}")
    return text


def _filter_of(text: str, known: Mapping[str, Any]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadRequest(f"--filter {text!r} has no value: write it as in country=AT")
    name = name.strip().replace("-", "_")
    if f"{FILTER}{name}" not in known:
        names = [each.removeprefix(FILTER) for each in known if each.startswith(FILTER)]
        raise BadRequest(f"--filter {name!r} is not a dimension{suggestion(name, names)}")
    return f"{FILTER}{name}", value


def suggestion(given: str, choices: Iterable[str]) -> str:
    """The end of a sentence about a wrong name: the nearest right one, or all."""
    close = get_close_matches(given.lower(), choices, 1)
    return f"; did you mean {close[0]}?" if close else f"; choose from {', '.join(choices)}"


def _step_value(name: str, value: Any) -> Any:
    if name not in MANY:
        return _step(name, str(value))
    if len(value) == 1 and value[0].startswith("["):
        return value[0]
    return [_step(name, text) for text in value]


def _step(name: str, text: str) -> Any:
    """A step as a person writes it: a page's path, the name of a goal, or JSON."""
    if text.startswith("{"):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise BadRequest(f"{flag_of(name)} {text!r} is not JSON: {error}") from error
    if text == _ANY_PAGE:
        return {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__"}
    if text.startswith("/"):
        return {"type": "event", "event": "page", "resolved_event": text}
    return {"type": "track", "event": text, "resolved_event": text}
