r"""The backslash in values that people write: it makes the next character literal.

`\|` is a bar, `\*` an asterisk, `\\` a backslash, and `\a` is the same as `a`. A backslash at the
end has nothing to escape and is refused by `check_escapes`.
"""

import re
from collections.abc import Collection

from footfall.model.errors import BadRequest

SPACES = r"\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""The characters that `strip` takes for spaces, for a class in a regular expression. ECMA 262 has
others in its `\s`, so that documents cannot say that."""

_TOKEN = re.compile(r"\\.|.", re.DOTALL)


def tokens(text: str) -> list[str]:
    """The characters of `text`; an escaped one comes with its backslash."""
    return _TOKEN.findall(text)


def check_escapes(text: str, field: str) -> None:
    """Raises BadRequest naming `field` if the text ends in a backslash that escapes nothing."""
    if text.endswith("\\") and tokens(text)[-1] == "\\":
        raise BadRequest(
            f"{field} {text[-64:]!r} ends with a single backslash; a backslash makes the next"
            r" character literal, so write \\ for a backslash",
            field=field,
        )


def unescape(text: str) -> str:
    """The text that is meant, without the backslashes that escape."""
    return "".join(token[-1] for token in tokens(text)) if "\\" in text else text


def escape(text: str, characters: Collection[str]) -> str:
    """The text with a backslash before each backslash and each of `characters`."""
    return "".join(f"\\{c}" if c == "\\" or c in characters else c for c in text)


def split(text: str, separators: Collection[str]) -> list[str]:
    """The parts between separators that are not escaped; the parts keep their backslashes."""
    parts = [""]
    for token in tokens(text):
        if token in separators:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def strip(text: str) -> str:
    """The text without spaces at its ends that are not escaped."""
    found = tokens(text.lstrip())
    while found and found[-1].isspace():
        found.pop()
    return "".join(found)
