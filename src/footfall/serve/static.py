"""The tracker's script as a plain ASGI function, packed once."""

import gzip
from collections.abc import Callable
from hashlib import sha256
from importlib import resources

from starlette.types import Receive, Scope, Send

from footfall.collect.header import Headers

MAX_AGE_S = 3600


class TrackerScript:
    """Serves the built tracker with an ETag, compressed for clients that accept gzip."""

    def __init__(self, note: Callable[[str], None] = lambda _referrer: None) -> None:
        """`note` gets the address of each page that requests the script, as far as it says so."""
        self._note = note
        file = resources.files("footfall.serve") / "static" / "main.js"
        self._plain = file.read_bytes() if file.is_file() else b""
        self._packed = gzip.compress(self._plain, 9)
        self._etag = f'"{sha256(self._plain).hexdigest()[:16]}"'.encode()

    @property
    def is_built(self) -> bool:
        return bool(self._plain)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        asked = Headers(scope["headers"])
        headers = [
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", b"public, max-age=%d" % MAX_AGE_S),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"vary", b"accept-encoding"),
            (b"etag", self._etag),
        ]
        if scope["method"] == "GET":
            self._note(asked.text(b"referer"))
        status, body = 200, self._plain
        if scope["method"] not in ("GET", "HEAD"):
            status, body = 405, b""
            headers.append((b"allow", b"GET, HEAD"))
        elif not self.is_built:
            status, body = 503, b"// the tracker is not built: install Footfall again\n"
        elif self._etag.decode() in asked.text(b"if-none-match"):
            status, body = 304, b""
        elif "gzip" in asked.text(b"accept-encoding"):
            body = self._packed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})
