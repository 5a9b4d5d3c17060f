"""How the dashboard is served: one page for all addresses, packed assets, strict headers."""

import asyncio
import gzip
from pathlib import Path

import httpx2
import pytest

from footfall.collect.header import accepts
from footfall.config import read_settings
from footfall.serve.dashboard import CONTENT_SECURITY_POLICY, FOLDERS, Dashboard
from footfall.serve.dispatcher import Dispatcher

SCRIPT = b"export {};" * 400
HTML = b"<!doctype html><title>Footfall</title>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_bytes(HTML)
    (tmp_path / "manifest.json").write_bytes(b"{}")
    (assets / "index-1a2b.js").write_bytes(SCRIPT)
    (assets / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "index-1a2b.js.br").write_bytes(b"as Brotli packs it")
    return tmp_path


def ask(folder: Path, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
    async def go() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=Dashboard(folder))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            plain = {"Accept-Encoding": "identity"} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            async with client.stream(method, path, headers=plain) as response:
                body = b"".join([piece async for piece in response.aiter_raw()])
        return httpx2.Response(
            response.status_code,
            content=body,
            headers=[
                pair for pair in response.headers.multi_items() if pair[0] != "content-encoding"
            ]
            + [("x-coding", response.headers.get("content-encoding", ""))],
        )

    return asyncio.run(go())


@pytest.mark.parametrize("path", ["/", "/w/a.example/flow", "/signin", "/share/x", "/setup"])
def test_every_page_is_the_same_document(folder: Path, path: str) -> None:
    answer = ask(folder, path)
    assert (answer.status_code, answer.content) == (200, HTML)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "is_asked"),
    [
        ("/", True),
        ("/w/a.example/flow", True),
        ("/members", True),
        ("/signin", False),
        ("/share/x", False),
        ("/assets/none.js", False),
    ],
)
def test_pages_of_members_say_at_once_that_they_ask_who_is_signed_in(
    folder: Path, path: str, is_asked: bool
) -> None:
    link = ask(folder, path).headers.get("link", "")
    assert link == ("</api/v1/me>; rel=preload; as=fetch; crossorigin" if is_asked else "")


def test_the_policy_allows_nothing_inline_and_no_other_origin() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js", "/assets/none.js"])
def test_each_answer_has_the_security_headers(folder: Path, path: str) -> None:
    headers = ask(folder, path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", ""),
        ("brotli", ""),
    ],
)
def test_assets_are_sent_in_the_smallest_form_that_is_accepted(
    folder: Path, accepted: str, coding: str
) -> None:
    answer = ask(folder, "/assets/index-1a2b.js", Accept_Encoding=accepted)
    assert answer.headers["x-coding"] == coding
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "accept-encoding"
    forms = {"": SCRIPT, "gzip": gzip.compress(SCRIPT), "br": b"as Brotli packs it"}
    assert len(answer.content) == len(forms[coding])


def test_what_a_browser_has_is_not_sent_again(folder: Path) -> None:
    etag = ask(folder, "/").headers["etag"]
    again = ask(folder, "/", If_None_Match=etag)
    assert (again.status_code, again.content) == (304, b"")
    assert ask(folder, "/", If_None_Match='"other"').status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/assets/none.js", "/assets", "/assets/../index.html", "/assets/%2e%2e/manifest.json",
     "/assets/index-1a2b.js.gz", "/assets/", "//index.html"],
)  # fmt: skip
def test_nothing_else_is_served(folder: Path, path: str) -> None:
    async def go() -> int:
        sent: list[int] = []

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                assert isinstance(message["status"], int)
                sent.append(message["status"])

        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        await Dashboard(folder)(scope, None, send)  # type: ignore[arg-type]
        return sent[0]

    assert asyncio.run(go()) == 404


def test_writing_is_refused(folder: Path) -> None:
    answer = ask(folder, "/w/a.example", method="POST")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_without_a_build_pages_say_so(tmp_path: Path) -> None:
    answer = ask(tmp_path / "none", "/w/a.example")
    assert answer.status_code == 503
    assert "make dashboard" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert not Dashboard(tmp_path / "none").is_built


def test_the_dashboard_has_only_its_own_addresses(folder: Path) -> None:
    dashboard, other = Dashboard(folder), Dashboard(folder)
    settings = read_settings({}, {})
    parts = {"collect": other, "tracker": other, "other": other}

    async def nothing() -> None:
        pass

    dispatcher = Dispatcher(settings, **parts, start=nothing, stop=nothing)
    for name in FOLDERS:
        dispatcher.mount(f"/{name}", dashboard)
    found = dispatcher._find
    assert all(found(path) is dashboard for path in ("/", "/w/x", "/assets/a.js", "/signin"))
    outside = ("/api/v1/overview", "/v0/flow", "/events", "/js/main.js", "/health", "/web", "/x")
    assert all(found(path) is other for path in outside)


@pytest.mark.parametrize(
    ("header", "is_accepted"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("deflate, gzip;q=1.0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_a_coding_is_accepted_only_as_the_client_says(header: str, is_accepted: bool) -> None:
    assert accepts(header, "gzip") == is_accepted


def test_only_hosts_of_a_share_link_may_embed_it(folder: Path) -> None:
    hosts = {"aB3": ("www.example.com", "example.org")}
    dashboard = Dashboard(folder, lambda slug: hosts.get(slug, ()))

    async def policy_of(path: str) -> str:
        transport = httpx2.ASGITransport(app=dashboard)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            policy: str = (await client.get(path)).headers["content-security-policy"]
        return policy.partition("frame-ancestors ")[2]

    for path, expected in (
        ("/share/aB3", "www.example.com example.org"),
        ("/share/aB3/flow", "www.example.com example.org"),
        ("/share/unknown", "'none'"),
        ("/share/aB3/visitors", "'none'"),
        ("/share/aB3/x", "'none'"),
        ("/share/", "'none'"),
        ("/w/aB3", "'none'"),
    ):
        assert asyncio.run(policy_of(path)) == expected
