"""script: the size of the tracker script, as a visitor's browser loads it."""

from pathlib import Path
from urllib.request import Request, urlopen

from bench.result import Figure, at_most
from bench.server import running_server
from bench.size import Size
from footfall.config import Settings

PART = "script"
AIMED_BYTES = 2_239


def run(_size: Size, folder: Path) -> list[Figure]:
    with running_server(folder / "data") as server:
        url = f"http://127.0.0.1:{server.port}{Settings().tracker_path}"
        with urlopen(Request(url, headers={"Accept-Encoding": "gzip"})) as reply:
            gzipped = reply.headers["Content-Encoding"] == "gzip"
            loaded = len(reply.read())
    what = "the tracker script, gzipped" if gzipped else "the tracker script, not compressed"
    return [at_most(PART, what, loaded, AIMED_BYTES, "bytes")]
