"""Tokens of the workspace."""

from typing import Annotated

from msgspec import Meta

from footfall.catalog.sign_in import DAY_MS
from footfall.model.errors import Forbidden, NotFound
from footfall.model.period import write_moment
from footfall.model.unit import Moment, Payload
from footfall.model.website import Scope, Token, TokenKind
from footfall.serve.http.auth import select_website
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Current, confirm_grant
from footfall.serve.rest.manage.member import Removed

MAX_DAYS = 36_500
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS, description="Days until it expires; null: never")]


class TokenBody(Body, frozen=True, kw_only=True):
    """A new token."""

    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=10)]
    website_id: Annotated[
        str | None, Meta(description="Its website, by id or domain; without it all websites")
    ] = None
    kind: Annotated[
        TokenKind, Meta(description="formo: a key for clients of the API under /v0")
    ] = "flow"
    expires_in_days: Days | None = None
    current: Current = None


class TokenRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A token, without its secret."""

    id: str
    prefix: Annotated[str, Meta(description="Its first characters")]
    website_id: Annotated[str | None, Meta(description="null: all websites")]
    scopes: list[str]
    kind: str
    created_at: Moment
    expires_at: Moment | None
    token: Annotated[
        str | None, Meta(description="The secret; shown when the token is made, never again")
    ] = None


async def list_tokens(asked: Asked) -> list[TokenRow]:
    return [_row(token) for token in await asked.run(lambda: _tokens(asked))]


async def add_token(asked: Asked) -> TokenRow:
    """Nobody can give a token a right that they do not have."""
    body: TokenBody = asked.body
    caller = asked.admitted.token
    beyond = set(body.scopes) - caller.scopes - {"collect"}
    if beyond:
        raise Forbidden(f"You do not have the scope {min(beyond)!r} yourself", field="scopes")
    await confirm_grant(asked, body.current, "a token is made")
    website = None
    if body.website_id is not None:
        website = select_website(asked.api.registry, caller, body.website_id)

    def work() -> TokenRow:
        secret, token = asked.catalog.add_token(
            website_id=website.id if website else None,
            scopes=body.scopes,
            kind=body.kind,
            expires_at=body.expires_in_days and asked.now + body.expires_in_days * DAY_MS,
            workspace_id=caller.workspace_id,
            now_ms=asked.now,
        )
        asked.audit(
            "add token",
            website_id=token.website_id,
            token=token.prefix,
            scopes=",".join(sorted(token.scopes)),
        )
        return _row(token, secret)

    return await asked.run(work)


async def revoke_token(asked: Asked) -> Removed:
    wanted = asked.path("id")

    def work() -> None:
        token = next((each for each in _tokens(asked) if each.id == wanted), None)
        if token is None:
            raise NotFound(f"there is no token {wanted[:64]!r}", field="id")
        asked.catalog.revoke_token(token.id)
        asked.audit("revoke token", website_id=token.website_id, token=token.prefix)
        asked.api.registry.refresh()

    await asked.run(work)
    return Removed(id=wanted)


def _tokens(asked: Asked) -> list[Token]:
    workspace_id = asked.admitted.token.workspace_id
    return [token for token in asked.catalog.tokens() if token.workspace_id == workspace_id]


def _row(token: Token, secret: str | None = None) -> TokenRow:
    return TokenRow(
        id=token.id,
        prefix=token.prefix,
        website_id=None if token.website_id is None else f"{token.website_id:08x}",
        scopes=sorted(token.scopes),
        kind=token.kind,
        created_at=write_moment(token.created_at),
        expires_at=None if token.expires_at is None else write_moment(token.expires_at),
        token=secret,
    )


TOKEN_CALLS = (
    ManageCall(
        method="GET",
        path="/tokens",
        name="list_tokens",
        summary="The workspace's tokens, the newest first, without their secrets",
        handler=list_tokens,
        answer=TokenRow,
        is_list=True,
        who="admin",
    ),
    ManageCall(
        method="POST",
        path="/tokens",
        name="add_token",
        summary="Make a token. Its secret is in this answer and nowhere else",
        handler=add_token,
        body=TokenBody,
        answer=TokenRow,
        who="admin",
        failures=("404",),
    ),
    ManageCall(
        method="DELETE",
        path="/tokens/{id}",
        name="revoke_token",
        summary="Revoke a token",
        handler=revoke_token,
        answer=Removed,
        who="admin",
        failures=("404",),
    ),
)
