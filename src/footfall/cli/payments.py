"""`footfall payments`: connections to payment providers, and payments that need attention."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.prompt import Prompt
from rich.table import Column, Table

from footfall.catalog import Catalog
from footfall.catalog.token import random_text
from footfall.cli.folder import AsJson, Data, note_change, open_catalog, print_json
from footfall.clock import now_ms
from footfall.model.errors import BadRequest
from footfall.model.website import Website
from footfall.money.connection import Connections, ProviderConnection, WebhookEvent, check_secret
from footfall.money.ledger import Ledger
from footfall.money.open_item import OpenDispute, WaitingRefund
from footfall.providers.provider import OWN_SECRET_LENGTH, PROVIDERS, Provider

app = App(
    name="payments",
    help="Connect payment providers, and list problems.",
)
console = Console(highlight=False)

Of = Annotated[str | None, Parameter(help="A website's domain or ID. Default: all websites.")]


@app.command
def connect(
    provider: str,
    /,
    *,
    website: Annotated[str, Parameter(help="The website's domain or ID.")],
    secret_stdin: Annotated[
        bool, Parameter(negative=(), help="Read the signing secret from standard input.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Connect a payment provider: stripe, lemonsqueezy, polar, or generic for any other.

    Shows the address and the events of the webhook, then asks for its signing secret, which is
    stored encrypted. Connecting again replaces the secret.
    """
    chosen = _provider(provider)
    with open_catalog(data) as catalog:
        found = catalog.find_website(website)
        if not as_json:
            _explain(chosen, found)
        secret, is_ours = _secret(chosen, is_piped=secret_stdin)
        Connections(catalog).add(found.id, chosen.name, secret, now_ms=now_ms())
        note_change(catalog, "connect provider", website_id=found.id, provider=chosen.name)
    if as_json:
        row: dict[str, object] = {
            "provider": chosen.name,
            "website": found.domain,
            "path": _path(chosen.name, found),
            "events": list(chosen.events),
        }
        print_json(row | ({"secret": secret} if is_ours else {}))
        return
    if is_ours:
        console.print("Use this signing secret. It is not shown again:")
        console.print(f"  {secret}", markup=False)
    console.print(f"[bold]{chosen.label}[/] is connected to {found.domain}.")
    console.print("Send a test event, then run: footfall payments list")


@app.command(name="list")
def list_(*, website: Of = None, data: Data = None, as_json: AsJson = False) -> None:
    """List the connections and the time of the last event of each."""
    with open_catalog(data) as catalog:
        websites = {found.id: found for found in _websites(catalog, website)}
        connections = [
            one for one in Connections(catalog).connected() if one.website_id in websites
        ]
    if as_json:
        print_json([_connection(one, websites[one.website_id]) for one in connections])
        return
    if not connections:
        console.print(
            "No provider is connected. Connect one with:"
            " footfall payments connect stripe --website example.com",
            soft_wrap=True,
        )
        return
    table = Table("Website", "Provider", "Connected", "Last event", "Address", box=None)
    for one in connections:
        table.add_row(
            websites[one.website_id].domain,
            one.provider,
            _shown(one.created_at),
            _shown(one.last_event_at),
            f"https://HOST{_path(one.provider, websites[one.website_id])}",
        )
    console.print(table)


@app.command
def disconnect(
    provider: str,
    /,
    *,
    website: Annotated[str, Parameter(help="The website's domain or ID.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove a provider's secret. Its webhooks then get a 404; its payments stay."""
    with open_catalog(data) as catalog:
        found = catalog.find_website(website)
        name = _provider(provider).name
        Connections(catalog).remove(found.id, name)
        note_change(catalog, "disconnect provider", website_id=found.id, provider=name)
    if as_json:
        print_json({"provider": provider, "website": found.domain, "disconnected": True})
        return
    console.print(f"{provider} is disconnected from {found.domain}. Delete the webhook there, too.")


@app.command
def unmatched(*, website: Of = None, data: Data = None, as_json: AsJson = False) -> None:
    """List payments without a known visitor, refunds and lost disputes that do not count, and
    refused events."""
    rows: list[dict[str, object]] = []
    with open_catalog(data) as catalog:
        for found in _websites(catalog, website):
            rows += [_unmatched(event, found) for event in Connections(catalog).unmatched(found.id)]
            rows += [_waiting(one, found) for one in Ledger(catalog).waiting_refunds(found.id)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        console.print("Nothing to list: every payment has a visitor, and every refund counts.")
        return
    _print_table(rows, ("website", "at", "provider", "transactionId", "money", "why"))


@app.command
def disputes(*, website: Of = None, data: Data = None, as_json: AsJson = False) -> None:
    """List open disputes. A lost dispute counts as a refund."""
    rows: list[dict[str, object]] = []
    with open_catalog(data) as catalog:
        for found in _websites(catalog, website):
            rows += [_dispute(one, found) for one in Ledger(catalog).open_disputes(found.id)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        console.print("No dispute is open.")
        return
    _print_table(rows, ("website", "at", "provider", "transactionId", "disputeId", "money"))


def _provider(name: str) -> Provider:
    found = PROVIDERS.get(name.lower())
    if found is None:
        known = ", ".join(PROVIDERS)
        raise BadRequest(
            f"provider {name!r} is not known: use one of {known} (generic for any other)",
            field="provider",
        )
    return found


def _explain(provider: Provider, website: Website) -> None:
    console.print(f"Create a webhook in [bold]{provider.label}[/] ({provider.place}).")
    console.print("Its address, with your server for HOST:")
    console.print(f"  https://HOST{_path(provider.name, website)}", markup=False, soft_wrap=True)
    console.print("Its events:")
    for event in provider.events:
        console.print(f"  {event}", markup=False)


def _secret(provider: Provider, *, is_piped: bool) -> tuple[str, bool]:
    """The secret, and whether we generated it."""
    if is_piped:
        return check_secret(sys.stdin.readline()), False
    if not provider.shows_secret:
        return random_text(OWN_SECRET_LENGTH), True
    if not sys.stdin.isatty():
        raise BadRequest(
            "the signing secret cannot be asked for when not run interactively: send it with"
            " --secret-stdin"
        )
    asked = Prompt.ask("Its signing secret (not shown)", password=True, console=console)
    return check_secret(asked), False


def _websites(catalog: Catalog, selector: str | None) -> Iterable[Website]:
    return catalog.websites() if selector is None else [catalog.find_website(selector)]


def _path(provider: str, website: Website) -> str:
    return f"/webhooks/{provider}/{website.public_id}"


def _connection(connection: ProviderConnection, website: Website) -> dict[str, object]:
    return {
        "website": website.domain,
        "provider": connection.provider,
        "createdAt": _moment(connection.created_at),
        "lastEventAt": _moment(connection.last_event_at),
        "path": _path(connection.provider, website),
    }


def _unmatched(event: WebhookEvent, website: Website) -> dict[str, object]:
    return {
        "website": website.domain,
        "at": _moment(event.received_at),
        "provider": event.provider,
        "transactionId": event.transaction_id,
        **_money(event.amount, event.currency),
        "why": event.why_unmatched,
        "eventId": event.event_id,
    }


def _waiting(refund: WaitingRefund, website: Website) -> dict[str, object]:
    return {
        "website": website.domain,
        "at": _moment(refund.occurred_at),
        "provider": refund.provider,
        "transactionId": refund.transaction_id,
        **_money(refund.amount, refund.currency),
        "why": refund.why_waiting,
        "eventId": "",
    }


def _dispute(dispute: OpenDispute, website: Website) -> dict[str, object]:
    return {
        "website": website.domain,
        "at": _moment(dispute.occurred_at),
        "provider": dispute.provider,
        "transactionId": dispute.transaction_id,
        "disputeId": dispute.dispute_id,
        **_money(dispute.amount, dispute.currency),
    }


def _money(amount: Decimal | None, currency: str) -> dict[str, object]:
    return {"amount": None if amount is None else str(amount), "currency": currency}


def _print_table(rows: list[dict[str, object]], fields: tuple[str, ...]) -> None:
    titles = {"at": "When", "transactionId": "Transaction", "disputeId": "Dispute"}
    columns = [Column(titles.get(field, field.capitalize()), overflow="fold") for field in fields]
    table = Table(*columns, box=None)
    for row in rows:
        shown = row | {
            "money": f"{row['amount'] or ''} {row['currency']}".strip(),
            "at": str(row["at"])[:16].replace("T", " "),
        }
        table.add_row(*(str(shown[field]) for field in fields))
    console.print(table)


def _moment(at: int | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at // 1000, UTC).isoformat().replace("+00:00", "Z")


def _shown(at: int | None) -> str:
    return (_moment(at) or "never")[:16].replace("T", " ")
