"""Reports that are compressed, and not sent again to a client that has the same answer."""

import gzip
from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.header import accepts
from footfall.serve.http.reply import json_headers

_SMALLEST = 1_000  # bytes; below it, gzip's own bytes and the time outweigh what it saves
_LEVEL = 5


class Packed(NamedTuple):
    """An answer as it is sent. `body` '' and status 304: the client has it already."""

    status: int
    body: bytes
    headers: dict[str, str]
    media_type: str


class Packing:
    """What a request accepts. Its `pack` may run in a thread, since compressing takes time."""

    def __init__(self, request: Request) -> None:
        self._is_gzip = accepts(request.headers.get("accept-encoding", ""), "gzip")
        self._known = request.headers.get("if-none-match", "")

    def pack(self, body: bytes, media_type: str = "application/json") -> Packed:
        """The body with an ETag, compressed if that is accepted and worth it."""
        headers = {
            # weak, since it is the same for both codings
            "ETag": f'W/"{blake2b(body, digest_size=8).hexdigest()}"',
            "Vary": "Accept, Accept-Encoding, Authorization, Cookie",
        }
        if headers["ETag"] in self._known:
            return Packed(304, b"", headers, media_type)
        if self._is_gzip and len(body) >= _SMALLEST:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, _LEVEL, mtime=0)
        return Packed(200, body, headers, media_type)


def packed_response(
    request: Request, packed: Packed, further: Mapping[str, str] | None = None
) -> Response:
    """The response of a report, which no cache keeps: clients compare ETags themselves."""
    headers = json_headers(request, {**packed.headers, **(further or {})})
    media_type = None if packed.status == 304 else packed.media_type
    return Response(packed.body, packed.status, headers, media_type=media_type)
