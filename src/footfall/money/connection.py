"""Connections to payment providers: their encrypted secrets, and the outcomes of their events."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog import Catalog
from footfall.catalog.database import wipe_freed_pages, writing
from footfall.catalog.secret import FILE_NAME as SECRET_FILE
from footfall.catalog.table import (
    PAYMENT_CONNECTIONS,
    PAYMENT_NAMES,
    PAYMENTS,
    WEBHOOK_EVENTS,
)
from footfall.damage import DamageLog
from footfall.model.errors import BadRequest, NotFound

MIN_SECRET = 6
MAX_SECRET = 500
DEFAULT_LIMIT = 1_000
_NEWEST = (WEBHOOK_EVENTS.c.received_at.desc(), WEBHOOK_EVENTS.c.event_id)

Outcome = Literal[
    "booked",  # it is in the ledger
    "repeat",  # it was in the ledger already
    "waiting",  # a refund or dispute whose payment is not known yet or in another currency
    "ignored",  # it has no entry for the ledger
    "refused",  # it was read, but the ledger refused it
]


class ProviderConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A website's connection to a provider, without its secret."""

    website_id: int
    provider: str
    created_at: int
    last_event_at: int | None = None


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one event, without anything about the payer."""

    website_id: int
    provider: str
    event_id: str
    received_at: int
    outcome: Outcome
    type: str
    transaction_id: str = ""
    amount: Decimal | None = None  # major units
    currency: str = ""

    @property
    def why_unmatched(self) -> str:
        """Why it is among those that need attention."""
        is_refused = self.outcome == "refused"
        return f"refused: {self.type}" if is_refused else "the payer is not a known visitor"


class Connections:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
    now. Safe to use from several threads and processes."""

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database
        self._secrets = catalog.secrets

    def add(self, website_id: int, provider: str, secret: str, *, now_ms: int) -> None:
        """Connect a provider, or replace its secret. Raises BadRequest naming secret, NotFound."""
        secret = check_secret(secret)
        sealed = self._secrets.seal(secret, _place(website_id, provider))
        change = update(PAYMENT_CONNECTIONS).where(_is(website_id, provider))
        row = {
            "website_id": website_id,
            "provider": provider,
            "secret_encrypted": sealed,
            "created_at": now_ms,
        }
        with self._writing_of_website() as connection:
            if not connection.execute(change.values(secret_encrypted=sealed)).rowcount:
                connection.execute(insert(PAYMENT_CONNECTIONS).values(row))

    def remove(self, website_id: int, provider: str) -> None:
        """Remove a provider's secret for good; its payments stay. Raises NotFound, and Unavailable
        if the catalog is read all the time: then the secret's bytes may still be in its log."""
        with writing(self._database) as connection:
            gone = connection.execute(delete(PAYMENT_CONNECTIONS).where(_is(website_id, provider)))
            if not gone.rowcount:
                raise NotFound(f"{provider} is not connected to this website", field="provider")
        wipe_freed_pages(self._database)

    def connected(self, website_id: int | None = None) -> list[ProviderConnection]:
        """The connections of one website, or with None of all websites."""
        columns = PAYMENT_CONNECTIONS.c
        wanted = select(
            columns.website_id, columns.provider, columns.created_at, columns.last_event_at
        ).order_by(columns.website_id, columns.provider)
        if website_id is not None:
            wanted = wanted.where(columns.website_id == website_id)
        with self._database.connect() as connection:
            return [ProviderConnection(**row._asdict()) for row in connection.execute(wanted)]

    def secret_of(self, website_id: int, provider: str) -> str | None:
        """None if the provider is not connected. Raises NotFound if the key is lost."""
        wanted = select(PAYMENT_CONNECTIONS.c.secret_encrypted).where(_is(website_id, provider))
        with self._database.connect() as connection:
            sealed = connection.execute(wanted).scalar()
        if sealed is None:
            return None
        return self._secrets.open(bytes(sealed), _place(website_id, provider))

    def check_secrets(self, damage: DamageLog) -> None:
        """Report the secrets that cannot be decrypted, now or after a restart. Raises OSError."""
        stored = self._secrets.reopened()
        wanted = select(
            PAYMENT_CONNECTIONS.c.website_id,
            PAYMENT_CONNECTIONS.c.provider,
            PAYMENT_CONNECTIONS.c.secret_encrypted,
        )
        with self._database.connect() as connection:
            rows = connection.execute(wanted).all()
        for website_id, provider, sealed in rows:
            if trouble := stored.trouble(bytes(sealed), _place(website_id, provider)):
                place = f"{provider} {website_id:08x} {stored.fingerprint()}"
                message = (
                    f"the webhooks of {provider} are refused, at the latest after a restart:"
                    f" {trouble}"
                )
                damage.add("secrets", SECRET_FILE, place, message)

    def outcome_of(self, website_id: int, provider: str, event_id: str) -> str | None:
        """None for an event that is new."""
        wanted = select(WEBHOOK_EVENTS.c.outcome).where(_is_event(website_id, provider, event_id))
        with self._database.connect() as connection:
            return connection.execute(wanted).scalar()

    def remember(self, event: WebhookEvent) -> None:
        """Record the outcome of an event. The last one counts, but of two that arrive at once, one
        may be a repeat of the other: what was booked stays booked. Raises NotFound."""
        row = msgspec.structs.asdict(event)
        row["amount"] = "" if event.amount is None else str(event.amount)
        is_event = _is_event(event.website_id, event.provider, event.event_id)
        of_provider = _is(event.website_id, event.provider)
        known = update(WEBHOOK_EVENTS).where(is_event).values(outcome=event.outcome)
        if event.outcome == "repeat":
            was_booked = WEBHOOK_EVENTS.c.outcome == "booked"
            known = known.values(outcome=case((was_booked, "booked"), else_="repeat"))
        seen = update(PAYMENT_CONNECTIONS).where(of_provider)
        with self._writing_of_website() as connection:
            if not connection.execute(known).rowcount:
                connection.execute(insert(WEBHOOK_EVENTS).values(row))
            connection.execute(seen.values(last_event_at=event.received_at))

    def unmatched(self, website_id: int, limit: int = DEFAULT_LIMIT) -> list[WebhookEvent]:
        """The newest events that were refused, and the newest payments without a known visitor,
        each with its newest event: at most `limit` of both.

        The newest first. For refunds that wait, see `Ledger.waiting_refunds`.
        """
        with self._database.connect() as connection:
            found = _refused(connection, website_id, limit)
            found += _without_visitor(connection, website_id, limit)
        return sorted(found, key=lambda event: event.received_at, reverse=True)

    @contextmanager
    def _writing_of_website(self) -> Iterator[Connection]:
        try:
            with writing(self._database) as connection:
                yield connection
        except IntegrityError:
            raise NotFound("the website was removed meanwhile", field="website") from None


def _refused(connection: Connection, website_id: int, limit: int) -> list[WebhookEvent]:
    events = WEBHOOK_EVENTS.c
    is_refused = (events.website_id == website_id) & (events.outcome == "refused")
    wanted = select(WEBHOOK_EVENTS).where(is_refused).order_by(*_NEWEST).limit(limit)
    return [
        WebhookEvent(**row._asdict() | {"amount": Decimal(row.amount) if row.amount else None})
        for row in connection.execute(wanted)
    ]


def _without_visitor(connection: Connection, website_id: int, limit: int) -> list[WebhookEvent]:
    events, names, payments = WEBHOOK_EVENTS.c, PAYMENT_NAMES.c, PAYMENTS.c
    is_name = (names.website_id == events.website_id) & (names.name == events.transaction_id)
    is_payment = (payments.website_id == names.website_id) & (
        payments.transaction_id == names.transaction_id
    )
    has_no_visitor = (
        (payments.visitor_id == 0) & (payments.client_session == 0) & payments.is_erased.is_(False)
    )
    # A repeat as well: the process may have been killed before it recorded what it had booked.
    is_in_ledger = events.outcome.in_(("booked", "repeat"))
    recorded = (
        payments.transaction_id.label("recorded_as"),
        payments.amount.label("paid"),
        payments.digits,
        payments.currency.label("paid_in"),
    )
    wanted = (
        select(WEBHOOK_EVENTS, *recorded)
        .join(PAYMENT_NAMES, is_name)
        .join(PAYMENTS, is_payment)
        .where(events.website_id == website_id, is_in_ledger, has_no_visitor)
        .order_by(*_NEWEST)
    )
    found: dict[str, WebhookEvent] = {}
    for row in connection.execute(wanted):  # in the index's order, so that most are not read
        values = {name: getattr(row, name) for name in WebhookEvent.__struct_fields__}
        # the payment's own money: the newest event may be of a refund
        values["amount"] = Decimal(row.paid).scaleb(-row.digits)
        values["currency"] = row.paid_in
        found.setdefault(row.recorded_as, WebhookEvent(**values))
        if len(found) == limit:
            break
    return list(found.values())


def check_secret(secret: str) -> str:
    """The secret without surrounding spaces. Raises BadRequest, which does not reveal it."""
    secret = secret.strip()
    if not MIN_SECRET <= len(secret) <= MAX_SECRET or not secret.isprintable():
        raise BadRequest(
            f"the secret must have {MIN_SECRET} to {MAX_SECRET} characters: copy it as the"
            " provider shows it",
            field="secret",
        )
    return secret


def _place(website_id: int, provider: str) -> str:
    return f"payments/{website_id:08x}/{provider}"


def _is(website_id: int, provider: str) -> ColumnElement[bool]:
    columns = PAYMENT_CONNECTIONS.c
    return (columns.website_id == website_id) & (columns.provider == provider)


def _is_event(website_id: int, provider: str, event_id: str) -> ColumnElement[bool]:
    columns = WEBHOOK_EVENTS.c
    return (
        (columns.website_id == website_id)
        & (columns.provider == provider)
        & (columns.event_id == event_id)
    )
