"""The dashboard's pages as a plain ASGI function: one page for all addresses, and its assets."""

import asyncio
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from starlette.types import Receive, Scope, Send

from footfall.collect.header import Headers, accepts
from footfall.model.share import SHARE_PAGES

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
_PACKED = {"br": ".br", "gzip": ".gz"}  # the better one first
_YEAR = b"public, max-age=31536000, immutable"
_NOT_BUILT = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Footfall</title>
<h1>The dashboard is not built</h1>
<p>Install Footfall again with <code>pip install .</code>, or run <code>make dashboard</code> in its
source, and restart the server. The API works: <a href="/llms.txt">/llms.txt</a> describes it.
"""


class Asset(NamedTuple):
    """A file and its compressed forms, by their coding; '' is the plain one."""

    content_type: bytes
    bodies: dict[str, bytes]
    etag: bytes


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
            status, body = _choose(file, asked, headers)
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


def _choose(file: Asset, asked: Headers, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Status and body in the smallest form that the client accepts; adds the file's headers."""
    headers += [(b"content-type", file.content_type), (b"etag", file.etag)]
    if file.etag.decode() in asked.text(b"if-none-match"):
        return 304, b""
    accepted = asked.text(b"accept-encoding")
    for coding, body in file.bodies.items():
        if coding and accepts(accepted, coding):
            headers.append((b"content-encoding", coding.encode()))
            return 200, body
    return 200, file.bodies[""]


def _read(folder: Traversable) -> Iterator[tuple[str, Asset]]:
    """All files that are served, by their path: nothing else can be asked for."""
    assets = folder / "assets"
    for prefix, place in (("", folder), ("assets/", assets)):
        names = {file.name for file in place.iterdir()} if place.is_dir() else set()
        for name in names:
            kind = name.rpartition(".")[2]
            if kind not in _TYPES or (place is folder and name != "index.html"):
                continue
            plain = (place / name).read_bytes()
            packed = {
                coding: (place / (name + ending)).read_bytes()
                for coding, ending in _PACKED.items()
                if name + ending in names
            }
            # weak: the same for all codings
            etag = f'W/"{sha256(plain).hexdigest()[:16]}"'.encode()
            yield prefix + name, Asset(_TYPES[kind], {**packed, "": plain}, etag)
