"""Random questions about a traffic: its own values as filters, periods cut at awkward instants."""

import re
from datetime import datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.event import Event
from footfall.model.filter import escape_filter_value
from footfall.model.metric import METRICS
from footfall.model.record import EventsRecord
from footfall.query.parse.question import field_spellings, sort_spellings
from property.traffic import CLOCK_CHANGES, GOALS, HOUR, LOGS, PATHS, Traffic

Params = list[tuple[str, str]]

TIMESERIES_FIELDS = [
    "partial",
    *(
        spelling
        for metric in METRICS.values()
        if metric.is_in_overview and metric.name != "currency"
        for spelling in (metric.name, metric.alias)
    ),
]
COMPARED = ("overview", "timeseries", "breakdown", "goals")
REPORTS = ("overview", "timeseries", "breakdown", "breakdown", "goals", "realtime")
NAMES = {
    "country": ("Germany", "germany", "DE", "us", "Unknown", "~an", "~UNI"),
    "region": ("Bavaria", "DE-BY", "US-MO", "Unknown", "~i"),
    "city": ("Springfield", "it's, here", "Unknown", "~field"),
    "referrer": (
        "Google",
        "google.com",
        "direct/none",
        "FACEBOOK.com",
        "~e",
        "ChatGPT",
        "www.Straße.example",
    ),
    "browser": ("Safari", "safari", "mobile safari", "Chrome,Unknown", "~saf"),
    "channel": ("direct", "Unknown", "Paid Social|email", "~social"),
    "device": ("mobile", "Desktop,Tablet", "unknown"),
    "os": ("mac os", "Windows|iOS", "~o"),
    "language": ("EN", "de-AT", "unknown", "~d"),
    "hostname": (
        *(
            "shop.example",
            "www.shop.example",
            "Unknown",
            "~www",
            "Shop.Example.",
            "MÜNCHEN.example",
        ),
        *("https://münchen.example:8443/a?b", "xn--mnchen-3ya.example", "~münchen"),
    ),
    "page": (
        *("/*", "/**", "/blog/*", "/blog/**", "/p*g", "*", "~/", "~b", "/nowhere"),
        *("https://shop.example/pricing?a=1#x", "https://shop.example", "/a*b", "/x_y", "~_"),
        *("https://shop.example/gr%C3%BC*", "/gr%C3%BC%C3%9Fe", "/50%25", r"/a\*b", r"/\a\\*"),
    ),
    "goal": ("payment", "free_trial", "signup,page", "a_b", "~sign", "nothing"),
    "event": ("page", "signup", "payment", "engagement", "Swap'd", "outbound|identify", "~pa"),
}
"""Values with a twist; any value of the traffic is tried as well."""


def ask_at_random(random: Random, traffic: Traffic) -> tuple[str, Params]:
    """A report's name and the parameters of its URL."""
    report = random.choice(REPORTS)
    params: Params = []
    if random.random() < 0.3:
        params.append(("bots", random.choice(("exclude", "include", "only"))))
    if report == "realtime":
        if random.random() < 0.5:
            params.append(("minutes", str(random.choice((1, 2, 30, 60)))))
        if random.random() < 0.7:
            params.append(("payments", str(random.choice((1, 3, 100)))))
        return report, params
    zone = traffic.websites[0].timezone
    if random.random() < 0.3:
        zone = random.choice(CLOCK_CHANGES)[0]
        params.append(("timezone", zone))
    interval = random.choice(("hour", "day", "week", "month"))
    params += choose_period(random, traffic, zone)
    if report == "timeseries":
        params.append(("interval", interval))
        if random.random() < 0.5:
            fields = random.sample(TIMESERIES_FIELDS, random.choice((1, 2, 5)))
            params.append(("fields", ",".join(fields)))
    if report == "overview" and random.random() < 0.5:
        params.append(("parts", "true"))
    if report in COMPARED and (report == "timeseries" or "startAt" in dict(params)):
        params += _choose_comparison(random, traffic)
    if report == "breakdown":
        wanted = random.sample(sorted(DIMENSIONS), random.choice((1, 1, 2)))
        params.append(("dimension", ",".join(wanted)))
    if report in ("breakdown", "goals"):
        params += _choose_page(random)
        params += _choose_numbers(random, wanted if report == "breakdown" else [])
    if random.random() < 0.3:
        params.append(("attribution", random.choice(("first", "last"))))
    for name in random.choices(sorted(FILTERS), k=random.choice((0, 0, 1, 1, 1, 2))):
        params.append((f"filter_{name}", choose_value(random, traffic, name)))
        if random.random() < 0.1:
            params.append((f"filter_{name}", choose_value(random, traffic, name)))
    return report, params


def choose_period(random: Random, traffic: Traffic, zone: str) -> Params:
    """None at all, dates, instants in several spellings, or one side only."""
    first = traffic.clock_change + timedelta(days=random.randrange(-3, 3))
    last = first + timedelta(days=random.choice((0, 0, 1, 2, 4)))
    if random.random() < 0.25:
        return []
    start, end = ("startAt", first.isoformat()), ("endAt", last.isoformat())
    if random.random() < 0.4:
        edge = datetime.combine(first, datetime.min.time(), ZoneInfo(zone))
        begin = edge + timedelta(milliseconds=random.choice((0, 1, -1, HOUR, 90 * 60_000)))
        finish = begin + timedelta(milliseconds=random.choice((1, HOUR, 25 * HOUR, 3 * 24 * HOUR)))
        start = ("startAt", begin.isoformat(timespec="milliseconds"))
        end = ("endAt", finish.isoformat(timespec=random.choice(("minutes", "seconds"))))
    early = ("startAt", (traffic.clock_change - timedelta(days=3)).isoformat())  # before now
    sides = random.choice(((start, end), (start, end), (early,), (end,)))
    return list(sides)


def choose_value(random: Random, traffic: Traffic, name: str) -> str:
    """A filter's value in any form of the grammar."""
    known = known_values(traffic, name)
    form = random.choice(("{a}", "{a}", "!{a}", "{a}|{b}", "!{a}|{b}", "~{part}", "!~{part}"))
    if random.random() < 0.4 and name in NAMES:
        return random.choice(("", "", "!")) + random.choice(NAMES[name])
    a, b = random.choice(known), random.choice(known)
    at = random.randrange(len(a))
    part = _escape(a[at : at + random.choice((1, 2, 5))])
    escape = random.choice((_escape, partial(escape_filter_value, FILTERS[name])))
    return form.format(a=escape(a), b=escape(b), part=part)


def _choose_comparison(random: Random, traffic: Traffic) -> Params:
    """Another period: by name, or dates and times of its own that may overlap the first."""
    if random.random() < 0.4:
        return []
    first = traffic.clock_change + timedelta(days=random.randrange(-12, 4))
    last = first + timedelta(days=random.choice((0, 1, 3, 9)))
    begin, end = random.choice((("", ""), ("", ""), ("T01:30:00", "T23:00:00"), ("T02:00", "")))
    custom = f"{first}{begin}..{last}{end}"
    wanted = random.choice(("previous_period", "previous_period", "previous_year", custom))
    match = [("match", "weekday")] if random.random() < 0.5 else []
    return [("compare", wanted), *match]


def _choose_numbers(random: Random, dimensions: list[str]) -> Params:
    """Which numbers a list shows, and what it is sorted by. No `dimensions`: it is one of goals."""
    params: Params = []
    report = "breakdown" if dimensions else "goals"
    of = dimensions or ["goal"]
    if random.random() < 0.4:
        known = field_spellings(report, of)
        params.append(("fields", ",".join(random.sample(known, random.choice((1, 3, 6))))))
    if random.random() < 0.4:
        params.append(("sort", random.choice(sort_spellings(report, of))))
    if random.random() < 0.3:
        params.append(("order", random.choice(("asc", "desc"))))
    return params


def _escape(text: str) -> str:
    """No more than what the grammar needs, so that names such as Unknown are read as names."""
    text = re.sub(r"[\\|,*]|^[!~\s]|\s$", r"\\\g<0>", text)
    return re.sub(r"\s\Z", r"\\\g<0>", text) if text.endswith("\n") else text


def known_values(traffic: Traffic, name: str) -> list[str]:
    """What the traffic holds, and the word for a missing value."""
    if name in ("page", "entry_page", "exit_page"):
        found = set(PATHS)
    elif name in ("goal", "event"):
        found = {*GOALS, *LOGS}
    else:
        found = {getattr(event.facts, name) for event in events_of(traffic)}
    found.discard("")
    return [*sorted(found), FILTERS[name].missing or "Unknown"]


def events_of(traffic: Traffic) -> list[Event]:
    records = [record for record in traffic.records if isinstance(record, EventsRecord)]
    return [event for record in records for event in record.events]


def _choose_page(random: Random) -> Params:
    params: Params = []
    if random.random() < 0.2:
        params.append(("limit", str(random.choice((1, 2, 3, 1000)))))
    if random.random() < 0.2:
        params.append(("offset", str(random.choice((0, 1, 2, 50)))))
    if random.random() < 0.2:
        params.append(("search", random.choice(("a", "UN", "/b", "it's", "%", "_", "\\", "ü"))))
    return params
