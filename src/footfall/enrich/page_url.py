"""A page's address, taken apart."""

import re

import msgspec

from footfall.model.hostname import clean_host
from footfall.model.page_path import decode_path
from footfall.model.remember import remember

_URL = re.compile(
    r"([a-z][a-z0-9+.-]*)://([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_REFUSED = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "view-source"})


class PageUrl(msgspec.Struct, frozen=True, gc=False):
    host: str  # lower-case, without port; '' only for app addresses
    path: str  # decoded, begins with '/'; '' where there is no address at all
    query: str  # as sent; for campaign parameters only, never stored


NO_PAGE = PageUrl("", "", "")


@remember(1024)
def parse_page_url(url: str, is_hash_route: bool) -> PageUrl | None:
    """Take an absolute http(s) or app address apart; None if it is not one."""
    match = _URL.fullmatch(url.strip())
    if match is None:
        return None
    scheme, authority, path, query, fragment = match.groups("")
    host = clean_host(authority)
    if scheme.lower() in _REFUSED or host is None:
        return None
    if not host and scheme.lower() in ("http", "https"):
        return None
    if is_hash_route:
        path, query = _route(fragment, query)
    return PageUrl(host, decode_path(path), query)


def _route(fragment: str, query: str) -> tuple[str, str]:
    """Path and query of a hash route: `#!/cart?ref=x`; `#token=…` is not a path."""
    path, _, inner = fragment.removeprefix("!").partition("?")
    if "=" in path.partition("/")[0]:
        path, inner = "", path
    return path, f"{query}&{inner}" if query and inner else query or inner
