"""What owners look after: the audit log, and payments that need attention."""

from typing import Annotated, Literal

from msgspec import Meta

from footfall.model.period import write_moment
from footfall.model.unit import Count, Moment, Ordinal, Payload
from footfall.model.website import Website, actor_of
from footfall.money.connection import Connections, WebhookEvent
from footfall.money.ledger import Ledger
from footfall.money.open_item import WaitingKind, WaitingRefund
from footfall.serve.rest.manage.call import Asked, ManageCall

MAX_ENTRIES = 10_000


class AuditRow(Payload, frozen=True, kw_only=True):
    """Something that was changed or deleted."""

    id: Ordinal
    at: Moment
    actor: Annotated[str, Meta(description="A token's first characters, a user's id, or cli")]
    who: Annotated[str | None, Meta(description="The name of that user, if there still is one")]
    action: str
    website: Annotated[str | None, Meta(description="Its domain")]
    filters: Annotated[dict[str, str], Meta(description="People are keyed hashes")]
    counts: dict[str, Count]


class UnmatchedRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A payment or refund that needs attention."""

    website: str
    at: Moment
    provider: str
    transaction_id: str
    amount: Annotated[str | None, Meta(description="Decimal, in `currency`")]
    currency: str
    kind: Annotated[
        Literal["no_visitor", "refused"] | WaitingKind,
        Meta(
            description="Who paid is not known; the ledger refused the event; a refund or lost"
            " dispute does not count because its payment is not known, because it is in another"
            " currency, or because more was refunded than paid"
        ),
    ]
    why: str
    event_id: str


async def read_audit(asked: Asked) -> list[AuditRow]:
    workspace_id = asked.admitted.token.workspace_id

    def work() -> list[AuditRow]:
        websites = {each.id: each for each in asked.api.registry.websites()}
        members = {
            actor_of(each.user.id): each.user.name
            for each in asked.catalog.users.members(workspace_id)
        }
        return [
            AuditRow(
                id=entry.id,
                at=write_moment(entry.at),
                actor=entry.actor,
                who=members.get(entry.actor),
                action=entry.action,
                website=websites[entry.website_id].domain if entry.website_id in websites else None,
                filters=entry.filters,
                counts=entry.counts,
            )
            for entry in asked.catalog.audit.list(limit=MAX_ENTRIES, workspace_id=workspace_id)
        ]

    return await asked.run(work)


async def list_unmatched(asked: Asked) -> list[UnmatchedRow]:
    """The newest first."""
    workspace_id = asked.admitted.token.workspace_id
    websites = [each for each in asked.api.registry.websites() if each.workspace_id == workspace_id]

    def work() -> list[UnmatchedRow]:
        connections, ledger = Connections(asked.catalog), Ledger(asked.catalog)
        found: list[UnmatchedRow] = []
        for website in websites:
            found += [_event_row(website, each) for each in connections.unmatched(website.id)]
            found += [_refund_row(website, each) for each in ledger.waiting_refunds(website.id)]
        return sorted(found, key=lambda row: row.at, reverse=True)

    return await asked.run(work)


def _event_row(website: Website, event: WebhookEvent) -> UnmatchedRow:
    return UnmatchedRow(
        website=website.domain,
        at=write_moment(event.received_at),
        provider=event.provider,
        transaction_id=event.transaction_id,
        amount=None if event.amount is None else str(event.amount),
        currency=event.currency,
        kind="refused" if event.outcome == "refused" else "no_visitor",
        why=event.why_unmatched,
        event_id=event.event_id,
    )


def _refund_row(website: Website, refund: WaitingRefund) -> UnmatchedRow:
    return UnmatchedRow(
        website=website.domain,
        at=write_moment(refund.occurred_at),
        provider=refund.provider,
        transaction_id=refund.transaction_id,
        amount=str(refund.amount),
        currency=refund.currency,
        kind=refund.kind,
        why=refund.why_waiting,
        event_id="",
    )


LOG_CALLS = (
    ManageCall(
        method="GET",
        path="/audit",
        name="read_audit",
        summary="Who changed or deleted what, the newest first",
        handler=read_audit,
        answer=AuditRow,
        is_list=True,
        who="owner",
    ),
    ManageCall(
        method="GET",
        path="/payments/unmatched",
        name="list_unmatched",
        summary="Payments without a visitor, refunds that do not count, and refused webhooks",
        handler=list_unmatched,
        answer=UnmatchedRow,
        is_list=True,
        who="owner",
    ),
)
