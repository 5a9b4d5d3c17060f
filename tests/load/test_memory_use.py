"""A process that has loaded much gives the memory back, as the system counts it."""

import subprocess
import sys

MAX_GROWTH_MB = 40
"""Measured: 24 to 29 MB, of which 20 to 24 come with the first half of the visitors. Without a
limit for the visitors that the loader keeps: 104 MB."""

CODE = """
import os
import sys
import time
from pathlib import Path
from random import Random

from bench.process import memory_of

from footfall.load.loader import Loader
from footfall.memory import configure_allocator, release_memory
from footfall.model.event import Event
from footfall.model.fact import Facts
from footfall.model.record import EventsRecord
from footfall.store.engine import Engine

configure_allocator()
NOON = 1_767_268_800_000
random = Random(1)
folder = Path(sys.argv[1])
engine = Engine(str(folder / "engine"))
engine.migrate()
loader = Loader(engine, folder, lambda: NOON)


def load(count):
    records = []
    for number in range(count):
        own = f"{random.getrandbits(128):032x}"
        event = Event(
            website_id=1,
            type="page",
            occurred_at=NOON + number,
            visitor_id=random.getrandbits(63) + 1,
            path=f"/{own}" * 4,
            facts=Facts(referrer=f"{own}.example.net", referrer_url=f"{own}.example.net/{own}"),
        )
        records.append(EventsRecord(received_at=NOON, via="server", events=[event]))
    loader.load_records(records)


def size():
    for table in engine.tables_with_replaced_parts():
        engine.clear_up(table)
    engine.release_memory()
    release_memory()
    return memory_of(os.getpid()).anonymous


load(10)
idle = size()
for _ in range(50):
    load(2_000)
until = time.monotonic() + 20
# a merge that runs in the background holds much for a moment
while (loaded := size()) - idle > float(sys.argv[2]) and time.monotonic() < until:
    time.sleep(0.5)
print(idle, loaded)
"""


def test_after_100000_different_visitors_paths_and_referrers_it_is_little_larger(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path), str(MAX_GROWTH_MB)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    idle, loaded = map(float, run.stdout.split())
    assert loaded - idle <= MAX_GROWTH_MB, f"{idle:.0f} MB before, {loaded:.0f} MB after"
