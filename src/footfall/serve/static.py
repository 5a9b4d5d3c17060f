"""The tracker's script as a plain ASGI function."""

from collections.abc import Callable
from importlib import resources

from starlette.types import Receive, Scope, Send

from footfall.collect.header import Headers
from footfall.serve.asset import read_asset

MAX_AGE_S = 3600
_TYPE = b"text/javascript; charset=utf-8"


class TrackerScript:
    """Serves the built tracker with an ETag, compressed as the client accepts it."""

    def __init__(self, note: Callable[[str], None] = lambda _referrer: None) -> None:
        """`note` gets the address of each page that requests the script, as far as it says so."""
        self._note = note
        folder = resources.files("footfall.serve") / "static"
        is_built = (folder / "main.js").is_file()
        self._script = read_asset(folder, "main.js", _TYPE) if is_built else None

    @property
    def is_built(self) -> bool:
        return self._script is not None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        asked = Headers(scope["headers"])
        headers = [
            (b"cache-control", b"public, max-age=%d" % MAX_AGE_S),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"vary", b"accept-encoding"),
        ]
        if scope["method"] == "GET":
            self._note(asked.text(b"referer"))
        if scope["method"] not in ("GET", "HEAD"):
            status, body = 405, b""
            headers.append((b"allow", b"GET, HEAD"))
        elif self._script is None:
            status, body = 503, b"// the tracker is not built: install Footfall again\n"
            headers.append((b"content-type", _TYPE))
        else:
            status, body, described = self._script.answer(asked)
            headers += described
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})
