"""`footfall user`: who may sign in to the dashboard."""

import sys
from contextlib import suppress
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.prompt import Prompt
from rich.table import Table

from footfall.catalog import Catalog
from footfall.catalog.table import WORKSPACE
from footfall.catalog.user import check_role, email_key
from footfall.cli.folder import AsJson, Data, open_catalog, print_json, settings_of
from footfall.cli.live import find_server
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.model.errors import BadRequest, NotFound, Unavailable
from footfall.model.member import ROLES, Member
from footfall.model.period import write_moment

app = App(name="user", help="Create users and links to sign in, and repair lost passwords.")
console = Console(highlight=False)
MINUTE_MS = 60_000
LINK_LIVES_MS = 15 * MINUTE_MS
SETUP_LIVES_MS = 7 * 24 * 60 * MINUTE_MS

PasswordStdin = Annotated[
    bool,
    Parameter(negative=(), show_default=False, help="Read the password from standard input."),
]


@app.command
def create(
    email: str,
    /,
    *,
    name: Annotated[str | None, Parameter(help="Their name. Default: the e-mail address.")] = None,
    role: Annotated[str, Parameter(help=f"One of {', '.join(ROLES)}.")] = "viewer",
    password_stdin: PasswordStdin = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Create a user. Without a password, print a link that signs them in once."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with open_catalog(data, is_made=True) as catalog:
        member = catalog.users.add(
            email,
            name or email[:100],
            password,
            check_role(role),
            workspace_id=WORKSPACE,
            now_ms=now_ms(),
        )
        _audit(catalog, "create user", member)
        link = "" if password else _link(catalog, member, _address(data))
    if as_json:
        print_json(_public(member) | ({"link": link} if link else {}))
        return
    console.print(f"{member.user.email} is {member.role} now.", markup=False)
    if link:
        _print_link(link)


@app.command(name="list")
def list_(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the users and their roles."""
    with open_catalog(data) as catalog:
        members = catalog.users.members(WORKSPACE)
    if as_json:
        print_json([_public(member) for member in members])
        return
    if not members:
        console.print("There is no user yet. Print the link to set up: footfall user link")
        return
    table = Table("E-mail", "Name", "Role", "Joined", "ID", box=None)
    for member in members:
        user = member.user
        joined = write_moment(member.joined_at)[:10]
        table.add_row(user.email, user.name, member.role, joined, user.id)
    console.print(table, markup=False)


@app.command
def link(
    email: Annotated[str | None, Parameter(help="Not needed if there is one user.")] = None,
    /,
    *,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs a user in once, within 15 minutes.

    Before there is an owner, print the link to set the server up.
    """
    with open_catalog(data) as catalog:
        address = _address(data)
        if email is None and not catalog.users.has_owner():
            printed = setup_link(catalog, address)
        else:
            printed = _link(catalog, _find(catalog, email), address)
    if as_json:
        print_json({"link": printed})
        return
    _print_link(printed)


@app.command
def password(
    email: str,
    /,
    *,
    password_stdin: PasswordStdin = False,
    without_totp: Annotated[
        bool,
        Parameter(
            negative=(), show_default=False, help="Ask for no more codes of an authenticator app."
        ),
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set a user's password, and sign them out everywhere."""
    with open_catalog(data) as catalog:
        member = _find(catalog, email)
        given = _ask_password(is_piped=password_stdin)
        catalog.users.set_password(member.user.id, given)
        if without_totp:
            catalog.totp.set(member.user.id, None)
        _audit(catalog, "set password", member)
    if as_json:
        print_json({"id": member.user.id, "passwordSet": True})
        return
    console.print(f"The password of {member.user.email} was set.", markup=False)


@app.command
def delete(email: str, /, *, data: Data = None, as_json: AsJson = False) -> None:
    """Delete a user and sign them out everywhere. The last owner cannot be deleted."""
    with open_catalog(data) as catalog:
        member = _find(catalog, email)
        catalog.users.remove(member.user.id, member.workspace_id)
        _audit(catalog, "remove member", member)
        with suppress(Unavailable):  # a server is reading: its next clean-up does it
            catalog.wipe_freed_pages()
    if as_json:
        print_json({"id": member.user.id, "deleted": True})
        return
    console.print(f"{member.user.email} was deleted.", markup=False)


def setup_link(catalog: Catalog, address: str) -> str:
    """The link to set a server up. An earlier one no longer works."""
    now = now_ms()
    code = catalog.codes.add("setup", expires_at=now + SETUP_LIVES_MS, now_ms=now)
    return f"{address}/setup#code={code}"


def sign_in_link(
    catalog: Catalog, member: Member, address: str, *, lives_ms: int, is_local: bool = False
) -> str:
    """A link that signs a user in once. An earlier one of the same user no longer works."""
    now = now_ms()
    code = catalog.codes.add(
        "link", member.user.id, is_local=is_local, expires_at=now + lives_ms, now_ms=now
    )
    return f"{address}/signin#code={code}"


def public_address(settings: Settings, address: str) -> str:
    """Where people reach the server that listens on an address."""
    return settings.public_url or address


def _address(data: str | None) -> str:
    """Of the server that runs on a data folder, else of one with these settings."""
    settings = settings_of(data)
    server = find_server(settings.folder)
    return public_address(settings, server.url if server else f"http://127.0.0.1:{settings.port}")


def _link(catalog: Catalog, member: Member, address: str) -> str:
    found = sign_in_link(catalog, member, address, lives_ms=LINK_LIVES_MS)
    _audit(catalog, "print link", member)
    return found


def _print_link(link: str) -> None:
    console.print("Open this link in a browser. It works once:")
    console.print(f"  {link}", markup=False, soft_wrap=True)


def _find(catalog: Catalog, email: str | None) -> Member:
    members = catalog.users.members(WORKSPACE)
    if email is None:
        if len(members) == 1:
            return members[0]
        raise BadRequest("there are several users: pass the e-mail address of one")
    for member in members:
        if email_key(member.user.email) == email_key(email):
            return member
    raise NotFound(f"there is no user {email!r}: footfall user list", field="email")


def _ask_password(*, is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask for the password: pass --password-stdin")
    given = Prompt.ask("New password", password=True, console=console)
    if Prompt.ask("Again", password=True, console=console) != given:
        raise BadRequest("the passwords differ: nothing was changed")
    return given


def _audit(catalog: Catalog, action: str, member: Member) -> None:
    catalog.audit.add(
        None,
        "cli",
        action,
        filters={"user": member.user.id, "role": member.role},
        people={"email": email_key(member.user.email)},
        counts={},
        now_ms=now_ms(),
    )


def _public(member: Member) -> dict[str, object]:
    user = member.user
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": member.role,
        "joinedAt": write_moment(member.joined_at),
        "hasPassword": user.has_password,
        "hasTotp": user.has_totp,
    }
