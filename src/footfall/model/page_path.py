"""Paths of pages as they are stored and compared."""

import re
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from footfall.model.text import hide_secrets, one_line

_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^;/?]*", re.IGNORECASE)


def decode_path(path: str) -> str:
    """Percent-decoded where that is valid UTF-8; one visible line without secrets, never empty."""
    path = hide_secrets(path)  # first: a secret's value may hold encoded spaces and separators
    if "%" in path:
        with suppress(UnicodeDecodeError):  # Latin-1 or garbage is kept as sent
            path = unquote_to_bytes(path).decode().replace("\0", "%00")
    if ";" in path:
        path = _SESSION.sub("", path)
    path = one_line(path)
    return path if path.startswith("/") else f"/{path}"
