"""A data folder that has lived: with every kind of file that Footfall writes.

A server with two collectors was killed while a delete was under way. An import was killed, too,
and the collectors acknowledged more than was loaded. The files are those of real processes.
"""

import hmac
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import msgspec
from e2e.senders import BROWSER
from e2e.server import BASE, Server, environment, wait_until

from footfall.catalog import Catalog
from footfall.cli.serve import open_socket
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.damage import DamageLog
from footfall.enrich.pipeline import Enricher
from footfall.importing.accesslog.format import ACCESS_LOGS
from footfall.importing.importer import Importer
from footfall.importing.job import Watch
from footfall.importing.source import open_log
from footfall.journal.segment import frame, segment_path
from footfall.journal.writer import SegmentWriter
from footfall.load.refuse import insert_all
from footfall.model.record import EventsRecord, encode_record
from footfall.model.website import Website
from footfall.money.connection import Connections
from footfall.money.rate import write_rates
from footfall.store.engine import Engine

DAY_MS = 86_400_000
DAYS_AGO = (70, 3)
SECRET = "whsec_of_a_provider_to_be_kept"
ALL = ("read", "write", "delete")
LEAVER = "leaver"
"""The visitor whose deletion was under way."""
RATES = b"Date,USD,JPY,\n2026-01-02,1.1,160,\n2026-01-01,1.2,150,\n"
DIED = 7  # exit code
UA = {"User-Agent": BROWSER}
LINES = 700  # of the log whose import was killed after the first 500


class Life(NamedTuple):
    """The folder, an older copy of it, and what is needed to ask for what it holds."""

    folder: Path
    older: Path
    deleting: Path  # `folder`, and a server that began to erase the leaver was killed
    websites: tuple[Website, Website]
    tokens: tuple[str, str]


def moment(days_ago: float, *, now: int) -> str:
    at = now - int(days_ago * DAY_MS)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at / 1000)) + "Z"


def live(place: Path) -> Life:
    """Live such a life below `place`."""
    folder, older = place / "data", place / "older"
    server = Server(folder, collectors=2)
    server.begins_empty = True
    server.start()
    shop = server.website("shop.test", currency="EUR")
    other = server.website("other.test", currency="EUR")
    tokens = server.token(shop, *ALL), server.token(other, *ALL)
    with server.catalog() as catalog:
        Connections(catalog).add(shop.id, "generic", SECRET, now_ms=now_ms())
    write_rates(folder, RATES)
    for part in range(2):
        send_month_after_month(server, tokens, f"early{part}")
        server.wait_for_loading()
    server.stop()
    shutil.copytree(folder, older, symlinks=True)
    live_on(server, shop, tokens)
    deleting = place / "deleting"
    shutil.copytree(folder, deleting, symlinks=True)
    deleter = Server(deleting)
    deleter.start()
    deleter.wait_for_loading()
    die_during_a_delete(deleter, tokens[0])
    return Life(folder, older, deleting, (shop, other), tokens)


def live_on(server: Server, shop: Website, tokens: tuple[str, str]) -> None:
    damage_and_acknowledge(server.folder)
    server.start()
    wait_until(lambda: (server.folder / "damage.jsonl").exists(), "found damage")
    DamageLog(server.folder, now_ms).mark_seen()
    for part in range(2):
        send_month_after_month(server, tokens, f"late{part}")
    server.wait_for_loading()
    server.stop()
    store_some_rows_otherwise(server.folder)
    server.start()
    with server.catalog() as catalog:
        catalog.add_website("late.test", now_ms=now_ms())
    spend(server, tokens[0], "late1-3", moment(1, now=now_ms()), "last")
    assert server.ask("POST", "/events", "", page(shop, "/live"), UA)[0] == 202
    server.wait_for_loading()
    kill_all(server)
    die_during_an_import(server.folder)
    for writer in ("collector-0", "collector-1"):
        for run in range(2):
            with collector(server.folder, writer) as url:
                for number in range(4):
                    path = f"/unread/{writer}/{run}/{number}"
                    assert post(url, page(shop, path, title="x" * 1500)) == 202


def page(website: Website, path: str, **fields: Any) -> dict[str, Any]:
    url = f"http://{website.domain}{path}"
    return {
        "websiteId": website.tracking_id,
        "url": url,
        "visitorUid": path.strip("/").replace("/", "-"),
        **fields,
    }


def send_month_after_month(server: Server, tokens: tuple[str, str], name: str) -> None:
    """What people and shops do, in months long past and today."""
    now = now_ms()
    for days in DAYS_AGO:
        at = moment(days, now=now)
        who = f"{name}-{days}"
        for token, domain in zip(tokens, ("shop.test", "other.test"), strict=True):
            events = [
                {
                    "url": f"http://{domain}/{name}/{days}/{n}",
                    "visitorUid": f"{who}-{n % 3}",
                    "timestamp": at,
                    "eventId": f"{who}-{n}",
                }
                for n in range(6)
            ]
            identify = {"type": "identify", "properties": {"email": f"{who}@x.test", "name": who}}
            events.append(
                {"url": f"http://{domain}/", "visitorUid": f"{who}-0", "timestamp": at} | identify
            )
            events.append(
                {"url": f"http://{domain}/leaver/{who}", "visitorUid": LEAVER, "timestamp": at}
            )
            assert server.ask("POST", f"{BASE}/events", token, events)[0] == 202
        spend(server, tokens[0], who, at, who)
    assert hook(server, f"hook-{name}") == 200
    assert hook(server, f"hook-refund-{name}", type="refund", refundId=f"r-{name}") in (200, 202)
    sdk = server.token(server_website(server), "collect", kind="formo")
    raw = {"type": "page", "version": "1", "channel": "web", "anonymous_id": name}
    raw |= {"context": {"page_url": f"http://shop.test/raw/{name}"}}
    _, answer = server.ask("POST", "/v0/raw_events", sdk, [raw, raw | {"type": "nonsense"}])
    assert answer["quarantined_rows"] == 1, answer


def spend(server: Server, token: str, who: str, at: str, name: str) -> None:
    goal = {"name": "trial", "visitorUid": f"{who}-0", "timestamp": at}
    assert server.ask("POST", f"{BASE}/goals", token, goal)[0] == 200
    sale = {"transactionId": name, "amount": 10, "currency": "EUR", "timestamp": at}
    sale |= {"visitorUid": f"{who}-0", "email": f"{who}@x.test"}
    assert server.ask("POST", f"{BASE}/payments", token, sale)[0] == 200


def server_website(server: Server) -> Website:
    with server.catalog() as catalog:
        return catalog.find_website("shop.test")


def hook(server: Server, name: str, **fields: Any) -> int:
    """Send a signed webhook; the status of its answer."""
    event = {"type": "payment", "amount": "10", "currency": "EUR", "transactionId": name}
    body = json.dumps(event | fields).encode()
    at = str(int(time.time()))
    signed = hmac.digest(SECRET.encode(), f"{at}.".encode() + body, "sha256").hex()
    header = {"Footfall-Signature": f"t={at},v1={signed}"}
    path = f"/webhooks/generic/{server_website(server).public_id}"
    return server.ask("POST", path, "", body, header)[0]


def damage_and_acknowledge(folder: Path) -> None:
    """Add a segment with a damaged record between whole ones."""
    writer = SegmentWriter(folder / "journal/collector-0", max_bytes=1 << 30, min_free_bytes=0)
    record = frame(encode_record(EventsRecord(received_at=now_ms(), via="server", events=[])))
    writer.append(record * 3)
    number = writer._number
    writer.close()
    path = segment_path(folder / "journal/collector-0", number)
    content = bytearray(path.read_bytes())
    content[len(record) + 9] ^= 1
    path.write_bytes(content)


def store_some_rows_otherwise(folder: Path) -> None:
    """Have one row refused, and one table's rows of some months stored as large ones are: every
    column in files of its own."""
    with closing(Engine(str(folder / "engine"))) as engine:
        row = b'[1, 1700000000, 1, 1, 1700000000, 1, "nonsense"]'
        assert insert_all(engine, "events", row, "refused", folder / "refused.jsonl")
        for table in ("events", "sessions"):
            engine.command(f"ALTER TABLE {table} MODIFY SETTING min_bytes_for_wide_part = 0")
            [[month]] = engine.query(f"SELECT min(_partition_id) FROM {table}").rows
            engine.command(f"OPTIMIZE TABLE {table} PARTITION ID '{month}' FINAL")
            engine.command(f"ALTER TABLE {table} RESET SETTING min_bytes_for_wide_part")


def kill_all(server: Server) -> None:
    """Kill the server and its collectors at once: none of them tidies up."""
    children = server.children()
    server.process.send_signal(signal.SIGSTOP)
    for child in children:
        os.kill(child, signal.SIGKILL)
    server.kill()


def die_during_a_delete(server: Server, token: str) -> None:
    """Kill the server while the plan of a delete is on disk."""
    plans = server.folder / "erasing"

    def ask() -> None:
        with suppress(OSError, http.client.HTTPException):
            server.ask("DELETE", f"{BASE}/visitors/{LEAVER}", token)

    asking = Thread(target=ask)
    asking.start()
    give_up_at = time.monotonic() + 180
    while not any(plans.glob("*.copy")):
        assert time.monotonic() < give_up_at
        assert asking.is_alive(), "the delete was too quick"
        time.sleep(0.0005)
    kill_all(server)
    asking.join()
    assert any(plans.glob("*.copy")), "the delete was too quick"


def die_during_an_import(folder: Path) -> None:
    """Let an import die after its first 500 lines, as a killed process does."""
    log = folder.parent / "access.log"
    log.write_text("".join(lines()))
    words = [sys.executable, "-m", "e2e.full_life", str(folder), str(log)]
    process = subprocess.run(words, env=environment(), check=False)
    assert process.returncode == DIED


def import_and_die(folder: Path, log: Path) -> None:
    catalog = Catalog(folder)
    bounds = {"max_bytes": 1 << 30, "min_free_bytes": 0}
    importer = Importer(ACCESS_LOGS, catalog, folder, now_ms, enricher=Enricher(), **bounds)
    watch = Watch(appended=lambda _: os._exit(DIED))
    with open_log(log) as opened:
        importer.run(opened, catalog.find_website("shop.test"), watch)


def lines() -> Iterator[str]:
    at = now_ms() / 1000 - 40 * 86_400
    for n in range(LINES):
        when = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at + n))
        request = f"GET /imported/{n % 50} HTTP/1.1"
        yield f'203.0.113.{n % 40} - - [{when}] "{request}" 200 5 "-" "{BROWSER}"\n'


@contextmanager
def collector(folder: Path, writer: str) -> Iterator[str]:
    """A collector process without a server that loads; its address. It is killed at the end."""
    listener = open_socket("127.0.0.1", 0, is_shared=True)
    port = listener.getsockname()[1]
    settings = msgspec.json.encode(Settings(data=str(folder), host="127.0.0.1", port=port)).decode()
    process = subprocess.Popen(
        [sys.executable, "-m", "footfall", "collector", settings, writer, "http://127.0.0.1:9"],
        env=environment(),
        stdin=subprocess.PIPE,
    )
    listener.close()
    try:

        def is_up() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(is_up, "collector")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def post(url: str, body: object) -> int:
    request = urllib.request.Request(f"{url}/events", json.dumps(body).encode(), UA)
    with urllib.request.urlopen(request, timeout=180) as reply:
        return int(reply.status)


if __name__ == "__main__":
    import_and_die(Path(sys.argv[1]), Path(sys.argv[2]))
