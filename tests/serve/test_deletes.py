"""DELETE /goals, /payments and /visitors/{id} over HTTP: how narrow, who may, what is answered."""

from typing import Any

import pytest

from footfall.store.engine import Engine

from .conftest import Api
from .server_calls import Shop, page, refusal

DELETES = ("goals?name=signup", "payments?transactionId=t1", "visitors/anna")
FILTERS = {
    "goals": "visitorId, name, startAt, endAt",
    "payments": "transactionId, visitorId, startAt, endAt",
}


@pytest.fixture
def shop(api: Api) -> Shop:
    """Two visitors, each with a goal and a payment of 10; anna's earlier."""
    shop = Shop(api, timezone="America/New_York")
    api.send(
        shop.website,
        page("anna", country="AT", timestamp="2026-03-01T12:00:00Z", sessionUid="s1"),
        page("bert", country="DE", timestamp="2026-03-31T23:59:00Z"),
    )
    for visitor, at in (("anna", "2026-03-01T12:05:00Z"), ("bert", "2026-03-31T23:59:59.999Z")):
        shop.accepted("goals", name="signup", visitorUid=visitor, timestamp=at)
        shop.pay(f"of {visitor}", visitorUid=visitor, timestamp=at)
    api.load()
    return shop


def ask(shop: Shop, path: str, token: str | None = None, **options: Any) -> Any:
    return shop.api.ask("DELETE", f"/api/v1/{path}", token or shop.all, **options)


# Narrow


def test_without_a_filter_nothing_goes(shop: Shop) -> None:
    for path, filters in FILTERS.items():
        for query in ("", "?dryRun=true", "?timezone=UTC", "?domain=example.com"):
            assert refusal(ask(shop, path + query)) == (
                400,
                filters.partition(",")[0],
                f"A delete needs at least one filter: {filters}",
            )


WRONG = [
    (
        "goals?name=signup&visitor=anna",
        "visitor",
        "unknown parameter 'visitor'; did you mean visitorId? A delete takes: visitorId, name,"
        " startAt, endAt, websiteId, domain, workspaceId, timezone, dryRun",
    ),
    ("goals?transactionId=t1", "transactionId", "unknown parameter 'transactionId'"),
    ("goals?name=signup&filter_country=AT", "filter_country", "unknown parameter"),
    ("payments?startat=2026-03-01", "startat", "did you mean startAt?"),
    ("visitors/anna?name=signup", "name", "unknown parameter 'name'"),
    ("goals?name=", "name", "name is empty: give a value or leave it out"),
    ("goals?name=signup&name=x", "name", "name is given with two values; give one"),
    ("payments?startAt=yesterday", "startAt", "startAt"),
    ("payments?startAt=2026-04-01&endAt=2026-03-01", "startAt", "is after endAt"),
    ("payments?endAt=2026-03-01&timezone=Mars", "timezone", "'Mars' is not an IANA time zone"),
    ("goals?visitorId=an%20na", "visitorId", "visitorId: an id is 1 to 64 of"),
    ("goals?name=signup&dryRun=perhaps", "dryRun", "'perhaps' is not one of true, false, 1, 0"),
    ("goals?name=signup&dryRun=", "dryRun", "dryRun '' is not one of true, false, 1, 0"),
    ("goals?name=signup&dryRun", "dryRun", "dryRun '' is not one of true, false, 1, 0"),
    ("visitors/anna?dryRun=true&dryRun=false", "dryRun", "dryRun is given with two values"),
]


def test_what_is_not_understood_deletes_nothing(shop: Shop) -> None:
    for path, field, message in WRONG:
        status, named, said = refusal(ask(shop, path))
        assert (status, named) == (400, field), path
        assert message in said
    assert shop.completions() == {"signup": 2, "payment": 2}
    assert shop.overview()["visitors"] == 2


@pytest.mark.sample(1)
@pytest.mark.parametrize("path", DELETES)
def test_a_delete_takes_no_body_in_which_filters_would_be_missed(shop: Shop, path: str) -> None:
    status, _, said = refusal(ask(shop, path, json={"startAt": "2026-03-31"}))
    assert status == 400
    assert said == "A delete has its filters in the address, as in ?name=signup, and no body"
    assert shop.completions() == {"signup": 2, "payment": 2}
    assert ask(shop, path, json={}).status_code == 200


# Who may


@pytest.mark.sample(1)
@pytest.mark.parametrize("path", DELETES)
def test_a_delete_needs_its_scope_and_its_website(shop: Shop, path: str) -> None:
    api = shop.api
    other = Shop(api, "other.example")
    join = "&" if "?" in path else "?"
    for token, more, status in (
        ("flow_nonsense", "", 401),
        (api.token(shop.website, "read", "write"), "", 403),
        (api.token(shop.website, "collect"), "", 403),
        (shop.all, "domain=other.example", 403),
        (api.token(None, "delete"), "", 400),
        (api.token(None, "delete"), "domain=nowhere.example", 404),
    ):
        answer = ask(shop, f"{path}{join}{more}" if more else path, token)
        assert answer.status_code == status, answer.text
    answer = ask(shop, path, other.all)
    assert answer.status_code == (404 if path.startswith("visitors") else 200)
    assert shop.completions() == {"signup": 2, "payment": 2}
    assert (
        ask(shop, f"{path}{join}domain=example.com", api.token(None, "delete")).status_code == 200
    )


# What goes


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("filters", "deleted"),
    [
        ({"name": "signup"}, 2),
        ({"name": "Signup"}, 0),
        ({"visitorId": "anna"}, 2),
        ({"visitorId": "anna", "name": "signup"}, 1),
        ({"visitorId": "nobody"}, 0),
        ({"startAt": "2026-03-02", "name": "signup"}, 1),
        ({"endAt": "2026-03-02", "name": "signup"}, 1),
        ({"startAt": "2026-03-01T12:05:00Z", "endAt": "2026-03-01T12:05:00Z"}, 2),
        ({"startAt": "2026-03-01T12:05:01Z", "endAt": "2026-03-31T23:59:58Z"}, 0),
        ({"startAt": "2026-03-31T23:59:59Z", "endAt": "2026-03-31T23:59:59Z"}, 2),
        ({"startAt": "2026-03-31", "endAt": "2026-03-31"}, 2),
        ({"startAt": "2026-04-01", "timezone": "Europe/Vienna"}, 2),
        ({"startAt": "2026-04-01"}, 0),
    ],
)
def test_goals_that_pass_every_filter_go(shop: Shop, filters: dict[str, str], deleted: int) -> None:
    dry = shop.delete("goals", **filters, dryRun="true")
    assert (dry["deleted"], dry["dryRun"]) == (deleted, True)
    assert shop.completions() == {"signup": 2, "payment": 2}
    row = shop.delete("goals", **filters)
    assert row == {
        "deleted": deleted,
        "message": "Goal completions deleted successfully",
        "dryRun": False,
    }
    assert sum(shop.completions().values()) == 4 - deleted
    assert shop.delete("goals", **filters)["deleted"] == 0
    assert shop.overview()["revenue"] == 20


def test_a_goal_is_no_longer_listed_when_all_its_completions_are_deleted(shop: Shop) -> None:
    shop.delete("goals", name="signup", visitorId="anna")
    assert shop.rows("goals?filter_country=AT")["signup"]["completions"] == 0
    shop.delete("goals", name="signup")
    assert "signup" not in shop.rows("goals")


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"transactionId": "of anna"}, 10),
        ({"transactionId": "of"}, 20),
        ({"visitorId": "anna"}, 10),
        ({"visitorId": "anna", "transactionId": "of bert"}, 20),
        ({"visitorId": "nobody"}, 20),
        ({"startAt": "2026-03-01T12:05:00Z", "endAt": "2026-03-01T12:05:00Z"}, 10),
        ({"endAt": "2026-03-31"}, 0),
        ({"endAt": "2026-03-31T23:59:58Z"}, 10),
        ({"startAt": "2026-04-01", "timezone": "Europe/Vienna"}, 10),
    ],
)
def test_payments_that_pass_every_filter_go_with_goal_and_id(
    shop: Shop, filters: dict[str, str], left: int
) -> None:
    deleted = (20 - left) // 10
    assert shop.delete("payments", **filters, dryRun="true")["deleted"] == deleted
    assert shop.overview()["revenue"] == 20
    assert shop.delete("payments", **filters) == {
        "deleted": deleted,
        "message": "Payments deleted successfully",
        "dryRun": False,
    }
    assert shop.overview()["revenue"] == left
    assert shop.completions().get("payment", 0) == left // 10
    assert shop.completions()["signup"] == 2
    for name in ("of anna", "of bert"):
        shop.post("payments", amount=10, currency="EUR", transactionId=name)
    assert shop.overview()["revenue"] == 20


def test_what_was_acknowledged_a_moment_ago_goes_too(shop: Shop) -> None:
    shop.accepted("goals", name="late", visitorUid="anna")
    assert shop.delete("goals", name="late", dryRun="true")["deleted"] == 1
    assert shop.delete("goals", name="late")["deleted"] == 1
    shop.pay("late", visitorUid="anna")
    assert shop.delete("payments", transactionId="late")["deleted"] == 1
    assert shop.completions() == {"signup": 2, "payment": 2}


def test_a_visitor_may_be_named_by_our_own_id(shop: Shop) -> None:
    own = shop.api.get("/api/v1/visitors/anna", shop.all).json()["data"]["visitorId"]
    assert shop.delete("goals", visitorId=own, name="signup")["deleted"] == 1
    assert shop.delete("payments", visitorId=own)["deleted"] == 1
    assert shop.delete(f"visitors/{own}")["deleted"] == 1
    assert shop.completions() == {"signup": 1, "payment": 1}


def test_a_visitors_payments_are_those_that_only_their_session_ties_to_them_too(
    shop: Shop,
) -> None:
    shop.pay("before its session", sessionUid="s9")
    shop.api.send(shop.website, page("cleo", sessionUid="s9"))
    shop.pay("after", sessionUid="s9")
    assert shop.delete("payments", visitorId="cleo")["deleted"] >= 1
    assert ask(shop, "payments?transactionId=after").json()["data"][0]["deleted"] == 0


def test_a_refund_goes_with_its_payment(shop: Shop) -> None:
    shop.pay("of anna", 4, isRefund=True)
    assert shop.overview()["refundedRevenue"] == 4
    assert shop.delete("payments", transactionId="of anna")["deleted"] == 1
    row = shop.overview()
    assert (row["revenue"], row["refundedRevenue"]) == (10, 0)


def test_a_person_goes_from_everywhere_but_the_ledger(shop: Shop) -> None:
    dry = shop.delete("visitors/anna", dryRun="true")
    assert dry["message"] == "Events of the visitor would be deleted; nothing was (dryRun)"
    assert dry["dryRun"] is True
    assert shop.overview()["visitors"] == 2
    assert shop.delete("visitors/anna")["deleted"] == dry["deleted"] >= 2
    row = shop.overview()
    assert (row["visitors"], row["revenue"]) == (1, 20)
    assert shop.rows("countries")["Unknown"]["revenue"] == 10
    assert refusal(ask(shop, "visitors/anna"))[0] == 404
    assert shop.api.get("/api/v1/visitors/anna/export", shop.all).status_code == 404
    assert shop.refused("goals", name="signup", visitorUid="anna")[0] == 404
    shop.api.send(shop.website, page("anna"))
    assert shop.overview()["visitors"] == 2


def test_every_delete_is_written_down_without_the_person(shop: Shop) -> None:
    shop.delete("goals", name="signup", visitorId="anna", dryRun="true")
    shop.delete("payments", transactionId="of bert", endAt="2026-03-31")
    shop.delete("visitors/anna")
    newest = shop.api.catalog.audit.list(shop.website.id, 10)
    assert [(entry.action, list(entry.counts)) for entry in newest] == [
        ("delete visitor", ["events", "before", "after"]),
        ("delete payments", ["payments", "before", "after"]),
        ("delete goals (dry run)", ["completions", "before", "after"]),
    ]
    person, payments, dry = (entry.counts for entry in newest)
    assert person["events"] == person["before"] > 0 == person["after"]
    assert payments["payments"] == payments["before"] - payments["after"] == 1
    assert dry["completions"] == 1
    assert dry["before"] == dry["after"]
    assert newest[1].filters == {"transactionId": "of bert", "endAt": "2026-03-31"}
    assert all("anna" not in str(entry) for entry in newest)
    assert all(entry.actor.startswith("token flow_") for entry in newest)


def test_the_deleted_goal_of_a_payment_is_not_recorded_again(shop: Shop, engine: Engine) -> None:
    """Neither when the payment is posted again nor when it is restored after damage."""
    assert shop.delete("goals", name="payment", visitorId="anna")["deleted"] == 1
    assert shop.delete("visitors/anna")["deleted"] >= 1  # its payment is posted again
    shop.api.load()
    assert shop.completions()["payment"] == 1
    engine.command("DELETE FROM payments WHERE 1 SETTINGS mutations_sync = 1")
    assert (
        shop.api.run(shop.api.payment_service.restore(engine, shop.website.id, lambda: False)) == 2
    )
    shop.api.load()
    assert shop.overview()["revenue"] == 20
    assert shop.completions()["payment"] == 1


def test_a_payment_whose_id_is_free_again_records_its_goal(shop: Shop) -> None:
    shop.delete("goals", name="payment")
    shop.delete("payments", transactionId="of anna")
    shop.pay("of anna", visitorUid="anna")
    assert shop.completions()["payment"] == 1
