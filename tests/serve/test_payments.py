"""POST /payments: what is taken, what is refused and in which words, whose revenue it is."""

from typing import Any

import pytest

from .conftest import Api
from .server_calls import Shop, page

MINUTE = 60_000
HOUR = 60 * MINUTE


def test_a_payment_is_answered_with_its_id_in_both_spellings(api: Api) -> None:
    assert Shop(api).pay("t1") == {
        "message": "Payment recorded successfully",
        "transactionId": "t1",
        "transaction_id": "t1",
    }


@pytest.mark.parametrize(
    ("amount", "currency", "revenue"),
    [
        (29.99, "EUR", 29.99),
        ("29.99", "eur", 29.99),
        (30, "EUR", 30),
        ("0.10", "EUR", 0.1),
        ("1000000000000", "EUR", 10**12),
        ("29.990", "EUR", 29.99),
        (1e2, "EUR", 100),
    ],
)
def test_an_amount_is_a_number_or_a_decimal_text(
    api: Api, amount: object, currency: str, revenue: float
) -> None:
    shop = Shop(api)
    shop.pay("t1", amount, currency=currency)
    assert shop.overview()["revenue"] == revenue


def test_tenths_add_up_exactly(api: Api) -> None:
    shop = Shop(api)
    for number in range(3):
        shop.pay(f"t{number}", 0.1)
    assert shop.overview()["revenue"] == 0.3


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (
            {"amount": None},
            "amount",
            "amount: Expected `int | float | str`, got `null`",
        ),
        (
            {"amount": -1},
            "amount",
            "amount -1 is not an amount: write a number of EUR that is not negative, as in 29.99",
        ),
        (
            {"amount": "29,99"},
            "amount",
            "amount '29,99' is not an amount: write a number of EUR that is not negative, as in"
            " 29.99",
        ),
        ({"amount": True}, "amount", "amount: Expected `int | float | str`, got `bool`"),
        (
            {"amount": 9.999},
            "amount",
            "amount 9.999 has too many decimals: EUR has at most 2 decimals",
        ),
        (
            {"amount": "9.9", "currency": "JPY"},
            "amount",
            "amount '9.9' has too many decimals: JPY has no decimals",
        ),
        ({"amount": 10**13}, "amount", "amount is too large: at most 1,000,000,000,000"),
        (
            {"currency": "EURO"},
            "currency",
            "currency 'EURO' is not an ISO 4217 code of money: write it as in USD or EUR",
        ),
        ({"currency": 978}, "currency", "currency: Expected `str`, got `int`"),
        (
            {"transactionId": ""},
            "transactionId",
            "transactionId: must have 1 to 255 characters, without a space at either end",
        ),
        (
            {"transactionId": " t1"},
            "transactionId",
            "transactionId: must have 1 to 255 characters, without a space at either end",
        ),
        (
            {"transactionId": "t" * 256},
            "transactionId",
            "transactionId: Expected `str` of length <= 255",
        ),
        ({"transactionId": 7}, "transactionId", "transactionId: Expected `str`, got `int`"),
        (
            {"transactionId": "t\u0000"},
            "transactionId",
            "transactionId: contains a line break or another control character; remove it",
        ),
        ({"isRenewal": "yes"}, "isRenewal", "isRenewal: Expected `bool | null`, got `str`"),
        ({"isRefund": 1}, "isRefund", "isRefund: Expected `bool | null`, got `int`"),
        (
            {"isRenewal": True, "isRefund": True},
            "isRefund",
            "isRefund: a payment cannot be both a renewal and a refund; leave one of them out",
        ),
        (
            {"rate": 0},
            "rate",
            "rate 0 is not a rate: write a number above 0, as in 1.0842",
        ),
        (
            {"timestamp": "2026-11-21T12:02:00Z"},
            "timestamp",
            "timestamp: 2026-11-21T12:02:00Z is not between 2000-01-01 and one minute from now",
        ),
        (
            {"visitorUid": "an na"},
            "visitorUid",
            "visitorUid: 'an na' is not a valid id: send the value of the cookie _fs_vid,"
            " 1–64 of A–Z, a–z, 0–9, _ or -",
        ),
        ({"email": ["a@b.c"]}, "email", "email: Expected `str | null`, got `array`"),
        ({"name": "x" * 256}, "name", "name: Expected `str` of length <= 255"),
    ],
)
def test_a_wrong_field_is_a_400_that_names_it(
    api: Api, change: dict[str, Any], field: str, message: str
) -> None:
    shop = Shop(api)
    body = {"amount": 10, "currency": "EUR", "transactionId": "t1", **change}
    assert shop.refused("payments", **body) == (400, field, message)
    assert shop.overview()["revenue"] == 0
    shop.pay("t1")


@pytest.mark.parametrize("field", ["amount", "currency", "transactionId"])
def test_a_missing_field_is_named(api: Api, field: str) -> None:
    body = {"amount": 10, "currency": "EUR", "transactionId": "t1"}
    del body[field]
    assert Shop(api).refused("payments", **body) == (
        400,
        field,
        f"{field}: Object missing required field `{field}`",
    )


def test_nulls_and_empty_texts_are_as_good_as_nothing(api: Api) -> None:
    shop = Shop(api)
    names = ("visitorUid", "sessionUid", "email", "name", "customerId", "websiteId", "domain")
    others = ("timestamp", "timezone", "isRenewal", "isRefund", "refundId", "rate")
    shop.pay("t1", **dict.fromkeys((*names, *others)))
    shop.pay("t2", **dict.fromkeys(names, ""))
    assert shop.overview()["revenue"] == 20


# Goals


def test_a_payment_records_its_goal_and_a_free_trial_another_and_a_renewal_none(api: Api) -> None:
    shop = Shop(api)
    shop.pay("paid", 10)
    shop.pay("trial", 0)
    shop.pay("renewed", 5, isRenewal=True)
    shop.pay("renewed for nothing", 0, isRenewal=True)
    assert shop.completions() == {"payment": 1, "free_trial": 1}
    row = shop.overview()
    assert (row["revenue"], row["newRevenue"], row["renewalRevenue"]) == (15, 10, 5)


# A transaction counts once


def test_a_second_use_of_an_id_is_a_409_and_changes_nothing(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", country="AT"), page("bert", country="DE"))
    shop.pay("t1", 10, visitorUid="anna", email="anna@example.org")
    again = {"amount": 99, "currency": "USD", "transactionId": "t1", "isRenewal": True}
    person = {"visitorUid": "bert", "email": "bert@example.org"}
    assert shop.refused("payments", **again, **person) == (
        409,
        "transactionId",
        "transactionId 't1' is recorded already",
    )
    countries = shop.rows("countries")
    assert {value: row["revenue"] for value, row in countries.items()} == {
        "Austria": 10,
        "Germany": 0,
    }
    assert shop.completions() == {"payment": 1}
    bert = api.get("/api/v1/visitors/bert", shop.all).json()["data"]
    assert bert["profile"] is None


def test_an_id_is_one_websites_own_and_case_matters(api: Api) -> None:
    shop, other = Shop(api), Shop(api, "other.example")
    for each in (shop, other):
        each.pay("t1")
        each.pay("T1")
    assert [each.overview()["revenue"] for each in (shop, other)] == [20, 20]


# Refunds


def test_refunds_add_up_and_never_go_past_the_payment(api: Api) -> None:
    shop = Shop(api)
    shop.pay("t1", 10)
    first = shop.pay("t1", "4.00", isRefund=True)
    assert first["message"] == "Refund recorded successfully"
    assert first["transactionId"] == "t1"
    shop.pay("t1", 5, isRefund=True)
    past = {"amount": "1.01", "currency": "EUR", "transactionId": "t1", "isRefund": True}
    assert shop.refused("payments", **past) == (
        400,
        "amount",
        "amount 1.01 is more than the rest of the payment: 1.00 EUR",
    )
    shop.pay("t1", 1, isRefund=True)
    row = shop.overview()
    assert (row["revenue"], row["refundedRevenue"]) == (10, 10)
    assert shop.completions() == {"payment": 1}


def test_a_refund_of_an_unknown_transaction_is_a_404(api: Api) -> None:
    body = {"amount": 1, "currency": "EUR", "transactionId": "nope", "isRefund": True}
    assert Shop(api).refused("payments", **body) == (
        404,
        "transactionId",
        "there is no payment with transactionId 'nope'",
    )


@pytest.mark.parametrize("way", ["refundId", "idempotencyKey", "header"])
def test_a_refund_sent_again_with_its_id_counts_once(api: Api, way: str) -> None:
    shop = Shop(api)
    shop.pay("t1", 10)
    body: dict[str, Any] = {"amount": 3, "currency": "EUR", "transactionId": "t1"}
    headers = {"Idempotency-Key": "r1"} if way == "header" else {}
    body |= {"isRefund": True} | ({way: "r1"} if way != "header" else {})
    shop.accepted("payments", headers, **body)
    again = shop.accepted("payments", headers, **body)
    assert again["message"] == "Refund was recorded before"
    other = shop.post("payments", headers, **{**body, "amount": 4})
    assert other.status_code == 409
    assert shop.overview()["refundedRevenue"] == 3
    shop.accepted("payments", **{**body, "refundId": "r2"})
    assert shop.overview()["refundedRevenue"] == 6


def test_the_same_amount_again_within_a_day_is_a_409_without_an_id(api: Api) -> None:
    shop = Shop(api)
    shop.pay("t1", 10)
    shop.pay("t1", 3, isRefund=True)
    body = {"amount": 3, "currency": "EUR", "transactionId": "t1", "isRefund": True}
    status, field, message = shop.refused("payments", **body)
    assert (status, field) == (409, "refundId")
    assert "send a refundId if this is another refund" in message
    api.now_ms += 24 * HOUR + 1
    shop.pay("t1", 3, isRefund=True)
    assert shop.overview()["refundedRevenue"] == 6


def test_a_refund_of_nothing_is_a_400(api: Api) -> None:
    shop = Shop(api)
    shop.pay("t1", 10)
    body = {"amount": 0, "currency": "EUR", "transactionId": "t1", "isRefund": True}
    assert shop.refused("payments", **body) == (
        400,
        "amount",
        "amount of a refund must be greater than 0",
    )


def test_a_refund_in_another_currency_is_a_400(api: Api) -> None:
    shop = Shop(api)
    shop.pay("t1", 10)
    body = {"amount": 1, "currency": "USD", "transactionId": "t1", "isRefund": True}
    assert shop.refused("payments", **body) == (
        400,
        "currency",
        "currency USD differs from the payment's: use EUR",
    )
    assert shop.overview()["refundedRevenue"] == 0


def test_a_refund_counts_at_its_own_time_and_for_its_payments_visitor(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", country="AT", timestamp="2026-03-01T12:00:00Z"))
    shop.pay("t1", 10, visitorUid="anna", timestamp="2026-03-01T12:05:00Z")
    shop.pay("t1", 4, isRefund=True, timestamp="2026-04-02T12:00:00Z")
    of_april = {"startAt": "2026-04-01", "endAt": "2026-04-30"}
    row = shop.overview(**of_april, filter_country="AT")
    assert (row["revenue"], row["refundedRevenue"]) == (0, 4)


# Currencies


def test_a_rate_that_is_given_goes_before_the_reference_rate(api: Api) -> None:
    shop = Shop(api)
    shop.pay("t1", 100, currency="USD", rate=0.5)
    shop.pay("t2", 100, currency="USD", rate="0.25")
    assert shop.overview()["revenue"] == 75


def test_money_without_a_rate_is_kept_apart(api: Api) -> None:
    shop = Shop(api)
    shop.pay("t1", 100, currency="AFN")
    api.load()
    answer = api.get("/api/v1/overview", shop.all).json()
    assert answer["data"][0]["revenue"] == 0
    assert answer["unconverted"] == [{"currency": "AFN", "amount": 100}]


def test_more_than_a_column_holds_is_a_400(api: Api) -> None:
    shop = Shop(api)
    body = {"amount": 10**12, "currency": "USD", "transactionId": "t1", "rate": 10**12}
    status, field, _ = shop.refused("payments", **body)
    assert status == 400
    assert field in ("amount", "rate")


# Whose payment it is


def austrian_revenue(shop: Shop) -> float:
    return sum(
        row["revenue"] for row in shop.rows("countries").values() if row["value"] == "Austria"
    )


@pytest.mark.parametrize("named", [{"visitorUid": "anna"}, {"sessionUid": "s1"}])
def test_a_visitor_or_a_session_alone_attributes(api: Api, named: dict[str, str]) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", sessionUid="s1", country="AT"))
    shop.pay("t1", 10, **named, email="anna@example.org")
    assert austrian_revenue(shop) == 10
    story = api.get("/api/v1/visitors/anna", shop.all).json()["data"]
    assert story["profile"]["email"] == "anna@example.org"
    assert story["revenue"]["totalRevenue"] == 10


def test_a_session_acknowledged_a_moment_ago_attributes(api: Api) -> None:
    shop = Shop(api)
    events = [page("anna", sessionUid="s1", country="AT")]
    assert api.ask("POST", "/api/v1/events", shop.token, json=events).status_code == 202
    shop.pay("t1", 10, sessionUid="s1", customerId="c1")
    shop.pay("t2", 5, customerId="c1")
    assert austrian_revenue(shop) == 15


@pytest.mark.parametrize(
    ("payer", "later"),
    [
        ({"email": "Anna@Example.org"}, {"email": " anna@example.org"}),
        ({"customerId": "c1"}, {"customerId": "c1"}),
        ({"customerId": "c1", "email": "a@b.example"}, {"email": "a@b.example"}),
    ],
)
def test_an_email_or_customer_known_from_a_payment_attributes(
    api: Api, payer: dict[str, str], later: dict[str, str]
) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", country="AT"))
    shop.pay("t1", 10, visitorUid="anna", **payer)
    api.now_ms += 40 * 24 * HOUR
    shop.pay("t2", 10, **later, isRenewal=True)
    assert austrian_revenue(shop) == 20


def test_who_is_not_known_pays_all_the_same(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", country="AT"))
    shop.pay("t1", 10, visitorUid="nobody", sessionUid="none", email="who@example.org")
    shop.pay("t2", 5)
    countries = shop.rows("countries")
    assert {value: row["revenue"] for value, row in countries.items()} == {
        "Austria": 0,
        "Unknown": 15,
    }


def test_a_profile_is_filled_in_and_never_overwritten(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    shop.pay("t1", visitorUid="anna", name="Ann\u00a0O’Neill 👩‍🚀")
    shop.pay("t2", visitorUid="anna", name="Somebody Else", email="ann@example.org")
    api.load()
    profile = api.get("/api/v1/visitors/anna", shop.all).json()["data"]["profile"]
    assert (profile["name"], profile["email"]) == ("Ann\u00a0O’Neill 👩‍🚀", "ann@example.org")


def test_a_payment_counts_at_its_own_time_and_changes_no_session(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", timestamp="2026-03-01T12:00:00Z"))
    shop.pay("t1", visitorUid="anna", timestamp="2026-03-01T12:20:00", timezone="UTC")
    row = shop.overview(startAt="2026-03-01", endAt="2026-03-01")
    assert (row["sessions"], row["revenue"], row["avg_session_duration"]) == (1, 10, 0)
    assert shop.overview(startAt="2026-03-02")["revenue"] == 0


@pytest.mark.parametrize(
    ("day", "payer"), [("2026-02-01", "anna"), ("2026-03-05", "anna"), ("2026-03-11", "bert")]
)
def test_a_session_id_used_twice_means_the_latest_begun_by_then_else_the_first(
    api: Api, day: str, payer: str
) -> None:
    shop = Shop(api)
    api.send(
        shop.website,
        page("anna", sessionUid="s1", timestamp="2026-03-01T12:00:00Z"),
        page("bert", sessionUid="s1", timestamp="2026-03-10T12:00:00Z"),
    )
    shop.pay("t1", sessionUid="s1", timestamp=day, email="payer@example.org")
    api.load()
    for visitor in ("anna", "bert"):
        story = api.get(f"/api/v1/visitors/{visitor}", shop.all).json()["data"]
        assert bool(story["profile"]) is (visitor == payer)
        assert story["revenue"]["totalRevenue"] == (10 if visitor == payer else 0)
