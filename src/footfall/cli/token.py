"""`footfall token`: who may read and write."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Column, Table

from footfall.catalog.registry import DAY_MS
from footfall.cli.folder import AsJson, Data, note_change, open_catalog, print_json
from footfall.clock import now_ms
from footfall.model.errors import BadRequest
from footfall.model.website import SCOPES, Token

app = App(name="token", help="Create, list and revoke API tokens.")
console = Console(highlight=False)
MAX_DAYS = 36_500


@app.command
def create(
    *,
    workspace: Annotated[
        bool, Parameter(negative=(), show_default=False, help="A token for all websites.")
    ] = False,
    website: Annotated[
        str | None, Parameter(help="A token for one website: its domain or ID.")
    ] = None,
    scope: Annotated[str, Parameter(help=f"Comma-separated, any of {', '.join(SCOPES)}.")] = (
        "read,write"
    ),
    kind: Annotated[
        str, Parameter(help="flow, or formo for clients of the API under /v0.")
    ] = "flow",
    expires_in_days: Annotated[int | None, Parameter(help="Days until it expires.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Create a token and print it. It cannot be shown again."""
    if workspace == (website is not None):
        raise BadRequest("pass either --workspace or --website DOMAIN")
    scopes = [part.strip() for part in scope.split(",") if part.strip()]
    now = now_ms()
    with open_catalog(data, is_made=workspace) as catalog:
        secret, token = catalog.add_token(
            website_id=None if website is None else catalog.find_website(website).id,
            scopes=scopes,
            kind=kind,
            expires_at=_end(expires_in_days, now),
            now_ms=now,
        )
        given = ",".join(sorted(token.scopes))
        note_change(
            catalog, "add token", website_id=token.website_id, token=token.prefix, scopes=given
        )
    if as_json:
        print_json({"token": secret, "id": token.id})
        return
    console.print(secret, markup=False, soft_wrap=True)
    console.print(f"Store it now, it cannot be shown again. Its id is {token.id}.")


@app.command(name="list")
def list_(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the tokens with their first characters."""
    with open_catalog(data) as catalog:
        tokens = catalog.tokens()
        domains = {website.id: website.domain for website in catalog.websites()}
    rows = [_public(token, domains) for token in tokens]
    if as_json:
        print_json(rows)
        return
    if not rows:
        console.print("There is no token yet. Create one: footfall token create --workspace")
        return
    whole = (Column("ID", no_wrap=True), Column("Begins", no_wrap=True))
    table = Table(*whole, "For", "Scopes", "Created", "Expires", box=None)
    for token, row in zip(tokens, rows, strict=True):
        table.add_row(
            token.id,
            f"{token.prefix}…",
            str(row["website"] or "all"),
            ",".join(sorted(token.scopes)),
            str(row["createdAt"])[:10],
            str(row["expiresAt"] or "never")[:10],
        )
    console.print(table)


@app.command
def revoke(token_id: str, /, *, data: Data = None, as_json: AsJson = False) -> None:
    """Revoke a token by its id. Servers reject it within a second."""
    with open_catalog(data) as catalog:
        found = {token.id: token for token in catalog.tokens()}
        catalog.revoke_token(token_id)
        website_id, prefix = found[token_id].website_id, found[token_id].prefix
        note_change(catalog, "revoke token", website_id=website_id, token=prefix)
    if as_json:
        print_json({"id": token_id, "revoked": True})
        return
    console.print(f"{token_id} was revoked.", markup=False)


def _end(days: int | None, now: int) -> int | None:
    if days is None:
        return None
    if not 1 <= days <= MAX_DAYS:
        raise BadRequest(f"expires_in_days {days} must be 1 to {MAX_DAYS:,}")
    return now + days * DAY_MS


def _public(token: Token, domains: dict[int, str]) -> dict[str, object]:
    return {
        "id": token.id,
        "prefix": token.prefix,
        "website": None if token.website_id is None else domains.get(token.website_id),
        "scopes": sorted(token.scopes),
        "kind": token.kind,
        "createdAt": _moment(token.created_at),
        "expiresAt": None if token.expires_at is None else _moment(token.expires_at),
    }


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).isoformat().replace("+00:00", "Z")
