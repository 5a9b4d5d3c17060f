"""Reading a request's body: bounded in size, and once unpacked."""

import zlib

from starlette.types import Receive

from footfall.model.errors import BadRequest, TooLarge


async def read_body(receive: Receive, limit: int, encoding: bytes = b"") -> bytes:
    """The whole body, unpacked if it is gzip or deflate. Raises TooLarge or BadRequest.

    The connection ends the wait for a body that does not come.
    """
    body = await _read_all(receive, limit)
    encoding = encoding.strip().lower()
    return _unpack(body, limit, encoding) if encoding and encoding != b"identity" else body


async def _read_all(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("the connection was closed before the body had arrived")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


def _unpack(body: bytes, limit: int, encoding: bytes) -> bytes:
    if encoding not in (b"gzip", b"deflate"):
        raise BadRequest(
            f"Content-Encoding: {encoding.decode('latin-1')!r} is not known; send gzip"
        )
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise BadRequest("body: it is not the gzip that Content-Encoding says") from None
    if len(plain) > limit:
        raise too_large(limit)
    if not unpacker.eof or unpacker.unused_data:
        said = "something follows its end" if unpacker.eof else "it is cut short"
        raise BadRequest(f"body: send one whole gzip stream; {said}")
    return plain


def too_large(limit: int) -> TooLarge:
    """The error for a body of more than `limit` bytes."""
    return TooLarge(f"the body is larger than {limit // 1024} kB")
