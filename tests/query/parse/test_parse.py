"""Parameters become a question, or a 400 that names the parameter and what is valid."""

import pytest
from query.ask import NOW, parse

from footfall.model.errors import BadRequest
from footfall.model.period import END_OF_TIME, START_OF_TIME


def test_without_parameters_a_report_covers_all_time() -> None:
    question = parse("overview")
    assert (question.period.start_ms, question.period.end_ms) == (START_OF_TIME, END_OF_TIME)
    assert (question.limit, question.offset, question.bots) == (100, 0, "exclude")


def test_the_zone_is_the_websites_unless_given() -> None:
    assert parse("overview", timezone="Asia/Tokyo").period.timezone == "Asia/Tokyo"
    given = parse("overview", ("timezone", "Europe/Rome"), timezone="Asia/Tokyo")
    assert given.period.timezone == "Europe/Rome"


def test_retention_bounds_every_period_from_below() -> None:
    period = parse("overview", ("startAt", "2026-01-01"), retain_days=10).period
    assert period.from_ms == NOW - 10 * 86_400_000


def test_fields_take_either_spelling() -> None:
    assert parse("overview", ("fields", "bounceRate,revenue")).fields == ("bounce_rate", "revenue")
    assert parse("timeseries", ("fields", "name,revenueBreakdown")).fields == ("revenue",)


def test_unknown_parameters_are_ignored() -> None:
    assert parse("overview", ("page", "3"), ("_", "x")) == parse("overview")


def test_the_same_filter_given_twice_is_two_filters() -> None:
    question = parse("overview", ("filter_page", "/a"), ("filter_page", "/b"))
    assert [each.values for each in question.filters] == [("/a",), ("/b",)]


@pytest.mark.parametrize(
    ("report", "name", "value", "says"),
    [
        ("overview", "limit", "0", "from 1 to 1000"),
        ("overview", "limit", "1001", "from 1 to 1000"),
        ("overview", "limit", "ten", "whole number"),
        ("overview", "limit", "1e3", "whole number"),
        ("overview", "limit", "", "whole number"),
        ("overview", "limit", "٣", "whole number"),
        ("overview", "offset", "-1", "from 0"),
        ("overview", "offset", "9" * 40, "from 0"),
        ("overview", "timezone", "Europe/Atlantis", "IANA"),
        ("overview", "startAt", "1.1.2026", "ISO 8601"),
        ("overview", "filter_contry", "AT", "filter_country"),
        ("overview", "filter_", "AT", "did you mean"),
        ("overview", "filter_exit_link", "x", "did you mean"),
        ("overview", "filter_country", "", "empty value"),
        ("overview", "fields", "visitors,clicks", "clicks"),
        ("overview", "fields", "completions", "completions"),
        ("overview", "bots", "maybe", "exclude, include, only"),
        ("overview", "attribution", "middle", "last, first"),
        ("overview", "compare", "yesterday", "previous_period, previous_year, or"),
        ("overview", "compare", "previous_year", "needs startAt"),
        ("realtime", "compare", "previous_year", "overview, timeseries, breakdown, goals only"),
        ("overview", "compare", "2026-01-01..2026-13-01", "not a valid date"),
        ("overview", "compare", "2026-02-01..2026-01-01", "is after compare"),
        ("overview", "match", "weekday", "with compare only"),
        ("overview", "match", "month", "weekday"),
        ("timeseries", "interval", "minute", "hour, day, week, month"),
        ("timeseries", "startAt", "2027-01-01", "future"),
        ("timeseries", "fields", "currency", "currency"),
        ("breakdown", "dimension", "planet", "planet"),
        ("breakdown", "dimension", "", "dimension is missing"),
        ("breakdown", "dimension", "country,", "unknown dimension"),
        ("goals", "search", "x" * 300, "longer than"),
        ("goals", "sort", "Visitors", "value, visitors, sessions, bounce_rate"),
        ("goals", "sort", "pageviews", "by which all rows here can be sorted"),
        ("goals", "order", "up", "asc, desc"),
        ("goals", "fields", "pageviews", "fields: visitors, sessions, bounce_rate"),
        ("realtime", "filter_page", "/", "no filters"),
        ("realtime", "minutes", "0", "from 1 to 60"),
        ("realtime", "minutes", "61", "from 1 to 60"),
        ("realtime", "payments", "0", "from 1 to 100"),
        ("realtime", "payments", "101", "from 1 to 100"),
        ("overview", "search", "\ud800", "UTF-8"),
    ],
)
def test_bad_values_are_named(report: str, name: str, value: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says) as caught:
        parse(report, (name, value))
    assert caught.value.field == name


def test_only_goals_and_events_have_completions() -> None:
    for name in ("fields", "sort"):
        assert parse("breakdown", ("dimension", "goal"), (name, "completions"))
        with pytest.raises(BadRequest, match="'completions'") as caught:
            parse("breakdown", ("dimension", "country"), (name, "completions"))
        assert caught.value.field == name
    both = ("dimension", "country,goal")
    assert parse("breakdown", both, ("fields", "completions")).fields == ("completions",)
    with pytest.raises(BadRequest, match="by which all rows here can be sorted"):
        parse("breakdown", both, ("sort", "completions"))


def test_numbers_begin_with_the_greatest_and_values_with_the_first() -> None:
    assert not parse("goals", ("sort", "revenue")).is_ascending
    assert parse("goals", ("sort", "value")).is_ascending
    assert parse("goals", ("order", "asc")).is_ascending


def test_one_parameter_with_two_values_is_refused() -> None:
    with pytest.raises(BadRequest, match="limit is given with two values"):
        parse("overview", ("limit", "5"), ("limit", "6"))


def test_too_many_filters_are_refused() -> None:
    with pytest.raises(BadRequest, match="too many filters"):
        parse("overview", *[("filter_page", "/a")] * 51)
    with pytest.raises(BadRequest, match="too many filters"):
        parse("overview", *[("filter_city", "~" + "|".join("abcde"))] * 41)
