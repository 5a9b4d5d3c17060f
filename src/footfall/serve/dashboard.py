"""The dashboard's pages as a plain ASGI function: one page for all addresses, and its assets."""

import asyncio
import re
from collections.abc import Callable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.types import Receive, Scope, Send

from footfall.collect.header import Headers
from footfall.model.share import SHARE_PAGES
from footfall.serve.asset import Asset, read_asset

FOLDERS = ("", "assets", "w", "setup", "signin", "account", "audit", "members", "invite", "share")
"""First parts of the paths that are the dashboard's. '' is the server's own address."""

SHARE = re.compile(rf"share/([A-Za-z0-9]{{1,64}})(?:/(?:{'|'.join(SHARE_PAGES)}))?")
"""The addresses of a share link and its pages, which pages of certain hosts may embed."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors "
)
CONTENT_SECURITY_POLICY = f"{_POLICY}'none'"

OF_MEMBERS = ("", "w", "account", "audit", "members")
"""Of FOLDERS, those of the pages that begin with asking who is signed in."""
_WHO = (b"link", b"</api/v1/me>; rel=preload; as=fetch; crossorigin")
"""The browser asks for it while it still loads the scripts that need it."""

_TYPES = {
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "json": b"application/json",
    "svg": b"image/svg+xml",
    "woff2": b"font/woff2",
}
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    # invitations and share links are secrets in the address
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_YEAR = b"public, max-age=31536000, immutable"
_NOT_BUILT = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Footfall</title>
<h1>The dashboard is not built</h1>
<p>Install Footfall again with <code>pip install .</code>, or run <code>make dashboard</code> in its
source, and restart the server. The API works: <a href="/llms.txt">/llms.txt</a> describes it.
"""


class Dashboard:
    """Serves what the build has made. Every address of a page gives the same page."""

    def __init__(
        self,
        folder: Traversable | None = None,
        embedding_hosts: Callable[[str], tuple[str, ...]] = lambda _slug: (),
    ) -> None:
        """`folder` has `index.html` and `assets/`; the built one if it is not given.
        `embedding_hosts` says whose pages may embed a share link; it may block."""
        self._embedding_hosts = embedding_hosts
        built = folder or resources.files("footfall.serve") / "static" / "dashboard"
        self._files = dict(_read(built)) if built.is_dir() else {}

    @property
    def is_built(self) -> bool:
        return "index.html" in self._files

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        path, asked = scope["path"][1:], Headers(scope["headers"])
        is_asset = path.startswith(("assets", "/"))  # "//": no page has such an address
        file = self._files.get(path if is_asset else "index.html")
        policy = await self._policy(path)
        headers = [
            (b"content-security-policy", policy.encode()),
            *_SECURITY,
            (b"vary", b"accept-encoding"),
        ]
        if scope["method"] not in ("GET", "HEAD"):
            status, body = 405, b""
            headers.append((b"allow", b"GET, HEAD"))
        elif file is None:
            status, body = (404, b"not found\n") if is_asset else (503, _NOT_BUILT)
            kind = b"text/plain; charset=utf-8" if is_asset else _TYPES["html"]
            headers += [(b"content-type", kind), (b"cache-control", b"no-store")]
        else:
            headers.append((b"cache-control", _YEAR if is_asset else b"no-cache"))
            if path.partition("/")[0] in OF_MEMBERS:
                headers.append(_WHO)
            status, body, described = file.answer(asked)
            headers += described
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})

    async def _policy(self, path: str) -> str:
        """Only a share link may be embedded, by pages of its own hosts."""
        if not (found := SHARE.fullmatch(path)):
            return CONTENT_SECURITY_POLICY
        hosts = await asyncio.to_thread(self._embedding_hosts, found[1])
        return f"{_POLICY}{' '.join(hosts)}" if hosts else CONTENT_SECURITY_POLICY


def _read(folder: Traversable) -> Iterator[tuple[str, Asset]]:
    """All files that are served, by their path: nothing else can be asked for."""
    assets = folder / "assets"
    for prefix, place in (("", folder), ("assets/", assets)):
        names = [file.name for file in place.iterdir()] if place.is_dir() else []
        for name in names:
            kind = name.rpartition(".")[2]
            if kind in _TYPES and (place is assets or name == "index.html"):
                yield prefix + name, read_asset(place, name, _TYPES[kind])
