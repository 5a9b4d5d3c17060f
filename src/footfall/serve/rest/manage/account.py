"""An account as its owner sees it, and how a browser is signed in to it."""

from typing import Annotated

from msgspec import Meta

from footfall.enrich.agent import MAX_USER_AGENT, read_agent
from footfall.model.errors import Forbidden
from footfall.model.hit import NO_HINTS
from footfall.model.member import Member, Role, SignInMethod
from footfall.model.unit import Payload
from footfall.serve.http.browser import csrf_of
from footfall.serve.rest.manage.call import Asked


class AccountWorkspace(Payload, frozen=True, kw_only=True):
    """The workspace of an account."""

    id: str
    name: str


class AccountWebsite(Payload, frozen=True, kw_only=True):
    """A website that the account can open."""

    id: str
    domain: str
    name: str
    timezone: str
    currency: str
    kpi: str | None


class AccountRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """The account that is signed in."""

    id: str
    email: str
    name: str
    role: Role
    workspace: AccountWorkspace
    csrf: Annotated[str, Meta(description="To be sent as X-Footfall-CSRF with everything but GET")]
    websites: list[AccountWebsite]
    preferences: dict[str, str]
    has_password: bool
    has_totp: Annotated[bool, Meta(description="Whether a sign-in also needs a code of an app")]


def account_row(asked: Asked, member: Member, csrf: str) -> AccountRow:
    registry = asked.api.registry
    names = {workspace.id: workspace.name for workspace in registry.workspaces()}
    user = member.user
    return AccountRow(
        id=user.id,
        email=user.email,
        name=user.name,
        role=member.role,
        workspace=AccountWorkspace(
            id=member.workspace_id, name=names.get(member.workspace_id, member.workspace_id)
        ),
        csrf=csrf,
        websites=[
            AccountWebsite(
                id=website.public_id,
                domain=website.domain,
                name=website.name,
                timezone=website.timezone,
                currency=website.currency,
                kpi=website.kpi,
            )
            for website in registry.websites()
            if website.workspace_id == member.workspace_id
        ],
        preferences=user.preferences,
        has_password=user.has_password,
        has_totp=user.has_totp,
    )


async def sign_in(
    asked: Asked, user_id: str, method: SignInMethod, password_hash: str | None = None
) -> AccountRow:
    """Sign the browser in, with a new secret. What its cookie was before is ended. `password_hash`
    as for `SignIns.add`."""
    browsers, catalog = asked.api.browsers, asked.catalog
    before = browsers.secret(asked.request)
    client = client_of(asked.request.headers.get("user-agent", ""))

    def work() -> tuple[str, Member]:
        places = catalog.users.memberships(user_id)
        if not places:
            raise Forbidden("This account has been removed")
        if before:
            catalog.sign_ins.end_by_secret(before)
        secret, _ = catalog.sign_ins.add(
            user_id, method, client, now_ms=asked.now, password_hash=password_hash
        )
        asked.audit(f"sign in by {method}", member=places[0])
        return secret, places[0]

    secret, member = await asked.run(work)
    asked.cookies.append(browsers.set_cookie(asked.request, secret))
    return account_row(asked, member, csrf_of(secret))


def client_of(user_agent: str) -> str:
    """A browser and its system in words, as in "Firefox on Linux"."""
    agent = read_agent(user_agent[:MAX_USER_AGENT], NO_HINTS)
    names = [name for name in (agent.browser, agent.os) if name]
    return " on ".join(names) or "Unknown browser"
