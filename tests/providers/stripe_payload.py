"""Stripe's events as its API reference shows them, of invented payments."""

from typing import Any

Payload = dict[str, Any]
VISITOR = "0d9f6f5e-1c1b-4a53-9d3a-0f6c0a2b7e11"
SESSION = "7c2b9a44-52de-4f0e-8f55-6a9a2e1d3c02"
CREATED = 1_800_000_000


def event(type_: str, obj: Payload, **fields: Any) -> Payload:
    return {
        "id": "evt_1Q0PsIJvEtkwdCNYMSaVuRz6",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "created": CREATED,
        "data": {"object": obj},
        "livemode": True,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": type_,
        **fields,
    }


def session(**fields: Any) -> Payload:
    obj = {
        "id": "cs_live_a1b2c3",
        "object": "checkout.session",
        "amount_subtotal": 2900,
        "amount_total": 2999,
        "client_reference_id": None,
        "created": CREATED - 90,
        "currency": "usd",
        "customer": "cus_NffrFeUfNV2Hib",
        "customer_details": {
            "address": {"city": None, "country": "AT", "line1": None},
            "email": "ada@example.com",
            "name": "Ada Lovelace",
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "customer_email": None,
        "invoice": None,
        "livemode": True,
        "metadata": {"fs_visitor_id": VISITOR, "fs_session_id": SESSION},
        "mode": "payment",
        "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "payment_method_types": ["card"],
        "payment_status": "paid",
        "status": "complete",
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 99},
    }
    return event("checkout.session.completed", obj | fields)


def subscription_session(**fields: Any) -> Payload:
    return session(
        **{
            "mode": "subscription",
            "payment_intent": None,
            "invoice": "in_1MtHbELkdIwHu7ixl4OzzPMv",
            "subscription": "sub_1MowQVLkdIwHu7ixeRlqHVzs",
        }
        | fields
    )


def invoice(**fields: Any) -> Payload:
    """As since API version 2025-03-31: no PaymentIntent, the subscription under `parent`."""
    obj = {
        "id": "in_1MtHbELkdIwHu7ixl4OzzPMv",
        "object": "invoice",
        "amount_due": 2999,
        "amount_paid": 2999,
        "amount_remaining": 0,
        "attempt_count": 1,
        "billing_reason": "subscription_create",
        "collection_method": "charge_automatically",
        "created": CREATED - 3600,
        "currency": "usd",
        "customer": "cus_NffrFeUfNV2Hib",
        "customer_email": "ada@example.com",
        "customer_name": "Ada Lovelace",
        "lines": {
            "object": "list",
            "data": [
                {
                    "id": "il_1MtHbELkdIwHu7ixl4Ozz",
                    "object": "line_item",
                    "amount": 2999,
                    "metadata": {"fs_visitor_id": VISITOR},
                    "parent": {"type": "subscription_item_details"},
                    "period": {"end": CREATED + 2_592_000, "start": CREATED},
                }
            ],
            "has_more": False,
        },
        "metadata": {},
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": {"fs_visitor_id": VISITOR, "fs_session_id": SESSION},
                "subscription": "sub_1MowQVLkdIwHu7ixeRlqHVzs",
            },
            "type": "subscription_details",
        },
        "status": "paid",
        "status_transitions": {
            "finalized_at": CREATED - 60,
            "marked_uncollectible_at": None,
            "paid_at": CREATED - 30,
            "voided_at": None,
        },
        "subtotal": 2999,
        "total": 2999,
    }
    return event("invoice.paid", obj | fields)


def older_invoice(**fields: Any) -> Payload:
    """As before API version 2025-03-31."""
    return invoice(
        **{
            "charge": "ch_3MtwBwLkdIwHu7ix05lnLAFd",
            "parent": None,
            "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "subscription": "sub_1MowQVLkdIwHu7ixeRlqHVzs",
            "subscription_details": {"metadata": {"_fs_vid": VISITOR, "_fs_sid": SESSION}},
            "lines": {"object": "list", "data": []},
        }
        | fields
    )


def invoice_payment() -> Payload:
    obj = {
        "id": "inpay_1M3USa2eZvKYlo2CBjuwbq0N",
        "object": "invoice_payment",
        "amount_paid": 2999,
        "amount_requested": 2999,
        "created": CREATED,
        "currency": "usd",
        "invoice": "in_1MtHbELkdIwHu7ixl4OzzPMv",
        "is_default": True,
        "livemode": True,
        "payment": {"payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "type": "payment_intent"},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": CREATED},
    }
    return event("invoice_payment.paid", obj)


def payment_intent(**fields: Any) -> Payload:
    obj = {
        "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "object": "payment_intent",
        "amount": 2999,
        "amount_received": 2999,
        "created": CREATED - 5,
        "currency": "usd",
        "customer": None,
        "description": None,
        "latest_charge": "ch_3MtwBwLkdIwHu7ix05lnLAFd",
        "livemode": True,
        "metadata": {"fs_visitor_id": VISITOR},
        "payment_details": None,
        "receipt_email": "ada@example.com",
        "status": "succeeded",
    }
    return event("payment_intent.succeeded", obj | fields)


def charge(**fields: Any) -> Payload:
    obj = {
        "id": "ch_3MtwBwLkdIwHu7ix05lnLAFd",
        "object": "charge",
        "amount": 2999,
        "amount_captured": 2999,
        "amount_refunded": 1000,
        "billing_details": {"email": "ada@example.com", "name": "Ada Lovelace", "phone": None},
        "created": CREATED - 5,
        "currency": "usd",
        "disputed": False,
        "metadata": {},
        "paid": True,
        "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "refunded": False,
        "status": "succeeded",
    }
    return event("charge.refunded", obj | fields)


def refund(**fields: Any) -> Payload:
    obj = {
        "id": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
        "object": "refund",
        "amount": 1000,
        "balance_transaction": "txn_1Nispe2eZvKYlo2CYezqFhEx",
        "charge": "ch_3MtwBwLkdIwHu7ix05lnLAFd",
        "created": CREATED - 2,
        "currency": "usd",
        "metadata": {},
        "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "reason": "requested_by_customer",
        "status": "succeeded",
    }
    return event("refund.created", obj | fields)


def dispute(type_: str = "charge.dispute.created", **fields: Any) -> Payload:
    obj = {
        "id": "du_1MtJUT2eZvKYlo2CNaw2HvEv",
        "object": "dispute",
        "amount": 2999,
        "balance_transactions": [],
        "charge": "ch_3MtwBwLkdIwHu7ix05lnLAFd",
        "created": CREATED - 1,
        "currency": "usd",
        "evidence": {"customer_email_address": None},
        "evidence_details": {"due_by": CREATED + 604_800, "has_evidence": False},
        "is_charge_refundable": True,
        "livemode": True,
        "metadata": {},
        "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "reason": "fraudulent",
        "status": "needs_response",
    }
    return event(type_, obj | fields)
