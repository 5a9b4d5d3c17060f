"""The SQL that each report sends, word for word, beside the values that it sends along.

`sql/NAME.sql` is for readers and reviewers: it shows what a report asks of the engine, and its diff
shows what a change of code changes there. After a change that is meant, `make golden` writes the
files again.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from serve.conftest import Api

from footfall.model.key import visitor_key
from footfall.store.engine import Engine

FOLDER = Path(__file__).parent / "sql"
WRITES = os.environ.get("FOOTFALL_WRITE_GOLDEN", "") not in ("", "0")
TAG = re.compile(r"WITH 'footfall-\S+' AS footfall_tag(?: |(,))")
"""A query's name for cancelling it, another one each time."""
ANN = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


class RecordingEngine(Engine):
    """Keeps what it is asked."""

    asked: list[tuple[str, dict[str, object]]]

    def ask_on(self, pool: object, sql: str, params: Mapping[str, object] | None) -> bytes:
        if hasattr(self, "asked"):
            self.asked.append((sql, dict(params or {})))
        return super().ask_on(pool, sql, params)  # type: ignore[arg-type]


def text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


NOVEMBER = {"startAt": "2026-11-01", "endAt": "2026-11-30"}
OLD_NOVEMBER = {"date_from": "2026-11-01", "date_to": "2026-11-30"}
PAGE = {"type": "event", "event": "page"}
PRICING = PAGE | {"resolved_event": "/pricing"}
SIGNUP = {"type": "track", "event": "signup"}
PAID = {"type": "track", "event": "payment"}
BIG_ORDER = {
    "type": "track",
    "event": "order",
    "filters": [{"field": "properties.total", "op": "gt", "value": "100"}],
}
ON_MOBILE = text([{"field": "device", "op": "equals", "value": "mobile"}])
FUNNEL = text([PAGE, PRICING, SIGNUP])
FILTERS = {
    "country": "AT|Germany",
    "not_browser": "!Safari",
    "contains_referrer": "~google",
    "page": "/pricing",
    "not_page": "!/pricing",
    "entry_page": "/",
    "exit_page": "/thanks",
    "goal": "signup",
    "not_goal": "!signup",
    "event": "signup",
    "hostname": "example.com",
    "channel": "Organic search",
    "device": "Mobile",
    "utm_campaign": "spring",
}
DIMENSIONS = ("country", "channel", "device", "referrer", "hostname", "page", "entry_page",
              "exit_page", "goal", "event", "all_params", "utm_source")  # fmt: skip

REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("/overview", NOVEMBER),
    "overview_of_all_time": ("/overview", {}),
    "overview_with_bots": ("/overview", NOVEMBER | {"bots": "include"}),
    "overview_of_bots": ("/overview", NOVEMBER | {"bots": "only"}),
    "overview_some_fields": ("/overview", NOVEMBER | {"fields": "visitors,bounceRate"}),
    "overview_with_parts": ("/overview", NOVEMBER | {"parts": "true"}),
    "overview_compared": ("/overview", NOVEMBER | {"compare": "previous_period"}),
    **{
        f"overview_filter_{name}": (
            "/overview",
            NOVEMBER | {f"filter_{name.removeprefix('not_').removeprefix('contains_')}": value},
        )
        for name, value in FILTERS.items()
    },
    "overview_three_filters": (
        "/overview",
        NOVEMBER | {"filter_country": "AT", "filter_page": "/pricing", "filter_goal": "signup"},
    ),
    **{
        f"timeseries_{interval}": ("/timeseries", NOVEMBER | {"interval": interval})
        for interval in ("hour", "day", "week", "month")
    },
    "timeseries_rates_compared_by_weekday": (
        "/timeseries",
        NOVEMBER
        | {
            "interval": "week",
            "fields": "bounce_rate,kpi_conversion_rate,revenue_per_visitor",
            "compare": "previous_period",
            "match": "weekday",
        },
    ),
    "timeseries_in_vienna": ("/timeseries", NOVEMBER | {"timezone": "Europe/Vienna"}),
    "timeseries_filter_page": ("/timeseries", NOVEMBER | {"filter_page": "/pricing"}),
    **{
        f"breakdown_{dimension}": ("/breakdown", NOVEMBER | {"dimension": dimension})
        for dimension in DIMENSIONS
    },
    "breakdown_several": ("/breakdown", NOVEMBER | {"dimension": "channel,country,device"}),
    "breakdown_first_attribution": (
        "/breakdown",
        NOVEMBER | {"dimension": "channel", "attribution": "first"},
    ),
    "breakdown_rates_sorted_by_bounce_rate": (
        "/breakdown",
        NOVEMBER
        | {
            "dimension": "country,all_params",
            "fields": "visitors,bounce_rate,avg_engaged_time,conversion_rate",
            "sort": "bounce_rate",
            "order": "asc",
        },
    ),
    "pages_compared_by_rates": (
        "/pages",
        NOVEMBER
        | {
            "fields": "visitors,bounce_rate,revenue_per_visitor",
            "sort": "revenue_per_visitor",
            "compare": "previous_year",
            "match": "weekday",
            "limit": "10",
        },
    ),
    "goals_sorted_by_value_descending": (
        "/goals",
        NOVEMBER | {"fields": "completions,avg_session_duration", "sort": "value", "order": "desc"},
    ),
    "pages_search_limit_offset": (
        "/pages",
        NOVEMBER | {"search": "pri", "limit": "10", "offset": "20"},
    ),
    "countries_search_limit_offset": (
        "/countries",
        NOVEMBER | {"search": "aus", "limit": "10", "offset": "20"},
    ),
    "pages_with_bots_filter_country": (
        "/pages",
        NOVEMBER | {"bots": "include", "filter_country": "AT"},
    ),
    "goals": ("/goals", NOVEMBER),
    "goals_search_limit_offset": (
        "/goals",
        NOVEMBER | {"search": "sign", "limit": "10", "offset": "20"},
    ),
    "realtime": ("/realtime", {}),
    "realtime_minutes": ("/realtime", {"minutes": "30"}),
    "realtime_payments": ("/realtime", {"payments": "20"}),
    "realtime_with_bots": ("/realtime", {"bots": "include"}),
    "realtime_map": ("/realtime/map", {}),
    "ingestion": ("/ingestion", NOVEMBER),
    "quarantine": ("/v0/quarantine", OLD_NOVEMBER),
    "visitors": ("/visitors", NOVEMBER | {"filter_country": "AT"}),
    "visitors_found_and_sorted": (
        "/visitors",
        NOVEMBER | {"search": "0xA1", "sort": "paid", "order": "asc"},
    ),
    "visitors_of_a_link": (
        "/visitors",
        NOVEMBER
        | {"start_step": text(PAGE), "drop_off": "true", "flow_step": "1", "flow_source": "/"},
    ),
    "visitors_of_others": (
        "/visitors",
        NOVEMBER
        | {
            **{"start_step": text(PAGE), "nodes_per_step": "3", "sort": "goals"},
            **{"flow_step": "1", "flow_target": "Others"},
        },
    ),
    "visitors_of_a_funnel": (
        "/visitors",
        NOVEMBER | {"steps": FUNNEL, "funnel_step": "2", "dropped": "true"},
    ),
    "visitor": (f"/visitors/{ANN}", {}),
    "visitor_page": (f"/visitors/{ANN}", {"limit": "10", "before": "2026-11-20T12:00:00Z"}),
    "visitor_with_sessions_and_events": (
        f"/visitors/{ANN}",
        {"include": "sessions,events", "before": "2026-11-22T12:00:00Z"},
    ),
    "visitor_export": (f"/visitors/{ANN}/export", {}),
    "flow_forward": ("/flow", NOVEMBER | {"start_step": text(PAGE)}),
    "flow_backward": ("/flow", NOVEMBER | {"start_step": text(SIGNUP), "direction": "backward"}),
    "flow_to_an_end": (
        "/flow",
        NOVEMBER
        | {
            "start_step": text(PRICING),
            "end_step": text(BIG_ORDER),
            "window_seconds": "3600",
            "max_steps": "4",
            "collapse_repeats": "true",
            "exclude": "/login",
            "nodes_per_step": "5",
            "drop_off": "true",
            "percentage_base": "source",
        },
    ),
    "flow_of_sessions": (
        "/flow",
        NOVEMBER
        | {"start_step": text(PAGE), "filter_country": "AT", "filters": ON_MOBILE, "limit": "10"},
    ),
    "flow_through_an_anchor": (
        "/flow",
        NOVEMBER
        | {
            "start_step": text(PAGE),
            "anchors": text([PRICING]),
            "end_step": text(SIGNUP),
            "end_mode": "mark",
            "drop_off": "true",
        },
    ),
    "flow_with_revenue": (
        "/flow",
        NOVEMBER | {"start_step": text(PAGE), "nodes_per_step": "5", "revenue": "true"},
    ),
    "steps": ("/steps", NOVEMBER),
    "steps_search_filter": (
        "/steps",
        NOVEMBER | {"search": "pri", "filter_page": "/pricing", "limit": "10"},
    ),
    "funnel_closed": ("/funnel", NOVEMBER | {"steps": FUNNEL}),
    "funnel_open": ("/funnel", NOVEMBER | {"steps": FUNNEL, "funnel_type": "open"}),
    "funnel_within_an_hour": ("/funnel", NOVEMBER | {"steps": FUNNEL, "window_seconds": "3600"}),
    "funnel_by_device": (
        "/funnel",
        NOVEMBER | {"steps": FUNNEL, "group_by": "device", "limit": "5", "filters": ON_MOBILE},
    ),
    "funnel_by_channel_last_touch": (
        "/funnel",
        NOVEMBER | {"steps": FUNNEL, "group_by": "channel_type", "attribution": "last_touch"},
    ),
    "funnel_with_conditions": ("/funnel", NOVEMBER | {"steps": text([PRICING, BIG_ORDER])}),
    "funnel_with_revenue": (
        "/funnel",
        NOVEMBER | {"steps": text([PAGE, SIGNUP, PAID]), "revenue": "true"},
    ),
    "funnel_open_with_revenue": (
        "/funnel",
        NOVEMBER | {"steps": text([PAGE, PAID]), "revenue": "true", "funnel_type": "open"},
    ),
    "retention": ("/retention", NOVEMBER),
    "retention_of_an_event": (
        "/retention",
        NOVEMBER | {"event_type": "track", "event_name": "signup", "filter_country": "AT"},
    ),
    "retention_of_wallets": ("/retention", NOVEMBER | {"id_type": "address"}),
    "v0_flow": ("/v0/flow", OLD_NOVEMBER | {"start_step": text(PAGE)}),
}


LEAST_KEY = 10**15
"""Times are less; keys are random 64-bit numbers, of which nearly all are more."""


def shown_value(value: object, names: dict[int, str]) -> str:
    """A parameter as JSON, or what it is if each run has another one."""
    if isinstance(value, list) and value and isinstance(value[0], int) and value[0] > LEAST_KEY:
        return f"[{', '.join(names.get(each, 'the id of a session') for each in value)}]"
    return names.get(value, text(value)) if isinstance(value, int) else text(value)


def natural(name: str) -> tuple[int, str]:
    """v2 before v10."""
    return len(name), name


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingEngine]:
    engine = RecordingEngine(str(tmp_path_factory.mktemp("engine")))
    engine.migrate()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, engine: RecordingEngine) -> Iterator[Api]:
    """A website with one visitor, who has come once."""
    api = Api(tmp_path_factory.mktemp("golden"), engine, rate_limit_per_minute=0)
    website = api.website(currency="EUR", timezone="UTC")
    api.send(website, {"url": "https://example.com/", "visitorUid": ANN, "country": "AT"})
    yield api
    api.close()


def recorded(api: Api, engine: RecordingEngine, path: str, params: dict[str, str]) -> str:
    """What a request sends to the engine, as a golden file has it."""
    engine.asked = []
    address = path if path.startswith("/v0") else f"/api/v1{path}"
    [website] = api.registry.websites()
    names = {
        website.id: "the website's id",
        visitor_key(website.id, ANN): "the visitor's id",
        visitor_key(website.id, "0xA1"): "the id of a visitor with that cookie",
    }
    answer = api.get(address, api.token(website), params=params)
    assert answer.status_code == 200, answer.text
    assert engine.asked, "no query was sent"
    request = "".join(f"\n--   {name}={value}" for name, value in params.items())
    parts = [f"-- GET {path}{request}\n"]
    for sql, values in engine.asked:
        shown = {name: shown_value(value, names) for name, value in values.items()}
        listed = "".join(f"\n--   {name}: {shown[name]}" for name in sorted(shown, key=natural))
        parts.append(f"{_untagged(sql).strip()}\n;\n-- with{listed or ' no parameters'}\n")
    return "\n".join(parts)


def _untagged(sql: str) -> str:
    """A statement as it is without the tag by which it can be cancelled."""
    return TAG.sub(lambda tag: "WITH" if tag[1] else "", sql, count=1)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_report_sends_the_sql_that_its_golden_file_shows(
    api: Api, engine: RecordingEngine, name: str
) -> None:
    path = FOLDER / f"{name}.sql"
    sent = recorded(api, engine, *REQUESTS[name])
    if WRITES:
        path.write_text(sent)
    assert path.exists(), f"{path} is missing: `make golden` writes it"
    assert sent.splitlines() == path.read_text().splitlines(), "if it is meant: `make golden`"


def test_each_golden_file_belongs_to_a_request() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(REQUESTS)
