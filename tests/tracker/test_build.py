"""The built script and the packages it is made from."""

import asyncio
import gzip
from pathlib import Path

import httpx2
import pytest
from browser import TRACKER

from footfall.serve.static import TrackerScript

MAX_GZIPPED_BYTES = 2420
ROOT = Path(__file__).parent.parent.parent


def fetch(accepted: str, **headers: str) -> httpx2.Response:
    """What the server answers to who accepts `accepted`, not unpacked: its coding is `X-Coding`."""

    async def go() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=TrackerScript())
        asked = {"Accept-Encoding": accepted} | headers
        async with (
            httpx2.AsyncClient(transport=transport, base_url="http://test") as client,
            client.stream("GET", "/js/main.js", headers=asked) as answer,
        ):
            body = b"".join([piece async for piece in answer.aiter_raw()])
        kept = dict(answer.headers)
        kept["x-coding"] = kept.pop("content-encoding", "")
        return httpx2.Response(answer.status_code, content=body, headers=kept)

    if not TRACKER.with_name("main.js.gz").exists():
        pytest.skip("the tracker is not built: cd tracker && npm ci && npm run build")
    return asyncio.run(go())


def test_the_tracker_stays_small_as_it_is_served() -> None:
    answer = fetch("gzip, deflate")
    assert answer.headers["x-coding"] == "gzip"
    assert gzip.decompress(answer.content) == TRACKER.read_bytes()
    assert len(answer.content) <= MAX_GZIPPED_BYTES


def test_browsers_on_https_get_a_smaller_form() -> None:
    answer = fetch("gzip, deflate, br, zstd")
    assert answer.headers["x-coding"] == "br"
    assert answer.content == TRACKER.with_name("main.js.br").read_bytes()
    assert len(answer.content) < len(fetch("gzip").content)


def test_who_accepts_no_compression_gets_none() -> None:
    answer = fetch("identity")
    assert (answer.headers["x-coding"], answer.content) == ("", TRACKER.read_bytes())
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("accepted", ["gzip", "br", "identity"])
def test_a_form_that_the_browser_has_is_not_sent_again(accepted: str) -> None:
    etag = fetch("identity").headers["etag"]
    answer = fetch(accepted, **{"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_lock_files_name_no_registry() -> None:
    for folder in ("tracker", "geo", "tests/clients"):
        lock = (ROOT / folder / "package-lock.json").read_text()
        assert '"resolved"' not in lock
        assert lock.count('"integrity"') == lock.count('"version"') - 2  # all but our own entry
