"""Goals and payments sent over HTTP, and deletes: from the request to the reports."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

from footfall.load.deletion import Deletion, DeletionFiles
from footfall.model.errors import Unavailable
from footfall.model.payment import Payment, Refund
from footfall.model.record import decode_record
from footfall.money.rate import Rates
from footfall.money.service import FLUSH_AGAIN_S, PaymentService
from serve.conftest import NOON, Api


def page(visitor: str, **fields: Any) -> dict[str, Any]:
    return {"url": "https://example.com/", "visitorUid": visitor, **fields}


def post(api: Api, website: Any, path: str, **body: Any) -> Any:
    return api.ask("POST", f"/api/v1/{path}", api.token(website), json=body)


def test_a_goal_of_a_known_visitor_is_in_the_reports(api: Api) -> None:
    website = api.website()
    api.send(website, page("anna", country="AT"))
    answer = post(api, website, "goals", name="signup", visitorUid="anna", metadata={"plan": "pro"})
    assert answer.status_code == 200, answer.text
    api.load()
    [row] = [
        row
        for row in api.get("/api/v1/goals", api.token(website)).json()["data"]
        if row["name"] == "signup"
    ]
    assert (row["completions"], row["visitors"]) == (1, 1)


def test_a_goal_of_a_visitor_just_acknowledged_is_taken_and_of_an_unknown_one_not(api: Api) -> None:
    website = api.website()
    token = api.token(website)
    assert api.ask("POST", "/api/v1/events", token, json=[page("anna")]).status_code == 202
    assert post(api, website, "goals", name="signup", visitorUid="anna").status_code == 200
    answer = post(api, website, "goals", name="signup", visitorUid="bert")
    assert answer.status_code == 404
    assert "visitorUid" in answer.json()["error"]["message"]


def test_a_payment_is_attributed_and_a_second_one_of_its_id_refused(api: Api) -> None:
    website = api.website(currency="EUR")
    api.send(website, page("anna", country="AT", sessionUid="s1"))
    paid = {"amount": 29.99, "currency": "eur", "transactionId": "t1", "sessionUid": "s1"}
    assert post(api, website, "payments", **paid).status_code == 200
    assert post(api, website, "payments", **paid).status_code == 409
    api.load()
    token = api.token(website)
    [row] = api.get("/api/v1/countries", token).json()["data"]
    assert (row["value"], row["revenue"]) == ("Austria", 29.99)


def test_deleting_a_payment_takes_goal_and_refund_and_frees_the_id(api: Api) -> None:
    website = api.website(currency="EUR")
    paid = {"amount": "10.00", "currency": "EUR", "transactionId": "t1"}
    assert post(api, website, "payments", **paid).status_code == 200
    refund = {**paid, "amount": "4", "isRefund": True}
    assert post(api, website, "payments", **refund).status_code == 200
    api.load()
    token = api.token(website, "read", "delete")
    dry = api.ask("DELETE", "/api/v1/payments?transactionId=t1&dryRun=true", token)
    assert dry.json()["data"][0]["deleted"] == 1
    deleted = api.ask("DELETE", "/api/v1/payments?transactionId=t1", token)
    assert deleted.json()["data"][0]["deleted"] == 1, deleted.text
    [row] = api.get("/api/v1/overview", token).json()["data"]
    assert (row["revenue"], row["refunded_revenue"]) == (0, 0)
    assert post(api, website, "payments", **paid).status_code == 200


def test_deletes_need_a_filter_a_scope_and_known_names(api: Api) -> None:
    website = api.website()
    token = api.token(website, "delete")
    assert api.ask("DELETE", "/api/v1/goals", token).status_code == 400
    assert api.ask("DELETE", "/api/v1/goals?nam=x", token).status_code == 400
    assert api.ask("DELETE", "/api/v1/goals?name=", token).status_code == 400
    assert api.ask("DELETE", "/api/v1/goals?name=x", api.token(website)).status_code == 403
    assert api.ask("DELETE", "/api/v1/goals?name=x", token).json()["data"][0]["deleted"] == 0


def test_a_deleted_visitor_is_gone_and_their_revenue_stays(api: Api) -> None:
    website = api.website(currency="EUR")
    api.send(website, page("anna", country="AT"), page("bert", country="DE"))
    paid = {"amount": 5, "currency": "EUR", "transactionId": "t1", "visitorUid": "anna"}
    assert post(api, website, "payments", **paid, email="anna@example.org").status_code == 200
    api.load()
    token = api.token(website, "read", "delete")
    assert api.get("/api/v1/visitors/anna", token).json()["data"]["profile"]["email"]
    answer = api.ask("DELETE", "/api/v1/visitors/anna", token)
    assert answer.status_code == 200, answer.text
    assert api.get("/api/v1/visitors/anna", token).status_code == 404
    [row] = api.get("/api/v1/overview", token).json()["data"]
    assert (row["visitors"], row["revenue"]) == (1, 5)
    assert api.now_ms == NOON


def test_a_delete_that_was_interrupted_is_finished_and_written_down(
    api: Api, tmp_path: Path
) -> None:
    website = api.website(currency="EUR")
    paid = {"amount": "10.00", "currency": "EUR", "transactionId": "t1"}
    assert post(api, website, "payments", **paid).status_code == 200
    begun = Deletion(
        number=1,
        website_id=website.id,
        what="payments",
        actor="token a…",
        transaction_ids=["t1"],
        movement_ids=["t1"],
    )
    DeletionFiles(tmp_path).write(begun)
    [message] = api.get("/health").json()["unfinished_deletes"]
    assert message.startswith(f"delete payments of website {website.public_id} has begun")
    given_back_since = {**paid, "amount": "4", "isRefund": True}
    assert post(api, website, "payments", **given_back_since).status_code == 200
    api.run(api.deletions.resume())
    token = api.token(website, "read", "delete")
    [row] = api.get("/api/v1/overview", token).json()["data"]
    assert (row["revenue"], row["refunded_revenue"]) == (0, 0)
    assert api.get("/health").json()["unfinished_deletes"] == []
    entries = [(one.action, one.actor, one.counts) for one in api.catalog.audit.list(website.id)]
    assert entries == [("delete payments (killed)", "token a…", {"payments": 1})]


class FullJournal:
    """A journal that has no room until it is said to."""

    def __init__(self) -> None:
        self.has_room = False
        self.appended: list[str] = []

    def append(self, record: bytes) -> "asyncio.Future[None]":
        if not self.has_room:
            raise Unavailable("the journal is full", retry_after_s=1)
        self.appended.append(decode_record(record).movement.movement_id)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


def test_what_is_booked_while_the_journal_is_full_reaches_reports_when_it_is_not(
    api: Api, tmp_path: Path
) -> None:
    website, journal = api.website(currency="EUR"), FullJournal()
    payment_service = PaymentService(
        ledger=api.ledger,
        profiles=api.catalog.profiles,
        registry=api.registry,
        journal=journal,
        rates=Rates(tmp_path),
        clock=api.clock,
        catch_up=api.catch_up,
    )
    about = {"website_id": website.id, "transaction_id": "t1", "occurred_at": NOON}
    api.run(
        payment_service.add_payment(Payment(amount=Decimal(10), currency="EUR", **about), website)
    )
    assert api.run(payment_service.add_refund(Refund(amount=Decimal(4), **about, refund_id="r1")))
    api.run(payment_service.close())
    api.run(payment_service.start())
    api.run(asyncio.sleep(FLUSH_AGAIN_S * 1.2))
    assert journal.appended == [], "it tried, and there was no room"
    journal.has_room = True
    api.run(asyncio.sleep(FLUSH_AGAIN_S * 1.2))
    assert [name[:2] for name in journal.appended] == ["t1", "t1"]
    assert api.ledger.outbox() == []
    api.run(payment_service.close())
