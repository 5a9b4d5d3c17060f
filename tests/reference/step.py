"""What steps and conditions mean. docs/flows.md, "Steps" and "Conditions"; contract.md §B.

Steps and conditions are taken as a caller writes them, decoded from JSON and nothing more.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from footfall.model.step import ALL_PAGE_VIEWS, BUILT_IN_EVENTS
from reference.join import Row
from reference.select import COUNTRY_NAMES, ascii_form, cleaned, match_path, read_characters

Step = dict[str, Any]
Condition = dict[str, Any]

COUNTRY_CODES = {name: code for code, name in COUNTRY_NAMES.items()} | {"DEU": "DE"}
"""Those of the random conditions."""
PHONES = {"iOS": "mobile-ios", "Android": "mobile-android"}
NAMES = {"Mobile Safari": "safari", "Mac OS": "macos"}
"""Names that are not only put in lower case."""

PLAIN_FACTS = (
    *("region", "city", "referrer", "referrer_url", "ref"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    "timezone",
)
RENAMED_FACTS = {
    "location": "country",
    "country": "country",
    "channel_type": "channel",
    "locale": "language",
    "version": "sdk_version",
}
OWN_COLUMNS = {
    "page_path": "path",
    "page_title": "title",
    "event": "name",
    "type": "type",
}
ALIASES = {"eq": "equals", "neq": "notEquals", "nin": "notIn", "contains": "includes"}


def value_of(row: Row, field: str) -> str:
    """The text that a condition tests, '' for what is missing."""
    if field == "address":
        return wallet_of(row.address)
    if field in OWN_COLUMNS:
        return str(getattr(row, OWN_COLUMNS[field]))
    if field in PLAIN_FACTS:
        return str(getattr(row.facts, field))
    if field in RENAMED_FACTS:
        return str(getattr(row.facts, RENAMED_FACTS[field]))
    if field == "origin":
        return row.facts.hostname.removeprefix("www.")
    if field in ("browser", "os"):
        name = str(getattr(row.facts, field))
        return NAMES.get(name, name.lower())
    if field == "device":
        return _device(row)
    return property_of(row, field)


def wallet_of(address: str) -> str:
    """One text for all spellings of a wallet."""
    return address.lower() if has_free_case(address) else address


def has_free_case(address: str) -> bool:
    """Whether upper and lower case mean the same wallet: 0x and 40 hex digits, or bech32, which is
    a name, a 1 and at least six of its 32 letters and digits, all in one case."""
    lower = address.lower()
    if lower.startswith("0x") and len(lower) == 42:
        return all(letter in "0123456789abcdef" for letter in lower[2:])
    name, separator, data = lower.rpartition("1")
    return (
        address in (lower, address.upper())
        and separator == "1"
        and re.fullmatch("[a-z][a-z0-9_]*", name) is not None
        and len(data) >= 6
        and not set(data) - set("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
    )


def _device(row: Row) -> str:
    if row.bot:
        return "bot"
    if row.facts.device == "Mobile":
        return PHONES.get(row.facts.os, "mobile")
    return row.facts.device.lower()


def property_of(row: Row, name: str) -> str:
    """A string itself, the JSON text of a number or boolean, of anything else ''."""
    found: Any = json.loads(row.properties or "{}", parse_int=str, parse_float=write_number)
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else ""


def write_number(text: str) -> str:
    """JSON text with a fraction or an exponent as browsers write it: 1.0 is 1, 1e18 has no e."""
    number = Decimal(text)
    is_whole = number == number.to_integral_value() and abs(number) < 10**21
    if is_whole:
        return f"{number.to_integral_value():f}"
    return re.sub(r"e\+?(-?)0*", r"e\1", text)


def read_texts(condition: Condition) -> list[str]:
    """The values of a condition. `values` wins; for `in` and `notIn` a bar separates."""
    operator = read_operator(condition)
    if operator in ("in", "notIn") and "values" in condition:
        return [_text(value) for value in condition["values"]]
    text = _text(condition.get("value", ""))
    return split_at_bars(text) if operator in ("in", "notIn") else [text]


def split_at_bars(text: str) -> list[str]:
    r"""`\|` is a bar itself, `\\` a backslash."""
    parts = [""]
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("|", "\\"):
            at += 1
            parts[-1] += text[at]
        elif text[at] == "|":
            parts.append("")
        else:
            parts[-1] += text[at]
        at += 1
    return parts


def _text(value: Any) -> str:
    """Numbers, true and false mean their JSON text."""
    if isinstance(value, str):
        return value
    return write_number(repr(value)) if isinstance(value, float) else json.dumps(value)


def read_operator(condition: Condition) -> str:
    written = str(condition.get("operator") or condition["op"])
    return ALIASES.get(written, written)


def holds(condition: Condition, row: Row) -> bool:
    """Whether one event passes one condition."""
    field = condition.get("operand") or condition["field"]
    operator = read_operator(condition)
    value = value_of(row, field)
    texts = read_texts(condition)
    if field == "locale":
        value, texts = value.lower(), [text.lower() for text in texts]
    if field == "address" and operator in ("equals", "notEquals", "in", "notIn"):
        texts = [wallet_of(text) for text in texts]
    elif field == "address" and has_free_case(value):
        texts = [text.lower() for text in texts]
    if operator in ("equals", "in"):
        return any(_is(field, value, text) for text in texts)
    if operator in ("notEquals", "notIn"):
        return not any(_is(field, value, text) for text in texts)
    if operator == "notEmpty":
        return value != ""
    if operator == "isEmpty":
        return value == ""
    if operator == "startsWith":
        return value.startswith(texts[0])
    if operator == "endsWith":
        return value.endswith(texts[0])
    if operator == "includes":
        return texts[0] in value
    return _compares(operator, value, texts[0])


def _is(field: str, value: str, text: str) -> bool:
    """`mobile` means all three, a country may be named, hosts are ASCII."""
    if field == "device" and text == "mobile":
        return value in ("mobile", *PHONES.values())
    if field in ("location", "country"):
        return value == COUNTRY_CODES.get(text, text)
    if field in ("referrer", "origin") and not text.isascii():
        return value == ascii_form(text)
    return value in (text, cleaned(text))


def _compares(operator: str, left: str, right: str) -> bool:
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return False
    if operator == "gt":
        return one > other
    if operator == "lt":
        return one < other
    if operator == "gte":
        return one >= other
    if operator == "lte":
        return one <= other
    raise ValueError(operator)


def _number(text: str) -> Fraction | None:
    is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text)
    return Fraction(text) if is_number else None


def read_conditions(given: Mapping[str, str]) -> list[Condition]:
    """Those of `global_filters` and `filters`: all must hold."""
    texts = [given.get(name, "[]") for name in ("global_filters", "filters")]
    return [condition for text in texts for condition in json.loads(text)]


def all_hold(conditions: list[Condition], row: Row) -> bool:
    """The conditions nested in one test the same event."""
    return all(
        holds(condition, row) and all_hold(condition.get("filters") or [], row)
        for condition in conditions
    )


def matches(step: Step, row: Row) -> bool:
    """Whether an event is what a step means, its own filters among it."""
    return (
        _is_meant(step, row) and _has_status(step, row) and all_hold(step.get("filters") or [], row)
    )


def _is_meant(step: Step, row: Row) -> bool:
    name = step.get("resolved_event") or step.get("event") or ""
    if step["type"] == "decoded_log":
        return row.type == "decoded_log" and row.name == name
    if step["type"] in ("transaction", "signature"):
        is_any = name in ("", step["type"])
        is_action = name in (row.name, property_of(row, "function_name"))
        return row.type == step["type"] and (is_any or is_action)
    if name == ALL_PAGE_VIEWS or name == "page":
        return row.type == "page"
    if step.get("event") == "page":
        return row.type == "page" and is_path(name, row.path)
    if name in BUILT_IN_EVENTS:
        return row.type == name
    return row.type == "track" and row.name == name


def _has_status(step: Step, row: Row) -> bool:
    """`status_value` narrows any transaction or signature."""
    wanted = step.get("status_value")
    if not wanted or row.type not in ("transaction", "signature"):
        return True
    status = property_of(row, "status")
    return status == wanted or (wanted == "success" and status == "confirmed")


def is_path(pattern: str, path: str) -> bool:
    """`*` within a segment, `**` across; a backslash makes the next character literal."""
    return match_path(read_characters(pattern), path)


def label_of(row: Row) -> str:
    """How an event's node is called. docs/flows.md, "Flow" 3."""
    if row.type == "page":
        return row.path
    if row.type in ("track", "decoded_log"):
        return row.name
    status = property_of(row, "status")
    if row.type in ("signature", "transaction") and status:
        return f"{row.type}:{status}"
    return row.type
