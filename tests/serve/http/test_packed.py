"""Reports are compressed for clients that accept it, and not sent twice."""

import gzip

from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from footfall.serve.http.packed import Packing


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


@given(st.binary(max_size=5_000))
def test_the_unpacked_body_is_the_same(body: bytes) -> None:
    packed = Packing(request(accept_encoding="gzip, br")).pack(body)
    plain = Packing(request()).pack(body)
    is_gzip = packed.headers.get("Content-Encoding") == "gzip"
    assert (gzip.decompress(packed.body) if is_gzip else packed.body) == plain.body == body
    assert is_gzip == (len(body) >= 1_000)
    assert packed.headers["ETag"] == plain.headers["ETag"]


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_the_same_answer_is_not_sent_again_and_another_is(before: bytes, after: bytes) -> None:
    etag = Packing(request()).pack(before).headers["ETag"]
    again = Packing(request(if_none_match=f'"x", {etag}')).pack(after)
    assert again.status == (304 if before == after else 200)
    assert again.body == (b"" if before == after else after)


def test_reports_answer_with_an_etag_and_304(api):
    website = api.website()
    api.send(website, {"url": "https://example.com/", "visitorUid": "ann"})
    token = api.token(website)
    first = api.get("/api/v1/overview", token)
    assert first.headers["cache-control"] == "no-store"
    again = api.get("/api/v1/overview", token, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "ratelimit-remaining" in again.headers
    api.send(website, {"url": "https://example.com/", "visitorUid": "bea"})
    changed = api.get("/api/v1/overview", token, headers={"If-None-Match": first.headers["etag"]})
    assert changed.json()["data"][0]["visitors"] == 2


def test_long_reports_are_compressed_where_that_is_accepted(api):
    website = api.website()
    api.send(website, {"url": "https://example.com/", "visitorUid": "ann"})
    path, token = "/api/v1/timeseries?interval=day", api.token(website)
    packed = api.get(path, token, headers={"Accept-Encoding": "gzip"})
    plain = api.get(path, token, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
