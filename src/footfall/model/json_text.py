"""JSON as it is received."""

import re

import msgspec

MALFORMED = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What decoding raises for bytes that are not what they should be, in JSON or MessagePack."""

_HALF_CHARACTER = re.compile(
    rb"\\u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F]..)"
)


def mend_characters(body: bytes) -> bytes:
    r"""The JSON with `\ufffd` for each half of a character (a lone surrogate such as `\ud83d`, as
    of a title cut inside an emoji). No decoder accepts one, so everything that was sent with it
    would be lost."""
    if rb"\ud" not in body and rb"\uD" not in body:
        return body
    return _HALF_CHARACTER.sub(rb"\\ufffd", body.replace(rb"\\", rb"\u005c"))
