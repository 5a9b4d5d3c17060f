"""What the server says of itself: /health for people and `doctor`, /metrics for Prometheus."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from footfall import __version__
from footfall.clock import Clock
from footfall.damage import DamageLog
from footfall.model.unit import Bytes, Count, Milliseconds, Payload, Ratio
from footfall.serve.http.lane import Lane
from footfall.store.cache import Cache

LATE_AFTER_BYTES = 64 * 1024 * 1024
"""A backlog larger than this means that loading does not keep up."""
MAX_MESSAGES = 20


class AddressHits(Payload, frozen=True, kw_only=True):
    """The share of all hits that came from the most frequent client address."""

    address_share: Ratio
    hits: Count


class HealthReport(Payload, frozen=True, kw_only=True):
    """`status` is `failing` (it cannot load at all), `damaged` (files were found damaged and no
    person has acknowledged it), `full` (the disk has no room, hits are refused), `unfinished`
    (something could not be deleted, or payments not be compared with the ledger, so far), `late`
    (loading lags behind) or `ok`."""

    status: str
    version: str
    clock_ms: Milliseconds
    journal_backlog_bytes: Bytes
    loaded_at: Milliseconds | None
    is_loading_failing: bool
    loading_error: str
    most_hits_share: AddressHits
    damage: list[str]
    unfinished_deletes: list[str]
    unchecked_payments: list[str]
    tracker_is_built: bool
    hits: dict[str, Count]
    connections_ended: dict[str, Count]


class Health(Collector):
    """Numbers gathered from the running parts; nothing here names a visitor or an address."""

    def __init__(
        self,
        *,
        clock: Clock,
        backlog_bytes: Callable[[], int],
        loaded_at: Callable[[], int],
        loading_error: Callable[[], str],
        outcomes: Callable[[], Mapping[tuple[str, str], int]],
        damage: DamageLog,
        address_share: Callable[[], tuple[float, int]],
        has_room: Callable[[], bool],
        open_connections: Callable[[], int],
        tracker_is_built: bool,
        lanes: Collection[Lane],
        cancelled: Callable[[], int],
        unfinished: Callable[[], list[str]] = list,
        unchecked_payments: Callable[[], list[str]] = list,
        cache: Cache | None = None,
    ) -> None:
        """`unfinished`: what could not be deleted so far, in a sentence each; `unchecked_payments`:
        of which websites the payments could not be compared with the ledger."""
        self._clock = clock
        self._backlog_bytes = backlog_bytes
        self._loaded_at = loaded_at
        self._loading_error = loading_error
        self._outcomes = outcomes
        self._damage = damage
        self._address_share = address_share
        self._has_room = has_room
        self._open_connections = open_connections
        self._tracker_is_built = tracker_is_built
        self._unfinished = unfinished
        self._unchecked_payments = unchecked_payments
        self._lanes = lanes
        self._cancelled = cancelled
        self._cache = cache
        self.metrics_registry = CollectorRegistry()
        self.metrics_registry.register(self)

    def report(self) -> HealthReport:
        backlog = self._backlog_bytes()
        error = self._loading_error()
        damage = self._damage.unseen()
        unfinished = self._unfinished()
        unchecked = self._unchecked_payments()
        share, hits = self._address_share()
        return HealthReport(
            status=_status(
                failing=bool(error),
                damaged=bool(damage),
                full=not self._has_room(),
                unfinished=bool(unfinished or unchecked),
                late=backlog > LATE_AFTER_BYTES,
            ),
            version=__version__,
            clock_ms=self._clock(),
            journal_backlog_bytes=backlog,
            loaded_at=self._loaded_at() or None,
            is_loading_failing=bool(error),
            loading_error=error,
            most_hits_share=AddressHits(address_share=round(share, 4), hits=hits),
            damage=[found.message for found in damage[:MAX_MESSAGES]],
            unfinished_deletes=unfinished[:MAX_MESSAGES],
            unchecked_payments=unchecked[:MAX_MESSAGES],
            tracker_is_built=self._tracker_is_built,
            hits=self._hits(),
            connections_ended=self._connections_ended(),
        )

    def _hits(self) -> dict[str, int]:
        """Hits loaded since the start, by outcome; those for unknown websites are only here."""
        hits: Counter[str] = Counter()
        for (via, outcome), count in self._outcomes().items():
            if via != "connection":
                hits[outcome] += count
        return dict(hits)

    def _connections_ended(self) -> dict[str, int]:
        """Connections refused or cut off since the start, by reason, in all processes."""
        return {
            outcome: count
            for (via, outcome), count in sorted(self._outcomes().items())
            if via == "connection"
        }

    def metrics(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.metrics_registry)

    def collect(self) -> Iterator[Metric]:
        hits = CounterMetricFamily(
            "footfall_hits", "Hits loaded, by way in and outcome", labels=["via", "outcome"]
        )
        for (via, outcome), count in sorted(self._outcomes().items()):
            if via != "connection":
                hits.add_metric([via, outcome], count)
        yield hits
        yield GaugeMetricFamily(
            "footfall_connections",
            "Open connections of the first process",
            value=self._open_connections(),
        )
        ended = CounterMetricFamily(
            "footfall_connections_ended",
            "Connections refused or cut off in all processes, by reason",
            labels=["reason"],
        )
        for reason, count in self._connections_ended().items():
            ended.add_metric([reason], count)
        yield ended
        yield GaugeMetricFamily(
            "footfall_journal_backlog_bytes",
            "Acknowledged and not yet loaded",
            value=self._backlog_bytes(),
        )
        yield GaugeMetricFamily(
            "footfall_loaded_at_seconds",
            "When the last batch was loaded, seconds since 1970",
            value=self._loaded_at() / 1000,
        )
        yield GaugeMetricFamily(
            "footfall_loading_failing",
            "1 while batches cannot be loaded",
            value=bool(self._loading_error()),
        )
        yield GaugeMetricFamily(
            "footfall_damage",
            "Findings of damaged or missing files that no person has acknowledged",
            value=len(self._damage.unseen()),
        )
        yield GaugeMetricFamily(
            "footfall_unfinished_deletes",
            "Deletes and retention that could not be carried out so far",
            value=len(self._unfinished()),
        )
        yield GaugeMetricFamily(
            "footfall_unchecked_payments",
            "Websites whose payments could not be compared with the ledger so far",
            value=len(self._unchecked_payments()),
        )
        yield from self._queries()

    def _queries(self) -> Iterator[Metric]:
        running = GaugeMetricFamily(
            "footfall_queries_running", "Requests whose queries run", labels=["lane"]
        )
        waiting = GaugeMetricFamily(
            "footfall_queries_waiting", "Requests that wait for their turn", labels=["lane"]
        )
        started = CounterMetricFamily(
            "footfall_queries_started", "Requests whose queries have run", labels=["lane"]
        )
        refused = CounterMetricFamily(
            "footfall_queries_refused", "Requests refused because too many waited", labels=["lane"]
        )
        for lane in self._lanes:
            running.add_metric([lane.name], lane.queue.running)
            waiting.add_metric([lane.name], lane.queue.waiting)
            started.add_metric([lane.name], lane.queue.started)
            refused.add_metric([lane.name], lane.queue.refused)
        yield from (running, waiting, started, refused)
        yield CounterMetricFamily(
            "footfall_queries_cancelled",
            "Running queries that were cancelled because the client had disconnected",
            value=self._cancelled(),
        )
        if self._cache is not None:
            yield from _of_cache(self._cache)


def _of_cache(cache: Cache) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "footfall_cache_hits", "Statements of reports answered from memory", value=cache.hits
    )
    yield CounterMetricFamily(
        "footfall_cache_misses",
        "Statements of reports that were not in memory, or whose rows had changed",
        value=cache.misses,
    )
    yield GaugeMetricFamily(
        "footfall_cache_entries", "Answers of statements in memory", value=cache.entries
    )
    yield GaugeMetricFamily("footfall_cache_bytes", "Memory that they take", value=cache.bytes)


def _status(**states: bool) -> str:
    """The first state that holds: the worst one."""
    return next((name for name, holds in states.items() if holds), "ok")
