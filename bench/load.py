"""Starting the load generator and looking at the server while it sends."""

import subprocess
import sys
import time
from collections.abc import Callable

import msgspec

from bench.generator import Order, Outcome
from bench.process import Cpu, cpu_of
from bench.server import Server


class Load(msgspec.Struct, frozen=True):
    """A run's outcome at the sender, what it cost the server until everything was loaded, and
    what `look` saw meanwhile."""

    outcome: Outcome
    cpu: Cpu
    seen: list[tuple[float, int]]  # seconds since the start, backlog in bytes
    drained_s: float

    @property
    def cpu_us_per_event(self) -> float:
        return self.cpu.total_s / max(1, self.outcome.acknowledged) * 1e6


def send(
    server: Server,
    count: int,
    *,
    per_second: int = 0,
    seed: int = 1,
    connections: int = 32,
    is_distinct: bool = False,
    between: Callable[[float], None] | None = None,
) -> Load:
    """Send `count` events. `between` is called all the time with the seconds since the start;
    without it the backlog is looked at every half second."""
    order = Order(
        port=server.port,
        tracking_id=server.website.tracking_id,
        count=count,
        per_second=per_second,
        seed=seed,
        connections=connections,
        is_distinct=is_distinct,
    )
    written = server.folder / "outcome.json"
    text = msgspec.json.encode(order).decode()
    command = [sys.executable, "-m", "bench.generator", text, str(written)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as generator:
        assert generator.stdin
        assert generator.stdout
        assert generator.stdout.readline() == b"ready\n", "the generator could not start"
        before = cpu_of(server.pids)
        began = time.perf_counter()
        generator.stdin.write(b"go\n")
        generator.stdin.flush()
        seen = []
        while generator.poll() is None:
            elapsed = time.perf_counter() - began
            if between:
                between(elapsed)
            else:
                time.sleep(0.5)
                seen.append((elapsed, server.backlog_bytes()))
    if generator.returncode:
        raise RuntimeError(f"the load generator ended with exit code {generator.returncode}")
    outcome = msgspec.json.decode(written.read_bytes(), type=Outcome)
    drained_s = server.wait_until_loaded()
    return Load(outcome, cpu_of(server.pids).since(before), seen, drained_s)
