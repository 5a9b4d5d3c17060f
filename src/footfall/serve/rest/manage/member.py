"""Members of a workspace, and invitations to it."""

from contextlib import suppress
from typing import Annotated

from msgspec import Meta

from footfall.catalog.invite import Invite, claim
from footfall.catalog.user import check_may_grant, check_role, email_key
from footfall.model.errors import BadRequest, Conflict, Forbidden, Unavailable
from footfall.model.member import ROLES, Member, Role
from footfall.model.period import write_moment
from footfall.model.unit import Moment, Payload
from footfall.serve.rest.manage.account import AccountRow, account_row, sign_in
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Current, Password, confirm_grant

_Email = Annotated[str, Meta(max_length=254)]
_Name = Annotated[str, Meta(max_length=100)]


class MemberRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A member of the workspace."""

    id: str
    email: str
    name: str
    role: Role
    joined_at: Moment
    has_totp: Annotated[bool, Meta(description="Whether sign-ins also need a code of an app")]


class MemberBody(Body, frozen=True, kw_only=True):
    """A new member. An invitation lets them choose a password of their own."""

    email: _Email
    name: _Name
    password: Annotated[Password, Meta(description="10 to 256 characters")]
    role: Role
    current: Current = None


class RoleBody(Body, frozen=True, kw_only=True):
    """A member's new role. Only a higher one may need `current`."""

    role: Role
    current: Current = None


class InviteBody(Body, frozen=True, kw_only=True):
    """Whom to invite."""

    role: Role
    email: Annotated[
        _Email | None, Meta(description="Only this address; without it whoever has the link")
    ] = None
    current: Current = None


class AcceptBody(Body, frozen=True, kw_only=True):
    """A new account. Empty for somebody who is signed in."""

    email: _Email | None = None
    name: _Name | None = None
    password: Annotated[Password, Meta(description="10 to 256 characters")] | None = None


class InviteRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """An invitation that was not used yet."""

    id: str
    email: str | None
    role: Role
    created_at: Moment
    expires_at: Moment
    path: Annotated[
        str | None, Meta(description="Of the link; shown when the invitation is made, never again")
    ] = None
    url: Annotated[
        str | None, Meta(description="The link, where the server's own address is known for sure")
    ] = None


class InvitedTo(Payload, frozen=True, kw_only=True, rename="camel"):
    """What an invitation is for."""

    workspace: str
    email: str | None
    role: Role
    expires_at: Moment


class Removed(Payload, frozen=True, kw_only=True):
    """It is gone."""

    id: str


async def list_members(asked: Asked) -> list[MemberRow]:
    workspace_id = asked.admitted.token.workspace_id
    return [_row(each) for each in await asked.run(lambda: _members(asked, workspace_id))]


async def add_member(asked: Asked) -> MemberRow:
    body: MemberBody = asked.body
    check_may_grant(_granter(asked), body.role)
    await confirm_grant(asked, body.current, "a member is added")

    def work() -> Member:
        member = asked.catalog.users.add(
            body.email,
            body.name,
            body.password,
            body.role,
            workspace_id=asked.admitted.token.workspace_id,
            now_ms=asked.now,
        )
        _audit(asked, "add member", member)
        return member

    return _row(await asked.parts.hashing(work))


async def change_member(asked: Asked) -> MemberRow:
    body: RoleBody = asked.body
    workspace_id, user_id = asked.admitted.token.workspace_id, asked.path("id")

    def find() -> Member:
        member = asked.catalog.users.member(user_id, workspace_id)
        _check_may_change(asked, member)
        return member

    before = await asked.run(find)
    check_may_grant(_granter(asked), body.role)
    if _is_raise(before.role, body.role):
        await confirm_grant(asked, body.current, "a member's role is raised")

    def work() -> Member:
        if find().role != before.role:  # while the password was checked
            raise Conflict("The role has just been changed by somebody else: load the page again")
        member = asked.catalog.users.set_role(user_id, workspace_id, body.role)
        _audit(asked, "change role", member)
        return member

    return _row(await asked.run(work))


async def remove_member(asked: Asked) -> Removed:
    workspace_id, user_id = asked.admitted.token.workspace_id, asked.path("id")

    def work() -> None:
        member = asked.catalog.users.member(user_id, workspace_id)
        _check_may_change(asked, member)
        asked.catalog.users.remove(user_id, workspace_id)
        _audit(asked, "remove member", member)
        with suppress(Unavailable):  # somebody is reading: the daily clean-up does it
            asked.catalog.wipe_freed_pages()

    await asked.run(work)
    return Removed(id=user_id)


async def list_invites(asked: Asked) -> list[InviteRow]:
    workspace_id = asked.admitted.token.workspace_id
    found = await asked.run(lambda: asked.catalog.invites.pending(workspace_id, asked.now))
    return [_invite_row(each) for each in found]


async def invite(asked: Asked) -> InviteRow:
    body: InviteBody = asked.body
    check_may_grant(_granter(asked), body.role)
    await confirm_grant(asked, body.current, "somebody is invited")
    token = asked.admitted.token

    def work() -> tuple[str, Invite]:
        code, made = asked.catalog.invites.add(
            token.workspace_id, body.role, body.email or "", token.actor, now_ms=asked.now
        )
        people = {"email": email_key(made.email)} if made.email else None
        asked.audit("invite", people=people, role=made.role, invite=made.id)
        return code, made

    code, made = await asked.run(work)
    path = f"/invite/{code}"
    return _invite_row(made, path, asked.api.browsers.link(asked.request, path))


async def withdraw_invite(asked: Asked) -> Removed:
    workspace_id, invite_id = asked.admitted.token.workspace_id, asked.path("code")

    def work() -> None:
        asked.catalog.invites.withdraw(workspace_id, invite_id)
        asked.audit("withdraw invitation", invite=invite_id)

    await asked.run(work)
    return Removed(id=invite_id)


async def read_invite(asked: Asked) -> InvitedTo:
    found = await asked.run(lambda: asked.catalog.invites.find(asked.path("code"), asked.now))
    names = {each.id: each.name for each in asked.api.registry.workspaces()}
    return InvitedTo(
        workspace=names.get(found.workspace_id, found.workspace_id),
        email=found.email or None,
        role=found.role,
        expires_at=write_moment(found.expires_at),
    )


async def accept_invite(asked: Asked) -> AccountRow:
    """With a new account or, for somebody who is signed in, with that one."""
    found = await asked.run(lambda: asked.catalog.invites.find(asked.path("code"), asked.now))
    signed_in = asked.api.browsers.find(asked.request)
    if signed_in is not None:
        user = signed_in.member.user

        def join() -> Member:
            member = asked.catalog.users.join(
                user.id,
                found.workspace_id,
                found.role,
                claim(found, user.email),
                now_ms=asked.now,
            )
            _audit(asked, "accept invitation", member, by=member)
            return member

        return account_row(asked, await asked.run(join), signed_in.csrf)
    member = await asked.parts.hashing(lambda: _new_account(asked, found))
    return await sign_in(asked, member.user.id, "invite")


def _new_account(asked: Asked, invite: Invite) -> Member:
    body: AcceptBody = asked.body
    for field in ("email", "name", "password"):
        if not getattr(body, field):
            raise BadRequest(f"{field} is missing; an account needs it", field=field)
    email = body.email or ""
    member = asked.catalog.users.add(
        email,
        body.name or "",
        body.password or "",
        invite.role,
        workspace_id=invite.workspace_id,
        now_ms=asked.now,
        claim=claim(invite, email),
    )
    _audit(asked, "accept invitation", member, by=member)
    return member


def _members(asked: Asked, workspace_id: str) -> list[Member]:
    return asked.catalog.users.members(workspace_id)


def _granter(asked: Asked) -> Role:
    """The role by which somebody acts; a token is an admin."""
    signed_in = asked.admitted.signed_in
    return check_role(signed_in.member.role if signed_in else "admin")


def _is_raise(before: Role, after: Role) -> bool:
    return ROLES.index(after) < ROLES.index(before)


def _check_may_change(asked: Asked, member: Member) -> None:
    if member.role == "owner" and _granter(asked) != "owner":
        raise Forbidden("Only an owner can change or remove an owner")


def _audit(asked: Asked, action: str, member: Member, by: Member | None = None) -> None:
    people = {"email": email_key(member.user.email)}
    asked.audit(action, people=people, member=by, user=member.user.id, role=member.role)


def _row(member: Member) -> MemberRow:
    return MemberRow(
        id=member.user.id,
        email=member.user.email,
        name=member.user.name,
        role=member.role,
        joined_at=write_moment(member.joined_at),
        has_totp=member.user.has_totp,
    )


def _invite_row(invite: Invite, path: str | None = None, url: str | None = None) -> InviteRow:
    return InviteRow(
        id=invite.id,
        email=invite.email or None,
        role=invite.role,
        created_at=write_moment(invite.created_at),
        expires_at=write_moment(invite.expires_at),
        path=path,
        url=url,
    )


MEMBER_CALLS = (
    ManageCall(
        method="GET",
        path="/members",
        name="list_members",
        summary="The members of the workspace, in the order in which they joined",
        handler=list_members,
        answer=MemberRow,
        is_list=True,
        who="admin",
    ),
    ManageCall(
        method="POST",
        path="/members",
        name="add_member",
        summary="Create an account for a member. An invitation is better: then nobody else knows"
        " the password",
        handler=add_member,
        body=MemberBody,
        answer=MemberRow,
        who="admin",
        failures=("409",),
    ),
    ManageCall(
        method="PATCH",
        path="/members/{id}",
        name="change_member",
        summary="Change a member's role. Only an owner can make, change or remove an owner",
        handler=change_member,
        body=RoleBody,
        answer=MemberRow,
        who="admin",
        failures=("404", "409"),
    ),
    ManageCall(
        method="DELETE",
        path="/members/{id}",
        name="remove_member",
        summary="Remove a member, and the account if it has no other workspace",
        handler=remove_member,
        answer=Removed,
        who="admin",
        failures=("404", "409"),
    ),
    ManageCall(
        method="GET",
        path="/invites",
        name="list_invites",
        summary="The invitations that were not used yet, the newest first",
        handler=list_invites,
        answer=InviteRow,
        is_list=True,
        who="admin",
    ),
    ManageCall(
        method="POST",
        path="/invites",
        name="invite",
        summary="Invite somebody by a link, which works once within 7 days",
        handler=invite,
        body=InviteBody,
        answer=InviteRow,
        who="admin",
    ),
    ManageCall(
        method="DELETE",
        path="/invites/{code}",
        name="withdraw_invite",
        summary="Withdraw an invitation; {code} is its id",
        handler=withdraw_invite,
        answer=Removed,
        who="admin",
        failures=("404",),
    ),
    ManageCall(
        method="GET",
        path="/invites/{code}",
        name="read_invite",
        summary="What an invitation is for",
        handler=read_invite,
        answer=InvitedTo,
        who="anonymous",
        failures=("404",),
    ),
    ManageCall(
        method="POST",
        path="/invites/{code}",
        name="accept_invite",
        summary="Join a workspace with a new account, or with the one that is signed in",
        handler=accept_invite,
        body=AcceptBody,
        answer=AccountRow,
        who="anonymous",
        failures=("403", "404", "409"),
    ),
)
