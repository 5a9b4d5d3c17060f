"""Goals and payments that servers record belong to a session, change none, and are as last sent."""

from decimal import Decimal

from load.conftest import MINUTE, NOON
from load.deleting import delete_payments, delete_visitor

from footfall.model.fact import Facts
from footfall.model.key import client_session_key, session_key
from footfall.model.payment import Movement
from footfall.model.record import MovementRecord

AUSTRIA = Facts(country="AT")


def recorded(store, minute, name="signup", **fields):
    return store.event(minute, "track", name=name, is_server_side=True, **fields)


def visit(store, minute, uid="s1", visitor_id=7, **fields):
    ids = {
        "session_uid": session_key(store.website_id, visitor_id, uid),
        "client_session": client_session_key(store.website_id, uid),
    }
    return store.event(minute, visitor_id=visitor_id, facts=AUSTRIA, **ids, **fields)


def paid(store, minute, transaction="t1", kind="new", **fields):
    movement = Movement(
        website_id=store.website_id,
        movement_id=transaction,
        kind=kind,
        occurred_at=NOON + minute * MINUTE,
        amount=Decimal("9.99"),
        original_amount=Decimal("9.99"),
        original_currency="EUR",
        **fields,
    )
    return MovementRecord(received_at=NOON, movement=movement)


def pay(store, minute, transaction="t1", kind="new", **fields):
    store.loader.load_records([paid(store, minute, transaction, kind, **fields)])


def goals(store):
    return [
        tuple(row)
        for row in store.engine.query(
            "SELECT name, country, visitor_id, session_id != 0 FROM events"
            f" WHERE website_id = {store.website_id} AND is_server_side ORDER BY seq"
        ).rows
    ]


def test_a_server_side_goal_belongs_to_the_session_alive_then_and_changes_nothing(store):
    store.load(visit(store, 0), recorded(store, 10), recorded(store, 29))
    assert store.sessions() == [(0, 0, 1, 1)]
    assert goals(store) == [("signup", "AT", 7, 1), ("signup", "AT", 7, 1)]


def test_with_no_session_alive_it_borrows_the_facts_of_the_latest_before_it(store):
    store.load(visit(store, 0))
    store.load(recorded(store, 60), recorded(store, -60))
    assert goals(store) == [("signup", "", 7, 0), ("signup", "AT", 7, 0)]


def test_a_client_session_alone_finds_the_visitor(store):
    key = client_session_key(store.website_id, "s1")
    store.load(visit(store, 0), recorded(store, 300, visitor_id=0, client_session=key))
    store.load(recorded(store, 301, visitor_id=0, client_session=key))
    store.load(recorded(store, 302, visitor_id=0, client_session=key + 1))
    assert goals(store) == [("signup", "AT", 7, 1), ("signup", "AT", 7, 1), ("signup", "", 0, 0)]


def test_a_client_session_id_used_for_two_visits_means_the_latest_begun_by_then(store):
    key = client_session_key(store.website_id, "s1")
    store.load(visit(store, 0), visit(store, 120))
    ids = [row[0] for row in store.rows("session_id", "sessions FINAL", "started_at")]
    for minute in (60, 500):
        store.load(recorded(store, minute, visitor_id=0, client_session=key))
    sql = f"SELECT session_id FROM events WHERE website_id = {store.website_id} AND is_server_side"
    assert [row[0] for row in store.engine.query(f"{sql} ORDER BY seq").rows] == ids


def test_a_payment_sent_twice_has_one_goal_and_the_newer_owner(store):
    store.load(visit(store, 0))
    pay(store, 5)
    assert goals(store) == [("payment", "", 0, 0)]
    pay(store, 5, visitor_id=7)
    assert goals(store) == [("payment", "AT", 7, 1)]
    assert store.rows("visitor_id, country, amount", "payments FINAL") == [[7, "AT", "9.99"]]


def test_a_payment_sent_twice_in_one_batch_has_one_goal_and_the_newer_owner(store):
    store.load(visit(store, 0))
    store.loader.load_records([paid(store, 5), paid(store, 5, visitor_id=7)])
    assert goals(store) == [("payment", "AT", 7, 1)]
    assert store.rows("visitor_id, country, amount", "payments FINAL") == [[7, "AT", "9.99"]]


def test_a_payment_that_moves_to_another_time_within_one_batch_has_one_goal(store):
    moved = paid(store, 5), paid(store, 5, is_void=True), paid(store, 4, visitor_id=7)
    store.loader.load_records(list(moved))
    assert [visitor_id for _, _, visitor_id, _ in goals(store)] == [7]
    assert store.rows("visitor_id", "payments FINAL") == [[7]]


def test_a_void_movement_takes_payment_and_goal_away(store):
    pay(store, 5)
    pay(store, 5, is_void=True)
    assert goals(store) == []
    assert store.rows("visitor_id", "payments FINAL") == []


def test_a_payments_goal_goes_with_it(store):
    store.load(visit(store, 0))
    pay(store, 5, visitor_id=7)
    pay(store, 6, "t2", visitor_id=7)
    pay(store, 7, "t2/1", "refund", visitor_id=7)
    assert delete_payments(store.deleter, store.website_id, ["t2", "t2/1"]) == 2
    assert store.rows("movement_id", "payments FINAL") == [["t1"]]
    assert goals(store) == [("payment", "AT", 7, 1)]


def test_a_deleted_persons_payment_and_its_goal_stay_without_the_person(store):
    store.load(visit(store, 0), recorded(store, 4))
    pay(store, 5, visitor_id=7)
    delete_visitor(store.deleter, store.website_id, 7)
    assert store.rows("visitor_id, session_id, country, amount", "payments FINAL") == [
        [0, 0, "", "9.99"]
    ]
    assert goals(store) == [("payment", "", 0, 0)]
