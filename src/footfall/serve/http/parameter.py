"""The query string: bytes → names and values that are valid text."""

from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException

from footfall.model.errors import BadRequest
from footfall.query.parse.given import Params

MAX_QUERY_BYTES = 16 * 1024
MAX_PARAMETERS = 100


def read_params(query: bytes) -> Params:
    """Names and values in order. Raises BadRequest naming what is too long or not UTF-8 text,
    and 414 if all of them together are too long."""
    parts = [part for part in query.split(b"&") if part]
    if len(query) > MAX_QUERY_BYTES:
        _refuse_longest(max(parts, key=len, default=b""))
        raise HTTPException(414, f"The address is too long: at most {MAX_QUERY_BYTES:,} bytes")
    if len(parts) > MAX_PARAMETERS:
        raise BadRequest(f"more than {MAX_PARAMETERS} parameters")
    return [_pair(part) for part in parts]


def _pair(part: bytes) -> tuple[str, str]:
    name, _, value = part.partition(b"=")
    return _text(name, _shown(name)), _text(value, _shown(name))


def _shown(name: bytes) -> str:
    return name.decode("ascii", "backslashreplace")[:64]


def _refuse_longest(part: bytes) -> None:
    if len(part) <= MAX_QUERY_BYTES:
        return
    name = _shown(part.partition(b"=")[0])
    raise BadRequest(
        f"{name} is too long: the parameters together may have {MAX_QUERY_BYTES:,} bytes",
        field=name,
    )


def _text(encoded: bytes, parameter: str) -> str:
    try:
        text = unquote_to_bytes(encoded.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{parameter} is not UTF-8 text", field=parameter) from None
    if "\0" in text:
        raise BadRequest(f"{parameter} contains a NUL character", field=parameter)
    return text
