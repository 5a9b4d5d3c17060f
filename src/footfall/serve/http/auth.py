"""Who sent a request, and about which website: bearer tokens, scopes, selectors."""

import re
from collections.abc import Collection, Mapping, Sequence

from footfall.catalog import Registry
from footfall.model.errors import BadRequest, Forbidden, NotFound, Unauthorized
from footfall.model.website import Scope, Token, TokenKind, Website

MAX_SECRET = 200
SECRET_PARAMETERS = frozenset({"token", "access_token", "api_key", "apikey", "authorization"})

# Long and without a second underscore: flow_spring_sale is a campaign.
_SECRET = re.compile(r"(Bearer )?(flow_ws|flow|formo|share)_[A-Za-z0-9]{32,}")


def refuse_secrets(params: Sequence[tuple[str, str]]) -> None:
    """Raise Unauthorized if the address contains a token, valid or not: addresses are logged, kept
    and passed on."""
    for name, value in params:
        if name.lower() in SECRET_PARAMETERS or looks_secret(value):
            raise Unauthorized(
                "Send the token in the header 'Authorization: Bearer …', never in the address,"
                " which ends up in logs. Revoke the one you sent and make another."
            )


def looks_secret(text: str) -> bool:
    return _SECRET.fullmatch(text.strip()) is not None


def find_token(registry: Registry, headers: Mapping[str, str]) -> Token:
    """The token of the Authorization header. Raises Unauthorized."""
    given = headers.get("authorization", "")
    scheme, _, secret = given.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise Unauthorized("No token: send the header 'Authorization: Bearer …'")
    token = registry.token(secret) if len(secret) <= MAX_SECRET else None
    if token is None:
        raise Unauthorized("This token is not valid: it may be mistyped, revoked or expired")
    return token


def check_token(token: Token, scope: Scope, kinds: Collection[TokenKind]) -> None:
    """Raise Forbidden unless the token has the scope and is of a kind that the API accepts."""
    if token.kind in ("flow", "formo") and token.kind not in kinds:
        raise Forbidden("This key is for the flow and funnel API: use a flow_ token here")
    if scope not in token.scopes:
        if token.kind == "member":
            raise Forbidden("Your role in this workspace does not allow this")
        raise Forbidden(
            f"This token lacks the scope {scope!r}; it has {', '.join(sorted(token.scopes))}"
        )


def select_website(registry: Registry, token: Token, *selectors: str) -> Website:
    """The website of a request. Selectors are public ids, tracking ids or domains; '' is ignored.

    A website's own token needs none. Raises BadRequest if one is needed or two disagree, Forbidden
    if a website's token names another website, NotFound.
    """
    given = [selector for selector in selectors if selector]
    if token.website_id is not None:
        return _own_website(registry, token.website_id, given)
    if not given:
        raise BadRequest("Website ID or domain is required", field="websiteId")
    website = registry.find_website(given[0])
    if website is None or website.workspace_id != token.workspace_id:
        raise NotFound(f"There is no website {given[0][:64]!r}", field="websiteId")
    if any(registry.find_website(selector) != website for selector in given[1:]):
        raise BadRequest("websiteId and domain name two websites: send one", field="domain")
    return website


def _own_website(registry: Registry, website_id: int, selectors: list[str]) -> Website:
    website = registry.website_by_id(website_id)
    if website is None:
        raise Unauthorized("This token's website has been removed")
    # The token must not learn whether another website exists.
    if any(registry.find_website(selector) != website for selector in selectors):
        raise Forbidden(f"This token is only for {website.domain}")
    return website
