"""The demo pages: what is served under /demo."""

from html import escape
from importlib import resources
from typing import NamedTuple

from footfall.model.website import Website

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
_FILES = ("style.css", "demo.js", "prices.csv")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:"
)
"""The pages work under it where the tracker and /events are on the same origin."""


class DemoFile(NamedTuple):
    body: bytes
    content_type: str


def demo_file(path: str, website: Website, tracker_path: str = "/js/main.js") -> DemoFile:
    """What is at /demo/`path`, '' for /demo itself.

    Every path that is not a file or page shows the first page, as in a single-page app.
    """
    name = path.strip("/")
    if name in _FILES:
        return DemoFile(_read(name).encode(), _TYPES[name.rpartition(".")[2]])
    page = _read("pricing.html" if name == "pricing" else "index.html")
    values = {
        "tracking_id": website.tracking_id,
        "domain": website.domain,
        "tracker_path": tracker_path,
    }
    for placeholder, value in values.items():
        page = page.replace("{{" + placeholder + "}}", escape(value))
    return DemoFile(page.encode(), _TYPES["html"])


def _read(name: str) -> str:
    return (resources.files("footfall.demo") / "site" / name).read_text("utf-8")
