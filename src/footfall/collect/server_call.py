"""The bodies of server calls: checked, and made into events, payments and refunds."""

import re
from decimal import Decimal
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from footfall.collect.wire import bad_request_of, checked_time
from footfall.model.errors import BadRequest
from footfall.model.escape import SPACES
from footfall.model.event import GOAL_NAME, METADATA_NAME, NAME_PATTERN, RESERVED_GOALS, Event
from footfall.model.json_text import MALFORMED, mend_characters
from footfall.model.key import client_session_key, event_key, session_key, visitor_key
from footfall.model.money import (
    MAX_AMOUNT,
    MAX_RATE,
    check_amount,
    check_currency,
    check_rate,
    currency_codes,
)
from footfall.model.payment import Payment, Profile, Refund
from footfall.model.period import parse_timezone
from footfall.model.uid import UID_PATTERN, is_uid

MAX_BODY_BYTES = 64 * 1024
MAX_METADATA = 10
MAX_METADATA_VALUE = 255
_Text = Annotated[str, Meta(max_length=255)]
_NO_CONTROL = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]"
_TRIMMED = rf"[^\u0000-\u001f\u007f-\u009f{SPACES}]"
_CURRENCY = "|".join(
    "".join(f"[{letter}{letter.lower()}]" for letter in code) for code in currency_codes()
)
# What `extra_json_schema` says is checked below, where an error can say what is right.
_Line = Annotated[_Text, Meta(extra_json_schema={"pattern": f"^{_NO_CONTROL}*$"})]
_Uid = Annotated[_Text, Meta(extra_json_schema={"pattern": f"^(?:{UID_PATTERN})?$"})]
_Name = Annotated[str, Meta(extra_json_schema={"pattern": f"^{NAME_PATTERN}$"})]
_AMOUNT = {"minimum": 0, "maximum": int(MAX_AMOUNT), "pattern": r"^[0-9]{1,40}(\.[0-9]{1,40})?$"}
_Scalar = Annotated[
    str | int | float | bool | None,
    Meta(extra_json_schema={"maxLength": MAX_METADATA_VALUE, "pattern": f"^{_NO_CONTROL}*$"}),
]
KEY_RULE = "A repeat with this key counts once: of a goal within 24 hours, of a refund ever"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SHOWN = 64
Body = TypeVar("Body", bound="_Body")


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The fields of every body. A null or an empty text is the same as a missing field."""

    website_id: Annotated[
        _Text | None, Meta(description="The website; a workspace token needs this or domain")
    ] = None
    domain: _Text | None = None
    visitor_uid: Annotated[
        _Uid | None, Meta(description="The value of the visitor's cookie _fs_vid")
    ] = None
    session_uid: Annotated[
        _Uid | None,
        Meta(description="The value of the cookie _fs_sid; it is enough to find the visitor"),
    ] = None
    timestamp: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(
            description="ISO 8601, from 2000-01-01 to one minute ahead; without it the time of"
            " receipt",
            extra_json_schema={"format": "date-time"},
        ),
    ] = None
    timezone: Annotated[
        _Text | None,
        Meta(description="IANA zone of a timestamp without an offset; without it UTC"),
    ] = None
    idempotency_key: Annotated[_Text | None, Meta(description=KEY_RULE)] = None

    @property
    def selectors(self) -> tuple[str, str]:
        return self.website_id or "", self.domain or ""


class GoalBody(_Body, frozen=True, kw_only=True, rename="camel"):
    """A completed goal."""

    name: Annotated[
        _Name,
        Meta(
            description="payment and free_trial are recorded by payments only",
            extra_json_schema={"not": {"enum": sorted(RESERVED_GOALS)}},
        ),
    ]
    metadata: Annotated[
        dict[_Name, _Scalar] | None,
        Meta(extra_json_schema={"maxProperties": MAX_METADATA}),
    ] = None


class PaymentBody(_Body, frozen=True, kw_only=True, rename="camel"):
    """A payment, a renewal or a refund."""

    amount: Annotated[
        int | float | str,
        Meta(
            description="In major units, with at most the currency's decimals; 0 is a free trial",
            extra_json_schema=_AMOUNT,
        ),
    ]
    currency: Annotated[
        str,
        Meta(
            description="ISO 4217",
            examples=["EUR"],
            extra_json_schema={"pattern": f"^(?:{_CURRENCY})$"},
        ),
    ]
    transaction_id: Annotated[
        _Text,
        Meta(
            description="Unique on the website",
            extra_json_schema={
                "minLength": 1,
                "pattern": f"^{_TRIMMED}(?:{_NO_CONTROL}*{_TRIMMED})?$",
            },
        ),
    ]
    email: _Line | None = None
    name: _Line | None = None
    customer_id: _Line | None = None
    is_renewal: Annotated[
        bool | None, Meta(description="Counts as renewal revenue and is not a goal")
    ] = None
    is_refund: Annotated[
        bool | None,
        Meta(description="Gives `amount` of the payment back, in the payment's currency"),
    ] = None
    refund_id: Annotated[
        _Line | None, Meta(description="A second refund with this id changes nothing")
    ] = None
    rate: Annotated[
        int | float | str | None,
        Meta(
            description="Units of the website's currency for one of `currency`, instead of the"
            " reference rate",
            extra_json_schema={**_AMOUNT, "exclusiveMinimum": 0, "maximum": int(MAX_RATE)},
        ),
    ] = None


def decode_call(body: bytes, shape: type[Body]) -> Body:
    """Decode a body. Raises BadRequest naming the field."""
    try:
        return msgspec.json.decode(mend_characters(body), type=shape)
    except MALFORMED as error:
        refusal = bad_request_of(error)
    if refusal.field.startswith("metadata"):
        raise BadRequest(
            "metadata: must be an object of names with texts, numbers, true or false, as in"
            ' {"plan": "pro"}',
            field="metadata",
        )
    raise refusal


def goal_event(body: GoalBody, website_id: int, now_ms: int, event_id: int) -> Event:
    """A goal completion sent by a server. Raises BadRequest naming the field."""
    name = body.name
    if not GOAL_NAME.fullmatch(name):
        raise BadRequest(
            f"name: {name[:_SHOWN]!r} is not a valid goal name: use 1–64 of a–z, 0–9, _ or -",
            field="name",
        )
    if name in RESERVED_GOALS:
        raise BadRequest(
            f"name: {name} is recorded by payments: send a payment, or choose another name",
            field="name",
        )
    visitor_id, client_session = _whose(body, website_id)
    session = body.session_uid
    return Event(
        website_id=website_id,
        type="track",
        name=name,
        occurred_at=_time(body, now_ms),
        visitor_id=visitor_id,
        session_uid=session_key(website_id, visitor_id, session) if visitor_id and session else 0,
        client_session=client_session,
        event_id=event_id,
        properties=_metadata_text(body.metadata),
        is_server_side=True,
    )


def goal_key(website_id: int, idempotency_key: str) -> int:
    """The event id for an idempotency key: a completion that is sent again counts once."""
    return event_key(website_id, f"goal {idempotency_key}")


def payment_of(body: PaymentBody, website_id: int, now_ms: int) -> Payment:
    """A new payment or a renewal. Raises BadRequest naming the field."""
    _refuse_both(body)
    currency = check_currency(body.currency)
    visitor_id, client_session = _whose(body, website_id)
    return Payment(
        website_id=website_id,
        transaction_id=_checked_transaction(body.transaction_id),
        kind="renewal" if body.is_renewal else "new",
        amount=check_amount(body.amount, currency),
        currency=currency,
        occurred_at=_time(body, now_ms),
        rate=None if body.rate is None else check_rate(body.rate),
        visitor_id=visitor_id,
        client_session=client_session,
        profile=Profile(
            name=_clean("name", body.name or "").strip(),
            email=_clean("email", body.email or "").strip(),
            customer_id=_clean("customerId", body.customer_id or "").strip(),
        ),
    )


def refund_of(body: PaymentBody, website_id: int, now_ms: int, idempotency_key: str) -> Refund:
    """A refund. Raises BadRequest naming the field."""
    _refuse_both(body)
    _whose(body, website_id)
    currency = check_currency(body.currency)
    amount: Decimal = check_amount(body.amount, currency)
    return Refund(
        website_id=website_id,
        transaction_id=_checked_transaction(body.transaction_id),
        amount=amount,
        currency=currency,
        occurred_at=_time(body, now_ms),
        refund_id=_clean("refundId", body.refund_id or idempotency_key),
    )


def _refuse_both(body: PaymentBody) -> None:
    if body.is_renewal and body.is_refund:
        raise BadRequest(
            "isRefund: a payment cannot be both a renewal and a refund; leave one of them out",
            field="isRefund",
        )


def _whose(body: _Body, website_id: int) -> tuple[int, int]:
    """The keys of visitor and client session, 0 for none. Raises BadRequest."""
    for field, cookie, uid in (
        ("visitorUid", "_fs_vid", body.visitor_uid),
        ("sessionUid", "_fs_sid", body.session_uid),
    ):
        if uid and not is_uid(uid):
            raise BadRequest(
                f"{field}: {uid[:_SHOWN]!r} is not a valid id: send the value of the cookie"
                f" {cookie}, 1–64 of A–Z, a–z, 0–9, _ or -",
                field=field,
            )
    return (
        visitor_key(website_id, body.visitor_uid) if body.visitor_uid else 0,
        client_session_key(website_id, body.session_uid) if body.session_uid else 0,
    )


def _time(body: _Body, now_ms: int) -> int:
    zone = ZoneInfo(parse_timezone(body.timezone or "UTC"))
    return checked_time(body.timestamp, now_ms, zone)


def _checked_transaction(text: str) -> str:
    if not text or text != text.strip():
        raise BadRequest(
            "transactionId: must have 1 to 255 characters, without a space at either end",
            field="transactionId",
        )
    return _clean("transactionId", text)


def _metadata_text(metadata: dict[str, str | int | float | bool | None] | None) -> str:
    given = metadata or {}
    if len(given) > MAX_METADATA:
        raise BadRequest(
            f"metadata: has {len(given)} pairs; send at most {MAX_METADATA}", field="metadata"
        )
    kept = {}
    for key, value in given.items():
        if not METADATA_NAME.fullmatch(key):
            raise BadRequest(
                f"metadata: the key {key[:_SHOWN]!r} is not valid: use 1–64 of a–z, 0–9, _ or -",
                field="metadata",
            )
        if value is None:
            continue
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        field = f"metadata.{key}"
        if len(text) > MAX_METADATA_VALUE:
            raise BadRequest(
                f"{field}: has {len(text)} characters; send at most {MAX_METADATA_VALUE}",
                field=field,
            )
        kept[key] = _clean(field, text)
    return msgspec.json.encode(kept).decode() if kept else ""


def _clean(field: str, text: str) -> str:
    if _CONTROL.search(text):
        raise BadRequest(
            f"{field}: contains a line break or another control character; remove it",
            field=field,
        )
    return text
