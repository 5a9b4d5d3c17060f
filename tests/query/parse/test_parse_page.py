"""Reports that show one page of a list: ingestion and quarantine."""

from collections.abc import Callable

import pytest
from query.ask import NOW, WEBSITE
from query.store import ms

from footfall.model.errors import BadRequest
from footfall.model.question import PageQuestion
from footfall.query.parse.given import Params
from footfall.query.parse.ingestion import parse_ingestion
from footfall.query.parse.quarantine import parse_quarantine

Parse = Callable[..., PageQuestion]
BOTH = pytest.mark.parametrize("parse", [parse_ingestion, parse_quarantine])


@BOTH
def test_a_page_has_100_rows_from_the_first(parse: Parse) -> None:
    found = parse([], WEBSITE, NOW)
    assert (found.limit, found.offset, found.now_at) == (100, 0, NOW)


@BOTH
@pytest.mark.parametrize("params", [[("limit", "0")], [("limit", "1001")], [("offset", "-1")]])
def test_a_wrong_page_is_refused(parse: Parse, params: Params) -> None:
    with pytest.raises(BadRequest, match="is not a whole number from") as caught:
        parse(params, WEBSITE, NOW)
    assert caught.value.field == params[0][0]


def test_ingestion_takes_moments_in_the_websites_zone() -> None:
    found = parse_ingestion([("startAt", "2026-03-01"), ("endAt", "2026-03-01")], WEBSITE, NOW)
    assert found.period.start_ms == ms("2026-03-01T00:00:00")
    assert found.period.end_ms == ms("2026-03-02T00:00:00")


def test_quarantine_takes_days_and_without_them_shows_the_last_three_weeks() -> None:
    found = parse_quarantine([], WEBSITE, NOW)
    assert found.period.start_ms == ms("2026-02-23T00:00:00")
    assert found.period.end_ms == ms("2026-03-11T00:00:00")
    with pytest.raises(BadRequest, match="is not a valid date"):
        parse_quarantine([("date_from", "2026-03-01T10:00"), ("date_to", "x")], WEBSITE, NOW)
