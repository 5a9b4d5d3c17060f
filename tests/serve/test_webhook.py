"""The providers' way in over HTTP, on a real catalog: signed, once, kept."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from new_catalog import open_catalog
from providers import other_payload as other
from providers import stripe_payload as stripe
from providers.signing import NOW_MS, SECRETS, SIGN, encode
from sqlalchemy import delete
from starlette.applications import Starlette
from structlog.testing import capture_logs

from footfall.catalog import Registry
from footfall.catalog.table import WEBHOOK_EVENTS
from footfall.model.errors import BadRequest, FootfallError, Unavailable
from footfall.model.notice import Notice
from footfall.money.connection import Connections, Outcome
from footfall.money.ledger import Ledger
from footfall.money.posting import post_notice
from footfall.money.rate import Rates
from footfall.serve.http.reply import exception_handlers, failure
from footfall.serve.webhook import webhook_routes

PI = "pi_3MtwBwLkdIwHu7ix28a3tqPa"
PAYLOADS: dict[str, dict[str, Any]] = {
    "stripe": stripe.session(),
    "lemonsqueezy": other.lemonsqueezy_order(),
    "polar": other.polar_order(),
    "generic": other.generic_payment(),
}


class Shop:
    """A website with every provider connected."""

    def __init__(self, folder: Path) -> None:
        self.now_ms = NOW_MS
        self.error: FootfallError | None = None
        self.posted: list[Notice] = []
        self.folder = folder
        self.loop = asyncio.Runner()
        self.open()
        self.website = self.catalog.add_website("shop.example", now_ms=NOW_MS)
        for provider, secret in SECRETS.items():
            self.connections.add(self.website.id, provider, secret, now_ms=NOW_MS)

    def open(self) -> None:
        self.catalog = open_catalog(self.folder)
        self.connections = Connections(self.catalog)
        self.registry = Registry(self.catalog, self.clock)
        routes = webhook_routes(
            registry=self.registry,
            connections=self.connections,
            post=self.post_notice,
            clock=self.clock,
        )
        self.app = Starlette(routes=routes, exception_handlers=exception_handlers(failure))

    def clock(self) -> int:
        return self.now_ms

    async def post_notice(self, notice: Notice) -> Outcome:
        if self.error:
            raise self.error
        self.posted.append(notice)
        ledger, rates = Ledger(self.catalog), Rates()
        return post_notice(notice, self.website, ledger=ledger, rates=rates, now_ms=self.now_ms)

    def post(
        self,
        provider: str,
        payload: object,
        *,
        secret: str = "",
        website: str = "",
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        body = payload if isinstance(payload, bytes) else encode(payload)
        if headers is None:
            headers = SIGN[provider](body, secret or SECRETS[provider], self.now_ms)
        path = f"/webhooks/{provider}/{website or self.website.public_id}"
        return self.loop.run(self.send(path, body, headers))

    async def send(self, path: str, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(path, content=body, headers=headers)

    def transactions(self) -> list[str]:
        return Ledger(self.catalog).find_transactions(self.website.id)

    def outcomes(self) -> dict[str, str]:
        """By event id, of what is listed as unmatched."""
        return {
            event.event_id: event.outcome for event in self.connections.unmatched(self.website.id)
        }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.loop.close()
    shop.catalog.close()


def outcome(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["status"] == "success"
    return str(body["data"][0]["outcome"])


each = pytest.mark.parametrize("provider", sorted(PAYLOADS))


@each
def test_a_signed_payment_is_recorded(shop: Shop, provider: str) -> None:
    assert outcome(shop.post(provider, PAYLOADS[provider])) == "booked"
    assert len(shop.transactions()) == 1


@each
def test_the_same_event_again_changes_nothing(shop: Shop, provider: str) -> None:
    shop.post(provider, PAYLOADS[provider])
    shop.now_ms += 60_000
    assert outcome(shop.post(provider, PAYLOADS[provider])) == "repeat"
    assert (len(shop.posted), len(shop.transactions())) == (1, 1)


@each
def test_a_forged_payment_is_a_401_and_nothing_is_kept(shop: Shop, provider: str) -> None:
    answer = shop.post(provider, PAYLOADS[provider], secret="whsec_Zm9yZ2VkIHNlY3JldA==")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 401
    assert shop.post(provider, PAYLOADS[provider], headers={}).status_code == 401
    assert shop.post(provider, b"not json", headers={}).status_code == 401
    assert (shop.posted, shop.outcomes()) == ([], {})


def test_the_secret_of_another_website_is_a_401(shop: Shop) -> None:
    other_website = shop.catalog.add_website("other.example", now_ms=NOW_MS)
    shop.connections.add(other_website.id, "stripe", "whsec_other", now_ms=NOW_MS)
    answer = shop.post("stripe", PAYLOADS["stripe"], secret="whsec_other")
    assert answer.status_code == 401


def test_a_replay_after_six_minutes_is_a_401(shop: Shop) -> None:
    body = encode(PAYLOADS["stripe"])
    headers = SIGN["stripe"](body, SECRETS["stripe"], NOW_MS)
    shop.now_ms += 6 * 60_000
    assert shop.post("stripe", body, headers=headers).status_code == 401


def test_what_is_not_connected_is_the_same_404_whatever_the_reason(shop: Shop) -> None:
    shop.connections.remove(shop.website.id, "polar")
    answers = {
        shop.post("polar", PAYLOADS["polar"]).text,
        shop.post("stripe", PAYLOADS["stripe"], website="ffffffff").text,
        shop.post("stripe", PAYLOADS["stripe"], website="no-such.example").text,
        shop.post("paypal", b"{}", headers={}).text,
        shop.post("stripe", PAYLOADS["stripe"], website="%F0%9F%92%B8").text,
    }
    assert len(answers) == 1
    assert '"code":404' in answers.pop()


def test_a_provider_connected_just_now_is_known(shop: Shop) -> None:
    added = shop.catalog.add_website("new.example", now_ms=NOW_MS)
    shop.connections.add(added.id, "stripe", SECRETS["stripe"], now_ms=NOW_MS)
    assert outcome(shop.post("stripe", PAYLOADS["stripe"], website=added.public_id)) == "booked"


def test_an_event_without_a_payment_is_answered_with_the_reason(shop: Shop) -> None:
    answer = shop.post("stripe", stripe.session(payment_status="unpaid"))
    assert outcome(answer) == "ignored"
    assert "not paid yet" in answer.json()["data"][0]["reason"]
    assert shop.posted == []


UNPROCESSED: list[tuple[str, object]] = [
    (
        "stripe",
        {
            "id": "evt_test_65RM8",
            "object": "v2.core.event",
            "type": "v2.core.event_destination.ping",
            "created": "2027-01-15T08:00:00.000Z",
            "livemode": False,
            "context": None,
            "related_object": {"id": "ed_1", "type": "v2.core.event_destination"},
        },
    ),
    ("lemonsqueezy", {"meta": {"event_name": "affiliate_activated"}, "data": []}),
    ("polar", {"type": "benefit_grant.cycled"}),
    ("generic", {"type": "subscription_cancelled", "plan": {"name": "Pro"}}),
]


@pytest.mark.parametrize(("provider", "payload"), UNPROCESSED)
def test_an_event_that_is_not_processed_is_a_200_that_says_so_whatever_its_shape(
    shop: Shop, provider: str, payload: object
) -> None:
    answer = shop.post(provider, payload)
    assert outcome(answer) == "ignored"
    assert answer.json()["data"][0]["reason"].startswith("events of ")
    assert outcome(shop.post(provider, payload)) == "repeat"
    assert shop.posted == []


@each
def test_signed_text_that_is_not_json_is_a_400(shop: Shop, provider: str) -> None:
    for body in (b"", b"{", b"a=1&b=2", b"<event/>", b"\xff\xfe"):
        answer = shop.post(provider, body)
        assert (answer.status_code, "not JSON" in answer.text) == (400, True)


def test_a_payment_that_names_another_website_is_not_this_ones(shop: Shop) -> None:
    """An account's events go to the webhooks of all its websites."""
    added = shop.catalog.add_website("second.example", now_ms=NOW_MS)
    for named, expected in (
        (added.tracking_id, "ignored"),
        (shop.website.tracking_id, "booked"),
    ):
        payload = stripe.session(metadata={"websiteId": named}) | {"id": f"evt_{expected}"}
        assert outcome(shop.post("stripe", payload)) == expected


def test_a_website_that_is_not_ours_to_know_changes_nothing(shop: Shop) -> None:
    payload = stripe.session(metadata={"website_id": "the-shops-own-word"})
    assert outcome(shop.post("stripe", payload)) == "booked"


def test_what_is_signed_but_not_understood_is_a_400_that_names_the_field_and_is_listed(
    shop: Shop,
) -> None:
    answer = shop.post("stripe", stripe.session(amount_total=-5))
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "data.object.amount_total"
    [event] = shop.connections.unmatched(shop.website.id)
    assert (event.outcome, event.type) == ("refused", "not understood")


def test_what_the_ledger_refuses_is_listed_and_tried_again_when_sent_again(
    shop: Shop,
) -> None:
    shop.error = BadRequest("amount is too large", field="amount")
    answer = shop.post("stripe", PAYLOADS["stripe"])
    assert outcome(answer) == "refused"
    assert answer.json()["data"][0]["reason"] == "amount is too large"
    assert shop.outcomes() == {PAYLOADS["stripe"]["id"]: "refused"}
    shop.error = None
    assert outcome(shop.post("stripe", PAYLOADS["stripe"])) == "booked"
    assert shop.outcomes() == {}


def test_what_cannot_be_kept_now_is_a_503_and_recorded_when_the_provider_sends_it_again(
    shop: Shop,
) -> None:
    shop.error = Unavailable("the catalog cannot be written now", retry_after_s=2)
    answer = shop.post("stripe", PAYLOADS["stripe"])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    shop.error = None
    assert outcome(shop.post("stripe", PAYLOADS["stripe"])) == "booked"


def test_with_a_lost_key_providers_are_asked_to_come_again(shop: Shop) -> None:
    (shop.folder / "secret.key").unlink()
    shop.catalog.close()
    shop.open()
    answer = shop.post("stripe", PAYLOADS["stripe"])
    assert answer.status_code == 503
    assert "secret.key" not in answer.text


def test_a_body_past_one_megabyte_is_a_413(shop: Shop) -> None:
    body = b" " * (1024 * 1024 + 1)
    assert shop.post("stripe", body).status_code == 413
    assert shop.post("stripe", body, headers={"content-length": "x"}).status_code == 400


def test_other_methods_are_a_405(shop: Shop) -> None:
    async def get() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=shop.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(f"/webhooks/stripe/{shop.website.public_id}")

    assert shop.loop.run(get()).status_code == 405


def test_twenty_of_the_same_event_at_once_are_one_payment(shop: Shop) -> None:
    body = encode(PAYLOADS["stripe"])
    headers = SIGN["stripe"](body, SECRETS["stripe"], NOW_MS)
    path = f"/webhooks/stripe/{shop.website.public_id}"

    async def post_all() -> list[httpx2.Response]:
        return await asyncio.gather(*(shop.send(path, body, headers) for _ in range(20)))

    outcomes = [outcome(answer) for answer in shop.loop.run(post_all())]
    assert outcomes.count("booked") == 1
    assert set(outcomes) == {"booked", "repeat"}
    assert shop.transactions() == [PI]


def test_a_payment_stays_listed_whatever_a_repeat_at_the_same_time_records_last(
    shop: Shop,
) -> None:
    event = other.generic_payment(visitorUid=None, sessionUid=None)
    shop.post("generic", event)
    [(event_id, _)] = shop.outcomes().items()
    stored = shop.connections.unmatched(shop.website.id)[0]
    shop.connections.remember(msgspec.structs.replace(stored, outcome="repeat"))
    assert shop.outcomes() == {event_id: "booked"}


def test_a_payment_without_a_visitor_is_listed_with_its_own_amount(shop: Shop) -> None:
    shop.post("generic", other.generic_payment(visitorUid=None, sessionUid=None))
    shop.now_ms += 1
    shop.post("generic", other.generic_refund())
    [event] = shop.connections.unmatched(shop.website.id)
    assert (str(event.amount), event.currency) == ("29.99", "EUR")


def test_a_payment_is_listed_though_its_outcome_was_not_recorded_before_a_kill(
    shop: Shop,
) -> None:
    event = other.generic_payment(visitorUid=None, sessionUid=None)
    shop.post("generic", event)
    with shop.catalog.database.begin() as connection:
        connection.execute(delete(WEBHOOK_EVENTS))
    assert outcome(shop.post("generic", event)) == "repeat"
    assert list(shop.outcomes().values()) == ["repeat"]


@each
def test_a_payment_that_was_deleted_is_recorded_when_it_is_sent_again(
    shop: Shop, provider: str
) -> None:
    shop.post(provider, PAYLOADS[provider])
    Ledger(shop.catalog).delete(shop.website.id, shop.transactions())
    assert shop.transactions() == []
    assert outcome(shop.post(provider, PAYLOADS[provider])) == "booked"
    assert len(shop.transactions()) == 1


@pytest.mark.parametrize("has_payment", [False, True])
def test_a_refund_in_another_currency_is_waiting(shop: Shop, has_payment: bool) -> None:
    if has_payment:
        shop.post("generic", other.generic_payment(currency="USD"))
    assert outcome(shop.post("generic", other.generic_refund(amount=3000, currency="JPY"))) == (
        "waiting"
    )
    shop.post("generic", other.generic_payment(currency="USD", id="evt-2"))
    kinds = [movement.kind for _, movement in Ledger(shop.catalog).outbox()]
    assert kinds == ["new"]


def test_a_dispute_of_a_charge_that_was_refunded_is_closed(shop: Shop) -> None:
    shop.post("stripe", stripe.dispute())
    closed = stripe.dispute("charge.dispute.closed", status="charge_refunded")
    assert outcome(shop.post("stripe", closed | {"id": "evt_closed"})) == "waiting"
    ledger = Ledger(shop.catalog)
    assert ledger.open_disputes(shop.website.id) == []
    assert ledger.waiting_refunds(shop.website.id) == []


def test_the_notices_of_a_subscription_become_one_payment_in_any_order(shop: Shop) -> None:
    notices = [
        stripe.refund(),
        stripe.charge(),
        stripe.invoice_payment(),
        stripe.invoice(),
        stripe.dispute("charge.dispute.closed", status="won"),
        stripe.subscription_session(),
    ]
    found = [
        outcome(shop.post("stripe", notice | {"id": f"evt_{index}"}))
        for index, notice in enumerate(notices)
    ]
    assert found == ["waiting", "waiting", "booked", "booked", "booked", "repeat"]
    assert len(shop.transactions()) == 1
    movements = {movement.movement_id: movement for _, movement in Ledger(shop.catalog).outbox()}
    refunds = [movement for movement in movements.values() if movement.kind == "refund"]
    assert sum((movement.amount for movement in refunds), Decimal(0)) == Decimal("10.00")


def test_logs_hold_no_secret_no_signature_and_nothing_of_the_payer(shop: Shop) -> None:
    with capture_logs() as logs:
        for provider, payload in PAYLOADS.items():
            shop.post(provider, payload)
            shop.post(provider, payload, secret="whsec_bWFya2VyLW9mLWEtZm9yZ2Vy")
        shop.post("stripe", stripe.session(customer_email=5))
    assert logs
    text = repr(logs)
    for marker in (*SECRETS.values(), "v1=", "ada@", "Ada", stripe.VISITOR, "cus_"):
        assert marker not in text


def test_answers_and_the_catalog_beside_profiles_hold_nothing_of_the_payer(shop: Shop) -> None:
    for provider, payload in PAYLOADS.items():
        assert "ada@" not in shop.post(provider, payload).text.lower()
    for event in shop.connections.unmatched(shop.website.id):
        assert "ada" not in repr(event).lower()
