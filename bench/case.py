"""The cases: which reports, with which filters, and which SQL gives the same numbers."""

from collections.abc import Iterator, Mapping

from bench.pair import Case, Numbers, Params, Sent
from footfall.model.country import COUNTRY_CODES, country_name
from footfall.model.dimension import DIMENSIONS

SESSION_LISTS = (
    "device",
    "browser",
    "os",
    "country",
    "region",
    "city",
    "referrer",
    "channel",
    "entry_page",
    "exit_page",
    "exit_link",
    "utm_campaign",
    "language",
)
DASHBOARD_LISTS = (
    "device",
    "browser",
    "os",
    "country",
    "region",
    "city",
    "referrer",
    "channel",
    "entry_page",
    "utm_campaign",
)
_OWN_SQL = ("country", "region", "city")
_FACT_FILTER = {"session": "country = 'DE'", "payment": "country = 'DE'", "event": "country = 'DE'"}
_PAGE = "/products/1/item-1"
_SAW = (
    "session_id IN (SELECT session_id FROM events WHERE website_id = {website:UInt32}"
    f" AND type = 'page' AND path = '{_PAGE}' AND session_id != 0 AND report_at {{since}}"
    " AND report_at < fromUnixTimestamp64Milli({to_ms:Int64}))"
)
_SAW_IN_PERIOD = _SAW.replace("{since}", ">= fromUnixTimestamp64Milli({from_ms:Int64})")
_SAW_BEFORE = _SAW.replace(
    "{since}",
    ">= least(fromUnixTimestamp64Milli({from_ms:Int64}), (SELECT min(session_started_at) FROM"
    " payments FINAL WHERE website_id = {website:UInt32} AND session_id != 0"
    " AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})"
    " AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})))",
)
_PAGE_FILTER = {"session": _SAW_IN_PERIOD, "payment": _SAW_BEFORE, "event": _SAW_IN_PERIOD}


def cases(name: str, period: Mapping[str, str]) -> Iterator[Case]:
    """Every kind of report over a period."""
    yield overview(name, period)
    yield timeseries(name, period)
    for dimension in SESSION_LISTS:
        yield session_list(name, period, dimension)
    for dimension in ("all_params", "page", "event", "goal"):
        yield held_list(name, period, dimension)
    yield goals(name, period)
    country = (("filter_country", "Germany"),)
    yield overview(f"{name}, of a country", period, country, _FACT_FILTER)
    yield session_list(f"{name}, of a country", period, "referrer", country, _FACT_FILTER)
    yield held_list(f"{name}, of a country", period, "page", country, _FACT_FILTER)
    page = (("filter_page", _PAGE),)
    yield overview(f"{name}, having seen a page", period, page, _PAGE_FILTER)
    yield session_list(f"{name}, having seen a page", period, "referrer", page, _PAGE_FILTER)


def dashboard(name: str, period: Mapping[str, str]) -> list[Case]:
    """The panels of a dashboard, each with its SQL."""
    return [
        overview(name, period),
        timeseries(name, period),
        *(session_list(name, period, dimension) for dimension in DASHBOARD_LISTS),
        held_list(name, period, "page"),
        goals(name, period),
        realtime(),
    ]


def overview(
    name: str, period: Mapping[str, str], filters: Params = (), slots: Mapping[str, str] = {}
) -> Case:
    def read(answer: Sent) -> Numbers:
        [row] = answer["data"]
        names: tuple[str, ...] = ("visitors", "sessions", "pageviews")
        names += ("bounceRate", "avgSessionDuration")
        names += ("avgEngagedTime", "newRevenue", "renewalRevenue", "refundedRevenue")
        return [[row[each] for each in (*names, "conversionRate")]]

    params = (*period.items(), *filters)
    return Case(
        name=f"overview, {name}", report="overview", params=params, sql="overview", read=read,
        slots=slots,
    )  # fmt: skip


def timeseries(name: str, period: Mapping[str, str]) -> Case:
    def read(answer: Sent) -> Numbers:
        totals = answer["totals"]
        names = ("visitors", "sessions", "pageviews", "revenue", "conversionRate")
        return [[row[each] for each in names] for row in (totals, *answer["data"])]

    params = (*period.items(), ("interval", "day"))
    return Case(
        name=f"timeseries by day, {name}", report="timeseries", params=params, sql="timeseries",
        read=read,
    )  # fmt: skip


def session_list(
    name: str,
    period: Mapping[str, str],
    dimension: str,
    filters: Params = (),
    slots: Mapping[str, str] = {},
) -> Case:
    values: dict[str, object] = {"missing": DIMENSIONS[dimension].missing or ""}
    if dimension == "country":
        values["codes"] = list(COUNTRY_CODES)
        values["names"] = [country_name(code) for code in COUNTRY_CODES]
    elif dimension not in _OWN_SQL:
        values["column"] = DIMENSIONS[dimension].column
    return Case(
        name=f"{dimension}, {name}",
        report="breakdown",
        params=(*period.items(), ("dimension", dimension), *filters),
        sql=dimension if dimension in _OWN_SQL else "list",
        read=_read_list,
        values=values,
        slots=slots,
    )


def held_list(
    name: str,
    period: Mapping[str, str],
    dimension: str,
    filters: Params = (),
    slots: Mapping[str, str] = {},
) -> Case:
    has_completions = dimension in ("event", "goal")
    more = {"kind": "type = 'track'"} if dimension == "goal" else {}
    return Case(
        name=f"{dimension}, {name}",
        report="breakdown",
        params=(*period.items(), ("dimension", dimension), *filters),
        sql="event" if has_completions else dimension,
        read=lambda answer: _read_list(answer, *(("completions",) if has_completions else ())),
        slots={**slots, **more},
    )


def goals(name: str, period: Mapping[str, str]) -> Case:
    def read(answer: Sent) -> Numbers:
        totals = answer["totals"]
        names = ("value", "visitors", "sessions", "completions", "revenue")
        rows = [[row[each] for each in names] for row in answer["data"]]
        return [["", totals["visitors"], 0, 0, 0], *rows]

    return Case(
        name=f"goals, {name}", report="goals", params=tuple(period.items()), sql="goals", read=read
    )


def realtime() -> Case:
    return Case(
        name="realtime",
        report="realtime",
        params=(),
        sql="realtime",
        read=lambda answer: [[answer["data"][0]["visitors"]]],
    )


def _read_list(answer: Sent, *more: str) -> Numbers:
    """The report's row, then the list's rows, each with the total number of rows."""
    totals, total = answer["totals"], answer["pagination"]["total"]
    names: tuple[str, ...] = ("visitors", "sessions", "pageviews", "revenue")
    report = ["", *(totals[each] for each in names), *(0 for _ in more), total]
    names = ("value", *names, *more)
    return [report, *([*(row[each] for each in names), total] for row in answer["data"])]
