"""A step that raises costs one event, and the log says which step it was."""

import pytest
import structlog

from footfall.enrich.pipeline import STEPS, Enricher
from footfall.model.errors import BadRequest
from footfall.model.event import Dropped, Event

from .conftest import SALTS, WEBSITE, make_hit

SECRETS = {
    "user_agent": "Mozilla/5.0 (Secret phone)",
    "client_address": "203.0.113.77",
    "visitor_uid": "secret-visitor",
}


def add_trouble(draft):
    """Fails for titles that name an exception, and quotes what was sent as exceptions do."""
    if draft.hit.title == "Trouble":
        raise ValueError(f"invalid literal: {draft.hit.user_agent!r} {draft.address}")
    if draft.hit.title == "Recursion":
        raise RecursionError


@pytest.fixture
def enrich():
    enricher = Enricher(steps=(*STEPS, add_trouble))
    yield lambda **fields: enricher.enrich(make_hit(**SECRETS | fields), WEBSITE, SALTS)
    enricher.close()


def test_a_step_that_raises_drops_its_event_with_a_reason_and_a_message(enrich):
    dropped = enrich(title="Trouble")
    assert isinstance(dropped, Dropped)
    assert dropped.reason == "internal_error"
    assert "the server failed" in dropped.message


def test_the_next_event_is_processed_as_usual(enrich):
    enrich(title="Trouble")
    assert isinstance(enrich(title="Fine"), Event)


def test_the_log_names_the_step_the_exception_and_the_place(enrich):
    with structlog.testing.capture_logs() as logged:
        enrich(title="Trouble")
    assert len(logged) == 1
    assert logged[0]["step"] == "add_trouble"
    assert logged[0]["error"] == "ValueError"
    assert logged[0]["at"].startswith("test_failing_step.py:")


def test_the_log_holds_nothing_that_was_sent(enrich):
    with structlog.testing.capture_logs() as logged:
        enrich(title="Trouble")
    assert not [value for value in SECRETS.values() if value in repr(logged)]


def test_a_failure_that_repeats_is_logged_ever_more_rarely(enrich):
    with structlog.testing.capture_logs() as logged:
        for _ in range(1000):
            enrich(title="Trouble")
    assert [entry["events"] for entry in logged] == [2**n for n in range(10)]


def test_another_exception_of_the_same_step_is_logged_too(enrich):
    with structlog.testing.capture_logs() as logged:
        enrich(title="Trouble")
        enrich(title="Recursion")
    assert [entry["error"] for entry in logged] == ["ValueError", "RecursionError"]


def test_decoding_that_raises_drops_the_event_as_a_step_does(enricher):
    def decode():
        raise KeyError("secret-visitor")

    with structlog.testing.capture_logs() as logged:
        dropped = enricher.decode_and_enrich(decode, WEBSITE, SALTS)
    assert dropped.reason == "internal_error"
    assert (logged[0]["step"], logged[0]["error"]) == ("decode", "KeyError")
    assert "secret-visitor" not in repr(logged)


def test_decoding_that_refuses_the_event_drops_it_as_invalid(enricher):
    def decode():
        raise BadRequest("title: too long", field="title")

    dropped = enricher.decode_and_enrich(decode, WEBSITE, SALTS)
    assert (dropped.reason, dropped.field, dropped.message) == (
        "invalid",
        "title",
        "title: too long",
    )
