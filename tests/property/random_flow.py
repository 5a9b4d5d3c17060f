"""Random questions after paths: flow, funnel and retention, in both dialects."""

import json
from datetime import timedelta
from random import Random
from typing import Any

from reference.ask import Params
from reference.path_question import Put
from reference.period import first_instant, local_time

from footfall.model.dimension import FILTERS
from footfall.model.event import EVENT_TYPES
from footfall.model.filter import escape_filter_value
from footfall.model.step import ALL_PAGE_VIEWS, BUILT_IN_EVENTS, EVENT_COLUMNS
from footfall.query.parse.condition import CONDITION_PARAMS
from property.app_traffic import APP_GOALS, APP_LOGS, APP_PATHS, PROPERTY_NAMES, WALLETS
from property.random_question import NAMES, choose_period, choose_value
from property.traffic import CLOCK_CHANGES, DAY, Traffic

Asked = dict[str, Any]

WINDOWS = (1, 60, 60, 600, 1800, 3600, 7200, 10_800, 86_400, 604_800, 1_209_600, 3_000_000)
OPERATORS = (
    *("equals", "equals", "eq", "notEquals", "neq", "in", "in", "notIn", "nin"),
    *("gt", "lt", "gte", "lte", "startsWith", "endsWith", "includes", "contains"),
    *("notEmpty", "notEmpty", "isEmpty"),
)
FIELDS = (*EVENT_COLUMNS, *PROPERTY_NAMES, "user.plan", "user.a.b", "user.on", "status", "nothing")
TEXTS_OF: dict[str, tuple[Any, ...]] = {
    "device": ("mobile", "mobile-ios", "desktop", "tablet", "bot", "Mobile"),
    "browser": ("safari", "chrome", "firefox", "Safari"),
    "os": ("macos", "ios", "windows", "android"),
    "location": ("DE", "US", "DEU"),
    "country": ("DE", "Germany", "us"),
    "region": ("Bavaria", "Unknown"),
    "city": ("Springfield", "it's, here"),
    "referrer": ("google.com", "facebook.com", "www.google.com", "straße.example"),
    "referrer_url": ("https://google.com/search", "https://"),
    "utm_source": ("google", "it's", "back\\slash", "a|b", "🙂"),
    "channel_type": ("Direct", "Email", "Paid Social"),
    "origin": ("shop.example", "www.shop.example", "münchen.example"),
    "page_path": (*APP_PATHS, "/pool", "/**"),
    "page_title": ("Swap", "Pool", "S"),
    "locale": ("de-AT", "EN", "de"),
    "timezone": ("Europe/Berlin",),
    "version": ("0", "1.35.0", "1"),
    "event": ("swap", "Swap", "signup"),
    "type": ("page", "track", "transaction", "connect"),
    "address": (*WALLETS[:-1], "0xa", "0xFB69", "0XfB", "FB69", "D359", "bc1QW", "DRpb", "drpb"),
    "status": ("confirmed", "success", "requested", "1"),
    "user.plan": ("pro", "2"),
    "user.on": (True, "true"),
    "user.a.b": ("c",),
}
TEXTS = (
    *("MetaMask", "metamask", "1", "10", "-0.5", "1e3", "abc", "it's", 'a"b', "a\\b", "zürich"),
    *("a|b", "true", "null", " 1", "+1", ".5", "0x10", "NaN", "%", "_", "ask", "M"),
    *(0, 1, 2, 9, 137, -1, 0.5, 1.5, 2.0, 1e18, 1e21, 1e-7, True, False),
)
NUMBERS = ("0", "1", "9", "10", "-0.5", "1e3", "1E+2", "0.50", 1, 2, 100, 0.5, -1, 1.0)
EXCLUDED = (
    "/a.*",
    "/swap",
    "/pool/*",
    "/**",
    "connect",
    "swap",
    "chain",
    "signature:confirmed",
    "/",
    r"/pool/\*",
    r"/\a\\b",
)


def choose_condition(random: Random) -> Asked:
    """A test of one event, in either spelling."""
    field = random.choice(FIELDS)
    operator = random.choice(OPERATORS)
    texts = TEXTS_OF.get(field, TEXTS)
    names = random.choice((("operand", "operator"), ("field", "op"), ("field", "operator")))
    condition: Asked = dict(zip(names, (field, operator), strict=True))
    if operator in ("notEmpty", "isEmpty"):
        return condition
    if operator in ("in", "nin", "notIn"):
        chosen = [random.choice(texts) for _ in range(random.choice((1, 2, 3)))]
        if random.random() < 0.5:
            return {**condition, "values": chosen, "value": chosen[0]}
        return {**condition, "value": "|".join(_escape(text) for text in chosen)}
    if operator in ("gt", "lt", "gte", "lte"):
        return {**condition, "value": random.choice(NUMBERS)}
    return {**condition, "value": random.choice(texts)}


def _escape(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.replace("\\", "\\\\").replace("|", "\\|")


def choose_conditions(random: Random, share: float) -> list[Asked]:
    """One now and then, half of them such that many events pass."""
    if random.random() >= share:
        return []
    if random.random() < 0.1:
        return [{**choose_condition(random), "filters": [choose_condition(random)]}]
    if random.random() < 0.5:
        return [choose_condition(random)]
    operator = random.choice(("notEquals", "nin", "isEmpty", "neq"))
    field = random.choice(FIELDS)
    value = {} if operator == "isEmpty" else {"value": random.choice(TEXTS_OF.get(field, TEXTS))}
    if operator == "nin":
        value = {"values": [value["value"]]}
    return [{"field": field, "op": operator, **value}]


def _choose_filters(random: Random) -> Asked:
    """Conditions on every event, in either parameter or in both."""
    names = random.choice(([], [], [], ["filters"], ["global_filters"], CONDITION_PARAMS))
    return {name: choose_conditions(random, 0.9) for name in names}


def choose_step(random: Random) -> Asked:
    """A step of any kind, mostly one that many events match."""
    kind = random.choice(
        (*["page"] * 5, "built-in", "built-in", "goal", "goal", "log", "transaction", "signature")
    )
    step: Asked
    if kind == "page":
        path = random.choice((*[ALL_PAGE_VIEWS] * 9, "page", *APP_PATHS, "/pool/*", "/a.(*", "/**"))
        if random.random() < 0.5 and path not in (ALL_PAGE_VIEWS, "page"):
            path = path.replace("\\", "\\\\").replace("*", "\\*")
        step = {"type": "event", "event": "page", "resolved_event": path}
    elif kind == "built-in":
        name = random.choice(BUILT_IN_EVENTS)
        step = {"type": random.choice(("event", "track")), "event": name}
    elif kind == "goal":
        step = {"type": "track", "event": random.choice(APP_GOALS)}
    elif kind == "log":
        step = {"type": "decoded_log", "event": random.choice(APP_LOGS)}
    else:
        step = {"type": kind, "event": random.choice((kind, "swap", "burn"))}
    if random.random() < 0.3:
        step.setdefault("resolved_event", step["event"])
    if kind in ("transaction", "signature") and random.random() < 0.4:
        step["status_value"] = random.choice(("success", "confirmed", "requested"))
        step["status_type"] = kind
    if random.random() < 0.7:
        step["filters"] = choose_conditions(random, 0.2)
    return step


def ask_flow(random: Random, traffic: Traffic) -> Put:
    asked: Asked = {"start_step": choose_step(random)}
    if random.random() < 0.4:
        asked["end_step"] = choose_step(random)
    asked |= _choose_filters(random)
    if random.random() < 0.7:
        asked["window_seconds"] = random.choice(WINDOWS)
    if random.random() < 0.5:
        asked["max_steps"] = random.choice((1, 2, 3, 5, 10, 11))
    asked |= _choose_flow_options(random)
    if "end_step" in asked and random.random() < 0.4:
        asked["end_mode"] = random.choice(("mark", "mark", "only"))
    if random.random() < 0.25:
        asked["anchors"] = [choose_step(random) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    if random.random() < 0.4:
        asked["revenue"] = "true"
    if "end_step" in asked and random.random() < 0.2:
        asked["exclude"] = [asked["end_step"]]
    return _put("flow", random, traffic, asked)


def _choose_flow_options(random: Random) -> Asked:
    asked: Asked = {}
    if random.random() < 0.3:
        asked["collapse_repeats"] = random.choice(("true", "true", "false"))
    if random.random() < 0.3:
        labels = random.choices(EXCLUDED, k=random.choice((1, 2)))
        steps = [choose_step(random) for _ in range(random.choice((0, 1)))]
        asked["exclude"] = ",".join(labels) if random.random() < 0.4 else [*labels, *steps]
    if random.random() < 0.3:
        asked["nodes_per_step"] = random.choice((1, 2, 3, 100))
    if random.random() < 0.3:
        asked["direction"] = random.choice(("backward", "backward", "forward"))
    if random.random() < 0.4:
        asked["drop_off"] = "true"
    if random.random() < 0.5:
        asked["percentage_base"] = random.choice(("step", "source", "start"))
    if random.random() < 0.2:
        asked["limit"] = random.choice((1, 2, 5, 100_000))
    if random.random() < 0.2:
        asked["offset"] = random.choice((0, 1, 3))
    return asked


def ask_funnel(random: Random, traffic: Traffic) -> Put:
    steps = [choose_step(random) for _ in range(random.choice((2, 2, 3, 3, 4, 10)))]
    if random.random() < 0.3:
        steps[1] = {**steps[0]}  # one event is never two steps
    for number, step in enumerate(steps):
        if random.random() < 0.3:
            step["name"] = f"{step['event']}::{number}"
    asked: Asked = {"steps": steps}
    asked |= _choose_filters(random)
    if random.random() < 0.7:
        asked["window_seconds"] = random.choice(WINDOWS)
    if random.random() < 0.4:
        asked["funnel_type"] = random.choice(("open", "open", "closed"))
    if random.random() < 0.5:
        field = random.choice((*EVENT_COLUMNS, "builder_codes", "device"))
        asked[random.choice(("group_by", "group_by", "breakdown"))] = field
        if random.random() < 0.7:
            asked[random.choice(("limit", "breakdown_top_n"))] = random.choice((1, 2, 3, 100))
        if random.random() < 0.6:
            asked["attribution"] = random.choice(("first_touch", "last_touch"))
    if random.random() < 0.5:
        asked["revenue"] = "true"
        if random.random() < 0.3:
            steps[-1] = {"type": "track", "event": "payment"}
    return _put("funnel", random, traffic, asked)


def ask_retention(random: Random, traffic: Traffic) -> Put:
    asked: Asked = {}
    if random.random() < 0.8:
        asked["min_users"] = random.choice((1, 1, 2, 3))
    if random.random() < 0.4:
        asked["limit"] = random.choice((1, 2, 3, 12, 52))
    if random.random() < 0.4:
        asked["id_type"] = random.choice(("anonymous_id", "address"))
    if random.random() < 0.3:
        counted = [name for name in EVENT_TYPES if name not in ("engagement", "identify", "detect")]
        asked["event_type"] = random.choice(counted)
    if random.random() < 0.2:
        asked["event_name"] = random.choice((*APP_GOALS, *APP_LOGS))
    asked |= _choose_filters(random)
    put = _put("retention", random, traffic, asked, are_dates_needed=random.random() < 0.6)
    put.now_ms += random.choice((0, 1, 5, 40, 100)) * DAY
    if random.random() < 0.5:  # as a day begins, or a moment before
        zone = asked.get("timezone", traffic.websites[0].timezone if put.is_report else "UTC")
        today = local_time(put.now_ms, zone).date()
        put.now_ms = first_instant(today, zone) - random.choice((0, 1))
    return put


def _put(
    kind: str, random: Random, traffic: Traffic, asked: Asked, are_dates_needed: bool = True
) -> Put:
    """In either dialect, with its dates and filters."""
    is_report = random.random() < 0.5
    zone = traffic.websites[0].timezone if is_report else "UTC"
    if random.random() < 0.3:
        zone = asked["timezone"] = random.choice(CLOCK_CHANGES)[0]
    if random.random() < 0.3:
        asked["bots"] = random.choice(("exclude", "include", "include", "only"))
    texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in asked.items()}
    params: Params = list(texts.items())
    if are_dates_needed:
        params += _choose_dates(random, traffic, zone, is_report)
    if is_report:
        for name in random.choices(sorted(FILTERS), k=random.choice((0, 0, 1, 1, 2))):
            params.append((f"filter_{name}", _choose_filter(random, traffic, name)))
    return Put(kind, params, traffic.now_ms, is_report)


def _choose_dates(random: Random, traffic: Traffic, zone: str, is_report: bool) -> Params:
    if is_report:
        return choose_period(random, traffic, zone)
    first = traffic.clock_change + timedelta(days=random.choice((-3, -3, -3, -2, -1, 0, 1)))
    last = first + timedelta(days=random.choice((0, 1, 2, 4, 30, 200)))
    names = random.choice((("dateFrom", "dateTo"), ("date_from", "date_to")))
    return list(zip(names, (first.isoformat(), last.isoformat()), strict=True))


def _choose_filter(random: Random, traffic: Traffic, name: str) -> str:
    """What the app's own traffic holds, or anything of the grammar."""
    own = {"page": APP_PATHS, "goal": APP_GOALS, "event": (*APP_GOALS, *APP_LOGS, "connect")}
    if name in own and random.random() < 0.6:
        value = escape_filter_value(FILTERS[name], random.choice(own[name]))
        return random.choice(("", "", "!")) + value
    if name in NAMES and random.random() < 0.3:
        return random.choice(("", "!")) + random.choice(NAMES[name])
    return choose_value(random, traffic, name)
