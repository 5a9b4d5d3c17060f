"""One function answers every report, by its name."""

from collections.abc import Mapping

import pytest
from query.ask import NOW, WEBSITE
from query.store import Store

from footfall.model.answer import Answer
from footfall.model.errors import BadRequest, NotFound
from footfall.model.payment import Profile
from footfall.model.table import Table
from footfall.query.ask import REPORTS, TABLE_REPORTS, Result, ask
from footfall.query.people import NoPeople
from footfall.query.visitor_export import Export
from footfall.store.error import EngineError
from footfall.store.rows import Rows

STEP = '{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}'
NEEDED = {
    "breakdown": {"dimension": "country"},
    "flow": {"start_step": STEP},
    "funnel": {"steps": f"[{STEP},{STEP}]"},
    "visitor": {"id": "ann"},
    "visitor_export": {"id": "ann"},
}
DAYS = {"date_from": "2026-03-01", "date_to": "2026-03-10"}


class Ann(NoPeople):
    """Everybody has a profile, so that any id is known."""

    def profile(self, *_: int) -> Profile:
        return Profile(name="Ann")


def asked(store: Store, name: str, params: Mapping[str, str], **options: object) -> Result:
    return ask(name, list(params.items()), WEBSITE, NOW, store.engine, people=Ann(), **options)


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_answers(store: Store, name: str) -> None:
    found = asked(store, name, NEEDED.get(name, {}))
    if name == "visitor_export":
        assert isinstance(found, Export)
        assert b'"name":"Ann"' in b"".join(found.pieces)
    else:
        is_table = name in (*TABLE_REPORTS, "quarantine")
        assert isinstance(found, Table if is_table else Answer)
        if is_table:
            assert all(isinstance(row, REPORTS[name].row) for row in found.rows)
        else:
            assert isinstance(found, REPORTS[name].answer)


@pytest.mark.parametrize("name", TABLE_REPORTS)
def test_a_table_is_asked_with_moments_or_with_days(store: Store, name: str) -> None:
    of_days = asked(store, name, NEEDED.get(name, {}) | DAYS, dates="days")
    of_moments = asked(store, name, NEEDED.get(name, {}) | {"startAt": "2026-03-01"})
    assert isinstance(of_days, Table)
    assert isinstance(of_moments, Table)
    assert of_days.columns == of_moments.columns


def test_an_unknown_report_is_refused_with_the_names_of_all(store: Store) -> None:
    with pytest.raises(BadRequest, match="'pages' is not a report; reports: overview, timeseries"):
        asked(store, "pages", {})


@pytest.mark.parametrize("name", ["visitor", "visitor_export"])
def test_without_profiles_a_visitor_without_stored_rows_is_not_found(
    store: Store, name: str
) -> None:
    with pytest.raises(NotFound, match="Visitor not found"):
        ask(name, [("id", "ann")], WEBSITE, NOW, store.engine)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_says_in_one_sentence_what_it_shows(name: str) -> None:
    assert 20 < len(REPORTS[name].summary) < 120


class Limits:
    """A reader that keeps the parameters of statements and runs none."""

    keeps_answers = False

    def __init__(self) -> None:
        self.params: list[object] = []

    def query(
        self, _sql: str, params: Mapping[str, object] | None = None, _: object = None
    ) -> Rows:
        self.params += (params or {}).values()
        raise EngineError("enough")


@pytest.mark.parametrize(
    ("dimensions", "rows"),
    [("referrer", 100_000), ("referrer,country", 50_000), ("referrer,os,city,via", 25_000)],
)
def test_several_lists_share_the_rows_of_a_file(dimensions: str, rows: int) -> None:
    reader = Limits()
    params = [("dimension", dimensions)]
    with pytest.raises(EngineError):
        ask("breakdown", params, WEBSITE, NOW, reader, has_all_rows=True)
    assert rows in reader.params
