"""collect: how many events the collector accepts, what they cost, and whether all are stored."""

from pathlib import Path

from bench.load import Load, send
from bench.process import Cpu
from bench.result import Figure, at_least, at_most, percentile
from bench.server import Server, running_server
from bench.size import Size

PART = "collect"
CONNECTIONS = 32


def run(size: Size, folder: Path) -> list[Figure]:
    """At full rate, at 1,000 a second, and at full rate with two collector processes."""
    with running_server(folder / "one") as server:
        warm = send(server, size.collect_events // 4, seed=1)  # as in a server that has run
        full = send(server, size.collect_events, seed=2)
        figures = _at_full_rate(full)
        paced = send(server, 1_000 * size.paced_s, per_second=1_000, seed=3)
        p99 = percentile(paced.outcome.latencies_ms, 0.99)
        p50 = percentile(paced.outcome.latencies_ms, 0.5)
        figures += [
            Figure(PART, "p50 at 1,000 events/s", f"{p50:.1f} ms"),
            at_most(PART, "p99 at 1,000 events/s", p99, 20, "ms"),
            Figure(PART, "CPU per event at 1,000 events/s", f"{paced.cpu_us_per_event:.0f} µs"),
        ]
        figures.append(_all_there(server, _acknowledged(warm, full, paced), "one process"))
    with running_server(folder / "two", collectors=2) as server:
        warm = send(server, size.collect_events // 4, seed=1)
        two = send(server, size.collect_events, seed=2)
        figures += [
            Figure(PART, "two collectors: rate", f"{_rate(two):,.0f} events/s"),
            Figure(PART, "two collectors: CPU per event", f"{two.cpu_us_per_event:.0f} µs"),
            at_most(
                PART,
                "two collectors: CPU per event ÷ one's",
                two.cpu_us_per_event / full.cpu_us_per_event,
                1.1,
                "×",
            ),
            *_threads(two.cpu, two.outcome.acknowledged, "two collectors: "),
            _all_there(server, _acknowledged(warm, two), "two collectors"),
        ]
    return figures


def _at_full_rate(load: Load) -> list[Figure]:
    outcome = load.outcome
    p50, p99 = (percentile(outcome.latencies_ms, share) for share in (0.5, 0.99))
    largest = max((backlog for _, backlog in load.seen), default=0) / 1e6
    kernel = load.cpu.kernel_s / max(1, outcome.acknowledged) * 1e6
    per_event = outcome.cpu_s / max(1, outcome.acknowledged) * 1e6
    return [
        at_least(PART, f"rate at {CONNECTIONS} connections", _rate(load), 10_000, "events/s"),
        at_most(PART, "CPU per event, loading included", load.cpu_us_per_event, 100, "µs"),
        Figure(PART, "  of it in the kernel", f"{kernel:.0f} µs"),
        *_threads(load.cpu, outcome.acknowledged),
        Figure(PART, "load generator's CPU per event", f"{per_event:.0f} µs"),
        Figure(PART, "p50 at full rate", f"{p50:.1f} ms"),
        at_most(PART, "p99 at full rate", p99, 30, "ms"),
        Figure(PART, "largest backlog at full rate", f"{largest:.1f} MB"),
        Figure(PART, "all loaded after the last answer", f"{load.drained_s:.1f} s"),
    ]


def _threads(cpu: Cpu, events: int, prefix: str = "") -> list[Figure]:
    """Python's threads (the event loops', the journals', the loader's) and the engine's, of all
    processes together."""
    largest = sorted(cpu.by_thread.items(), key=lambda pair: -pair[1])
    return [
        Figure(PART, f"{prefix}  of it thread {name}", f"{used / max(1, events) * 1e6:.1f} µs")
        for name, used in largest
        if used / max(1, events) * 1e6 >= 1
    ]


def _rate(load: Load) -> float:
    return load.outcome.acknowledged / load.outcome.elapsed_s


def _acknowledged(*loads: Load) -> int:
    return sum(load.outcome.acknowledged for load in loads)


def _all_there(server: Server, acknowledged: int, what: str) -> Figure:
    """Every acknowledged event is counted as accepted, or as dropped for a reason that only
    loading can see; and every accepted one is an event in the store."""
    outcomes = server.outcomes()
    stored, loaded = server.stored_events(), sum(outcomes.values())
    is_met = loaded == acknowledged and stored == outcomes.get("accepted", 0)
    value = f"{stored:,} stored of {acknowledged:,}"
    late = {name: hits for name, hits in outcomes.items() if name != "accepted"}
    return Figure(PART, f"{what}: acknowledged and there {late or ''}", value, "all", is_met)
