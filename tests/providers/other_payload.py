"""Events of Lemon Squeezy and Polar as their docs show them, and our own, of invented payments."""

from typing import Any

from providers.stripe_payload import SESSION, VISITOR

Payload = dict[str, Any]
ORDER = "57107574-8400-467e-8a3b-d4b2c3f8e7a1"


def lemonsqueezy_order(event_name: str = "order_created", **fields: Any) -> Payload:
    attributes = {
        "store_id": 1,
        "customer_id": 31,
        "identifier": "104e18a2-d755-4d4b-80c4-a6c1dcbe1c10",
        "order_number": 1,
        "user_name": "Ada Lovelace",
        "user_email": "ada@example.com",
        "currency": "USD",
        "currency_rate": "1.0000",
        "subtotal": 999,
        "discount_total": 0,
        "tax": 200,
        "total": 1199,
        "refunded_amount": 0,
        "total_usd": 1199,
        "status": "paid",
        "status_formatted": "Paid",
        "refunded": False,
        "refunded_at": None,
        "first_order_item": {"id": 1, "order_id": 1, "product_name": "Lemonade", "price": 1199},
        "created_at": "2027-01-15T07:30:00.000000Z",
        "updated_at": "2027-01-15T07:45:00.000000Z",
        "test_mode": False,
    }
    return _lemonsqueezy(event_name, "orders", "1", attributes | fields)


def lemonsqueezy_invoice(
    event_name: str = "subscription_payment_success", **fields: Any
) -> Payload:
    attributes = {
        "store_id": 1,
        "subscription_id": 55,
        "customer_id": 31,
        "user_name": "Ada Lovelace",
        "user_email": "ada@example.com",
        "billing_reason": "renewal",
        "card_brand": "visa",
        "currency": "EUR",
        "currency_rate": "1.08000000",
        "status": "paid",
        "refunded": False,
        "refunded_at": None,
        "subtotal": 999,
        "tax": 0,
        "total": 999,
        "refunded_amount": 0,
        "created_at": "2027-01-15T07:30:00.000000Z",
        "updated_at": "2027-01-15T07:30:00.000000Z",
        "test_mode": False,
    }
    return _lemonsqueezy(event_name, "subscription-invoices", "9", attributes | fields)


def lemonsqueezy_subscription(**fields: Any) -> Payload:
    attributes = {
        "store_id": 1,
        "customer_id": 31,
        "order_id": 1,
        "product_name": "Lemonade",
        "user_name": "Ada Lovelace",
        "user_email": "ada@example.com",
        "status": "active",
        "cancelled": False,
        "trial_ends_at": None,
        "billing_anchor": 15,
        "renews_at": "2027-02-15T07:30:00.000000Z",
        "ends_at": None,
        "created_at": "2027-01-15T07:30:00.000000Z",
        "updated_at": "2027-01-15T07:30:00.000000Z",
        "test_mode": False,
    }
    return _lemonsqueezy("subscription_created", "subscriptions", "55", attributes | fields)


def _lemonsqueezy(event_name: str, type_: str, id_: str, attributes: Payload) -> Payload:
    return {
        "meta": {
            "test_mode": False,
            "event_name": event_name,
            "webhook_id": "8b9a2f6e-0c1d-4e5f-9a7b-1c2d3e4f5a6b",
            "custom_data": {"fs_visitor_id": VISITOR, "fs_session_id": SESSION},
        },
        "data": {"type": type_, "id": id_, "attributes": attributes, "relationships": {}},
    }


def polar_order(event_type: str = "order.paid", **fields: Any) -> Payload:
    data = {
        "id": ORDER,
        "created_at": "2027-01-15T07:30:00Z",
        "modified_at": None,
        "status": "paid",
        "paid": True,
        "subtotal_amount": 10000,
        "discount_amount": 0,
        "net_amount": 10000,
        "tax_amount": 720,
        "total_amount": 10720,
        "refunded_amount": 0,
        "refunded_tax_amount": 0,
        "currency": "usd",
        "billing_reason": "purchase",
        "customer_id": "992fae2a-2a17-4b7a-8d9e-e287cf90131b",
        "checkout_id": "e4b478fa-cd25-4253-9f1f-8a41e6370ede",
        "subscription_id": None,
        "metadata": {"fs_visitor_id": VISITOR, "fs_session_id": SESSION, "seats": 3, "big": True},
        "customer": {
            "id": "992fae2a-2a17-4b7a-8d9e-e287cf90131b",
            "metadata": {},
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada Lovelace",
        },
        "product": {"id": "d8dd2de1-21b7-4a41-8bc3-ce909c0cfe23", "metadata": {}, "name": "Pro"},
        "subscription": None,
        "items": [{"label": "Pro", "amount": 10000, "tax_amount": 720}],
    }
    return _polar(event_type, data | fields)


def polar_refund(event_type: str = "refund.created", **fields: Any) -> Payload:
    data = {
        "id": "5b3c1d2e-8f4a-4c6b-9d7e-0a1b2c3d4e5f",
        "created_at": "2027-01-15T07:50:00Z",
        "modified_at": None,
        "metadata": {},
        "status": "succeeded",
        "reason": "customer_request",
        "amount": 5000,
        "tax_amount": 360,
        "currency": "usd",
        "organization_id": "1dbfc517-0bbf-4301-9ba8-555ca42b9737",
        "order_id": ORDER,
        "subscription_id": None,
        "customer_id": "992fae2a-2a17-4b7a-8d9e-e287cf90131b",
        "revoke_benefits": False,
        "dispute": None,
    }
    return _polar(event_type, data | fields)


def _polar(event_type: str, data: Payload) -> Payload:
    return {"type": event_type, "timestamp": "2027-01-15T07:55:00Z", "data": data}


def generic_payment(**fields: Any) -> Payload:
    return {
        "type": "payment",
        "id": "ev-1",
        "transactionId": "order-4711",
        "amount": 29.99,
        "currency": "EUR",
        "visitorUid": VISITOR,
        "sessionUid": SESSION,
        "email": "ada@example.com",
        "name": "Ada Lovelace",
        "customerId": "c-31",
        "isRenewal": False,
        "timestamp": "2027-01-15T07:30:00Z",
    } | fields


def generic_refund(**fields: Any) -> Payload:
    return {
        "type": "refund",
        "transactionId": "order-4711",
        "refundId": "r-1",
        "amount": "10.00",
        "currency": "EUR",
    } | fields


def generic_dispute(**fields: Any) -> Payload:
    return {
        "type": "dispute",
        "transactionId": "order-4711",
        "disputeId": "d-1",
        "status": "lost",
        "amount": 29.99,
        "currency": "EUR",
    } | fields
