"""Every value that a list shows selects, as a filter, exactly the sessions of its row."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from footfall.model.dimension import FILTERS
from footfall.model.filter import escape_filter_value
from footfall.store.engine import Engine

from .conftest import Api

TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
NASTY = (
    *("a|b", "a,b", "!a", "~a", "!~a", "a*b", "*", "**", "a\\b", "\\", "\\\\", "\\|", "|", ","),
    *("Unknown", "unknown", "Direct/None", "\\Unknown", "it's", 'say "hi"', "100%", "50%25"),
    *("%41", "a b", "ünïcödé", "e\u0301", "é", "🙂", "👩‍🚀", "می‌خواهم", "null", "x' OR 1=1 --"),
    *(
        "{v0:String}",
        "(?i)x[",
        "a\u00a0b",
        "Safari",
        "Google",
        "Austria",
        "AT",
        "https://a.test/?b#c",
    ),
    *("a", "b", "DE-BY", "<script>", "a&b=c", "a;b", "a?b", "a#b", "a/b", "?token=x", "-1", "#"),
)
ALPHABET = "ab|,!~*\\ %4?'\"é🙂/;="
HOSTS = (
    "münchen.test",
    "straße.test",
    "i❤.test",
    "xn--mnchen-3ya.test",
    "www.a-b.test",
    "1.2.test",
)
MOST = int(os.environ.get("FOOTFALL_PROPERTY_CASES", "4")) * 3
"""Values of each dimension that are asked for: the random choice is the same on every run."""


def random_texts(random: Random, number: int) -> list[str]:
    return ["".join(random.choices(ALPHABET, k=random.randint(1, 6))) for _ in range(number)]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Any]:
    """A website whose visits have each nasty value in each dimension, sent as clients send them."""
    folder: Path = tmp_path_factory.mktemp("full")
    api = Api(folder, engine, rate_limit_per_minute=1_000_000)
    website = api.website("full.example")
    texts = [*NASTY, *random_texts(Random(8), 10)]
    events = []
    for number, text in enumerate(texts):
        encoded = quote(text, safe="")
        query = "&".join(f"{tag}={encoded}" for tag in (*TAGS, "ref", "source", "via"))
        events.append(
            {
                "url": f"https://{HOSTS[number % len(HOSTS)]}/{encoded}?{query}",
                "visitorUid": f"v{number}",
                "referrer": f"https://{HOSTS[number % 5]}/",
                "country": ("DE", "CI", "KR", "TZ")[number % 4],
                "region": text,
                "city": text,
                "language": ("de-AT", "en")[number % 2],
            }
        )
        name = text.strip() or "x"
        events.append({"type": "decoded_log", "name": name, "visitorUid": f"v{number}"})
    events.append({"url": "https://full.example/", "visitorUid": "plain"})
    api.send(website, *events)
    key = api.token(website, "collect", kind="formo")
    goals = [
        {
            "type": "track",
            "channel": "web",
            "version": "1",
            "anonymous_id": f"v{number}",
            "event": text,
            "context": {"page_url": "https://full.example/goal"},
        }
        for number, text in enumerate(texts)
        if text.strip()
    ]
    answer = api.ask("POST", "/v0/raw_events", key, content=json.dumps(goals).encode())
    assert answer.json() == {"successful_rows": len(goals), "quarantined_rows": 0}
    api.load()
    yield api, api.token(website)
    api.close()


def ask(full: Any, **params: str) -> list[dict[str, Any]]:
    api, token = full
    params = {"bots": "include", "limit": "1000"} | params
    answer = api.get("/api/v1/breakdown", token, params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def count(full: Any, number: str, name: str, value: str) -> int:
    """The overview's number under one filter."""
    api, token = full
    params = {"bots": "include", f"filter_{name}": value}
    answer = api.get("/api/v1/overview", token, params=params)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["data"][0][number])


def visitors(full: Any, name: str, value: str) -> int:
    return count(full, "visitors", name, value)


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_rows_value_escaped_selects_its_visitors(full: Any, name: str) -> None:
    """Sessions; of goals visitors, since that filter selects all sessions of who completed it."""
    number = "visitors" if name == "goal" else "sessions"
    wanted: Counter[str] = Counter()
    for row in ask(full, dimension=name):
        wanted[row["value"]] += row[number]
    some = Random(name).sample(sorted(wanted), min(len(wanted), MOST))
    found = {
        value: count(full, number, name, escape_filter_value(FILTERS[name], value))
        for value in some
    }
    assert found == {value: wanted[value] for value in some}


@pytest.mark.parametrize("name", ["page", "city", "utm_campaign", "goal", "event"])
def test_every_character_may_be_escaped(full: Any, name: str) -> None:
    rows = {row["value"]: row["visitors"] for row in ask(full, dimension=name)}
    rows.pop("Unknown", None)  # the word for a missing value has no backslash
    for value, number in Random(name).sample(sorted(rows.items()), MOST):
        assert visitors(full, name, "".join(f"\\{c}" for c in value)) == number, value


@pytest.mark.parametrize("name", ["page", "utm_term", "city"])
def test_several_escaped_values_are_any_of_them(full: Any, name: str) -> None:
    rows: Counter[str] = Counter()
    for row in ask(full, dimension=name):  # cities of one name are several rows
        rows[row["value"]] += row["visitors"]
    some = [value for value in rows if set(value) & set("|,!~*\\")][:20]
    joined = "|".join(escape_filter_value(FILTERS[name], value) for value in some)
    assert visitors(full, name, joined) == sum(rows[value] for value in some)


def test_a_campaign_named_unknown_is_not_a_missing_one(full: Any) -> None:
    assert visitors(full, "utm_campaign", r"\Unknown") == 1
    assert visitors(full, "utm_campaign", "Unknown") > 1


@pytest.mark.parametrize("text", ["\\", "a\\", "!~a\\", "a|b\\", "a\\\\\\"])
def test_a_backslash_that_escapes_nothing_is_refused(full: Any, text: str) -> None:
    api, token = full
    for name in FILTERS:
        params = {f"filter_{name}": text}
        answer = api.get("/api/v1/overview", token, params=params)
        assert answer.status_code == 400
        message = answer.json()["message"]
        assert message.startswith(f"filter_{name} ")
        assert r"write \\ for a backslash" in message


@pytest.mark.parametrize(
    "written",
    [
        *(
            "münchen.test",
            "MÜNCHEN.test",
            "münchen.test.",
            "xn--mnchen-3ya.test",
            "mu\u0308nchen.test",
        ),
        *(
            "https://münchen.test",
            "https://münchen.test:8443/a?b#c",
            "münchen.test/a",
            "//münchen.test",
        ),
        *(" münchen.test ", "münchen。test", "user@münchen.test:80"),
    ],
)
@pytest.mark.parametrize("name", ["hostname", "referrer"])
def test_a_host_is_found_however_it_is_written(full: Any, name: str, written: str) -> None:
    row = {row["value"]: row["visitors"] for row in ask(full, dimension=name)}
    assert visitors(full, name, written) == row["xn--mnchen-3ya.test"] > 0


@pytest.mark.parametrize("name", ["hostname", "referrer"])
def test_sharp_s_is_itself_in_hosts(full: Any, name: str) -> None:
    assert visitors(full, name, "straße.test") > 0
    assert visitors(full, name, "strasse.test") == 0
    assert visitors(full, name, "~straße") == visitors(full, name, "straße.test")


def test_a_list_of_hosts_is_searched_in_either_form(full: Any) -> None:
    for text in ("münchen", "MÜNCHEN", "xn--mnchen"):
        values = [row["value"] for row in ask(full, dimension="hostname", search=text)]
        assert values == ["xn--mnchen-3ya.test"]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/%C3%BCn%C3%AFc%C3%B6d%C3%A9", "/ünïcödé"),
        ("https://x.test/%C3%BCn%C3%AFc%C3%B6d%C3%A9?a=1#b", "/ünïcödé"),
        ("https://x.test:8443/a%7Cb", "/a|b"),
        (r"https://x.test/a\|b?c=d", "/a|b"),
        ("https://x.test/a%2Ab#c", "/a*b"),
        (r"https://x.test/a\*b", "/a*b"),
        ("/a%20b", "/a b"),
        ("/a%3Fb", "/a?b"),
        ("HTTPS://X.TEST/a,b", "/a,b"),
        ("https://x.test/50%2525", "/50%25"),
        ("/%25C3", "/%C3"),
    ],
)
def test_a_page_is_found_by_address_and_encoded(full: Any, written: str, path: str) -> None:
    rows = {row["value"]: row["visitors"] for row in ask(full, dimension="page")}
    assert visitors(full, "page", written) == rows.get(path, 0)


def test_a_country_is_found_by_any_of_its_names(full: Any) -> None:
    rows = {row["value"]: row["visitors"] for row in ask(full, dimension="country")}
    names = {
        "Ivory Coast": ("Côte d'Ivoire", "CÔTE D’IVOIRE", "cote d'ivoire", "CIV", "ci"),
        "South Korea": ("Korea, Republic of", "Korea (the Republic of)", "KOR", "410"),
        "Tanzania": ("Tanzania, United Republic of", r"Tanzania\, United Republic of", "TZA"),
    }
    for shown, spellings in names.items():
        for spelling in spellings:
            assert visitors(full, "country", spelling) == rows[shown] > 0, spelling
    both = "Tanzania, United Republic of,Germany, Korea, Republic of"
    assert visitors(full, "country", both) == sum(
        rows[name] for name in ("Tanzania", "Germany", "South Korea")
    )


def flow(full: Any, **step: Any) -> int:
    """How many sessions the start step finds at that page."""
    api, token = full
    start = {"type": "event", "event": "page", **step}
    params = {"start_step": json.dumps(start), "startAt": "2026-11-01", "drop_off": "true"}
    params |= {"bots": "include", "limit": "1000"}
    answer = api.get("/api/v1/flow", token, params=params)
    assert answer.status_code == 200, answer.text
    return sum(row["transitions"] for row in answer.json()["data"] if row["step"] == 1)


def test_a_flows_step_names_any_path_by_the_same_backslash(full: Any) -> None:
    rows = ask(full, dimension="page")
    for row in Random(8).sample(rows, MOST):
        if row["value"] != "/":
            written = row["value"].replace("\\", "\\\\").replace("*", "\\*")
            assert flow(full, resolved_event=written) == row["sessions"], written


def test_a_step_that_ends_in_a_backslash_is_refused(full: Any) -> None:
    api, token = full
    start = {"type": "event", "event": "page", "resolved_event": "/a\\"}
    params = {"start_step": json.dumps(start), "startAt": "2026-11-01"}
    answer = api.get("/api/v1/flow", token, params=params)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("start_step.resolved_event ")
