"""The registry of dimensions: what a report can be broken down and filtered by.

SQL, REST parameters, OpenAPI and docs derive from this table. A new dimension on a
stored column is one row here and its test.
"""

from typing import Literal

import msgspec

from footfall.model.campaign import CAMPAIGN_PARAMS

Scope = Literal["session", "event"]


class Dimension(msgspec.Struct, frozen=True, kw_only=True):
    """One way to split a report into rows.

    `scope` session: every session has at most one value (except `all_params`: several), taken from
    the sessions' rows. `scope` event: a session has the value if one of its events has it.
    `missing` is the row for sessions without the fact; None leaves those out of the list.
    """

    name: str
    label: str
    rule: str  # one sentence, shown to users
    scope: Scope = "session"
    column: str = ""  # the stored column; '' where SQL needs more than a column
    within: tuple[str, ...] = ()  # columns that distinguish rows of the same value
    code_column: str = ""  # a filter's value may also be a code in this column
    missing: str | None = None
    has_filter: bool = False
    is_case_insensitive: bool = False
    is_path: bool = False  # values may hold * and ** patterns
    is_host: bool = False  # values are stored in ASCII; filters may use any spelling
    comma_separates: bool = True  # in a filter's value, like '|'

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that make a row, its value first."""
        return (self.column, *self.within)


def _fact(name: str, label: str, rule: str, **options: object) -> Dimension:
    return Dimension(name=name, label=label, rule=rule, column=name, **options)  # type: ignore[arg-type]


def _tag(name: str) -> Dimension:
    words = name.split("_")
    return _fact(
        name,
        f"UTM {words[1]}" if words[0] == "utm" else f"{name.capitalize()} parameter",
        f"The value of {name} in the address of the session's first counted event.",
        has_filter=True,
        comma_separates=False,
    )


_UNKNOWN = "Unknown"

_ALL: tuple[Dimension, ...] = (
    _fact(
        "device",
        "Device",
        "Desktop, Mobile or Tablet, by the session's user agent.",
        missing=_UNKNOWN,
        has_filter=True,
        is_case_insensitive=True,
    ),
    Dimension(
        name="page",
        label="Page",
        rule="Pages seen: visitors and sessions that saw the path, and how often.",
        scope="event",
        column="path",
        has_filter=True,
        is_path=True,
        comma_separates=False,
    ),
    _fact(
        "entry_page",
        "Entry page",
        "The path of the session's first page event.",
        missing=_UNKNOWN,
        has_filter=True,
        is_path=True,
        comma_separates=False,
    ),
    _fact(
        "exit_page",
        "Exit page",
        "The path of the session's last page event.",
        missing=_UNKNOWN,
        has_filter=True,
        is_path=True,
        comma_separates=False,
    ),
    _fact("exit_link", "Exit link", "The address of the session's last outbound click."),
    _fact(
        "hostname",
        "Hostname",
        "The host on which the session began.",
        missing=_UNKNOWN,
        has_filter=True,
        is_host=True,
    ),
    _fact(
        "referrer",
        "Referrer",
        "The domain that sent the session; a known source's hosts count as its main domain.",
        missing="Direct/None",
        has_filter=True,
        is_host=True,
        is_case_insensitive=True,
    ),
    _fact(
        "channel",
        "Channel",
        "The marketing channel, by the first matching row of the channel table.",
        missing=_UNKNOWN,
        has_filter=True,
        is_case_insensitive=True,
    ),
    Dimension(
        name="campaign",
        label="Campaign",
        rule="The same as utm_campaign.",
        column="utm_campaign",
        comma_separates=False,
    ),
    Dimension(
        name="goal",
        label="Goal",
        rule="Goals completed: every track event is a completion of the goal it names.",
        scope="event",
        column="name",
        has_filter=True,
    ),
    _fact(
        "country",
        "Country",
        "The country of the session's address.",
        missing=_UNKNOWN,
        has_filter=True,
        is_case_insensitive=True,
        comma_separates=False,
    ),
    _fact(
        "region",
        "Region",
        "The region of the session's address.",
        missing=_UNKNOWN,
        within=("country", "region_code"),
        code_column="region_code",
        has_filter=True,
        comma_separates=False,
    ),
    _fact(
        "city",
        "City",
        "The city of the session's address.",
        missing=_UNKNOWN,
        within=("country", "region_code", "region"),
        has_filter=True,
        comma_separates=False,
    ),
    _fact(
        "browser",
        "Browser",
        "The browser, by the session's user agent.",
        missing=_UNKNOWN,
        has_filter=True,
        is_case_insensitive=True,
    ),
    _fact("browser_version", "Browser version", "The browser and its version.", missing=_UNKNOWN),
    _fact(
        "os",
        "Operating system",
        "The operating system, by the session's user agent.",
        missing=_UNKNOWN,
        has_filter=True,
        is_case_insensitive=True,
    ),
    _fact(
        "os_version",
        "Operating system version",
        "The operating system and its version.",
        missing=_UNKNOWN,
    ),
    *map(_tag, CAMPAIGN_PARAMS),
    Dimension(
        name="all_params",
        label="All parameters",
        rule="Every campaign parameter as name=value; one session can be in several rows.",
    ),
    _fact(
        "language",
        "Language",
        "The language that the browser prefers.",
        missing=_UNKNOWN,
        has_filter=True,
        is_case_insensitive=True,
    ),
    _fact("screen", "Screen", "The screen's size in CSS pixels.", missing=_UNKNOWN),
    Dimension(
        name="event",
        label="Event",
        rule="Events seen: the name of goals and contract events, else the event's type.",
        scope="event",
        has_filter=True,
        comma_separates=False,
    ),
)

DIMENSIONS: dict[str, Dimension] = {dimension.name: dimension for dimension in _ALL}
FILTERS: dict[str, Dimension] = {name: d for name, d in DIMENSIONS.items() if d.has_filter}

PATH_OF: dict[str, str] = {
    "pages": "page",
    "referrers": "referrer",
    "countries": "country",
    "regions": "region",
    "cities": "city",
    "devices": "device",
    "browsers": "browser",
    "operating-systems": "os",
    "campaigns": "campaign",
    "hostnames": "hostname",
    "channels": "channel",
}
"""REST path → the dimension it lists. `/goals` is a list of its own."""
