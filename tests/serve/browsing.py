"""A browser that signs in to the API: it keeps its cookies and sends what a page would send."""

from typing import Any

import httpx2

from footfall.catalog.table import WORKSPACE
from footfall.model.member import Member, Role
from footfall.model.website import Website
from footfall.serve.http.browser import CSRF_HEADER

from .conftest import NOON, Api

PASSWORD = "correct horse battery"
HOUR_MS = 3_600_000


def add_user(
    api: Api,
    email: str = "ann@example.com",
    role: Role = "owner",
    *,
    password: str | None = PASSWORD,
    workspace: str = WORKSPACE,
) -> Member:
    return api.catalog.users.add(
        email, email.partition("@")[0], password, role, workspace_id=workspace, now_ms=NOON
    )


class Browser:
    """One browser, at `origin`."""

    def __init__(self, api: Api, origin: str = "http://test", peer: str = "198.51.100.7") -> None:
        self.api = api
        self.origin = origin
        self.peer = peer
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.token = ""  # sent instead of a cookie

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self.csrf and method != "GET":
            headers[CSRF_HEADER] = self.csrf
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        headers |= options.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value is not None}
        answer = self.api.ask(
            method,
            path if path.startswith("/v0") else f"/api/v1{path}",
            headers=headers,
            base_url=self.origin,
            peer=self.peer,
            **options,
        )
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in line:
                del self.cookies[name]
        return answer

    def sign_in(
        self, email: str = "ann@example.com", password: str = PASSWORD, **body: Any
    ) -> httpx2.Response:
        answer = self.ask("POST", "/signin", json={"email": email, "password": password, **body})
        if answer.status_code == 200:
            self.csrf = answer.json()["data"]["csrf"]
        return answer

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return self.ask("GET", path, **options)


def signed_in(api: Api, role: Role = "owner", workspace: str = WORKSPACE) -> Browser:
    """A browser in which a new member of this role has signed in by a code."""
    member = add_user(api, f"{role}@{workspace}.example", role, password=None, workspace=workspace)
    browser = Browser(api)
    follow_link(browser, member)
    return browser


def follow_link(browser: Browser, member: Member) -> None:
    """Sign the member in, by a link as the terminal prints them."""
    api = browser.api
    code = api.catalog.codes.add(
        "link", member.user.id, expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms
    )
    answer = browser.ask("POST", "/signin/link", json={"code": code})
    assert answer.status_code == 200, answer.text
    browser.csrf = answer.json()["data"]["csrf"]


def opened(api: Api, website: Website, **body: Any) -> Browser:
    """A browser in which a new share link of the website is open."""
    maker = Browser(api)
    maker.token = api.token(None, "manage")
    made = maker.ask("POST", f"/shares?websiteId={website.public_id}", json=body)
    assert made.status_code == 200, made.text
    slug = made.json()["data"]["path"].removeprefix("/share/")
    browser = Browser(api)
    answer = browser.ask("POST", f"/shares/{slug}/open", json={"password": body.get("password")})
    assert answer.status_code == 200, answer.text
    browser.token = answer.json()["data"]["token"]
    return browser
