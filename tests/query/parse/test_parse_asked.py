"""Both dialects' dates, zone, bots and filters become what every question says."""

import pytest
from msgspec.structs import replace
from query.ask import NOW, WEBSITE
from query.store import ms

from footfall.model.errors import BadRequest
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.question import Asked
from footfall.query.parse.asked import asked_of_days, asked_of_report

DAY_MS = 86_400_000
APRIL = (("dateFrom", "2026-04-01"), ("dateTo", "2026-04-30"))


def days(*params: tuple[str, str], weeks: int | None = None, now: int = NOW) -> Asked:
    return asked_of_days(params, WEBSITE, now, default_weeks=weeks)


def report(*params: tuple[str, str], weeks: int | None = None) -> Asked:
    return asked_of_report(params, WEBSITE, NOW, default_weeks=weeks)


def refusal(*params: tuple[str, str]) -> tuple[str, str]:
    with pytest.raises(BadRequest) as caught:
        days(*params)
    return caught.value.field, caught.value.message


def test_days_are_whole_days_in_utc_whatever_the_websites_zone() -> None:
    asked = asked_of_days(APRIL, replace(WEBSITE, timezone="Asia/Tokyo"), NOW)
    assert (asked.period.start_ms, asked.period.end_ms) == (
        ms("2026-04-01T00:00:00"),
        ms("2026-05-01T00:00:00"),
    )
    assert (asked.period.timezone, asked.bots, asked.filters) == ("UTC", "exclude", ())
    assert (asked.website.timezone, asked.now_at) == ("Asia/Tokyo", NOW)


def test_the_newer_spelling_of_the_dates_says_the_same() -> None:
    newer = (("date_from", "2026-04-01"), ("date_to", "2026-04-30"))
    assert days(*newer) == days(*APRIL) == days(*APRIL, *newer)


def test_a_day_in_a_zone_is_as_long_as_it_is_there() -> None:
    one = (("dateFrom", "2026-03-29"), ("dateTo", "2026-03-29"), ("timezone", "Europe/Vienna"))
    period = days(*one).period
    assert period.start_ms == ms("2026-03-28T23:00:00")
    assert period.end_ms - period.start_ms == 23 * 3_600_000


def test_bots_can_be_asked_for_and_sessions_not_filtered() -> None:
    asked = days(*APRIL, ("bots", "only"), ("utm_planet", "x"))
    assert (asked.bots, asked.filters) == ("only", ())


@pytest.mark.parametrize(
    ("ask", "name", "value"),
    [
        (asked_of_days, "filter_country", "AT"),
        (asked_of_days, "filter_device", "!mobile"),
        (asked_of_days, "user_filters", '[{"field":"lifecycle"}]'),
        (asked_of_days, "behavior_filters", "[{}]"),
        (asked_of_report, "source_filter", "[{}]"),
        (asked_of_report, "channel_filter", "[{}]"),
        (asked_of_report, "user_filters", "[{}]"),
    ],
)
def test_a_parameter_that_would_change_the_answer_elsewhere_is_refused(ask, name, value) -> None:
    own = APRIL if ask is asked_of_days else ()
    with pytest.raises(BadRequest, match=f"{name} is not supported here") as caught:
        ask((*own, (name, value)), WEBSITE, NOW, default_weeks=4)
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("first", "last"), [("dateFrom", "dateTo"), ("date_from", "date_to"), ("startAt", "endAt")]
)
@pytest.mark.parametrize("ask", [asked_of_days, asked_of_report])
def test_each_api_takes_the_others_names_of_the_dates(ask, first, last) -> None:
    period = ask([(first, "2026-04-01"), (last, "2026-04-03")], WEBSITE, NOW).period
    assert period.end_ms - period.start_ms == 3 * DAY_MS
    with pytest.raises(BadRequest) as caught:
        ask([(first, "2026-04-04"), (last, "2026-04-03")], WEBSITE, NOW)
    assert caught.value.field == first


@pytest.mark.parametrize("ask", [asked_of_days, asked_of_report])
def test_two_names_of_a_date_must_agree(ask) -> None:
    same = [*APRIL, ("startAt", "2026-04-01"), ("endAt", "2026-04-30")]
    assert ask(same, WEBSITE, NOW)
    with pytest.raises(BadRequest, match="differ"):
        ask([*APRIL, ("startAt", "2026-04-02")], WEBSITE, NOW)


@pytest.mark.parametrize("ask", [asked_of_days, asked_of_report])
def test_a_parameter_that_narrows_nothing_is_not_refused(ask) -> None:
    own = APRIL if ask is asked_of_days else ()
    assert ask((*own, ("user_filters", "[]"), ("behavior_filters", "")), WEBSITE, NOW)


@pytest.mark.parametrize(
    ("ask", "params"), [(asked_of_days, APRIL), (asked_of_report, [("startAt", "2026-04-01")])]
)
def test_the_websites_retention_bounds_the_period(ask, params) -> None:
    assert ask(params, replace(WEBSITE, retain_days=10), NOW).period.from_ms >= NOW - 10 * DAY_MS
    assert ask(params, replace(WEBSITE, retain_days=10), NOW).period.floor_ms == NOW - 10 * DAY_MS


@pytest.mark.parametrize(
    ("params", "field", "message"),
    [
        ((), "dateFrom", "dateFrom is missing; give a date, as in 2026-01-31"),
        (APRIL[1:], "dateFrom", "dateFrom is missing; give a date, as in 2026-01-31"),
        (APRIL[:1], "dateTo", "dateTo is missing; give a date, as in 2026-01-31"),
        (
            (("date_to", "2026-04-30"),),
            "date_from",
            "date_from is missing; give a date, as in 2026-01-31",
        ),
        (
            (("date_from", "2026-04-30"), ("date_to", "")),
            "date_to",
            "date_to is missing; give a date, as in 2026-01-31",
        ),
        (
            (("dateFrom", "2026-04-02"), ("dateTo", "2026-04-01")),
            "dateFrom",
            "dateFrom 2026-04-02 is after dateTo 2026-04-01",
        ),
        (
            (("date_from", "2026-04-02"), ("date_to", "2026-04-01")),
            "date_from",
            "date_from 2026-04-02 is after date_to 2026-04-01",
        ),
        (
            (("dateFrom", "2026-02-30"), ("dateTo", "2026-04-01")),
            "dateFrom",
            "dateFrom '2026-02-30' is not a valid date: day is out of range for month",
        ),
        (
            (("dateFrom", "2026-04-01"), ("date_to", "2201-01-01")),
            "date_to",
            "date_to '2201-01-01' is outside 1970 to 2200",
        ),
        (
            (("dateFrom", "2026-04-01T00:00"), ("dateTo", "2026-04-01")),
            "dateFrom",
            "dateFrom '2026-04-01T00:00' is not a valid date; write YYYY-MM-DD, as in 2026-01-31",
        ),
        (
            (*APRIL, ("date_from", "2026-04-02")),
            "dateFrom",
            "dateFrom and date_from differ; give one of them",
        ),
        (
            (*APRIL, ("dateTo", "2026-04-02")),
            "dateTo",
            "dateTo is given with two values; give one",
        ),
        ((*APRIL, ("bots", "yes")), "bots", "bots 'yes' is not one of exclude, include, only"),
        (
            (*APRIL, ("timezone", "Mars/Base")),
            "timezone",
            "timezone 'Mars/Base' is not an IANA time zone such as Europe/Vienna or UTC",
        ),
    ],
)
def test_a_wrong_date_is_named_as_it_is_spelled(
    params: tuple[tuple[str, str], ...], field: str, message: str
) -> None:
    assert refusal(*params) == (field, message)


@pytest.mark.parametrize(
    "day", ["2026-4-1", "20260401", " 2026-04-01", "2026-04-01Z", "٢٠٢٦-٠٤-٠١"]
)
def test_other_forms_of_a_day_are_refused(day: str) -> None:
    assert refusal(("dateFrom", day), ("dateTo", "2026-05-01"))[0] == "dateFrom"


def test_without_dates_the_default_is_weeks_from_monday_up_to_today() -> None:
    tuesday = days(weeks=12).period
    assert tuesday.start_ms == ms("2025-12-22T00:00:00")
    assert tuesday.end_ms == ms("2026-03-11T00:00:00")
    only = days(weeks=1).period
    assert only.start_ms == ms("2026-03-09T00:00:00")


def test_default_weeks_are_those_of_the_zone() -> None:
    sunday_evening = ms("2026-03-08T20:00:00")
    period = days(("timezone", "Asia/Tokyo"), weeks=1, now=sunday_evening).period
    assert period.start_ms == ms("2026-03-08T15:00:00")  # Monday's midnight in Tokyo
    assert period.end_ms - period.start_ms == DAY_MS


def test_one_date_alone_is_refused_also_where_there_is_a_default() -> None:
    with pytest.raises(BadRequest, match="dateTo is missing"):
        days(APRIL[0], weeks=12)


def test_a_report_covers_all_time_without_dates_or_the_default_weeks() -> None:
    assert (report().period.start_ms, report().period.end_ms) == (START_OF_TIME, END_OF_TIME)
    assert report(weeks=12).period == days(weeks=12).period
    assert report(("startAt", "2026-01-01"), weeks=12).period.end_ms == END_OF_TIME


def test_a_report_has_the_websites_zone_and_filters_on_sessions() -> None:
    asked = asked_of_report(
        [("startAt", "2026-04-01"), ("filter_country", "AT"), ("bots", "include")],
        replace(WEBSITE, timezone="Asia/Tokyo"),
        NOW,
    )
    assert asked.period.start_ms == ms("2026-03-31T15:00:00")
    assert [each.values for each in asked.filters] == [("AT",)]
    assert asked.bots == "include"


def test_a_reports_wrong_filter_is_named() -> None:
    with pytest.raises(BadRequest, match="did you mean filter_country") as caught:
        report(("filter_contry", "AT"))
    assert caught.value.field == "filter_contry"
