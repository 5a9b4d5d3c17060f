"""One visitor on hand-made rows: whose rows count, what is most recent, what is asked wrongly."""

from typing import Any

import msgspec
import pytest
from plain import plain
from query.ask import NOW, WEBSITE
from query.store import Store, ms

from footfall.model.errors import BadRequest, NotFound
from footfall.model.key import visitor_key
from footfall.model.payment import NO_PROFILE
from footfall.query.parse.visitor import parse_visitor, visitor_ids
from footfall.query.visitor import answer_visitor, is_visitor

FIRST, SECOND, THIRD = "2026-03-01T10:00:00", "2026-03-05T10:00:00", "2026-03-09T10:00:00"


def ask(store: Store, visitor_id: int = 1, **params: str) -> dict[str, Any]:
    question = parse_visitor(list(params.items()), WEBSITE, NOW)
    return plain(answer_visitor(question, visitor_id, NO_PROFILE, store.engine))


def visit(store: Store, session_id: int, at: str, bot: str = "", **facts: Any) -> None:
    """A session of visitor 1 with one page."""
    path = f"/{session_id}"
    pages = {"entry_page": path, "exit_page": path, "exit_page_at": ms(at)}
    host = {"hostname": "example.com", **facts}
    store.session(session_id, 1, at, bot=bot, **pages, **host)
    ids = {"session_id": session_id, "visitor_id": 1, "seq": session_id}
    store.event("page", at, path=path, bot=bot, **ids, **host)


def test_identity_and_source_are_those_of_the_most_recent_visit(store: Store) -> None:
    visit(store, 11, FIRST, country="DE", browser="Chrome", referrer="google.com")
    browser = {"browser": "Mobile Safari", "browser_version": "Mobile Safari 18.0"}
    visit(store, 12, SECOND, country="AT", screen="390x844", device="Mobile", **browser)
    story = ask(store)
    assert story["identity"]["country"] == "Austria"
    assert story["identity"]["browser"] == {"name": "Mobile Safari", "version": "18.0"}
    assert story["identity"]["device"] == {"type": "Mobile"}
    assert story["identity"]["viewport"] == {"width": 390, "height": 844}
    assert story["source"] is None
    assert story["activity"]["firstVisitAt"] == "2026-03-01T10:00:00+00:00"
    assert story["activity"]["currentUrl"] == "example.com/12"


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({"referrer": "google.com", "utm_source": "news"}, "google.com"),
        ({"utm_source": "news", "ref": "x"}, "news"),
        ({"source": "s", "via": "v"}, "s"),
        ({"ref": "r", "via": "v"}, "r"),
        ({"via": "v"}, "v"),
        ({}, None),
    ],
)
def test_a_source_is_the_referrer_else_what_tags_say(
    store: Store, facts: dict[str, str], source: str | None
) -> None:
    visit(store, 11, FIRST, **facts)
    assert ask(store)["source"] == source


def test_a_bots_visits_are_not_part_of_a_persons_story(store: Store) -> None:
    visit(store, 11, FIRST)
    visit(store, 12, SECOND, bot="user_agent", country="US")
    story = ask(store)
    assert (story["isBot"], story["activity"]["visitCount"]) == (False, 1)
    assert story["identity"]["country"] is None
    assert [row["url"] for row in story["activityTimeline"]] == ["example.com/11"]


def test_who_has_a_bots_visits_alone_has_a_bots_story(store: Store) -> None:
    visit(store, 12, SECOND, bot="user_agent")
    story = ask(store)
    assert (story["isBot"], story["activity"]["visitCount"]) == (True, 1)
    assert [row["url"] for row in story["activityTimeline"]] == ["example.com/12"]


def test_what_has_outlived_the_retention_counts_nowhere(store: Store) -> None:
    visit(store, 11, FIRST)
    store.payment("p1", FIRST, "10", visitor_id=1)
    website = msgspec.structs.replace(WEBSITE, retain_days=3)
    question = parse_visitor([], website, NOW)
    assert not is_visitor(question, 1, store.engine)
    visit(store, 13, THIRD)
    assert is_visitor(question, 1, store.engine)
    story = plain(answer_visitor(question, 1, NO_PROFILE, store.engine))
    assert story["activity"]["visitCount"] == len(story["activityTimeline"]) == 1
    assert story["revenue"]["isCustomer"] is False


def test_another_websites_rows_are_not_theirs(store: Store) -> None:
    store.session(11, 1, FIRST, website_id=8)
    assert not is_visitor(parse_visitor([], WEBSITE, NOW), 1, store.engine)


def test_each_list_has_its_own_newest_rows(store: Store) -> None:
    visit(store, 11, FIRST)
    for seq, name in enumerate(("a", "b", "c"), start=20):
        store.event("track", SECOND, name=name, visitor_id=1, session_id=11, seq=seq)
    story = ask(store, limit="2")
    assert [row["eventName"] for row in story["activityTimeline"]] == ["c", "b"]
    assert [row["name"] for row in story["activity"]["completedCustomGoals"]] == ["c", "b"]
    assert [row["url"] for row in story["activity"]["visitedPages"]] == ["example.com/11"]
    [*_, last] = story["activityTimeline"]
    older = ask(store, limit="2", before=last["cursor"])["activityTimeline"]
    assert [(row["type"], row["eventName"]) for row in older] == [("goal", "a"), ("pageview", None)]


def test_goals_that_payments_record_are_listed_only_as_payments(store: Store) -> None:
    visit(store, 11, FIRST)
    ids = {"visitor_id": 1, "is_server_side": 1}
    store.event("track", SECOND, name="payment", seq=20, **ids)
    store.event("track", SECOND, name="vip", seq=21, **ids)
    store.payment("p1", SECOND, "10.005", visitor_id=1)
    story = ask(store)
    assert [row["name"] for row in story["activity"]["completedCustomGoals"]] == ["vip"]
    paid, goal, _ = story["activityTimeline"]
    assert (paid["type"], paid["amount"]) == ("payment", 10.01)  # half up
    assert (goal["eventName"], goal["url"]) == ("vip", None)
    assert story["revenue"]["timeToFirstConversion"] == 4 * 86_400


def test_an_id_means_ours_first_then_the_clients() -> None:
    assert visitor_ids(7, "ann") == (visitor_key(7, "ann"),)
    own = "00000000000000ff"
    assert visitor_ids(7, own) == (255, visitor_key(7, own))
    assert visitor_ids(7, "0" * 16) == (visitor_key(7, "0" * 16),)  # 0 is nobody
    assert visitor_ids(7, own.upper()) == (visitor_key(7, own.upper()),)


@pytest.mark.parametrize("text", ["", "a" * 65, "a b", "ä", "a\n", "x/y", "a.b"])
def test_an_invalid_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        visitor_ids(7, text)


def test_a_time_before_which_rows_lie_is_local_to_the_zone() -> None:
    params = [("before", "2026-03-01"), ("timezone", "Europe/Vienna")]
    before = parse_visitor(params, WEBSITE, NOW).before
    assert before is not None
    assert before.at == ms("2026-02-28T23:00:00")


def test_a_wrong_time_says_that_a_cursor_does_as_well() -> None:
    with pytest.raises(BadRequest, match=r"before 'x' is not an ISO 8601 date.*cursor of a row"):
        parse_visitor([("before", "x")], WEBSITE, NOW)
