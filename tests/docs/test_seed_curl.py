"""The published curl examples of the web analytics API, run by curl as they stand on our server:
only host, key and ids are changed.

The page is not part of the project: without ../shared/seeds these tests are skipped.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from e2e.server import Server, running, wait_until

pytestmark = pytest.mark.slow

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
DOMAIN = "seed.example"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
MOBILE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
ANN = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
"""The visitor of the goals and payments that are sent."""
EXAMPLES = (
    *("GET websites", "GET metadata", "GET overview", "GET timeseries", "GET realtime"),
    *("GET pages", "GET referrers", "GET countries", "GET devices", "GET channels"),
    *("GET breakdown", "GET visitors", "POST goals", "POST payments", "DELETE goals"),
    *("DELETE payments", "GET pages filtered"),
)
"""What the page's commands ask for, in its order."""

Answer = dict[str, Any]
Run = Callable[[str], Answer]


class Place(NamedTuple):
    """The server that replaces the published one, and the values for names in commands."""

    server: Server
    key: str
    names: dict[str, str]

    def get(self, path: str) -> Answer:
        return self.server.get(path, self.key, domain=DOMAIN)


@pytest.fixture(scope="module")
def page() -> str:
    found = sorted(SEEDS.glob("000_*.txt"))
    if not found:
        pytest.skip(f"{SEEDS.parent.name}/{SEEDS.name}/000_* is not here: nothing to compare with")
    return found[0].read_text("utf-8")


@pytest.fixture(scope="module")
def examples(page: str) -> dict[str, str]:
    """The page's commands by what they ask for."""
    return dict(zip(EXAMPLES, commands_of(page), strict=True))


@pytest.fixture(scope="module")
def place(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    del page  # without it nothing needs to be started
    with running(tmp_path_factory.mktemp("seed") / "data") as server:
        website = server.website(DOMAIN, timezone="Europe/Vienna", currency="USD")
        key = server.token(None, "read", "write", "delete")
        names = {
            "WEBSITE_ID": website.public_id,
            "VISITOR_UID_FROM_COOKIE": ANN,
            "VISITOR_ID_HERE": ANN,
        }
        body = {"domain": DOMAIN, "events": list(traffic())}
        status, answer = server.ask("POST", "/api/v1/events", key, body)
        assert (status, answer["data"][0]["rejected"]) == (202, []), answer
        server.wait_for_loading()
        yield Place(server, key, names)


@pytest.fixture
def run(examples: dict[str, str], place: Place) -> Run:
    """Runs an example in a shell; answers what it prints."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")

    def run_example(example: str) -> Answer:
        command = pointed_at(examples[example], place)
        done = subprocess.run(
            ["sh", "-c", command],
            env=os.environ | {"FLOWSERY_API_KEY": place.key},
            capture_output=True,
            check=True,
            timeout=180,
        )
        answer: Answer = json.loads(done.stdout)
        return answer

    return run_example


def commands_of(page: str) -> Iterator[str]:
    """Every curl command, with its continued lines and its quoted body."""
    command = ""
    for line in page.splitlines():
        if not command and not line.startswith("curl "):
            continue
        command += f"{line}\n"
        if not line.endswith("\\") and command.count("'") % 2 == 0:
            yield command.rstrip("\n")
            command = ""
    assert not command, f"a command without end: {command}"


def pointed_at(command: str, place: Place) -> str:
    """The command for our server: another host, ids of ours, nothing else."""
    changed = re.sub(r"https://[a-z.]+(?=/analytics/api/v1/)", place.server.url, command)
    names = "|".join(sorted(place.names, key=len, reverse=True))
    return re.sub(rf"\b(?:{names})\b", lambda found: place.names[found[0]], changed)


def traffic() -> Iterator[Answer]:
    """Visits in the months of the examples and one of today."""
    yield page_view(ANN, "2026-01-10T10:00:00Z", "/pricing", country="AT")
    yield page_view(ANN, "2026-01-10T10:04:00Z", "/signup")
    for day in ("01-10", "01-31", "02-01"):
        yield {
            **{"type": "track", "name": "signup", "visitorUid": ANN, "userAgent": DESKTOP},
            "timestamp": f"2026-{day}T23:59:59.500Z" if day != "01-10" else "2026-01-10T10:05:00Z",
        }
    tagged = f"https://{DOMAIN}/?utm_source=newsletter&utm_medium=email"
    for day in (2, 9):
        at = f"2026-03-{day:02}T08:00:00Z"
        yield page_view("bert", at, "/", country="US", userAgent=MOBILE, url=tagged)
        yield page_view(
            f"carl-{day}", at, "/pricing", country="DE", referrer="https://www.google.com/"
        )
    yield {"url": f"https://{DOMAIN}/", "visitorUid": ANN, "userAgent": DESKTOP}


def page_view(visitor: str, at: str, path: str, **fields: str) -> Answer:
    return {
        "url": f"https://{DOMAIN}{path}",
        "visitorUid": visitor,
        "timestamp": at,
        "userAgent": DESKTOP,
        **fields,
    }


def values(answer: Answer) -> dict[str, int]:
    """A list's visitors by value, and the fields that every row of it has."""
    assert answer["status"] == "success", answer
    assert answer["pagination"]["total"] == len(answer["data"])
    assert all({"value", "visitors", "sessions"} <= row.keys() for row in answer["data"])
    return {row["value"]: row["visitors"] for row in answer["data"]}


def one_row(answer: Answer) -> Answer:
    assert answer["status"] == "success", answer
    [row] = answer["data"]
    assert isinstance(row, dict)
    return row


def goal(place: Place, name: str) -> int:
    """How many completions the reports count."""
    return sum(row["completions"] for row in place.get("/goals")["data"] if row["name"] == name)


def revenue(place: Place) -> float:
    return float(one_row(place.get("/overview"))["revenue"])


def test_the_page_has_the_examples_that_are_tried_here(examples: dict[str, str]) -> None:
    for name, command in examples.items():
        method, path, *_ = name.split()
        asked = re.search(r"/analytics/api/v1/(\w+)", command)
        assert asked, command
        assert asked[1] == path
        given = re.search(r"-X (\w+)", command)
        assert (given[1] if given else "GET") == method


def test_websites(run: Run, place: Place) -> None:
    row = one_row(run("GET websites"))
    assert (row["id"], row["domain"]) == (place.names["WEBSITE_ID"], DOMAIN)


def test_metadata_has_the_documented_fields(run: Run, page: str) -> None:
    documented = re.search(r'"data": \[\{ ("domain".*?) \}\]', page)
    assert documented
    row = one_row(run("GET metadata"))
    assert set(re.findall(r'"(\w+)"', documented[1])) <= row.keys()
    assert (row["timezone"], row["currency"]) == ("Europe/Vienna", "USD")


def test_overview_has_the_documented_numbers(run: Run, page: str) -> None:
    documented = re.search(r"^Returns: (visitors, .*)\.$", page, re.MULTILINE)
    assert documented
    row = one_row(run("GET overview"))
    assert set(documented[1].split(", ")) <= row.keys()
    assert (row["visitors"], row["sessions"]) == (1, 2), "two visits of one visitor in January"


def test_timeseries_has_buckets_totals_and_pagination(run: Run) -> None:
    answer = run("GET timeseries")
    assert (answer["status"], answer["interval"], len(answer["data"])) == ("success", "day", 31)
    assert answer["data"][0]["timestamp"].startswith("2026-03-01T00:00:00")
    assert {"visitors", "sessions", "revenue", "revenueBreakdown"} <= answer["totals"].keys()
    assert (answer["totals"]["visitors"], answer["totals"]["sessions"]) == (3, 4)
    assert sum(row["sessions"] for row in answer["data"]) == 4
    assert answer["pagination"]["total"] == 31


def test_realtime(run: Run) -> None:
    assert run("GET realtime")["data"] == [{"visitors": 1}]


@pytest.mark.parametrize(
    ("example", "rows"),
    [
        ("GET pages", {"/pricing": 2, "/": 1}),
        ("GET referrers", {"google.com": 2, "Direct/None": 1}),
        ("GET countries", {"Germany": 2, "United States": 1}),
        ("GET devices", {"Desktop": 2, "Mobile": 1}),
        ("GET channels", {"Organic Search": 2, "Email": 1}),
        ("GET pages filtered", {"/": 1}),
    ],
)
def test_lists(run: Run, example: str, rows: dict[str, int]) -> None:
    assert values(run(example)) == rows


def test_a_breakdown(run: Run) -> None:
    assert values(run("GET breakdown"))["newsletter"] == 1


def test_a_visitor_is_found_by_the_cookie(run: Run) -> None:
    answer = run("GET visitors")
    assert answer["status"] == "success"
    story = answer["data"]
    documented = {"identity", "source", "activity", "revenue", "profile", "activityTimeline"}
    assert documented <= story.keys()
    assert story["activity"]["visitCount"] == 4


def test_a_goal_is_recorded_with_its_metadata(run: Run, place: Place) -> None:
    row = one_row(run("POST goals"))
    assert row["message"]
    wait_until(lambda: goal(place, "newsletter_signup") == 1, "completion in the reports")
    held = place.get(f"/visitors/{ANN}/export")["data"]["events"]
    [signup] = [event for event in held if event["name"] == "newsletter_signup"]
    assert signup["properties"] == {"plan": "pro", "source": "pricing_page"}


def test_a_payment_is_recorded_once_deleted_and_its_id_free_again(run: Run, place: Place) -> None:
    row = one_row(run("POST payments"))
    assert row["message"]
    assert row["transaction_id"] == "payment_456"
    wait_until(lambda: revenue(place) == 29.99, "revenue in the reports")
    assert place.get(f"/visitors/{ANN}")["data"]["profile"]["email"] == "customer@example.com"
    assert goal(place, "payment") == 1
    again = run("POST payments")
    assert (again["status"], again["error"]["code"]) == ("error", 409)
    assert one_row(run("DELETE payments"))["deleted"] == 1
    assert (revenue(place), goal(place, "payment")) == (0, 0), "complete when it is answered"
    assert one_row(run("DELETE payments"))["deleted"] == 0
    assert run("POST payments")["status"] == "success"


def test_goals_of_a_time_are_deleted_to_its_last_second(run: Run, place: Place) -> None:
    assert goal(place, "signup") == 3
    row = one_row(run("DELETE goals"))
    assert row["deleted"] == 2
    assert row["message"]
    assert goal(place, "signup") == 1, "the one of February"
    assert one_row(run("DELETE goals"))["deleted"] == 0


def test_every_breakdown_endpoint_of_the_page_answers(page: str, place: Place) -> None:
    listed = re.search(r"^Available breakdown endpoints: (.*)\.$", page, re.MULTILINE)
    assert listed
    for path in listed[1].split(", "):
        assert place.get(f"/{path}")["status"] == "success"


def test_every_filter_of_the_page_is_known(page: str, place: Place) -> None:
    names = set(re.findall(r"^(filter_\w+) \|", page, re.MULTILINE))
    assert len(names) == 20
    for name in names:
        place.server.get("/pages", place.key, domain=DOMAIN, **{name: "x"})


def test_an_unknown_key_is_answered_as_the_page_shows(place: Place) -> None:
    status, answer = place.server.ask("GET", "/analytics/api/v1/websites", "flow_ws_unknown")
    assert (status, answer["status"], answer["error"]["code"]) == (401, "error", 401)
    assert isinstance(answer["error"]["message"], str)
