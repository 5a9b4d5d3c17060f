"""A page's address, taken apart."""

import re
from contextlib import suppress
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import msgspec

from footfall.enrich.text import hide_secrets

_URL = re.compile(
    r"([a-z][a-z0-9+.-]*)://([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_REFUSED = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "view-source"})
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^;/?]*", re.IGNORECASE)


class PageUrl(msgspec.Struct, frozen=True, gc=False):
    host: str  # lower-case, without port; '' only for app addresses
    path: str  # decoded, begins with '/'; '' where there is no address at all
    query: str  # as sent; for campaign parameters only, never stored


NO_PAGE = PageUrl("", "", "")


@lru_cache(maxsize=4096)
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


def clean_host(authority: str) -> str | None:
    """Host of `user:password@host:port`, lower-case ASCII, '' for none; None if malformed."""
    host = authority.rpartition("@")[2].lower()
    if not host.startswith("["):
        host, _, port = host.partition(":")
    else:
        host, bracket, port = host.partition("]")
        host, port = host + bracket, port.removeprefix(":")
    host = host.removesuffix(".")
    if port and not port.isdecimal():
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return None
    return host if not host or (len(host) <= 253 and _HOST.fullmatch(host)) else None


def decode_path(path: str) -> str:
    """Percent-decoded where that is valid UTF-8; never empty, no NUL, no secrets in it."""
    if "%" in path:
        with suppress(UnicodeDecodeError):  # Latin-1 or garbage is kept as sent
            path = unquote_to_bytes(path).decode().replace("\0", "%00")
    if ";" in path:
        path = _PATH_SESSION.sub("", path)
    path = hide_secrets(path)
    return path if path.startswith("/") else f"/{path}"


def _route(fragment: str, query: str) -> tuple[str, str]:
    """Path and query of a hash route: `#!/cart?ref=x`; `#token=…` is no path."""
    path, _, inner = fragment.removeprefix("!").partition("?")
    if "=" in path.partition("/")[0]:
        path, inner = "", path
    return path, f"{query}&{inner}" if query and inner else query or inner
