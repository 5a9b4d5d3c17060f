"""GET /schema has every registry, and what it names can be asked for."""

from collections.abc import Mapping
from typing import Any

from footfall.enrich.bot import BOT_REASONS
from footfall.enrich.channel import CHANNELS
from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.event import DROP_REASONS, RESERVED_GOALS
from footfall.model.metric import METRICS
from footfall.model.report_rule import REPORT_RULES

from .conftest import Api


def schema(api: Api) -> Mapping[str, Any]:
    answer = api.get("/api/v1/schema", api.token())  # a workspace token names no website here
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json()["data"]
    return found


def test_every_registry_is_there_in_its_order(api: Api) -> None:
    found = schema(api)
    names = {key: [entry["name"] for entry in found[key]] for key in found if key != "filterRule"}
    assert names == {
        "metrics": list(METRICS),
        "reports": list(REPORT_RULES),
        "dimensions": list(DIMENSIONS),
        "channels": [channel.name for channel in CHANNELS],
        "reservedGoals": ["payment", "free_trial"],
        "botReasons": list(BOT_REASONS),
        "dropReasons": list(DROP_REASONS),
    }
    assert set(names["reservedGoals"]) == RESERVED_GOALS
    entries = [entry for key in names for entry in found[key]]
    numbers = [number for entry in found["reports"] for number in entry["numbers"]]
    rules = [entry["rule"] for entry in (*entries, *numbers) if "numbers" not in entry]
    assert all(rule.strip() for rule in rules)


def test_bounce_rate_is_explained(api: Api) -> None:
    [entry] = [each for each in schema(api)["metrics"] if each["name"] == "bounce_rate"]
    assert entry == {
        "name": "bounce_rate",
        "alias": "bounceRate",
        "label": "Bounce rate",
        "unit": "percent",
        "rule": "Share of sessions with exactly one page event and no other counted event.",
        "better": "lower",
        "reports": ["overview", "timeseries", "lists"],
    }


def test_what_it_names_can_be_asked_for(api: Api) -> None:
    found, token = schema(api), api.token(api.website())
    paths = {"overview": "/overview", "timeseries": "/timeseries", "lists": "/breakdown"}
    for report, path in paths.items():
        fields = ",".join(each["name"] for each in found["metrics"] if report in each["reports"])
        params = {"fields": fields, "dimension": "country,goal"}
        assert api.get(f"/api/v1{path}", token, params=params).status_code == 200
    dimensions = found["dimensions"]
    assert {each["filter"] for each in dimensions} - {None} == {f"filter_{n}" for n in FILTERS}
    for dimension in dimensions:
        if dimension["path"]:
            assert api.get(f"/api/v1{dimension['path']}", token).status_code == 200


def test_parts_explain_each_number_and_name_what_was_dropped(api: Api) -> None:
    website = api.website(kpi="signup", currency="EUR")
    page = {"url": "https://example.com/a", "visitorUid": "ann"}
    wrong = {"url": "javascript:alert(1)", "visitorUid": "bea"}
    bot = page | {"visitorUid": "bot", "userAgent": "Googlebot/2.1"}
    api.send(website, page, page | {"type": "track", "name": "signup"}, bot)
    api.send(website, page | {"visitorUid": "cat"})
    api.send(website, wrong)
    params = {"parts": "true", "fields": "bounce_rate,kpi_per_visitor"}
    answer = api.get("/api/v1/overview", api.token(website), params=params).json()
    assert answer["parts"] == {
        "bounce_rate": {
            "numerator": {"label": "Bounces", "unit": "count", "value": 1},
            "denominator": {"label": "Sessions", "unit": "count", "value": 2},
            "excludes": ["bots", "uncountedSessions", "dropped"],
        },
        "kpi_per_visitor": {
            "numerator": {"label": "Completions of the KPI goal", "unit": "count", "value": 1},
            "denominator": {"label": "Visitors", "unit": "count", "value": 2},
            "excludes": ["bots", "dropped", "uncountedSessions"],
        },
    }
    assert answer["excluded"] == {
        "bots": {"visitors": 1, "sessions": 1, "pageviews": 1},
        "uncountedSessions": 0,
        "unconverted": [],
        "dropped": {"invalid": 1},
    }
    filtered = api.get(
        "/api/v1/overview", api.token(website), params=params | {"filter_country": "AT"}
    ).json()
    assert filtered["excluded"]["dropped"] is None
