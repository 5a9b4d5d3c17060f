"""A step of a flow or funnel: which events it means, and the conditions that test each event."""

from typing import Literal, get_args

import msgspec

from footfall.model.campaign import CAMPAIGN_PARAMS
from footfall.model.event import EVENT_TYPES

Operator = Literal[
    "equals",
    "notEquals",
    "in",
    "notIn",
    "gt",
    "lt",
    "gte",
    "lte",
    "startsWith",
    "endsWith",
    "includes",
    "notEmpty",
    "isEmpty",
]
OPERATORS: tuple[str, ...] = get_args(Operator)
OPERATOR_ALIASES: dict[str, Operator] = {
    "eq": "equals",
    "neq": "notEquals",
    "nin": "notIn",
    "contains": "includes",
}
"""The newer spellings of an operator."""

StepType = Literal["event", "track", "transaction", "signature", "decoded_log"]
STEP_TYPES: tuple[str, ...] = get_args(StepType)
ALL_PAGE_VIEWS = "__ALL_PAGE_VIEWS__"
BUILT_IN_EVENTS: tuple[str, ...] = tuple(
    name for name in EVENT_TYPES if name not in ("track", "decoded_log")
)
"""Names that mean an event's type under a step of type `event` or `track`."""

EVENT_COLUMNS: dict[str, str] = {
    "device": "desktop, mobile, tablet or bot; mobile-ios and mobile-android narrow mobile",
    "browser": "lower-case name, as in chrome or safari (also on a phone)",
    "os": "lower-case name, as in windows, macos, ios",
    "location": "ISO 3166-1 alpha-2 code of the country",
    "country": "the same as location",
    "region": "name",
    "city": "name",
    "referrer": "domain, a known source's main one; '' for none",
    "referrer_url": "address without query and fragment",
    "ref": "campaign parameter ref",
    **{name: "campaign parameter" for name in CAMPAIGN_PARAMS if name.startswith("utm_")},
    "channel_type": "marketing channel, as in Organic Search",
    "origin": "hostname without www.",
    "page_path": "path of the event's own address; '' where it has none",
    "page_title": "title of the event's own page",
    "locale": "language tag; upper and lower case are the same",
    "timezone": "IANA name, as the SDK sends it",
    "version": "as the SDK sends it",
    "event": "name of a goal, contract event, signature or transaction; '' for none",
    "type": "type of the event, as in page, track, connect",
    "address": "wallet address; case makes no difference in 0x + 40 hex digits and in bech32",
}
"""What a condition can name besides an event's own properties, and the form of the values."""
OWN_COLUMNS = frozenset({"page_path", "page_title", "event", "type", "address"})
"""Those that are the event's own. All others are facts of its session."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A test of one event. All conditions of a step hold together.

    `field` is one of EVENT_COLUMNS or the name of a property; a dot reaches into an object.
    `values` are texts: several for `equals`, `in` and their opposites, none for `notEmpty` and
    `isEmpty`, one for the others. What is missing is the text ''. gt, gte, lt and lte compare
    numbers and are false if either side is not a number.
    """

    field: str
    operator: Operator
    values: tuple[str, ...] = ()

    @property
    def property_path(self) -> tuple[str, ...]:
        """Keys that lead to the property; () for a column."""
        return () if self.field in EVENT_COLUMNS else tuple(self.field.split("."))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a step means: those of `type` that pass everything else that is set.

    `label` is how the caller names the step. `path` is a page's path or a pattern of paths
    (model/path_pattern.py). `name` is a goal's or contract event's.
    `statuses` are values of the property `status`, one of which it must have. `action` is the
    event's name or its property `function_name`.
    """

    label: str
    type: str
    path: str = ""
    name: str = ""
    statuses: tuple[str, ...] = ()
    action: str = ""
    conditions: tuple[Condition, ...] = ()
