"""Hostnames in the one form in which they are stored and compared: lower case, ASCII (IDNA)."""

import re
import unicodedata
from urllib.parse import urlsplit

import idna

from footfall.model.remember import remember

MAX_HOST = 253

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//([^/\\?#]*).*", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(r"([^/\\?#]*).*", re.DOTALL)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})


def clean_host(authority: str) -> str | None:
    """Host of `user:password@host:port`, lower-case ASCII, '' for none; None if malformed."""
    host = authority.rpartition("@")[2].lower()
    if not host.startswith("["):
        host, _, port = host.partition(":")
    else:
        host, bracket, port = host.partition("]")
        host, port = host + bracket, port.removeprefix(":")
    if port and not port.isdecimal():
        return None
    ascii_host = to_ascii(host)
    if ascii_host is None:
        return None
    host = ascii_host.removesuffix(".")
    return host if not host or (len(host) <= MAX_HOST and _HOST.fullmatch(host)) else None


def host_in(text: str) -> str:
    """The host in a text that a person wrote or pasted: a bare host, one with a port, or a full
    address. The text itself, in lower case, if it has no valid host."""
    text = text.strip()
    match = _URL.fullmatch(text) or _BARE.fullmatch(text)
    return (clean_host(match[1]) if match else "") or (to_ascii(text) or text.lower())


def is_this_machine(host: str) -> bool:
    """Whether a host as `clean_host` writes it is the machine that the browser runs on."""
    return host in _THIS_MACHINE or host.endswith(".localhost")


def browser_origin(address: str) -> str:
    """The origin of an address as browsers write it in the header Origin: scheme and host in lower
    case, the host's Unicode as xn--…, without the scheme's usual port. '' if there is no host, or
    the address is malformed."""
    try:
        parts = urlsplit(address)
        host, port = to_ascii(parts.hostname or ""), parts.port
    except ValueError:  # as of http://[ and of a port that is not a number
        return ""
    if not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    is_usual = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"


@remember(2048)
def to_ascii(host: str) -> str | None:
    """A hostname, or part of one, in lower case, its Unicode labels as xn--…, as browsers write
    it (UTS 46, non-transitional: ß stays ß). None if it has characters that no host can have."""
    if host.isascii():
        return host.lower()
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
    except (idna.IDNAError, UnicodeError):
        return None
    labels = unicodedata.normalize("NFC", mapped).split(".")
    return ".".join(label if label.isascii() else _encoded(label) for label in labels)


def _encoded(label: str) -> str:
    return f"xn--{label.encode('punycode').decode()}"
