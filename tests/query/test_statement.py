"""The SQL that a question becomes: only what is asked for, and never a value in its text."""

import re

import pytest
from query.ask import parse

from footfall.model.question import Question
from footfall.query.sql.covered import Covered, Span, needs_reach
from footfall.query.sql.statement import Part, Values, stack


def conditions(table: str, *params: tuple[str, str], **website: object) -> str:
    """The WHERE of a table with the values written in, for reading."""
    values = Values()
    covered = Covered(parse("overview", *params, **website), values, Span(5, 9))
    text: str = getattr(covered, table)()
    return re.sub(r"\{(v\d+):\w+(?:\(\w+\))?\}", lambda m: repr(values.bound[m[1]]), text)


IS_WEBSITE = "website_id = 7"
IN_2026 = (
    "started_at >= fromUnixTimestamp64Milli(1767225600000)"
    " AND started_at < fromUnixTimestamp64Milli(1798761600000)"
)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ([], f"{IS_WEBSITE} AND bot = '' AND counted_events > 0"),
        ([("bots", "include")], f"{IS_WEBSITE} AND counted_events > 0"),
        ([("bots", "only")], f"{IS_WEBSITE} AND bot != '' AND counted_events > 0"),
        (
            [("startAt", "2026-01-01"), ("endAt", "2026-12-31"), ("bots", "include")],
            f"{IS_WEBSITE} AND {IN_2026} AND counted_events > 0",
        ),
        (
            [("filter_utm_source", "!a|b")],
            f"{IS_WEBSITE} AND bot = '' AND counted_events > 0 AND NOT (utm_source IN ['a', 'b'])",
        ),
        (
            [("filter_channel", "~mail")],
            f"{IS_WEBSITE} AND bot = '' AND counted_events > 0"
            " AND positionCaseInsensitiveUTF8(channel, 'mail') > 0",
        ),
        (
            [("filter_page", "!/blog/*")],
            f"{IS_WEBSITE} AND bot = '' AND counted_events > 0 AND session_id NOT IN"
            f" (SELECT session_id FROM events WHERE {IS_WEBSITE} AND type = 'page'"
            " AND match(path, '^\\\\/blog\\\\/[^/]*$') AND session_id != 0)",
        ),
        (
            [("filter_goal", "signup")],
            f"{IS_WEBSITE} AND bot = '' AND counted_events > 0 AND visitor_id IN"
            f" (SELECT visitor_id FROM events WHERE {IS_WEBSITE} AND bot = '' AND type = 'track'"
            " AND name IN ['signup'] AND visitor_id != 0)",
        ),
    ],
)
def test_the_sessions_that_a_question_covers(params: list[tuple[str, str]], expected: str) -> None:
    assert conditions("sessions", *params) == expected


def test_events_without_a_session_have_no_entry_page() -> None:
    assert conditions("events", ("filter_entry_page", "!/a"), ("bots", "include")) == (
        f"{IS_WEBSITE} AND NOT ((session_id IN (SELECT session_id FROM sessions FINAL WHERE"
        f" {IS_WEBSITE} AND started_at >= fromUnixTimestamp64Milli(5)"
        " AND started_at < fromUnixTimestamp64Milli(9) AND entry_page IN ['/a'])"
        " OR (session_id = 0 AND '' IN ['/a'])))"
    )


def test_payments_know_no_bots() -> None:
    assert conditions("payments", ("bots", "only")) == IS_WEBSITE


def test_retention_is_in_every_condition() -> None:
    floor = "fromUnixTimestamp64Milli(1772280000000)"
    days = {"retain_days": 10}
    assert f"started_at >= {floor}" in conditions("sessions", **days)
    assert f"report_at >= {floor}" in conditions("events", **days)
    assert f"report_at >= {floor}" in conditions("payments", **days)
    assert f"report_at >= {floor}" in conditions("events_ever", **days)


@pytest.mark.parametrize(
    ("params", "touches_events", "expected"),
    [
        ([], True, False),
        ([("filter_country", "AT")], True, False),
        ([("filter_page", "/")], False, True),
        ([("filter_entry_page", "/")], False, False),
        ([("filter_entry_page", "/")], True, True),
    ],
)
def test_only_filters_on_pages_and_events_look_beyond_the_period(
    params: list[tuple[str, str]], touches_events: bool, expected: bool
) -> None:
    question: Question = parse("overview", *params)
    assert needs_reach(question, touches_events=touches_events) is expected


def test_equal_values_share_a_placeholder() -> None:
    values = Values()
    assert values.bind("String", "a") == values.bind("String", "a") == "{v0:String}"
    assert values.bind("UInt32", 1) == "{v1:UInt32}"
    assert values.bound == {"v0": "a", "v1": 1}


def test_parts_are_stacked_with_zeros_for_what_they_do_not_count() -> None:
    visited = Part("FROM sessions", {"day": "toDate(started_at)"}, {"visitors": "count()"})
    paid = Part("FROM payments", {"day": "day"}, {"new_revenue": "sum(amount)"}, "GROUP BY day")
    assert stack(("day",), ("visitors", "new_revenue"), (visited, paid)) == (
        "SELECT day, sum(visitors_) AS visitors, sum(new_revenue_) AS new_revenue\n"
        "FROM (\n"
        "    SELECT\n"
        "        toDate(started_at) AS day,\n"
        "        count() AS visitors_,\n"
        "        toDecimal128(0, 4) AS new_revenue_\n"
        "    FROM sessions\n"
        "    UNION ALL\n"
        "    SELECT\n"
        "        day,\n"
        "        toUInt64(0) AS visitors_,\n"
        "        sum(amount) AS new_revenue_\n"
        "    FROM payments\n"
        "    GROUP BY day\n"
        ")\n"
        "GROUP BY day"
    )
