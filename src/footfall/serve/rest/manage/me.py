"""One's own account: name, password, preferences, sign-ins."""

from typing import Annotated

from msgspec import Meta

from footfall.catalog.user import email_key
from footfall.model.member import Member, SignIn, SignInMethod
from footfall.model.period import write_moment
from footfall.model.unit import Count, Moment, Payload
from footfall.serve.rest.manage.account import AccountRow, account_row
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import (
    Current,
    Password,
    check_current,
    check_fresh,
    confirm,
    is_fresh,
)

MAX_PREFERENCES = 50
_Key = Annotated[str, Meta(min_length=1, max_length=64)]
_Value = Annotated[str, Meta(max_length=1_000)]


class AccountBody(Body, frozen=True, kw_only=True):
    """What can be changed of an account. What is left out stays."""

    email: Annotated[str, Meta(max_length=254)] | None = None
    name: Annotated[str, Meta(max_length=100)] | None = None
    current: Current = None


class PasswordBody(Body, frozen=True, kw_only=True):
    """A new password."""

    password: Annotated[Password, Meta(description="10 to 256 characters")]
    current: Annotated[
        Password | None,
        Meta(
            description="The current password. Not needed within 15 minutes after signing in by a"
            " link. An account without one gets its first password within 15 minutes after any"
            " sign-in: later, the answer is 403"
        ),
    ] = None


class PreferencesBody(Body, frozen=True, kw_only=True):
    """All preferences; they replace those before."""

    preferences: Annotated[dict[_Key, _Value], Meta(max_length=MAX_PREFERENCES)]


class PreferencesRow(Payload, frozen=True, kw_only=True):
    """How the dashboard looks and behaves for this account."""

    preferences: dict[str, str]


class SignInRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """One browser that is signed in to this account."""

    id: str
    client: Annotated[str, Meta(description="Browser and system, as in Firefox on Linux")]
    method: SignInMethod
    created_at: Moment
    seen_at: Annotated[Moment, Meta(description="Its latest request, to within an hour")]
    expires_at: Moment
    current: Annotated[bool, Meta(description="Whether it is this browser")]


class PasswordChanged(Payload, frozen=True, kw_only=True, rename="camel"):
    """The password was changed."""

    message: str


class SignInsEnded(Payload, frozen=True, kw_only=True):
    """How many browsers were signed out."""

    ended: Count


async def read_me(asked: Asked) -> AccountRow:
    return account_row(asked, asked.member, asked.signed_in.csrf)


async def change_me(asked: Asked) -> AccountRow:
    body: AccountBody = asked.body
    user = asked.member.user
    is_new = body.email is not None and email_key(body.email) != email_key(user.email)
    if is_new:
        await confirm(asked, body.current, "an e-mail address is changed")

    def work() -> Member:
        asked.catalog.users.update(user.id, email=body.email, name=body.name)
        if body.email is not None and is_new:
            asked.audit("change e-mail address", people={"email": email_key(body.email)})
        if body.name is not None:  # entries show it, also earlier ones
            asked.audit("change name")
        return asked.catalog.users.member(user.id, asked.member.workspace_id)

    return account_row(asked, await asked.run(work), asked.signed_in.csrf)


async def change_password(asked: Asked) -> PasswordChanged:
    """It ends all other sign-ins."""
    body: PasswordBody = asked.body
    user, now_in = asked.member.user, asked.signed_in.sign_in
    if not user.has_password:
        check_fresh(asked, "a first password is set")
    elif not _is_fresh_link(now_in, asked.now):
        await check_current(asked, body.current)

    def work() -> None:
        asked.catalog.users.set_password(user.id, body.password, keep=now_in.id)
        asked.audit("change password")

    await asked.parts.hashing(work)
    return PasswordChanged(message="The password was changed; other browsers are signed out")


async def list_sign_ins(asked: Asked) -> list[SignInRow]:
    user_id, current = asked.member.user.id, asked.signed_in.sign_in.id
    found = await asked.run(lambda: asked.catalog.sign_ins.list(user_id, asked.now))
    return [
        SignInRow(
            id=each.id,
            client=each.client,
            method=each.method,
            created_at=write_moment(each.created_at),
            seen_at=write_moment(each.seen_at),
            expires_at=write_moment(each.expires_at),
            current=each.id == current,
        )
        for each in found
    ]


async def end_sign_in(asked: Asked) -> SignInsEnded:
    user_id, wanted = asked.member.user.id, asked.path("id")

    def work() -> None:
        asked.catalog.sign_ins.end(user_id, wanted)
        asked.audit("end sign-in", id=wanted)

    await asked.run(work)
    return SignInsEnded(ended=1)


async def end_other_sign_ins(asked: Asked) -> SignInsEnded:
    user_id, current = asked.member.user.id, asked.signed_in.sign_in.id

    def work() -> int:
        ended = asked.catalog.sign_ins.end_others(user_id, current)
        asked.audit("end other sign-ins", ended=str(ended))
        return ended

    return SignInsEnded(ended=await asked.run(work))


async def read_preferences(asked: Asked) -> PreferencesRow:
    return PreferencesRow(preferences=asked.member.user.preferences)


async def set_preferences(asked: Asked) -> PreferencesRow:
    body: PreferencesBody = asked.body
    user_id = asked.member.user.id
    await asked.run(lambda: asked.catalog.users.set_preferences(user_id, body.preferences))
    return PreferencesRow(preferences=body.preferences)


def _is_fresh_link(sign_in: SignIn, now_ms: int) -> bool:
    """Whether the member has just come by a link of the terminal: the way back in for someone who
    has lost the password."""
    return sign_in.method == "link" and is_fresh(sign_in, now_ms)


ME_CALLS = (
    ManageCall(
        method="GET",
        path="/me",
        name="read_me",
        summary="The account that is signed in, its websites, and the value that its writes carry",
        handler=read_me,
        answer=AccountRow,
        who="viewer",
        scope="read",
    ),
    ManageCall(
        method="PATCH",
        path="/me",
        name="change_me",
        summary="Change one's name or e-mail address",
        handler=change_me,
        body=AccountBody,
        answer=AccountRow,
        who="viewer",
        scope="read",
        failures=("403", "409"),
    ),
    ManageCall(
        method="PUT",
        path="/me/password",
        name="change_password",
        summary="Change one's password. All other browsers are signed out",
        handler=change_password,
        body=PasswordBody,
        answer=PasswordChanged,
        who="viewer",
        scope="read",
        failures=("403",),
    ),
    ManageCall(
        method="GET",
        path="/me/signins",
        name="list_sign_ins",
        summary="The browsers that are signed in to this account, the latest used first",
        handler=list_sign_ins,
        answer=SignInRow,
        is_list=True,
        who="viewer",
        scope="read",
    ),
    ManageCall(
        method="DELETE",
        path="/me/signins",
        name="end_other_sign_ins",
        summary="Sign all other browsers out",
        handler=end_other_sign_ins,
        answer=SignInsEnded,
        who="viewer",
        scope="read",
    ),
    ManageCall(
        method="DELETE",
        path="/me/signins/{id}",
        name="end_sign_in",
        summary="Sign one browser out",
        handler=end_sign_in,
        answer=SignInsEnded,
        who="viewer",
        scope="read",
        failures=("404",),
    ),
    ManageCall(
        method="GET",
        path="/preferences",
        name="read_preferences",
        summary="How the dashboard looks and behaves for this account",
        handler=read_preferences,
        answer=PreferencesRow,
        who="viewer",
        scope="read",
    ),
    ManageCall(
        method="PUT",
        path="/preferences",
        name="set_preferences",
        summary="Replace the preferences of this account",
        handler=set_preferences,
        body=PreferencesBody,
        answer=PreferencesRow,
        who="viewer",
        scope="read",
    ),
)
