"""The reference's sessions and payments, on logs that a person can check."""

from decimal import Decimal
from typing import Any

from footfall.model.event import Event
from footfall.model.fact import Facts
from reference import lists
from reference.join import DAY, HALF_HOUR, Log
from reference.small_log import (
    ANNA,
    BERT,
    HOUR,
    NOBODY,
    NOON,
    ask,
    event,
    goal,
    ms,
    overview,
    paid,
    rows,
    store,
)


def lengths(log: Log) -> list[int]:
    return [session.last_event_at - session.started_at for session in log.sessions]


# Joining


def test_exactly_thirty_minutes_later_joins() -> None:
    assert lengths(store(event(NOON), event(NOON + HALF_HOUR))) == [HALF_HOUR]


def test_a_millisecond_more_opens_a_new_session() -> None:
    assert lengths(store(event(NOON), event(NOON + HALF_HOUR + 1))) == [0, 0]


def test_midnight_and_another_campaign_do_not_split() -> None:
    midnight = ms("2026-03-02T00:00:00Z")
    log = store(event(midnight - 1), event(midnight, facts=Facts(utm_source="b")))
    assert lengths(log) == [1]
    assert log.sessions[0].facts.utm_source == ""


def test_events_of_one_request_are_taken_in_time_order() -> None:
    log = store([event(NOON + 5, path="/second"), event(NOON, path="/first")])
    assert log.sessions[0].started_at == NOON
    assert log.sessions[0].entry_page == "/first"


def test_a_late_event_joins_the_session_it_lies_within() -> None:
    log = store(event(NOON), event(NOON + 100), event(NOON + 3 * HOUR), event(NOON + 50))
    assert [len(session.rows) for session in log.sessions] == [3, 1]


def test_a_late_event_between_two_sessions_joins_the_earlier() -> None:
    log = store(event(NOON), event(NOON + HALF_HOUR + 1), event(NOON + 60_000))
    assert [len(session.rows) for session in log.sessions] == [2, 1]
    assert log.sessions[0].last_event_at == NOON + 60_000


def test_a_late_event_before_the_start_joins_but_moves_neither_start_nor_entry_page() -> None:
    log = store(event(NOON, path="/a"), event(NOON - HALF_HOUR, path="/b"))
    (session,) = log.sessions
    assert (session.started_at, session.entry_page, session.exit_page) == (NOON, "/a", "/a")
    assert len(session.pages) == 2


def test_a_late_event_far_from_all_sessions_opens_its_own() -> None:
    log = store(event(NOON), event(NOON - HALF_HOUR - 1))
    assert [session.started_at for session in log.sessions] == [NOON, NOON - HALF_HOUR - 1]


def test_the_exit_page_is_the_last_by_time_and_the_later_arrival_among_equals() -> None:
    log = store(event(NOON), event(NOON + 9, path="/c"), event(NOON + 5, path="/b"))
    assert log.sessions[0].exit_page == "/c"
    assert store(event(NOON), event(NOON, path="/b")).sessions[0].exit_page == "/b"


def test_engagement_without_a_live_session_is_dropped_and_identify_is_kept_without_one() -> None:
    log = store(event(NOON, kind="engagement"), event(NOON, kind="identify"))
    assert [reason for reason, _ in log.dropped] == ["no_session"]
    assert [(row.type, row.session) for row in log.rows] == [("identify", None)]


def test_engagement_and_identify_keep_a_session_alive() -> None:
    log = store(
        event(NOON),
        event(NOON + HALF_HOUR, kind="engagement", engaged_ms=1500),
        event(NOON + HOUR, kind="identify"),
        event(NOON + HOUR + HALF_HOUR),
    )
    assert lengths(log) == [HOUR + HALF_HOUR]
    found = overview(log)
    assert found["avg_engaged_time"] == Decimal("1.5")
    assert found["avg_session_duration"] == 5400


def test_an_outbound_click_opens_a_session_without_an_entry_page() -> None:
    log = store(event(NOON, kind="outbound", link="https://x.example/"), event(NOON + 9, path="/a"))
    assert log.sessions[0].exit_link == "https://x.example/"
    assert log.sessions[0].entry_page == "/a"
    assert rows(store(event(NOON, kind="outbound")), "entry_page") == [("Unknown",)]


def test_a_bots_events_never_join_a_persons_session() -> None:
    log = store(event(NOON), event(NOON + 1, bot="user_agent"), event(NOON + 2))
    assert [(session.bot, len(session.rows)) for session in log.sessions] == [
        ("", 2),
        ("user_agent", 1),
    ]
    assert overview(log)["sessions"] == 1
    assert overview(log, bots="only")["sessions"] == 1
    assert overview(log, bots="include")["sessions"] == 2


def test_a_cookieless_visit_over_midnight_stays_yesterdays_visitor() -> None:
    midnight = ms("2026-03-02T00:00:00Z")
    log = store(
        event(midnight - 60_000, ANNA),
        event(midnight + 60_000, BERT, visitor_id_yesterday=ANNA),
        event(midnight + HOUR, BERT, visitor_id_yesterday=ANNA),
    )
    assert [session.visitor_id for session in log.sessions] == [ANNA, BERT]
    assert lengths(log) == [120_000, 0]


def test_an_explicit_session_uid_gives_the_id_and_does_not_join_or_split() -> None:
    log = store(
        event(NOON, session_uid=7),
        event(NOON + 1, session_uid=8),
        event(NOON + 2 * HOUR, session_uid=7),
    )
    assert lengths(log) == [1, 0]
    assert log.sessions[0].id == 7
    assert log.sessions[1].id != 7


def test_a_repeated_event_id_is_stored_once_within_a_day_of_receipt() -> None:
    log = Log(1)
    for received_at in (NOON, NOON + DAY, NOON + DAY + 1):
        log.add_request(received_at, [event(NOON, event_id=5)])
    assert len(log.rows) == 2


# Money


def test_revenue_is_new_and_renewal_before_refunds() -> None:
    log = store(
        event(NOON), paid(NOON, "10"), paid(NOON, "5", "renewal"), paid(NOON, "3", "refund")
    )
    found = overview(log)
    assert [found[name] for name in ("revenue", "new_revenue", "renewal_revenue")] == [15, 10, 5]
    assert found["refunded_revenue"] == 3
    assert found["conversion_rate"] == 100


def test_a_refund_is_placed_by_its_own_time() -> None:
    log = store(event(NOON), paid(NOON, "10"), paid(NOON + DAY, "10", "refund"))
    today, tomorrow = {"endAt": "2026-03-02"}, {"startAt": "2026-03-03"}
    assert (overview(log, **today)["revenue"], overview(log, **today)["refunded_revenue"]) == (
        10,
        0,
    )
    assert overview(log, **tomorrow)["refunded_revenue"] == 10


def test_two_currencies_and_one_without_a_rate() -> None:
    log = store(
        event(NOON),
        paid(NOON, "10"),
        paid(NOON, "10", currency="USD", amount="9.137"),
        paid(NOON, "7", currency="XTS", amount="0", is_converted=False),
    )
    found = overview(log)
    assert found["revenue"] == Decimal("19.14")
    assert ask(log).unconverted == [{"currency": "XTS", "amount": 7}]


def test_a_payment_within_thirty_minutes_belongs_to_the_live_session() -> None:
    log = store(event(NOON), paid(NOON + HALF_HOUR, "1"), paid(NOON + HALF_HOUR + 1, "2"))
    assert [payment.session for payment in log.payments] == [log.sessions[0], None]
    assert lengths(log) == [0]


def test_a_later_payment_borrows_the_facts_of_the_latest_session_before_it() -> None:
    log = store(
        event(NOON, facts=Facts(browser="Chrome")),
        event(NOON + HOUR, facts=Facts(browser="Firefox")),
        paid(NOON + DAY, "2"),
        event(NOON + 2 * DAY, facts=Facts(browser="Safari")),
    )
    assert rows(log, "browser", "revenue", "visitors") == [
        ("Chrome", 0, 1),
        ("Firefox", 2, 1),
        ("Safari", 0, 1),
    ]
    first = rows(log, "browser", "revenue", attribution="first")
    assert first == [("Chrome", 2), ("Firefox", 0), ("Safari", 0)]


def test_a_payment_without_a_visitor_is_unknown_and_counted() -> None:
    log = store(paid(NOON, "2", visitor=NOBODY))
    assert rows(log, "channel", "revenue", "visitors") == [("Unknown", 2, 0)]
    assert rows(log, "referrer", "revenue") == [("Direct/None", 2)]
    assert rows(log, "utm_source", "revenue") == []


def test_a_given_session_decides_and_names_the_visitor() -> None:
    log = store(event(NOON, session_uid=7), paid(NOON + DAY, "2", visitor=NOBODY, session_uid=7))
    assert log.payments[0].session is log.sessions[0]
    assert log.payments[0].visitor_id == ANNA


def test_a_persons_session_is_preferred_to_a_bots() -> None:
    log = store(event(NOON, bot="ua"), event(NOON + 9), paid(NOON + 10, "2"))
    assert log.payments[0].session is log.sessions[1]
    alone = store(event(NOON, bot="ua", facts=Facts(browser="Bot")), paid(NOON + 10, "2"))
    assert rows(alone, "browser", "revenue", "visitors") == [("Bot", 2, 0)]


def test_a_new_payment_records_its_goal_and_a_renewal_none() -> None:
    log = store(event(NOON), paid(NOON, "2"), paid(NOON, "0"), paid(NOON, "4", "renewal"))
    found = {row["name"]: row for row in lists.goals(ask(log))}
    assert {name: row["completions"] for name, row in found.items()} == {
        "payment": 1,
        "free_trial": 1,
    }
    assert (found["payment"]["visitors"], found["payment"]["sessions"]) == (1, 0)
    assert overview(log)["bounce_rate"] == 100


def test_page_and_goal_rows_have_the_payments_of_sessions_that_hold_them() -> None:
    log = store(
        event(NOON, path="/a"),
        goal(NOON, "signup"),
        paid(NOON, "2"),
        event(NOON + DAY, path="/b"),
        paid(NOON + 2 * DAY, "4"),
    )
    assert rows(log, "page", "revenue") == [("/a", 2), ("/b", 0)]
    assert rows(log, "goal", "revenue") == [("payment", 2), ("signup", 2)]


# Sessions that their sender names


def own(at: int, uid: int, kind: str = "page", **more: Any) -> Event:
    return event(at, kind=kind, session_uid=uid, has_own_session=True, **more)


def test_an_explicit_session_wins_whatever_the_time() -> None:
    log = store(own(NOON, 7), own(NOON + 1, 8), own(NOON + 5 * HOUR, 7), own(NOON - HOUR, 8))
    assert [(session.id, len(session.rows)) for session in log.sessions] == [(7, 2), (8, 2)]
    assert log.sessions[1].started_at == NOON + 1


def test_only_a_counted_event_opens_an_explicit_session() -> None:
    log = store(own(NOON, 7, "identify"), own(NOON, 7, "engagement"), own(NOON, 7))
    assert [row.session is None for row in log.rows] == [True, False]
    assert [reason for reason, _ in log.dropped] == ["no_session"]


def test_a_bots_explicit_session_is_apart_from_a_persons_of_the_same_name() -> None:
    log = store(own(NOON, 7), own(NOON, 7, bot="crawler"), own(NOON, 7), own(NOON, 7, bot="x"))
    assert [(session.bot, len(session.rows)) for session in log.sessions] == [
        ("", 2),
        ("crawler", 2),
    ]
    assert len({session.id for session in log.sessions}) == 2


def test_an_event_without_a_name_joins_an_explicit_session_by_time() -> None:
    log = store(own(NOON, 7), event(NOON + HALF_HOUR), event(NOON + 2 * HOUR))
    assert [len(session.rows) for session in log.sessions] == [2, 1]


def test_of_two_alive_sessions_the_later_event_joins_the_one_that_started_later() -> None:
    log = store(own(NOON, 7), [own(NOON + 5, 7), own(NOON + 5, 8)], event(NOON + 9))
    assert [(session.id, len(session.rows)) for session in log.sessions] == [(7, 2), (8, 2)]
