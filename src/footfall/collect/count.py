"""Counting what is dropped and why, and what the connections look like.

Accepted hits are counted when they are loaded; dropped ones reach the store by these counts.
"""

from collections import Counter, deque

from footfall.model.record import CountsRecord, Via

REMEMBERED_HITS = 500


class HitCounts:
    """Drops since the last `take`, by website and reason. For one event loop."""

    def __init__(self, via: Via) -> None:
        self._via: Via = via
        self._drops: Counter[tuple[int, str]] = Counter()

    def drop(self, website_id: int, reason: str) -> None:
        self._drops[website_id, reason] += 1

    def take(self, now_ms: int) -> CountsRecord | None:
        """What was dropped since the last call, or None if nothing was."""
        if not self._drops:
            return None
        counts = [(website_id, reason, n) for (website_id, reason), n in self._drops.items()]
        self._drops.clear()
        return CountsRecord(received_at=now_ms, via=self._via, counts=counts)

    def give_back(self, record: CountsRecord) -> None:
        """Keep what could not be written for the next `take`."""
        for website_id, reason, hits in record.counts:
            self._drops[website_id, reason] += hits


class AddressShare:
    """How many of the latest hits share one address: it reveals a proxy that hides its clients.

    Addresses stay in memory, and only those of the last few hundred hits.
    """

    def __init__(self) -> None:
        self._latest: deque[str] = deque(maxlen=REMEMBERED_HITS)

    def add(self, address: str) -> None:
        self._latest.append(address)

    def largest(self) -> tuple[float, int]:
        """The share (0–1) of the most frequent address, and of how many hits."""
        if not self._latest:
            return 0.0, 0
        _, hits = Counter(self._latest).most_common(1)[0]
        return hits / len(self._latest), len(self._latest)
