"""What shops tell of goals and money: request bodies, checked, as events and payments."""

import re
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from footfall.collect.wire import MALFORMED, bad_request_of, checked_time
from footfall.model.errors import BadRequest
from footfall.model.event import GOAL_NAME, RESERVED_GOALS, Event
from footfall.model.key import client_session_key, event_key, session_key, visitor_key
from footfall.model.money import check_amount, check_currency, check_rate
from footfall.model.payment import Payment, Profile, Refund

MAX_BODY_BYTES = 64 * 1024
MAX_METADATA = 10
_Uid = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{0,64}\Z")]
_Id = Annotated[str, Meta(max_length=255)]
_Text = Annotated[str, Meta(max_length=255)]
_METADATA_KEY = re.compile(r"[a-z0-9_-]{1,64}")
_MAX_METADATA_VALUE = 255
Body = TypeVar("Body", bound="_Body")


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What every such body may have. A null is as good as nothing."""

    website_id: _Text | None = None
    domain: _Text | None = None
    visitor_uid: _Uid | None = None
    session_uid: _Uid | None = None
    timestamp: Annotated[str, Meta(max_length=64)] | None = None

    @property
    def selectors(self) -> tuple[str, str]:
        return self.website_id or "", self.domain or ""


class GoalBody(_Body, frozen=True, kw_only=True, rename="camel"):
    name: str
    metadata: dict[str, str | int | float | bool | None] | None = None
    idempotency_key: _Id | None = None


class PaymentBody(_Body, frozen=True, kw_only=True, rename="camel"):
    amount: int | float | str
    currency: str
    transaction_id: Annotated[str, Meta(min_length=1, max_length=255)]
    email: _Text | None = None
    name: _Text | None = None
    customer_id: _Id | None = None
    is_renewal: bool | None = None
    is_refund: bool | None = None
    refund_id: _Id | None = None
    rate: int | float | str | None = None


def decode_told(body: bytes, shape: type[Body]) -> Body:
    """Read a body. Raises BadRequest naming the field."""
    try:
        return msgspec.json.decode(body, type=shape)
    except MALFORMED as error:
        raise bad_request_of(error) from None


def goal_event(body: GoalBody, website_id: int, now_ms: int, idempotency_key: str) -> Event:
    """A completion, told by a server. Raises BadRequest naming the field."""
    name = body.name
    if not GOAL_NAME.fullmatch(name):
        raise BadRequest(
            f"name: {name[:64]!r} is no goal's name; it has 1 to 64 of a-z, 0-9, _ and -",
            field="name",
        )
    if name in RESERVED_GOALS:
        raise BadRequest(f"name: {name} is recorded by payments only", field="name")
    visitor_id = visitor_key(website_id, body.visitor_uid) if body.visitor_uid else 0
    return Event(
        website_id=website_id,
        type="track",
        name=name,
        occurred_at=checked_time(body.timestamp, now_ms),
        visitor_id=visitor_id,
        session_uid=_session_uid(website_id, visitor_id, body.session_uid),
        client_session=_client_session(website_id, body.session_uid),
        event_id=event_key(website_id, f"goal {idempotency_key}") if idempotency_key else 0,
        properties=_metadata_text(body.metadata),
        is_server_side=True,
    )


def payment_of(body: PaymentBody, website_id: int, now_ms: int) -> Payment:
    """A new payment or a renewal. Raises BadRequest naming the field."""
    _refuse_both(body)
    currency = check_currency(body.currency)
    return Payment(
        website_id=website_id,
        transaction_id=_clean("transactionId", body.transaction_id),
        kind="renewal" if body.is_renewal else "new",
        amount=check_amount(body.amount, currency),
        currency=currency,
        occurred_at=checked_time(body.timestamp, now_ms),
        rate=None if body.rate is None else check_rate(body.rate),
        visitor_id=visitor_key(website_id, body.visitor_uid) if body.visitor_uid else 0,
        client_session=_client_session(website_id, body.session_uid),
        profile=Profile(
            name=_clean("name", body.name or ""),
            email=_clean("email", body.email or "").strip(),
            customer_id=_clean("customerId", body.customer_id or ""),
        ),
    )


def refund_of(body: PaymentBody, website_id: int, now_ms: int, idempotency_key: str) -> Refund:
    """Money given back. Raises BadRequest naming the field."""
    _refuse_both(body)
    amount: Decimal = check_amount(body.amount, check_currency(body.currency))
    return Refund(
        website_id=website_id,
        transaction_id=_clean("transactionId", body.transaction_id),
        amount=amount,
        occurred_at=checked_time(body.timestamp, now_ms),
        refund_id=_clean("refundId", body.refund_id or idempotency_key),
    )


def _refuse_both(body: PaymentBody) -> None:
    if body.is_renewal and body.is_refund:
        raise BadRequest("isRefund: a payment is a renewal or a refund, not both", field="isRefund")


def _session_uid(website_id: int, visitor_id: int, uid: str | None) -> int:
    return session_key(website_id, visitor_id, uid) if visitor_id and uid else 0


def _client_session(website_id: int, uid: str | None) -> int:
    return client_session_key(website_id, uid) if uid else 0


def _metadata_text(metadata: dict[str, str | int | float | bool | None] | None) -> str:
    if not metadata:
        return ""
    if len(metadata) > MAX_METADATA:
        raise BadRequest(
            f"metadata: {len(metadata)} pairs; at most {MAX_METADATA}", field="metadata"
        )
    kept = {}
    for key, value in metadata.items():
        if not _METADATA_KEY.fullmatch(key):
            raise BadRequest(
                f"metadata: the key {key[:64]!r} is not 1 to 64 of a-z, 0-9, _ and -",
                field="metadata",
            )
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if len(text) > _MAX_METADATA_VALUE:
            raise BadRequest(
                f"metadata.{key}: longer than {_MAX_METADATA_VALUE} characters",
                field=f"metadata.{key}",
            )
        kept[key] = _clean(f"metadata.{key}", text)
    return msgspec.json.encode(kept).decode()


def _clean(field: str, text: str) -> str:
    if not text.isprintable():
        raise BadRequest(f"{field}: only printable characters", field=field)
    return text
