"""Bodies: bounded, whatever the client says of them."""

import asyncio
import gzip
import zlib

import pytest

from footfall.collect.body import read_body
from footfall.model.errors import BadRequest, TooLarge


def read(*chunks, limit=1000, encoding=b""):
    messages = [
        {"type": "http.request", "body": chunk, "more_body": n < len(chunks) - 1}
        for n, chunk in enumerate(chunks)
    ]

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return asyncio.run(read_body(receive, limit, encoding))


def test_chunks_are_put_together():
    assert read(b"a", b"b", b"c") == b"abc"


def test_a_body_past_the_limit_is_refused_as_it_comes():
    with pytest.raises(TooLarge):
        read(b"x" * 1001)
    with pytest.raises(TooLarge):
        read(*[b"x" * 400] * 3)


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, b"gzip"), (gzip.compress, b" GZip "), (zlib.compress, b"deflate")],
)
def test_packed_bodies_are_unpacked(pack, name):
    assert read(pack(b"hello"), encoding=name) == b"hello"


def test_a_gzip_bomb_is_refused_without_unpacking_it():
    with pytest.raises(TooLarge):
        read(gzip.compress(b"\0" * 10_000_000), limit=20_000, encoding=b"gzip")


def test_wrong_packing_is_a_bad_request():
    with pytest.raises(BadRequest):
        read(b"not gzip", encoding=b"gzip")
    with pytest.raises(BadRequest, match="send gzip"):
        read(b"x", encoding=b"br")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gzip.compress(b"[1]", mtime=0)[:-1], "cut short"),
        (gzip.compress(b"[1]", mtime=0)[:10], "cut short"),
        (gzip.compress(b"[1]", mtime=0) + gzip.compress(b"[2]", mtime=0), "follows its end"),
        (zlib.compress(b"[1]") + b"[2]", "follows its end"),
        (b"", "cut short"),
    ],
)
def test_nothing_of_a_packed_body_is_left_out_in_silence(body, said):
    with pytest.raises(BadRequest, match=said):
        read(body, encoding=b"gzip")


def test_a_client_that_goes_away_is_a_bad_request():
    async def receive():
        return next(messages)

    messages = iter(
        [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}]
    )
    with pytest.raises(BadRequest):
        asyncio.run(read_body(receive, 1000))
