"""Cancelled queries are asked to end until they have, and counted then."""

import threading

import pytest
from structlog.testing import capture_logs

from footfall.store.cancel import Canceller, tagged


def test_a_query_counts_as_cancelled_when_it_has_ended():
    asked = threading.Event()
    canceller = Canceller(lambda _tags: asked.set())
    canceller.cancel("a-1")
    assert asked.wait(60)
    assert canceller.cancelled == 0
    canceller.ended("a-1")
    canceller.ended("a-2")  # nobody wanted that one cancelled
    assert canceller.cancelled == 1
    canceller.close()


def test_queries_that_do_not_end_are_in_the_log_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("footfall.store.cancel.MANY", 2)
    attempts = threading.Semaphore(0)
    with capture_logs() as logged:
        canceller = Canceller(lambda _tags: attempts.release())
        canceller.cancel("a-1")
        for _ in range(6):
            assert attempts.acquire(timeout=60)
        canceller.close()
    [line] = logged
    assert line["event"] == "queries go on although they were cancelled"
    assert line["count"] == 1


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", "{} SELECT 1"),
        ("\nWITH\n    a AS (SELECT 1)\nSELECT 2", "\n{},\n    a AS (SELECT 1)\nSELECT 2"),
        ("INSERT INTO x (a, b) SELECT 1, 2", "INSERT INTO x (a, b) {} SELECT 1, 2"),
        ("INSERT INTO x WITH 1 AS a SELECT a", "INSERT INTO x {}, 1 AS a SELECT a"),
        ("TRUNCATE TABLE x", "/* {} */ TRUNCATE TABLE x"),
    ],
)
def test_a_tag_is_where_the_list_of_running_queries_shows_it(sql: str, expected: str):
    assert tagged("a-1", sql) == expected.format("WITH 'a-1' AS footfall_tag")
