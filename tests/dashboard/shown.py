"""The dashboard in a browser: signed in, looked at in both themes and sizes, never leaving home."""

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from browser import WAIT_S, leave_pages
from dashboard.accessible import violations
from dashboard.kept_context import hearing, kept_context
from e2e.server import Server
from new_catalog import open_catalog
from playwright.sync_api import APIResponse, Browser, Page, Request
from selection import IS_ALL, SEED
from sqlalchemy import update

from footfall.catalog.access_table import SIGN_INS
from footfall.catalog.catalog import WORKSPACE
from footfall.catalog.database import writing
from footfall.clock import now_ms
from footfall.model.member import Member, Role

PASSWORD = "correct horse battery"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOK: dict[str, Any] = {"viewport": DESKTOP, "reduced_motion": "reduce"}
"""Without motion, colours are at once what they will be."""
NASTY = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\u202eevil\u202c \u200f\u2067abc\u2069",
    "🦄🏳️\u200d🌈 é",
    "W" * 2000,
)
"""What may not be more than text: markup, quotes, RTL marks, emoji, and a very long word."""
THEMES = ("light", "dark")


def add_member(
    server: Server,
    email: str = "ann@example.com",
    role: Role = "owner",
    *,
    name: str = "Ann Archer",
    password: str | None = PASSWORD,
) -> Member:
    with server.catalog() as catalog:
        return catalog.users.add(
            email, name, password, role, workspace_id=WORKSPACE, now_ms=now_ms()
        )


def with_websites(folder: Path, *domains: str) -> Path:
    """A data folder whose server has these websites when it starts. It notices later ones after up
    to a second, and until then its pages lead to the set-up."""
    with closing(open_catalog(folder)) as catalog:
        for domain in domains:
            catalog.add_website(domain, now_ms=now_ms())
    return folder


def link_code(server: Server, member: Member) -> str:
    """A code that signs the member in once."""
    with server.catalog() as catalog:
        now = now_ms()
        return catalog.codes.add("link", member.user.id, expires_at=now + 600_000, now_ms=now)


@contextmanager
def looking(chromium: Browser, server: Server, **options: object) -> Iterator[Page]:
    """A tab of a browser that nobody is signed in to. It fails if a request leaves the server's
    origin or a script of a page fails."""
    wrong: list[str] = []
    given = LOOK | {"base_url": server.url} | options
    with (
        kept_context(chromium, server.url, **given) as context,
        hearing(
            context,
            request=lambda request: _check_origin(request, server, wrong),
            weberror=lambda error: wrong.append(str(error.error)),
        ),
    ):
        tab = context.new_page()
        tab.set_default_timeout(WAIT_S * 1000)
        yield tab
        leave_pages(context)
    assert not wrong, wrong


def _check_origin(request: Request, server: Server, wrong: list[str]) -> None:
    url = urlsplit(request.url)
    if url.scheme in ("http", "https") and f"{url.scheme}://{url.netloc}" != server.url:
        wrong.append(f"a request left the server: {request.url}")


def sign_in(tab: Page, server: Server, member: Member, path: str = "/") -> None:
    """Sign in with the code of a link, and open a page. It takes no page to sign in: that is what
    `test_sign_in_page` tries."""
    while (answer := _sign_in(tab, server, member)).status == 429:  # 30 attempts in five minutes
        time.sleep(int(answer.headers["retry-after"]))
    assert answer.ok, answer.text()
    tab.goto(path)


def _sign_in(tab: Page, server: Server, member: Member) -> APIResponse:
    return tab.context.request.post(
        f"{server.url}/api/v1/signin/link",
        data={"code": link_code(server, member)},
        headers={"Origin": server.url, "Sec-Fetch-Site": "same-origin"},
    )


def age(server: Server, member: Member) -> None:
    """Make the member's sign-ins an hour old."""
    with server.catalog() as catalog, writing(catalog.database) as connection:
        of_member = SIGN_INS.c.user_id == member.user.id
        earlier = {"created_at": SIGN_INS.c.created_at - 3_600_000}
        connection.execute(update(SIGN_INS).where(of_member).values(earlier))


def check_accessible(tab: Page) -> None:
    """Fail with what axe finds, in both themes."""
    for theme in THEMES:
        _check_theme(tab, theme)


def _check_theme(tab: Page, theme: str) -> None:
    tab.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    found = violations(tab)
    assert not found, f"{tab.url}, {theme}: {json.dumps(found, indent=1)}"


def check_looks(tab: Page) -> None:
    """Accessible in both themes and without sideways scrolling, on a desktop and on a phone.
    `make test` asks axe in one theme at one size, another one for each test and run."""
    before = tab.viewport_size or DESKTOP
    choice = random.Random(f"{SEED} {os.environ['PYTEST_CURRENT_TEST']}")
    chosen = choice.choice((DESKTOP, PHONE)), choice.choice(THEMES)
    for size in (DESKTOP, PHONE):
        tab.set_viewport_size(size)
        for theme in THEMES:
            if IS_ALL or (size, theme) == chosen:
                _check_theme(tab, theme)
        check_width(tab)
    tab.set_viewport_size(before)


def check_width(tab: Page) -> None:
    """Nothing makes the page wider than the window, once the charts are drawn in its new size."""
    give_up_at = time.monotonic() + 10
    while (wide := tab.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        message = f"{tab.url} is {wide} px too wide for {tab.viewport_size}"
        assert time.monotonic() < give_up_at, message
        tab.wait_for_timeout(50)
