"""Visitors who come and go while the demo runs."""

from pathlib import Path

import pytest
from demo.test_fill import NOW, Demo
from e2e.server import wait_until

from footfall.demo.generator import HOUR_MS, demo_requests
from footfall.demo.live import LiveTraffic
from footfall.enrich.pipeline import Enricher
from footfall.model.record import EventsRecord
from footfall.model.website import Website

LATER = NOW + HOUR_MS


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path / "data")


def watch(demo: Demo, website: Website, until: int = LATER) -> list[int]:
    """Let the visitors come who are due at `until`, and return the times of all requests."""
    wanted = [record.received_at for record in live_requests(website, NOW, until)]
    traffic = LiveTraffic(demo.catalog, demo.folder, website, lambda: until)
    traffic.start()
    wait_until(lambda: wanted[-1] in demo.times(), "the last request that is due")
    traffic.stop()
    return demo.times()


def live_requests(website: Website, start: int, end: int) -> list:
    return list(demo_requests(website, Enricher(), start, end, is_live=True))


def test_live_visitors_come_when_they_are_due_and_not_before(demo: Demo):
    website = demo.fill()
    before = demo.times()
    after = watch(demo, website)
    assert after[: len(before)] == before
    assert after[len(before) :] == [r.received_at for r in live_requests(website, NOW, LATER)]


def test_there_is_something_to_see_within_any_five_minutes(demo: Demo):
    website = demo.fill()
    for start in range(NOW, LATER, 5 * 60_000):
        requests = live_requests(website, start, start + 5 * 60_000)
        visitors = {e.visitor_id for r in requests if isinstance(r, EventsRecord) for e in r.events}
        assert len(visitors) >= 2


def test_the_next_start_goes_on_after_the_live_visitors(demo: Demo):
    website = demo.fill()
    watched = watch(demo, website)
    demo.fill(now=LATER + HOUR_MS)
    times = demo.times()
    assert times[: len(watched)] == watched
    assert len(times) > len(watched)
    assert len(times) == len(set(times))
