"""Whether it is really the account's owner who changes how one signs in to it."""

from footfall.catalog.user import email_key
from footfall.model.errors import BadRequest
from footfall.model.member import SignIn
from footfall.serve.rest.manage.call import Asked

FRESH_MS = 15 * 60_000


def is_fresh(sign_in: SignIn, now_ms: int) -> bool:
    """Whether somebody has just signed in."""
    return 0 <= now_ms - sign_in.created_at < FRESH_MS


async def check_current(asked: Asked, current: str | None) -> None:
    """Raises BadRequest naming the field unless it is the account's password, TooManyRequests after
    too many wrong ones."""
    user, users = asked.member.user, asked.catalog.users
    if current is None:
        raise BadRequest("current is missing: send the password until now", field="current")
    key = email_key(user.email)
    asked.parts.by_account.count(key)
    found = await asked.parts.hashing(lambda: users.check(user.email, current))
    if found is None:
        raise BadRequest("current is not the password until now", field="current")
    asked.parts.by_account.forget(key)
