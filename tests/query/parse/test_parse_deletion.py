"""What a delete covers: nothing in its filters may be overlooked."""

import pytest
from query.ask import WEBSITE
from query.store import ms

from footfall.model.errors import BadRequest
from footfall.query.parse.deletion import GOAL_FILTERS, PAYMENT_FILTERS, parse_deletion


def test_filters_are_kept_as_they_were_sent_and_days_are_whole() -> None:
    params = [("name", "signup"), ("startAt", "2026-03-01"), ("endAt", "2026-03-02")]
    found = parse_deletion([*params, ("timezone", "UTC")], WEBSITE, GOAL_FILTERS)
    assert found.given == dict(params)
    assert (found.from_ms, found.to_ms) == (ms("2026-03-01T00:00:00"), ms("2026-03-03T00:00:00"))
    assert not found.is_dry


def test_without_dates_there_is_no_bound() -> None:
    found = parse_deletion([("transactionId", "t1"), ("dryRun", "1")], WEBSITE, PAYMENT_FILTERS)
    assert (found.from_ms, found.to_ms, found.is_dry) == (None, None, True)


def test_a_delete_of_one_visitor_takes_no_filters() -> None:
    assert parse_deletion([("domain", "example.com")], WEBSITE, ()).given == {}
    with pytest.raises(BadRequest, match="unknown parameter 'name'"):
        parse_deletion([("name", "signup")], WEBSITE, ())


@pytest.mark.parametrize(
    ("params", "field", "message"),
    [
        ([], "visitorId", "A delete needs at least one filter: visitorId, name, startAt, endAt"),
        ([("name", "")], "name", "name is empty: give a value or leave it out"),
        ([("nam", "x")], "nam", "unknown parameter 'nam'; did you mean name?"),
        ([("name", "a"), ("name", "b")], "name", "name is given with two values; give one"),
        ([("name", "a"), ("dryRun", "yes")], "dryRun", "dryRun 'yes' is not one of true, false"),
        ([("startAt", "2026-02-30")], "startAt", "startAt '2026-02-30' is not a valid date"),
    ],
)
def test_what_is_wrong_is_named(params: list[tuple[str, str]], field: str, message: str) -> None:
    with pytest.raises(BadRequest, match=message.replace("?", r"\?")) as caught:
        parse_deletion(params, WEBSITE, GOAL_FILTERS)
    assert caught.value.field == field
