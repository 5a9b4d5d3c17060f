"""Set-up, signing in and signing out."""

from typing import Annotated

from msgspec import Meta

from footfall.catalog.password import check_password
from footfall.catalog.table import WORKSPACE
from footfall.catalog.user import email_key
from footfall.model.errors import Conflict, Forbidden, Unauthorized
from footfall.model.member import Member
from footfall.model.unit import Payload
from footfall.serve.rest.manage.account import AccountRow, sign_in
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Password
from footfall.serve.rest.manage.second_factor import check_second_factor

Code = Annotated[str, Meta(max_length=256)]


class SetupStatus(Payload, frozen=True, kw_only=True):
    """Whether the server still needs an owner."""

    needed: bool


class SetupBody(Body, frozen=True, kw_only=True):
    """The owner of a new server."""

    code: Annotated[Code, Meta(description="As the terminal printed it, in the link to /setup")]
    email: Annotated[str, Meta(max_length=254)]
    name: Annotated[str, Meta(max_length=100)]
    password: Annotated[Password, Meta(description="10 to 256 characters")]


class SignInBody(Body, frozen=True, kw_only=True):
    """An e-mail address and a password."""

    email: Annotated[str, Meta(max_length=1024)]
    password: Password
    totp: Annotated[
        Code | None,
        Meta(
            description="The code of the authenticator app, if the account has one, or a recovery"
            " code"
        ),
    ] = None


class LinkBody(Body, frozen=True, kw_only=True):
    """The code of a link that the terminal printed."""

    code: Code


class SignedOut(Payload, frozen=True, kw_only=True, rename="camel"):
    """The browser is no longer signed in."""

    signed_out: bool


async def read_setup(asked: Asked) -> SetupStatus:
    return SetupStatus(needed=not await asked.run(asked.catalog.users.has_owner))


async def set_up(asked: Asked) -> AccountRow:
    body: SetupBody = asked.body
    users, codes = asked.catalog.users, asked.catalog.codes
    is_local = asked.api.browsers.is_local(asked.request)

    def work() -> Member:
        if users.has_owner():
            raise Conflict("Set-up is over: there is an owner. Sign in instead")
        codes.check("setup", body.code, is_local=is_local, now_ms=asked.now)
        owner = users.add(
            body.email,
            body.name,
            check_password(body.password),
            "owner",
            workspace_id=WORKSPACE,
            now_ms=asked.now,
            is_first=True,
        )
        codes.drop("setup")
        asked.audit("set up", people={"email": email_key(body.email)}, member=owner)
        return owner

    owner = await asked.parts.hashing(work)
    return await sign_in(asked, owner.user.id, "setup")


async def sign_in_by_password(asked: Asked) -> AccountRow:
    """The same answer, after the same work, whether the account exists or not."""
    body: SignInBody = asked.body
    key = email_key(body.email)
    asked.parts.by_account.count(key)
    catalog = asked.catalog
    found = await asked.parts.hashing(lambda: catalog.users.check(body.email, body.password))
    if found is None:
        raise Unauthorized("The e-mail address or the password is wrong")
    user, password_hash = found
    if user.has_totp:
        await asked.run(lambda: check_second_factor(asked, user.id, body.totp))
    asked.parts.by_account.forget(key)
    return await sign_in(asked, user.id, "password", password_hash)


async def sign_in_by_link(asked: Asked) -> AccountRow:
    body: LinkBody = asked.body
    is_local = asked.api.browsers.is_local(asked.request)
    codes = asked.catalog.codes
    user_id = await asked.run(
        lambda: codes.use("link", body.code, is_local=is_local, now_ms=asked.now)
    )
    if user_id is None:
        raise Forbidden("This code does not belong to an account", field="code")
    return await sign_in(asked, user_id, "link")


async def sign_out(asked: Asked) -> SignedOut:
    browsers = asked.api.browsers
    secret = browsers.secret(asked.request)
    user_id, now_in = asked.member.user.id, asked.signed_in.sign_in.id
    if secret:
        await asked.run(lambda: asked.catalog.sign_ins.end(user_id, now_in))
    asked.cookies.append(browsers.set_cookie(asked.request, ""))
    return SignedOut(signed_out=True)


SIGN_IN_CALLS = (
    ManageCall(
        method="GET",
        path="/setup",
        name="read_setup",
        summary="Whether the server still needs an owner",
        handler=read_setup,
        answer=SetupStatus,
        who="anonymous",
    ),
    ManageCall(
        method="POST",
        path="/setup",
        name="set_up",
        summary="Become the owner of a new server, with the code that the terminal prints",
        handler=set_up,
        body=SetupBody,
        answer=AccountRow,
        who="anonymous",
        failures=("403", "409"),
    ),
    ManageCall(
        method="POST",
        path="/signin",
        name="sign_in",
        summary="Sign in with an e-mail address and a password",
        handler=sign_in_by_password,
        body=SignInBody,
        answer=AccountRow,
        who="anonymous",
        failures=("401", "403"),
    ),
    ManageCall(
        method="POST",
        path="/signin/link",
        name="sign_in_by_link",
        summary="Sign in with the code of a link that the terminal printed; it works once",
        handler=sign_in_by_link,
        body=LinkBody,
        answer=AccountRow,
        who="anonymous",
        failures=("403",),
    ),
    ManageCall(
        method="POST",
        path="/signout",
        name="sign_out",
        summary="End this browser's sign-in",
        handler=sign_out,
        answer=SignedOut,
        who="viewer",
        scope="read",
    ),
)
