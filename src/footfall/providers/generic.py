"""Any other provider, or a shop's own checkout: our own signed JSON, described in docs/payments.md.

Unlike the other providers' payloads it is written for us. So unknown fields and wrong values are
refused; only an event of another type is ignored.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from footfall.model.errors import BadRequest
from footfall.model.event import EARLIEST_AT, MAX_AHEAD_MS
from footfall.model.key import client_session_key, visitor_key
from footfall.model.money import check_amount, check_currency, check_rate
from footfall.model.notice import Notice
from footfall.model.payment import Dispute, Payment, Refund, RefundStatus
from footfall.model.uid import UID_PATTERN
from footfall.providers.payload import (
    Code,
    Id,
    decode,
    ignored,
    open_envelope,
    profile,
    refund_status,
)
from footfall.providers.signature import verify_timestamped

NAME = "generic"
_Uid = Annotated[str, Meta(pattern=rf"\A{UID_PATTERN}\Z")]
_Text = Annotated[str, Meta(max_length=255)]
_Number = int | float | str
_TYPES = ("payment", "refund", "dispute")


class _Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    id: Annotated[str, Meta(max_length=200, pattern=r"\A[!-~]+\Z")] | None = None
    transaction_id: Id
    amount: _Number
    currency: Code
    timestamp: str | None = None


class _Payment(_Event, frozen=True, kw_only=True, rename="camel", tag="payment"):
    visitor_uid: _Uid | None = None
    session_uid: _Uid | None = None
    email: _Text | None = None
    name: _Text | None = None
    customer_id: _Text | None = None
    is_renewal: bool = False
    rate: _Number | None = None


class _Refund(_Event, frozen=True, kw_only=True, rename="camel", tag="refund"):
    refund_id: Id
    status: RefundStatus | Literal["canceled", "cancelled"] = "succeeded"


class _Dispute(_Event, frozen=True, kw_only=True, rename="camel", tag="dispute"):
    dispute_id: Id
    status: Literal["open", "won", "lost"]


_EVENT: msgspec.json.Decoder[_Payment | _Refund | _Dispute] = msgspec.json.Decoder(
    _Payment | _Refund | _Dispute
)


def verify(headers: Mapping[str, str], body: bytes, secret: str, now_ms: int) -> None:
    """Raises Unauthorized."""
    header = headers.get("footfall-signature")
    verify_timestamped("Footfall-Signature", header, body, secret, now_ms)


def read(body: bytes, website_id: int, received_at: int) -> Notice:
    """Raises BadRequest naming the field."""
    envelope = open_envelope(body, _TYPES, "type")
    if not envelope.is_processed:
        reason = f"events of type {envelope.type} are not processed: use {', '.join(_TYPES)}"
        return ignored(website_id, NAME, envelope.type, body, reason)
    event = decode(_EVENT, body)
    currency = check_currency(event.currency)
    amount = check_amount(event.amount, currency)
    occurred_at = _moment(event.timestamp, received_at)
    entry: Payment | Refund | Dispute
    match event:
        case _Payment():
            entry = _payment(event, website_id, amount, currency, occurred_at)
        case _Refund():
            entry = Refund(
                website_id=website_id,
                transaction_id=event.transaction_id,
                amount=amount,
                currency=currency,
                occurred_at=occurred_at,
                refund_id=event.refund_id,
                status=refund_status(event.status),
                provider=NAME,
            )
        case _Dispute():
            entry = Dispute(
                website_id=website_id,
                transaction_id=event.transaction_id,
                dispute_id=event.dispute_id,
                status=event.status,
                amount=amount,
                currency=currency,
                occurred_at=occurred_at,
                provider=NAME,
            )
    type_ = type(entry).__name__.lower()
    return Notice(
        website_id=website_id,
        provider=NAME,
        event_id=f"{type_}:{event.id or sha256(body).hexdigest()}",
        type=type_,
        entries=(entry,),
    )


def _payment(
    event: _Payment, website_id: int, amount: Decimal, currency: str, occurred_at: int
) -> Payment:
    visitor, session = event.visitor_uid, event.session_uid
    return Payment(
        website_id=website_id,
        transaction_id=event.transaction_id,
        kind="renewal" if event.is_renewal else "new",
        amount=amount,
        currency=currency,
        occurred_at=occurred_at,
        rate=None if event.rate is None else check_rate(event.rate),
        visitor_id=visitor_key(website_id, visitor) if visitor else 0,
        client_session=client_session_key(website_id, session) if session else 0,
        profile=profile(name=event.name, email=event.email, customer_id=event.customer_id),
        provider=NAME,
    )


def _moment(text: str | None, received_at: int) -> int:
    if text is None:
        return received_at
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            "timestamp: not an ISO 8601 time; write it as in 2026-01-31T12:00:00Z",
            field="timestamp",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    at = round(moment.timestamp() * 1000)
    if not EARLIEST_AT <= at <= received_at + MAX_AHEAD_MS:
        raise BadRequest(
            "timestamp: must be between 2000-01-01 and one minute from now", field="timestamp"
        )
    return at
