"""Files that the build has made and compressed, and the form of each that a client accepts."""

from hashlib import sha256
from importlib.resources.abc import Traversable
from typing import NamedTuple

from footfall.collect.header import Headers, accepts

_PACKED = {"br": ".br", "gzip": ".gz"}  # the better one first


class Asset(NamedTuple):
    """A file and its compressed forms, by their coding; '' is the plain one."""

    content_type: bytes
    bodies: dict[str, bytes]
    etag: bytes

    def answer(self, asked: Headers) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """Status, body in the smallest form that the client accepts, and the headers about it."""
        headers = [(b"content-type", self.content_type), (b"etag", self.etag)]
        if self.etag.decode().removeprefix("W/") in asked.text(b"if-none-match"):
            return 304, b"", headers
        accepted = asked.text(b"accept-encoding")
        for coding, body in self.bodies.items():
            if coding and accepts(accepted, coding):
                return 200, body, [*headers, (b"content-encoding", coding.encode())]
        return 200, self.bodies[""], headers


def read_asset(folder: Traversable, name: str, content_type: bytes) -> Asset:
    """The file, with those of its compressed forms that lie beside it."""
    plain = (folder / name).read_bytes()
    packed = {
        coding: file.read_bytes()
        for coding, ending in _PACKED.items()
        if (file := folder / (name + ending)).is_file()
    }
    # weak: the same for all codings
    etag = f'W/"{sha256(plain).hexdigest()[:16]}"'.encode()
    return Asset(content_type, {**packed, "": plain}, etag)
