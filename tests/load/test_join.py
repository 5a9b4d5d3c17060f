"""How events join sessions, rule by rule, on the real store."""

from decimal import Decimal

import pytest
from load.conftest import MINUTE, NOON, Store
from load.deleting import purge, remove_website

from footfall.load.loader import Loader
from footfall.model.fact import Facts
from footfall.model.key import session_key
from footfall.model.payment import Movement
from footfall.model.record import CountsRecord, EventsRecord, MovementRecord, Quarantined


def test_exactly_thirty_minutes_joins_and_a_millisecond_more_does_not(store):
    store.load(store.event(0), store.event(30), store.event(60 + 1 / 60_000))
    assert [row[:3] for row in store.sessions()] == [(0, 30, 2), (60 + 1 / 60_000,) * 2 + (1,)]


def test_a_session_continues_in_a_later_batch_and_after_a_restart(store):
    store.load(store.event(0, path="/a"))
    store.load(store.event(10, path="/b"))
    again = Store(store.engine, store.folder, store.website_id)
    again.load(store.event(20, path="/c"))
    assert again.sessions() == [(0, 20, 3, 3)]
    assert again.rows("entry_page, exit_page") == [["/a", "/c"]]


def test_events_of_one_request_are_taken_in_time_order(store):
    store.load(store.event(5, path="/second"), store.event(0, path="/first"))
    assert store.rows("entry_page, exit_page") == [["/first", "/second"]]


def test_a_late_event_joins_and_moves_neither_start_nor_entry_page(store):
    store.load(store.event(20, path="/in"))
    store.load(store.event(5, path="/late"))
    assert store.sessions() == [(20, 20, 2, 2)]
    assert store.rows("entry_page, exit_page") == [["/in", "/in"]]


def test_a_late_event_between_two_sessions_joins_the_earlier(store):
    store.load(store.event(0), store.event(50))
    store.load(store.event(25))
    assert store.sessions() == [(0, 25, 2, 2), (50, 50, 1, 1)]


def test_a_late_event_far_from_all_opens_its_own(store):
    store.load(store.event(0), store.event(120))
    store.load(store.event(60))
    assert [row[0] for row in store.sessions()] == [0, 60, 120]


@pytest.mark.parametrize("kind", ["engagement", "identify", "detect"])
def test_what_is_not_counted_opens_no_session_but_keeps_one_alive(store, kind):
    store.load(store.event(-90, kind))
    assert store.sessions() == []
    store.load(store.event(0), store.event(29, kind), store.event(58))
    assert store.sessions() == [(0, 58, 2, 2)]


def test_engagement_without_a_session_is_dropped_with_its_reason(store):
    store.load(store.event(0, "engagement", engaged_ms=5000))
    assert store.rows("count()", "events") == [[0]]
    assert store.rows("outcome, hits", "ingestion") == [["no_session", 1]]


def test_identify_without_a_session_is_stored_without_one(store):
    store.load(store.event(0, "identify"))
    assert store.rows("type, session_id", "events") == [["identify", 0]]


def test_an_event_without_a_visitor_has_no_session(store):
    store.load(store.event(0, visitor_id=0))
    assert store.sessions() == []
    assert store.rows("session_id, visitor_id", "events") == [[0, 0]]


def test_facts_are_those_of_the_first_counted_event(store):
    first, later = Facts(country="DE", utm_source="mail"), Facts(country="FR")
    store.load(store.event(0, facts=first))
    store.load(store.event(1, facts=later))
    assert store.rows("country, utm_source") == [["DE", "mail"]]
    assert store.rows("country, utm_source", "events") == [["DE", "mail"]] * 2


def test_exit_link_is_the_last_outbound_by_time_and_later_arrivals_win_ties(store):
    def click(minute, link):
        return store.event(minute, "outbound", link=link)

    store.load(store.event(0), click(5, "https://a/"))
    store.load(click(3, "https://late/"))
    assert store.rows("exit_link") == [["https://a/"]]
    store.load(click(5, "https://b/"))
    assert store.rows("exit_link") == [["https://b/"]]


def test_bots_never_join_a_persons_session(store):
    store.load(store.event(0), store.event(1, bot="crawler"), store.event(2))
    assert store.rows("bot, pageviews") == [["", 2], ["crawler", 1]]


def test_the_clients_session_id_is_used_once(store):
    uid = session_key(store.website_id, 7, "abc")
    store.load(store.event(0, session_uid=uid), store.event(90, session_uid=uid))
    (first,), (second,) = store.rows("session_id", order="started_at")
    assert first == uid
    assert second != uid


def test_yesterdays_visitor_stays_while_its_session_is_alive(store):
    store.load(store.event(0, visitor_id=11))
    store.load(store.event(20, visitor_id=12, visitor_id_yesterday=11))
    assert store.rows("visitor_id, pageviews") == [[11, 2]]
    store.load(store.event(51, visitor_id=12, visitor_id_yesterday=11))
    assert store.rows("visitor_id, pageviews") == [[11, 2], [12, 1]]


def test_a_repeated_event_id_within_a_day_of_receipt_is_stored_once(store):
    day = 24 * 60 * MINUTE
    store.load(store.event(0, event_id=5), store.event(1, event_id=5))
    store.load(store.event(2, event_id=5), received_at=NOON + day)
    assert store.sessions() == [(0, 0, 1, 1)]
    store.load(store.event(3, event_id=5), received_at=NOON + day + 1)
    assert store.sessions() == [(0, 3, 2, 2)]


def movement(store, minute, kind="new", amount="10.5", **fields):
    return MovementRecord(
        received_at=NOON,
        movement=Movement(
            website_id=store.website_id,
            movement_id=f"{kind}-{minute}",
            kind=kind,
            occurred_at=NOON + minute * MINUTE,
            amount=Decimal(amount),
            original_amount=Decimal(amount),
            original_currency="EUR",
            **fields,
        ),
    )


def test_a_payment_belongs_to_the_live_session_and_records_its_goal(store):
    store.load(store.event(0, path="/buy", facts=Facts(country="DE")))
    store.loader.load_records([movement(store, 10, visitor_id=7)])
    ((session_id,),) = store.rows("session_id")
    assert store.rows("session_id, amount, country, entry_page", "payments FINAL") == [
        [session_id, "10.5", "DE", "/buy"]
    ]
    assert store.rows("name, session_id, is_server_side", "events", "seq")[1:] == [
        ["payment", session_id, 1]
    ]
    assert store.sessions() == [(0, 0, 1, 1)], "a payment never extends a session"


def test_a_payments_goal_comes_where_the_payment_arrived(store):
    """Events of one moment are ordered by their arrival."""
    store.load(store.event(0, path="/buy"))
    at_once = EventsRecord(
        received_at=NOON, via="server", events=[store.event(10, path="/thanks", visitor_id=7)]
    )
    store.loader.load_records([movement(store, 10, visitor_id=7), at_once])
    assert store.rows("name, path", "events", "occurred_at, seq") == [
        ["", "/buy"],
        ["payment", ""],
        ["", "/thanks"],
    ]


def test_a_payment_after_the_session_borrows_its_facts(store):
    store.load(store.event(0, facts=Facts(country="DE")))
    store.loader.load_records([movement(store, 500, visitor_id=7), movement(store, -500)])
    assert store.rows("movement_id, session_id, country", "payments FINAL") == [
        ["new--500", 0, ""],
        ["new-500", 0, "DE"],
    ]


def test_a_free_trial_is_its_own_goal_and_renewals_record_none(store):
    store.loader.load_records([movement(store, 1, amount="0"), movement(store, 2, kind="renewal")])
    assert store.rows("name", "events") == [["free_trial"]]


def test_dropped_hits_are_counted_by_hour_and_reason(store):
    count = CountsRecord(received_at=NOON, via="collector", counts=[(store.website_id, "spam", 3)])
    store.loader.load_records([count, count])
    assert store.rows("via, outcome, hits", "ingestion FINAL") == [["collector", "spam", 6]]


def test_records_are_joined_by_receipt_whichever_collector_took_them(store, tmp_path):
    from footfall.journal.segment import frame
    from footfall.journal.writer import SegmentWriter
    from footfall.model.record import encode_record

    for name, minute, received in (("a", 1, 20), ("b", 0, 10)):
        writer = SegmentWriter(tmp_path / "journal" / name, max_bytes=1 << 30, min_free_bytes=0)
        record = EventsRecord(
            received_at=NOON + received,
            via="collector",
            events=[store.event(minute, path=f"/{name}")],
        )
        writer.append(frame(encode_record(record)))
        writer.close()
    assert store.loader.step() == 2
    assert store.loader.step() == 0
    assert store.rows("entry_page") == [["/b"]]


def test_a_batch_that_was_cut_off_is_sent_again_and_stored_once(store):
    store.load(store.event(0), store.event(1))
    for _ in range(3):
        Loader(store.engine, store.folder, lambda: NOON)  # as after a crash before it was noted
    assert store.rows("count()", "events") == [[2]]
    assert store.rows("sum(hits)", "ingestion") == [[2]]


def test_a_row_that_the_engine_refuses_is_set_aside_and_the_rest_is_stored(store):
    from footfall.load.refuse import insert_all

    row = b'[%d,%d,"2026-01-01 12:00:00.000",%d]'
    lines = b"\n".join(row % (store.website_id, i, i) for i in range(1, 8))
    bad = lines.replace(b",3,", b',"three",')
    for _ in range(2):
        insert_all(store.engine, "visits", bad, "refuse-test", store.folder / "refused.jsonl")
    assert store.rows("visitor_id", "visits") == [[1], [2], [4], [5], [6], [7]]
    assert b"three" in (store.folder / "refused.jsonl").read_bytes()


def test_history_of_decades_fits_one_batch(store):
    month = 60 * 24 * 30
    store.load(*(store.event(-month * n) for n in range(300)))
    assert store.rows("count()") == [[300]]


def quarantined(store, received_at=NOON):
    wrong = Quarantined(
        website_id=store.website_id,
        message_id="m1",
        type="track",
        name="Swap",
        field="context.page_url",
        message="wrong",
    )
    counts = [(store.website_id, "invalid", 1)]
    return EventsRecord(
        received_at=received_at, via="sdk", events=[], counts=counts, quarantined=[wrong]
    )


def test_what_was_quarantined_is_stored_and_counted_once(store):
    store.loader.load_records([quarantined(store)])
    Loader(store.engine, store.folder, lambda: NOON)  # as after a crash before it was noted
    assert store.rows("message_id, type, name, field, message", "quarantine") == [
        ["m1", "track", "Swap", "context.page_url", "wrong"]
    ]
    assert store.rows("via, outcome, hits", "ingestion FINAL") == [["sdk", "invalid", 1]]


def test_what_was_quarantined_is_forgotten_by_its_receipt(store):
    store.loader.load_records([quarantined(store, NOON - 1), quarantined(store)])
    for step in store.deleter.steps_to_purge_table("quarantine", NOON):
        step()
    store.engine.command("OPTIMIZE TABLE quarantine FINAL")
    assert store.rows("toUnixTimestamp64Milli(received_at)", "quarantine") == [[NOON]]


def test_a_removed_website_leaves_no_rows(store):
    store.load(store.event(0, event_id=9))
    store.loader.load_records([quarantined(store)])
    remove_website(store.deleter, store.website_id)
    for table in ("events", "sessions", "visits", "ingestion", "event_ids", "quarantine"):
        assert store.rows("count()", table) == [[0]]


def test_retention_removes_what_is_placed_before_it(store):
    store.load(store.event(0), store.event(-3 * 24 * 60))
    purge(store.deleter, store.website_id, NOON - 24 * 60 * MINUTE)
    assert store.sessions() == [(0, 0, 1, 1)]
    assert store.rows("count()", "events") == [[1]]


def own(store, minute, uid, type="page", **fields):
    return store.event(minute, type, session_uid=uid, has_own_session=True, **fields)


def test_an_own_session_is_joined_whatever_its_time(store):
    store.load(own(store, 0, 5), own(store, 300, 5), own(store, -120, 5))
    store.load(own(store, 900, 5))
    assert store.rows("session_id") == [[5]]
    assert store.sessions() == [(-120, 900, 4, 4)]


def test_an_own_session_keeps_start_facts_and_entry_page_when_an_earlier_event_comes(store):
    store.load(own(store, 0, 5, path="/in", facts=Facts(country="DE")))
    store.load(own(store, -90, 5, path="/late", facts=Facts(country="FR")))
    assert store.sessions() == [(0, 0, 2, 2)]
    assert store.rows("entry_page, exit_page, country") == [["/in", "/in", "DE"]]
    assert store.rows("country, session_id", "events") == [["DE", 5]] * 2


def test_own_sessions_differ_within_thirty_minutes(store):
    store.load(own(store, 0, 5), own(store, 1, 6), own(store, 2, 5), own(store, 3, 6))
    assert store.rows("session_id, pageviews") == [[5, 2], [6, 2]]
    assert store.sessions() == [(0, 2, 2, 2), (1, 3, 2, 2)]


def test_an_own_session_continues_after_a_restart(store):
    store.load(own(store, 0, 5))
    again = Store(store.engine, store.folder, store.website_id)
    again.load(own(again, 600, 5))
    assert again.sessions() == [(0, 600, 2, 2)]


def test_an_event_without_a_session_id_joins_an_own_session_by_the_ordinary_rule(store):
    store.load(own(store, 0, 5), store.event(30), own(store, 61, 5), store.event(200))
    assert store.sessions() == [(0, 61, 3, 3), (200, 200, 1, 1)]


def test_an_own_session_may_have_been_opened_by_the_ordinary_rule(store):
    uid = session_key(store.website_id, 7, "abc")
    store.load(store.event(0, session_uid=uid), own(store, 500, uid))
    assert store.sessions() == [(0, 500, 2, 2)]


def test_a_bots_own_session_is_kept_apart_from_a_persons_with_the_same_id(store):
    store.load(own(store, 0, 5), own(store, 1, 5, bot="crawler"), own(store, 300, 5))
    assert store.rows("bot, pageviews") == [["", 2], ["crawler", 1]]


@pytest.mark.parametrize("kind", ["identify", "detect"])
def test_what_is_not_counted_opens_no_own_session_but_joins_one(store, kind):
    store.load(own(store, 0, 5, kind), store.event(1))
    assert store.rows("type, session_id != 0", "events", "seq") == [[kind, 0], ["page", 1]]
    store.load(own(store, 2, 6), own(store, 90, 6, kind))
    assert store.rows("toUnixTimestamp64Milli(last_event_at)", order="started_at")[1] == [
        NOON + 90 * MINUTE
    ]


def test_a_visitor_with_very_many_sessions_opens_no_further_named_ones(store):
    from footfall.load.session import MAX_OWN_SESSIONS

    store.load(*(own(store, 0, 1 + n) for n in range(MAX_OWN_SESSIONS + 50)))
    assert store.rows("count(), sum(pageviews)") == [[MAX_OWN_SESSIONS, MAX_OWN_SESSIONS + 50]]
