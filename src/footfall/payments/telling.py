"""What a provider tells in one webhook, and what all providers' payloads have in common."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from footfall.model.errors import BadRequest
from footfall.model.event import EARLIEST_AT, MAX_AHEAD_MS
from footfall.model.key import client_session_key, visitor_key
from footfall.model.money import minor_digits
from footfall.model.payment import Alias, Dispute, Payment, Profile, Refund

T = TypeVar("T")
Told = Payment | Refund | Dispute | Alias

MAX_MINOR = 10**12
MAX_ID = 255
MAX_TEXT = 255

Id = Annotated[str, Meta(max_length=MAX_ID, pattern=r"\A[!-~]+\Z")]
"""A provider's id: printable ASCII without spaces."""
EventType = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[!-~]+\Z")]
Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR)]
"""An amount in the currency's smallest unit, or what the provider takes for it."""
Code = Annotated[str, Meta(pattern=r"\A[A-Za-z]{3}\Z")]
Metadata = dict[str, Any] | None

_VISITOR_NAMES = ("fs_visitor_id", "_fs_vid")
_SESSION_NAMES = ("fs_session_id", "_fs_sid")
_WEBSITE_NAMES = ("websiteId", "website_id")
_UID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook, read: what it says of money, or in `ignored` why it says nothing of it."""

    website_id: int
    provider: str
    event_id: str  # by which a repeat is known
    type: str
    told: tuple[Told, ...] = ()
    ignored: str = ""
    website: str = ""  # which one the metadata names: an account's events go to all its webhooks


class Payer(msgspec.Struct, frozen=True):
    """Who paid, as keys, and on which website; 0 and '' where the payload does not say."""

    visitor_id: int = 0
    client_session: int = 0
    website: str = ""


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw, at: str = "") -> T:
    """Raises BadRequest naming the field by its dotted way, which begins at `at`."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        field = (at + place.rstrip("`").removeprefix("$")).removeprefix(".")
        where = f"{field}: " if field else ""
        raise BadRequest(f"{where}{message[:1].lower()}{message[1:]}", field=field) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadRequest("the body is not JSON in UTF-8, or nested too deeply") from None


def body_id(type_: str, object_id: str, body: bytes) -> str:
    """An event's id where the provider gives none: a repeat has the same body."""
    return f"{type_}:{object_id[:150]}:{blake2b(body, digest_size=12).hexdigest()}"


def major(amount: int, code: str, field: str, *, digits: int | None = None) -> Decimal:
    """An amount in whole units of a currency, from one in units of 10^-`digits`, which without
    `digits` are the currency's own. Raises BadRequest naming the field if it is too fine."""
    own_digits = minor_digits(code)
    value = Decimal(amount).scaleb(-(own_digits if digits is None else digits))
    exact = value.quantize(Decimal(1).scaleb(-own_digits))
    if exact != value:
        raise BadRequest(f"{field}: {value} is too fine an amount of {code}", field=field)
    return exact


def find_payer(website_id: int, *sources: Mapping[str, Any] | None, visitor_uid: str = "") -> Payer:
    """From the first metadata that names visitor or session, else from `visitor_uid`."""
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


def is_uid(text: str) -> bool:
    """Whether it can be the id of a visitor or session, as trackers and backends send it."""
    return _UID.fullmatch(text) is not None


def profile(*, name: str | None, email: str | None, customer_id: str | int | None) -> Profile:
    """A profile of what can be kept; what cannot be is ''."""
    return Profile(name=_text(name), email=_text(email), customer_id=_text(str(customer_id or "")))


def _text(value: str | None) -> str:
    text = (value or "").strip()
    return text if len(text) <= MAX_TEXT and text.isprintable() else ""


def seconds_at(seconds: float | None, received_at: int) -> int:
    """A provider's Unix time in ms; the receipt where it cannot be."""
    if seconds is None or not 0 <= seconds <= 10**11:
        return received_at
    return _believable(round(seconds * 1000), received_at)


def iso_at(text: str | None, received_at: int) -> int:
    """A provider's ISO 8601 time in ms; the receipt where it cannot be."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return received_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _believable(round(moment.timestamp() * 1000), received_at)


def _believable(at: int, received_at: int) -> int:
    return at if EARLIEST_AT <= at <= received_at + MAX_AHEAD_MS else received_at


def names(*ids: str | None) -> tuple[str, ...]:
    """The ids that are there, each once, in order."""
    return tuple(dict.fromkeys(name for name in ids if name))
