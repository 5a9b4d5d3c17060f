"""Codes of an authenticator app, as the second thing that a sign-in by password needs."""

from typing import Annotated

from msgspec import Meta

from footfall.model.errors import BadRequest, Conflict, NotFound, Unauthorized, Unavailable
from footfall.model.unit import Count, Payload
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Current, confirm

RETRY_AFTER_S = 60
_Code = Annotated[str, Meta(max_length=16, description="Six digits, as the app shows them")]
_AnyCode = Annotated[
    str, Meta(max_length=64, description="Six digits, as the app shows them, or a recovery code")
]


class TotpBody(Body, frozen=True, kw_only=True):
    """Empty for a new secret; with the secret and a code of it, to ask for codes from now on."""

    secret: Annotated[str, Meta(max_length=64)] | None = None
    code: _Code | None = None
    current: Current = None


class TotpEndBody(Body, frozen=True, kw_only=True):
    """A code, to ask for no more codes."""

    code: _AnyCode
    current: Current = None


class RecoveryBody(Body, frozen=True, kw_only=True):
    """A code, to replace the recovery codes."""

    code: _AnyCode
    current: Current = None


class RecoveryRow(Payload, frozen=True, kw_only=True):
    """New recovery codes. Those before are no longer valid."""

    codes: Annotated[list[str], Meta(description="Each signs in once; shown now, never again")]


class TotpStatus(Payload, frozen=True, kw_only=True, rename="camel"):
    """Whether codes of an app are asked for, and how many recovery codes are left."""

    active: bool
    recovery_codes: Annotated[Count, Meta(description="How many of them are left")]


class TotpRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """Whether codes are asked for, or the secret to set up an app with."""

    active: bool
    secret: Annotated[str | None, Meta(description="To be typed into the app")] = None
    uri: Annotated[str | None, Meta(description="To be shown as a QR code")] = None
    recovery_codes: Annotated[
        list[str] | None,
        Meta(description="When it is turned on: each signs in once; shown now, never again"),
    ] = None


def check_second_factor(asked: Asked, user_id: str, code: str | None) -> None:
    """A code of the app, or a recovery code. Raises Unauthorized unless it is right and was not
    used before, and Unavailable if the key to the stored secrets is lost."""
    if not code or not _use(asked, user_id, code):
        raise Unauthorized("The code of the authenticator app is missing or wrong", field="totp")


def _use(asked: Asked, user_id: str, code: str) -> bool:
    catalog = asked.catalog
    if catalog.recovery.use(user_id, code):
        places = catalog.users.memberships(user_id)
        if places:  # nobody signs in to an account that has been removed
            left = str(catalog.recovery.count(user_id))
            asked.audit("use recovery code", member=places[0], left=left)
        return True
    try:
        return catalog.totp.use(user_id, code, asked.now)
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

    def work() -> list[str]:
        codes = totp.begin(user.id, body.secret or "", body.code or "", asked.now)
        if codes is None:
            raise BadRequest("code does not belong to this secret, or is too old", field="code")
        asked.audit("set up TOTP")
        return codes

    return TotpRow(active=True, recovery_codes=await asked.run(work))


async def read_totp(asked: Asked) -> TotpStatus:
    user = asked.member.user
    left = await asked.run(lambda: asked.catalog.recovery.count(user.id))
    return TotpStatus(active=user.has_totp, recovery_codes=left)


async def renew_recovery_codes(asked: Asked) -> RecoveryRow:
    body: RecoveryBody = asked.body
    user = asked.member.user
    if not user.has_totp:
        raise Conflict("Recovery codes replace those of an app: set one up first")
    await confirm(asked, body.current, "recovery codes are made")
    _count_code(asked)

    def work() -> list[str]:
        _check_code(asked, body.code)
        codes = asked.catalog.recovery.renew(user.id)
        asked.audit("make recovery codes")
        return codes

    return RecoveryRow(codes=await asked.run(work))


async def end_totp(asked: Asked) -> TotpRow:
    body: TotpEndBody = asked.body
    user, totp = asked.member.user, asked.catalog.totp
    await confirm(asked, body.current, "an app is turned off")
    _count_code(asked)

    def work() -> None:
        _check_code(asked, body.code)
        totp.set(user.id, None)
        asked.audit("end TOTP")

    await asked.run(work)
    return TotpRow(active=False)


def _count_code(asked: Asked) -> None:
    """Of what is guessed while signed in. Raises TooManyRequests."""
    asked.parts.by_account.count(f"totp {asked.member.user.id}")


def _check_code(asked: Asked, code: str) -> None:
    """As `check_second_factor`, of an account that is signed in."""
    if not _use(asked, asked.member.user.id, code):
        raise BadRequest("code is wrong or was used before", field="code")


SECOND_FACTOR_CALLS = (
    ManageCall(
        method="GET",
        path="/me/totp",
        name="read_totp",
        summary="Whether codes of an authenticator app are asked for, and how many recovery codes"
        " are left",
        handler=read_totp,
        answer=TotpStatus,
        who="viewer",
        scope="read",
    ),
    ManageCall(
        method="POST",
        path="/me/totp/recovery",
        name="renew_recovery_codes",
        summary="Make ten new recovery codes, with a code of the app or a recovery code that is"
        " left. Those before are no longer valid",
        handler=renew_recovery_codes,
        body=RecoveryBody,
        answer=RecoveryRow,
        who="viewer",
        scope="read",
        failures=("403", "409"),
    ),
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
