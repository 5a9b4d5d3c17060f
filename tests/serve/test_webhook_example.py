"""The example in the docs, run as it stands there: a shell, openssl and curl, on a real socket."""

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from new_catalog import open_catalog
from starlette.applications import Starlette

from footfall.catalog import Catalog, Registry
from footfall.clock import now_ms
from footfall.model.notice import Notice
from footfall.money.connection import Connections, Outcome
from footfall.money.ledger import Ledger
from footfall.money.posting import post_notice
from footfall.money.rate import Rates
from footfall.serve.http.reply import exception_handlers, failure
from footfall.serve.webhook import webhook_routes

DOCS = Path(__file__).parents[2] / "docs" / "payments.md"
SECRET = "0123456789abcdefghijABCDEFGHIJ01"

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("curl") and shutil.which("bash")),
    reason="needs bash, openssl and curl",
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = open_catalog(tmp_path)
    catalog.add_website("example.com", now_ms=now_ms())
    yield catalog
    catalog.close()


@pytest.fixture
def address(catalog: Catalog) -> Iterator[str]:
    [website] = catalog.websites()
    Connections(catalog).add(website.id, "generic", SECRET, now_ms=now_ms())

    async def post(notice: Notice) -> Outcome:
        return post_notice(notice, website, ledger=Ledger(catalog), rates=Rates(), now_ms=now_ms())

    routes = webhook_routes(
        registry=Registry(catalog, now_ms),
        connections=Connections(catalog),
        post=post,
        clock=now_ms,
    )
    app = Starlette(routes=routes, exception_handlers=exception_handlers(failure))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/webhooks/generic/{website.public_id}"
    server.should_exit = True
    thread.join()


def test_the_curl_example_records_a_payment_once(catalog: Catalog, address: str) -> None:
    [example] = [
        block
        for block in re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
        if "Footfall-Signature" in block
    ]
    script = re.sub(r"(?m)^export SECRET=\S+", f"export SECRET={SECRET}", example)
    script = re.sub(r"(?m)^export ADDRESS=\S+", f"export ADDRESS={address}", script)
    outcomes = []
    for _ in range(2):
        ran = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=True)
        outcomes.append(json.loads(ran.stdout)["data"][0]["outcome"])
    assert outcomes == ["booked", "repeat"]
    [website] = catalog.websites()
    assert Ledger(catalog).find_transactions(website.id) == ["order-4711"]
