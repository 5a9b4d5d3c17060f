"""What the payloads of all providers have in common: envelope, amounts, times, payer."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from footfall.model.errors import BadRequest
from footfall.model.event import EARLIEST_AT, MAX_AHEAD_MS
from footfall.model.json_text import MALFORMED, mend_characters
from footfall.model.key import client_session_key, visitor_key
from footfall.model.money import minor_digits
from footfall.model.notice import Notice
from footfall.model.payment import PaymentKind, Profile, RefundStatus
from footfall.model.uid import is_uid

T = TypeVar("T")
_FAILED = frozenset({"failed", "canceled", "cancelled"})

MAX_MINOR = 10**12
MAX_ID = 255
MAX_TEXT = 255

Id = Annotated[str, Meta(max_length=MAX_ID, pattern=r"\A[!-~]+\Z")]
"""A provider's id: printable ASCII without spaces."""
Minor = int | float | str
"""An amount in the currency's smallest unit, as the payload has it; `whole` checks it. Automation
tools that forward a payload may turn 1859 into 1859.0 or "1859"."""
Code = Annotated[str, Meta(pattern=r"\A[A-Za-z]{3}\Z")]
Metadata = dict[str, Any] | None
Moment = float | str | None
"""A time in Stripe's payloads: seconds since 1970, or in newer events an ISO 8601 text."""

_NOT_PROCESSED = "events of this type are not processed"

_VISITOR_NAMES = ("fs_visitor_id", "_fs_vid")
_SESSION_NAMES = ("fs_session_id", "_fs_sid")
_WEBSITE_NAMES = ("websiteId", "website_id")
_TYPE = re.compile(r"[!-~]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_WHOLE = re.compile(r"-?[0-9]{1,20}(\.0{1,20})?")
_ANY = msgspec.json.Decoder(Any)


class Payer(msgspec.Struct, frozen=True):
    """The keys of the visitor and session that paid, and the website; 0 and '' if unknown."""

    visitor_id: int = 0
    client_session: int = 0
    website: str = ""


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw, at: str = "") -> T:
    """Raises BadRequest naming the field by its dotted path, which starts with `at`."""
    try:
        return decoder.decode(body if isinstance(body, msgspec.Raw) else mend_characters(body))
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        field = (at + place.rstrip("`").removeprefix("$")).removeprefix(".")
        where = f"{field}: " if field else ""
        raise BadRequest(f"{where}{message[:1].lower()}{message[1:]}", field=field) from None
    except MALFORMED:
        raise BadRequest("the body is not JSON in UTF-8, or it is nested too deeply") from None


class Envelope(msgspec.Struct, frozen=True):
    """An event's type, and whether we process it. `type` is always short and printable."""

    type: str
    is_processed: bool


def open_envelope(body: bytes, processed: Collection[str], *path: str) -> Envelope:
    """Read only the event's type, at `path` in the body: an event that we do not process may have
    any shape. Raises BadRequest if the body is not JSON or has no type."""
    found: object = decode(_ANY, body)
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found:
        field = ".".join(path)
        raise BadRequest(f"{field}: required: the type of the event, as a text", field=field)
    if found in processed:
        return Envelope(found, is_processed=True)
    return Envelope(found if _TYPE.fullmatch(found) else "unknown", is_processed=False)


def ignored(
    website_id: int, provider: str, type_: str, body: bytes, reason: str = _NOT_PROCESSED
) -> Notice:
    """The notice for an event of a type that we do not process."""
    return Notice(
        website_id=website_id,
        provider=provider,
        event_id=body_id(type_, "", body),
        type=type_,
        ignored=reason,
    )


def body_id(type_: str, object_id: str, body: bytes) -> str:
    """An id for events whose provider sends none: a repeat has the same body."""
    return f"{type_}:{object_id[:150]}:{blake2b(body, digest_size=12).hexdigest()}"


def whole(amount: Minor, field: str, *, least: int = 0) -> int:
    """The whole number that a payload has as 1859, 1859.0 or "1859". Raises BadRequest naming the
    field."""
    if isinstance(amount, int):
        value = amount
    else:
        value = int(Decimal(str(amount))) if _WHOLE.fullmatch(str(amount)) else MAX_MINOR + 1
    if not least <= value <= MAX_MINOR:
        shown = repr(amount[:40]) if isinstance(amount, str) else str(amount)[:40]
        raise BadRequest(
            f"{field}: {shown} is not an amount in the currency's smallest unit: give a whole"
            f" number from {least} to {MAX_MINOR}",
            field=field,
        )
    return value


def major(amount: Minor, code: str, field: str, *, digits: int | None = None) -> Decimal:
    """An amount in whole units of a currency, from one in units of 10^-`digits` (without `digits`,
    the currency's smallest unit). Raises BadRequest naming the field if it is too fine."""
    own_digits = minor_digits(code)
    value = Decimal(whole(amount, field)).scaleb(-(own_digits if digits is None else digits))
    exact = value.quantize(Decimal(1).scaleb(-own_digits))
    if exact != value:
        raise BadRequest(
            f"{field}: {value} {code} has more decimals than the currency", field=field
        )
    return exact


def find_payer(website_id: int, *sources: Mapping[str, Any] | None, visitor_uid: str = "") -> Payer:
    """From the first metadata that names a visitor or a session, else from `visitor_uid`."""
    visitor = _find(_VISITOR_NAMES, sources) or visitor_uid
    session = _find(_SESSION_NAMES, sources)
    return Payer(
        visitor_key(website_id, visitor) if visitor else 0,
        client_session_key(website_id, session) if session else 0,
        _find(_WEBSITE_NAMES, sources),
    )


def _find(names: tuple[str, ...], sources: tuple[Mapping[str, Any] | None, ...]) -> str:
    for source in sources:
        for name in names:
            value = (source or {}).get(name)
            if isinstance(value, str) and is_uid(value):
                return value
    return ""


def profile(*, name: str | None, email: str | None, customer_id: str | int | None) -> Profile:
    """A profile of the values that can be kept; the others are ''."""
    return Profile(name=_text(name), email=_text(email), customer_id=_text(str(customer_id or "")))


def _text(value: str | None) -> str:
    text = (value or "").strip()
    return text if len(text) <= MAX_TEXT and text.isprintable() else ""


def seconds_at(moment: Moment, received_at: int) -> int:
    """A provider's Unix or ISO 8601 time in ms; `received_at` where it is not valid."""
    if isinstance(moment, str):
        if not _NUMBER.fullmatch(moment):
            return iso_at(moment, received_at)
        moment = float(moment)
    if moment is None or not 0 <= moment <= 10**11:
        return received_at
    return _believable(round(moment * 1000), received_at)


def iso_at(text: str | None, received_at: int) -> int:
    """A provider's ISO 8601 time in ms; `received_at` where it is not valid."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return received_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _believable(round(moment.timestamp() * 1000), received_at)


def _believable(at: int, received_at: int) -> int:
    return at if EARLIEST_AT <= at <= received_at + MAX_AHEAD_MS else received_at


def payment_kind(
    reason: str | None,
    subscription_id: str,
    *,
    beginnings: Collection[str | None],
    renewals: Collection[str],
) -> PaymentKind:
    """A payment's kind, by the provider's reason for the bill. Any other bill for a subscription
    does not start it."""
    if subscription_id:
        return "new" if reason in beginnings else "renewal"
    return "renewal" if reason in renewals else "new"


def refund_status(status: str | None) -> RefundStatus:
    """From the provider's word for it. Older payloads have none: they were sent after success."""
    if status in (None, "succeeded"):
        return "succeeded"
    return "failed" if status in _FAILED else "pending"


def names(*ids: str | None) -> tuple[str, ...]:
    """The ids that are not empty, each once, in order."""
    return tuple(dict.fromkeys(name for name in ids if name))
