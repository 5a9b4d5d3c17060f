"""A request's body, refused by what its headers say before any of it is read."""

from starlette.requests import Request

from footfall.collect.body import read_body, too_large
from footfall.model.errors import BadRequest


async def read_request(request: Request, limit: int, *, unpacks: bool = True) -> bytes:
    """The whole body, of at most `limit` bytes; unpacked, unless its signature covers the bytes as
    they were sent. Raises BadRequest or TooLarge."""
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("Content-Length is not a number: send the body's length in bytes")
    if len(length) > 12 or int(length) > limit:
        raise too_large(limit)
    encoding = request.headers.get("content-encoding", "") if unpacks else ""
    return await read_body(request.receive, limit, encoding.encode("latin-1"))
