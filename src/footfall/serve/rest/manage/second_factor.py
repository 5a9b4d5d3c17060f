"""Codes of an authenticator app, as the second thing that a sign-in by password needs."""

from typing import Annotated

from msgspec import Meta

from footfall.catalog import Catalog
from footfall.model.errors import BadRequest, Conflict, NotFound, Unauthorized, Unavailable
from footfall.model.unit import Payload
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Current, confirm

RETRY_AFTER_S = 60
_Code = Annotated[str, Meta(max_length=16, description="Six digits, as the app shows them")]


class TotpBody(Body, frozen=True, kw_only=True):
    """Empty for a new secret; with the secret and a code of it, to ask for codes from now on."""

    secret: Annotated[str, Meta(max_length=64)] | None = None
    code: _Code | None = None
    current: Current = None


class TotpEndBody(Body, frozen=True, kw_only=True):
    """A code, to ask for no more codes."""

    code: _Code
    current: Current = None


class TotpRow(Payload, frozen=True, kw_only=True):
    """Whether codes are asked for, or the secret to set up an app with."""

    active: bool
    secret: Annotated[str | None, Meta(description="To be typed into the app")] = None
    uri: Annotated[str | None, Meta(description="To be shown as a QR code")] = None


def check_second_factor(catalog: Catalog, user_id: str, code: str | None, now_ms: int) -> None:
    """Raises Unauthorized unless the code is right and was not used before, and Unavailable if the
    key to the stored secrets is lost."""
    if not code or not _use(catalog, user_id, code, now_ms):
        raise Unauthorized("The code of the authenticator app is missing or wrong", field="totp")


def _use(catalog: Catalog, user_id: str, code: str, now_ms: int) -> bool:
    try:
        return catalog.totp.use(user_id, code, now_ms)
    except NotFound as error:
        raise Unavailable(
            f"Codes cannot be checked: {error.message}. Print a link in the terminal instead:"
            " footfall user link",
            retry_after_s=RETRY_AFTER_S,
        ) from None


async def set_totp(asked: Asked) -> TotpRow:
    body: TotpBody = asked.body
    user, totp = asked.member.user, asked.catalog.totp
    if user.has_totp:
        raise Conflict("Codes are asked for already: end that first")
    await confirm(asked, body.current, "an app is set up")
    if body.secret is None and body.code is None:
        secret, uri = totp.new_secret(user.email)
        return TotpRow(active=False, secret=secret, uri=uri)

    def work() -> None:
        if not totp.begin(user.id, body.secret or "", body.code or "", asked.now):
            raise BadRequest("code does not belong to this secret, or is too old", field="code")
        asked.audit("set up TOTP")

    await asked.run(work)
    return TotpRow(active=True)


async def end_totp(asked: Asked) -> TotpRow:
    body: TotpEndBody = asked.body
    user, totp = asked.member.user, asked.catalog.totp
    await confirm(asked, body.current, "an app is turned off")
    asked.parts.by_account.count(f"totp {user.id}")

    def work() -> None:
        if not _use(asked.catalog, user.id, body.code, asked.now):
            raise BadRequest("code is wrong or was used before", field="code")
        totp.set(user.id, None)
        asked.audit("end TOTP")

    await asked.run(work)
    return TotpRow(active=False)


SECOND_FACTOR_CALLS = (
    ManageCall(
        method="POST",
        path="/me/totp",
        name="set_up_totp",
        summary="A new secret for an authenticator app or, with a code of it, ask for codes from"
        " now on",
        handler=set_totp,
        body=TotpBody,
        answer=TotpRow,
        who="viewer",
        scope="read",
        failures=("403", "409"),
    ),
    ManageCall(
        method="DELETE",
        path="/me/totp",
        name="end_totp",
        summary="Ask for no more codes of an authenticator app",
        handler=end_totp,
        body=TotpEndBody,
        answer=TotpRow,
        who="viewer",
        scope="read",
        failures=("403",),
    ),
)
