"""Whether it is really the account's owner who changes how one signs in to it, or hands out rights.

An open browser that somebody finds must not become a way in, so a sign-in that is not new proves
too little.
"""

from typing import Annotated

from msgspec import Meta

from footfall.model.errors import BadRequest, Forbidden
from footfall.model.member import SignIn
from footfall.serve.rest.manage.call import Asked

FRESH_MS = 15 * 60_000
Password = Annotated[str, Meta(max_length=1024)]
Current = Annotated[
    Password | None,
    Meta(
        description="The account's password. Not needed within 15 minutes after signing in. An"
        " account without one may do this only within that time: later, the answer is 403"
    ),
]


def is_fresh(sign_in: SignIn, now_ms: int) -> bool:
    """Whether somebody has just signed in."""
    return 0 <= now_ms - sign_in.created_at < FRESH_MS


def check_fresh(asked: Asked, what: str) -> None:
    """For an account without a password, where there is nothing to ask for. Raises Forbidden if the
    sign-in is not fresh, saying that `what` needs one that is."""
    if not is_fresh(asked.signed_in.sign_in, asked.now):
        raise Forbidden(
            f"Sign in again: {what} within {FRESH_MS // 60_000} minutes after signing in"
        )


async def confirm(asked: Asked, current: str | None, what: str) -> None:
    """Nothing is asked for while the sign-in is fresh; later it is the account's password. `what`
    is what needs this, as in "a passkey is added". Raises as `check_fresh` and `check_current`."""
    if not asked.member.user.has_password:
        check_fresh(asked, what)
    elif not is_fresh(asked.signed_in.sign_in, asked.now):
        await check_current(asked, current)


async def confirm_grant(asked: Asked, current: str | None, what: str) -> None:
    """As `confirm`, for what tokens may do, too: they have no sign-in that could be old."""
    if asked.admitted.signed_in is not None:
        await confirm(asked, current, what)


async def check_current(asked: Asked, current: str | None) -> None:
    """Raises BadRequest naming the field unless it is the account's password, TooManyRequests after
    too many wrong ones."""
    user, users = asked.member.user, asked.catalog.users
    if current is None:
        raise BadRequest("current is missing: send the current password", field="current")
    # not that of the sign-in, or anybody could lock out the owner, who is signed in already
    key = f"current {user.id}"
    asked.parts.by_account.count(key)
    found = await asked.parts.hashing(lambda: users.check(user.email, current))
    if found is None:
        raise BadRequest("current is not the current password", field="current")
    asked.parts.by_account.forget(key)
