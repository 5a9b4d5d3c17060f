"""Tests of single events: the columns and properties that conditions name, the steps' matches."""

import re
from collections.abc import Sequence

from footfall.model.escape import unescape
from footfall.model.number import NUMBER
from footfall.model.path_pattern import has_star, path_pattern
from footfall.model.step import Condition, Operator, Step
from footfall.model.wallet import WALLET_IN_ANY_CASE, plain_wallet
from footfall.query.sql.statement import Values

_IS_WALLET_IN_ANY_CASE = f"match(address, '{WALLET_IN_ANY_CASE}')"
WALLET = f"if({_IS_WALLET_IN_ANY_CASE}, lower(address), address)"
"""A wallet in its one spelling. Rows of earlier versions hold addresses as they were sent."""
_DEVICE = "if(bot != '', 'bot', lower(device))"
_COLUMNS: dict[str, str] = {
    "device": "multiIf(bot != '', 'bot', device = 'Mobile' AND os = 'iOS', 'mobile-ios',"
    " device = 'Mobile' AND os = 'Android', 'mobile-android', lower(device))",
    "browser": "if(browser = 'Mobile Safari', 'safari', lower(browser))",
    "os": "if(os = 'Mac OS', 'macos', lower(os))",
    "location": "country",
    "channel_type": "channel",
    "origin": "if(startsWith(hostname, 'www.'), substring(hostname, 5), hostname)",
    "page_path": "path",
    "page_title": "title",
    "locale": "language",
    "version": "sdk_version",
    "event": "name",
    "type": "toString(type)",
    "address": WALLET,
}
"""EVENT_COLUMNS that are not read as they are stored."""
_MOBILE = ("mobile", "mobile-ios", "mobile-android")

_SETS: dict[Operator, str] = {"equals": "IN", "in": "IN", "notEquals": "NOT IN", "notIn": "NOT IN"}
_SIGNS: dict[Operator, str] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TESTS: dict[Operator, str] = {
    "startsWith": "startsWith({text}, {wanted})",
    "endsWith": "endsWith({text}, {wanted})",
    "includes": "position({text}, {wanted}) > 0",
    "notEmpty": "{text} != {wanted}",
    "isEmpty": "{text} = {wanted}",
}


def _property(*keys: str) -> str:
    """A property's text, by placeholders or literals of its keys; '' for objects and lists."""
    found = f"properties, {', '.join(keys)}"
    return f"if(JSONType({found}) IN ('Object', 'Array'), '', JSONExtractString({found}))"


STATUS = _property("'status'")
ACTION = _property("'function_name'")

NODE_LABEL = (
    "multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name),"
    f" type IN ('signature', 'transaction') AND {STATUS} != '',"
    f" concat(toString(type), ':', {STATUS}), toString(type))"
)
"""An event's label as a node of a flow."""


class EventTests:
    """Conditions and steps as SQL on a row of `events`; what callers wrote is bound."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def step(self, step: Step) -> str:
        """Whether the event is one that the step means."""
        tests = [f"type = {self._text(step.type)}"]
        if step.path:
            tests.append(self.is_path("path", step.path))
        if step.name:
            tests.append(f"name = {self._text(step.name)}")
        if step.statuses:
            tests.append(f"{STATUS} IN {self._texts(step.statuses)}")
        if step.action:
            action = self._text(step.action)
            tests.append(f"(name = {action} OR {ACTION} = {action})")
        return f"({' AND '.join([*tests, *map(self._condition, step.conditions)])})"

    def is_path(self, column: str, wanted: str) -> str:
        """Whether the column is the path that `wanted` names, or one that it matches."""
        if has_star(wanted):
            return f"match({column}, {self._text(path_pattern(wanted))})"
        return f"{column} = {self._text(unescape(wanted))}"

    def conditions(self, conditions: Sequence[Condition]) -> str:
        """Whether all conditions are met; '' if there are none."""
        return " AND ".join(map(self._condition, conditions))

    def group_value(self, field: str) -> str:
        """The text by which a breakdown groups an event: a phone is `mobile`, whatever it runs."""
        return _DEVICE if field == "device" else f"toString({self._field(field)})"

    def _condition(self, condition: Condition) -> str:
        text, values = self._field(condition.field), condition.values
        if condition.field == "locale":
            values = tuple(value.lower() for value in values)
        if condition.field == "address":
            return self._wallet(condition)
        if condition.field == "device" and condition.operator in _SETS:
            if not any(value.startswith("mobile-") for value in values):
                text = _DEVICE  # cheaper: mobile covers all of them
            elif "mobile" in values:
                values = (*values, *_MOBILE)
        return self._test(text, condition.operator, values)

    def _wallet(self, condition: Condition) -> str:
        """A whole wallet matches in any spelling; so does a part whose case has no meaning."""
        operator, values = condition.operator, condition.values
        if operator in _SETS:
            return self._test(WALLET, operator, [*map(plain_wallet, values)])
        test = self._test(WALLET, operator, values)
        lower = [value.lower() for value in values]
        if operator in _SIGNS or lower == list(values):
            return test
        return f"({test} OR {_IS_WALLET_IN_ANY_CASE} AND {self._test(WALLET, operator, lower)})"

    def _test(self, text: str, operator: Operator, values: Sequence[str]) -> str:
        """Whether the text, an SQL expression, meets the operator with the values."""
        if operator in _SETS:
            return f"{text} {_SETS[operator]} {self._texts(values)}"
        if operator in _SIGNS:
            if not re.fullmatch(NUMBER, values[0]):
                return "false"
            wanted = f"toFloat64OrNull({self._text(values[0])})"
            is_number = f"match({text}, '^{NUMBER}$')"
            compared = f"toFloat64OrNull({text}) {_SIGNS[operator]} {wanted}"
            return f"({is_number} AND ifNull({compared}, 0))"
        wanted = self._text(values[0]) if values else "''"
        return _TESTS[operator].format(text=text, wanted=wanted)

    def _field(self, field: str) -> str:
        if path := Condition(field=field, operator="isEmpty").property_path:
            return _property(*map(self._text, path))
        return _COLUMNS.get(field, field)

    def _text(self, value: str) -> str:
        return self._values.bind("String", value)

    def _texts(self, values: Sequence[str]) -> str:
        return self._values.bind("Array(String)", list(values))
