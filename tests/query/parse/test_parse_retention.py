"""Parameters of retention become its question, or a 400 that names the parameter."""

import pytest
from query.ask import NOW, WEBSITE

from footfall.model.errors import BadRequest
from footfall.model.retention import RetentionQuestion
from footfall.model.step import Condition
from footfall.query.parse.asked import asked_of_days
from footfall.query.parse.retention import cohort_weeks, parse_retention

ASKED = asked_of_days((), WEBSITE, NOW, default_weeks=12)


def parse(**named: str) -> RetentionQuestion:
    return parse_retention(tuple(named.items()), ASKED)


def test_without_parameters_visitors_come_again_by_any_counted_event() -> None:
    assert parse() == RetentionQuestion(
        website=WEBSITE, period=ASKED.period, now_at=NOW, min_users=10, limit=12
    )
    assert parse(start_step="[", steps="{", event_name="") == parse()


def test_all_parameters_are_read() -> None:
    question = parse(
        filters='[{"field":"referrer","op":"contains","value":"google"}]',
        id_type="address",
        event_type="track",
        event_name="Sign Up",
        min_users="1",
        limit="52",
    )
    google = Condition(field="referrer", operator="includes", values=("google",))
    assert question.conditions == (google,)
    assert (question.id_type, question.event_type) == ("address", "track")
    assert (question.event_name, question.min_users, question.limit) == ("Sign Up", 1, 52)


def test_the_weeks_looked_at_without_dates_are_the_limit() -> None:
    assert cohort_weeks(()) == 12
    assert cohort_weeks([("limit", "3")]) == 3
    with pytest.raises(BadRequest, match="limit '53' is not a whole number from 1 to 52"):
        cohort_weeks([("limit", "53")])


@pytest.mark.parametrize(
    ("name", "value", "field", "message"),
    [
        ("limit", "", "", " '' is not a whole number from 1 to 52"),
        ("min_users", "", "", " '' is not a whole number from 1 to 1000000"),
        ("id_type", "", "", " '' is not one of anonymous_id, address"),
        ("event_type", "", "", " '' is not one of page, track, outbound,"),
        ("filters", "", "", " '' is not valid JSON"),
        ("limit", "0", "", " '0' is not a whole number from 1 to 52"),
        ("limit", "53", "", " '53' is not a whole number from 1 to 52"),
        ("min_users", "0", "", " '0' is not a whole number from 1 to 1000000"),
        ("min_users", "-5", "", " '-5' is not a whole number from 1 to 1000000"),
        ("id_type", "user_id", "", " 'user_id' is not one of anonymous_id, address"),
        ("event_type", "pageview", "", " 'pageview' is not one of page, track, outbound,"),
        ("event_name", "x" * 2049, "", f" '{'x' * 64}'… is 2049 characters long; at most 2048"),
        ("event_name", "\0", "", " '\\x00' contains a NUL character"),
        ("filters", "{}", "", " (an object) is not a JSON array of conditions"),
        ("filters", '[{"field":"os"}]', ".0.operator", " is missing; one of equals, notEquals,"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, field: str, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(**{name: value})
    assert caught.value.field == name + field
    assert caught.value.message.startswith(name + field + message)
