"""CSV by `Accept: text/csv`: all rows of every report, and no formula in what visitors wrote."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.model.answer import RowsAnswer
from footfall.model.dimension import PATH_OF
from footfall.model.unit import Money, Payload
from footfall.serve.http.spreadsheet import csv_name, csv_of

from .conftest import Api

PAGE = json.dumps({"type": "event", "event": "page"})
SIGNUP = json.dumps({"type": "track", "event": "signup"})
NOVEMBER = {"startAt": "2026-11-01", "endAt": "2026-11-30"}
REPORTS: dict[str, dict[str, str]] = {
    "/overview": NOVEMBER | {"compare": "previous_period"},
    "/timeseries": NOVEMBER | {"compare": "previous_period", "match": "weekday"},
    "/breakdown": NOVEMBER | {"dimension": "page,country", "compare": "previous_year"},
    "/goals": NOVEMBER,
    "/steps": NOVEMBER,
    "/ingestion": NOVEMBER,
    "/visitors": NOVEMBER | {"limit": "20"},
    "/realtime": {},
    "/flow": NOVEMBER | {"start_step": PAGE},
    "/funnel": NOVEMBER | {"steps": f"[{PAGE},{SIGNUP}]"},
    "/retention": NOVEMBER | {"min_users": "1"},
    **{f"/{path}": NOVEMBER for path in PATH_OF},
}
MANY = 120  # more than the rows of a list without `limit`


class TextRow(Payload, frozen=True, kw_only=True):
    text: str
    amount: Money


def read(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


def as_csv(api: Api, path: str, token: str, params: dict[str, str]) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/csv"}
    return api.ask("GET", f"/api/v1{path}", params=params, headers=headers)


@pytest.fixture
def place(api: Api) -> tuple[Api, str]:
    website = api.website(currency="EUR", kpi="signup")
    url = "https://example.com/p"
    when = {"timestamp": "2026-11-20T10:00:00Z", "country": "AT"}
    pages = [{"url": f"{url}{n}", "visitorUid": f"v{n}", **when} for n in range(MANY)]
    goal = {"type": "track", "name": "signup", "visitorUid": "v1", **when}
    api.send(website, *pages, goal)
    return api, api.token(website)


def test_every_report_has_the_rows_of_its_json(place: tuple[Api, str]) -> None:
    api, token = place
    for path, params in REPORTS.items():
        limited = path in ("/funnel", "/retention", "/visitors")
        asked = params if limited else params | {"limit": "1000"}
        data = api.get(f"/api/v1{path}", token, params=asked).json()["data"]
        rows = read(as_csv(api, path, token, params))
        if isinstance(data, dict):
            data = [{"dimension": name, **row} for name, listed in data.items() for row in listed]
        assert len(rows) == len(data), path
        for line, row in zip(rows, data, strict=True):
            for name, value in row.items():
                if name in line and isinstance(value, bool | str):
                    assert line[name] == (value if isinstance(value, str) else str(value).lower())
                elif name in line and isinstance(value, int | float):
                    assert float(line[name]) == value, (path, name)


def test_without_a_limit_all_rows_are_there_and_with_one_as_many(place: tuple[Api, str]) -> None:
    api, token = place
    assert len(read(as_csv(api, "/pages", token, {}))) == MANY
    assert len(read(as_csv(api, "/pages", token, {"limit": "7", "offset": "2"}))) == 7
    assert len(api.get("/api/v1/pages", token).json()["data"]) == 100


def test_without_rows_the_file_is_empty(place: tuple[Api, str]) -> None:
    api, token = place
    answer = as_csv(api, "/pages", token, {"search": "nothing"})
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_other_period_is_beside_each_row(place: tuple[Api, str]) -> None:
    api, token = place
    days = read(as_csv(api, "/timeseries", token, REPORTS["/timeseries"]))
    assert days[19]["timestamp"] == "2026-11-20T00:00:00+00:00"
    assert days[19]["compare.timestamp"] == "2026-10-16T00:00:00+00:00"
    assert (days[19]["visitors"], days[19]["compare.visitors"]) == (str(MANY), "0")
    [row] = read(as_csv(api, "/overview", token, REPORTS["/overview"]))
    assert (row["bounce_rate"], row["compare.bounce_rate"]) == ("99.17", "0.0")
    assert "bounceRate" not in row
    assert "compare.bounceRate" not in row


def test_a_file_is_named_by_website_report_and_period(place: tuple[Api, str]) -> None:
    api, token = place
    answer = as_csv(api, "/operating-systems", token, NOVEMBER)
    name = "example.com-operating-systems-2026-11-01-2026-11-30.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert csv_name('a"\r\n/b.example', "/pages", {"startAt": '"; x'}) == "a-b.example-pages-x.csv"


def test_errors_and_one_visitors_story_stay_json(place: tuple[Api, str]) -> None:
    api, token = place
    wrong = as_csv(api, "/pages", token, {"limit": "0"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (400, "application/json")
    story = as_csv(api, "/visitors/v1", token, {})
    assert story.headers["content-type"] == "application/json"


def cell(text: str) -> str:
    """The text as a spreadsheet reads it."""
    body = csv_of(RowsAnswer(data=[TextRow(text=text, amount=-1.5)])).decode()
    [header, row] = list(csv.reader(io.StringIO(body, newline="")))
    assert header == ["text", "amount"]
    assert row[1] == "-1.5"  # a number stays a number
    return row[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\rx", "' x"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("/a=b-c+d@e", "/a=b-c+d@e"),
        ('say "hi", now; =1', 'say "hi", now; =1'),
        ("two\r\nlines", "two lines"),
        ("a\u202eb\u2066c\x00d", "a b c d"),
        ("مرحبا 👩‍💻 ü", "مرحبا 👩‍💻 ü"),
        ("<script>", "<script>"),
    ],
)
def test_a_text_is_shown_and_never_calculated(text: str, shown: str) -> None:
    assert cell(text) == shown


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_one_cell_that_begins_no_formula(text: str) -> None:
    shown = cell(text)
    assert not shown.lstrip().startswith(("=", "+", "-", "@"))
    assert not set(shown) & set("\t\r\n\0\u202e\u2066")
