"""Steps as clients write them become which events they mean."""

import json
from typing import Any

import pytest

from footfall.model.errors import BadRequest
from footfall.model.step import ALL_PAGE_VIEWS, BUILT_IN_EVENTS, Condition, Step
from footfall.query.parse.step import STEP_EXAMPLE, read_step


def read(**members: Any) -> Step:
    step = read_step({"start_step": json.dumps(members)}, "start_step")
    assert step is not None
    return step


def refusal(value: Any) -> tuple[str, str]:
    with pytest.raises(BadRequest) as caught:
        read_step({"start_step": json.dumps(value)}, "start_step")
    return caught.value.field, caught.value.message


@pytest.mark.parametrize("kind", ["event", "track"])
@pytest.mark.parametrize(
    ("event", "resolved", "step"),
    [
        ("page", ALL_PAGE_VIEWS, Step(label=ALL_PAGE_VIEWS, type="page")),
        ("page", "page", Step(label="page", type="page")),
        ("page", None, Step(label="page", type="page")),
        ("page", "", Step(label="page", type="page")),
        ("page", "/swap", Step(label="/swap", type="page", path="/swap")),
        ("page", "/docs/**", Step(label="/docs/**", type="page", path="/docs/**")),
        ("page", "connect", Step(label="connect", type="page", path="connect")),
        ("Any page", ALL_PAGE_VIEWS, Step(label=ALL_PAGE_VIEWS, type="page")),
        (ALL_PAGE_VIEWS, None, Step(label=ALL_PAGE_VIEWS, type="page")),
        ("View", "page", Step(label="page", type="page")),
        ("connect", "connect", Step(label="connect", type="connect")),
        ("connect", None, Step(label="connect", type="connect")),
        ("Connect", None, Step(label="Connect", type="track", name="Connect")),
        ("Wallet", "connect", Step(label="connect", type="connect")),
        ("swap", "swap", Step(label="swap", type="track", name="swap")),
        ("signup", None, Step(label="signup", type="track", name="signup")),
        ("signup", "Sign Up*", Step(label="Sign Up*", type="track", name="Sign Up*")),
        ("connect", "swap", Step(label="swap", type="track", name="swap")),
        ("/swap", None, Step(label="/swap", type="track", name="/swap")),
        ("transaction", None, Step(label="transaction", type="transaction")),
    ],
)
def test_events_and_tracks_mean_pages_built_in_events_or_goals(
    kind: str, event: str, resolved: str | None, step: Step
) -> None:
    assert read(type=kind, event=event, resolved_event=resolved) == step


@pytest.mark.parametrize("name", sorted(set(BUILT_IN_EVENTS) - {"page"}))
def test_a_built_in_name_means_events_of_that_type(name: str) -> None:
    assert read(type="track", event=name).type == read(type="event", event=name).type == name


def test_track_and_decoded_log_are_not_built_in_names() -> None:
    assert read(type="event", event="track") == Step(label="track", type="track", name="track")
    assert read(type="track", event="decoded_log").type == "track"


def test_a_decoded_log_is_a_contract_event_by_name() -> None:
    transfer = Step(label="Transfer", type="decoded_log", name="Transfer")
    assert read(type="decoded_log", event="x", resolved_event="Transfer") == transfer
    assert read(type="decoded_log", event="page").name == "page"


@pytest.mark.parametrize("kind", ["transaction", "signature"])
@pytest.mark.parametrize(
    ("event", "resolved", "action"),
    [
        ("own", None, ""),
        ("own", "own", ""),
        ("swap", "own", ""),
        ("swap", None, "swap"),
        ("swap", "swap", "swap"),
        ("own", "approve", "approve"),
        ("page", None, "page"),
    ],
)
def test_a_name_other_than_the_types_own_narrows_what_is_on_chain(
    kind: str, event: str, resolved: str | None, action: str
) -> None:
    step = read(
        type=kind,
        event=event.replace("own", kind),
        resolved_event=resolved and resolved.replace("own", kind),
    )
    assert (step.type, step.action, step.name) == (kind, action, "")


@pytest.mark.parametrize(
    ("status", "statuses"),
    [
        ("success", ("success", "confirmed")),
        ("confirmed", ("confirmed",)),
        ("rejected", ("rejected",)),
        ("", ()),
        (None, ()),
    ],
)
def test_a_status_narrows_what_is_on_chain(status: str | None, statuses: tuple[str, ...]) -> None:
    for kind in ("transaction", "event", "track"):
        step = read(type=kind, event="transaction", status_type="transaction", status_value=status)
        assert (step.type, step.statuses) == ("transaction", statuses)


def test_a_status_of_other_steps_is_ignored() -> None:
    for event in ("swap", "page", "connect"):
        assert read(type="track", event=event, status_value="success").statuses == ()
    assert read(type="decoded_log", event="Swap", status_value="success").statuses == ()


def test_a_step_has_conditions_and_unknown_members_are_ignored() -> None:
    filters = [{"operand": "device", "operator": "equals", "value": "mobile"}]
    step = read(type="track", event="swap", filters=filters, name="x", more=[{}])
    assert step.conditions == (Condition(field="device", operator="equals", values=("mobile",)),)
    assert step.label == "swap"
    assert read(type="track", event="swap", filters=None).conditions == ()


def test_a_missing_step_is_none() -> None:
    assert read_step({"end_step": "null"}, "end_step") is None
    assert read_step({}, "end_step") is None


OK = {"type": "event", "event": "page"}


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ([], "", f"start_step (an array) is not a JSON object; write {STEP_EXAMPLE}"),
        ("page", "", f"start_step 'page' is not a JSON object; write {STEP_EXAMPLE}"),
        (True, "", f"start_step true is not a JSON object; write {STEP_EXAMPLE}"),
        (
            {"event": "page"},
            ".type",
            "start_step.type is missing; one of event, track, transaction, signature, decoded_log",
        ),
        (
            {"type": "pageview", "event": "page"},
            ".type",
            "start_step.type 'pageview' is not one of event, track, transaction, signature,"
            " decoded_log",
        ),
        (
            {"type": ["event"], "event": "page"},
            ".type",
            "start_step.type (an array) is not one of event, track, transaction, signature,"
            " decoded_log",
        ),
        (
            {"type": "event"},
            ".event",
            "start_step.event is missing; give the event's name, as in page or signup",
        ),
        (
            {"type": "event", "event": ""},
            ".event",
            "start_step.event is missing; give the event's name, as in page or signup",
        ),
        (
            {"type": "event", "event": 5},
            ".event",
            "start_step.event 5 is not a text; give the event's name",
        ),
        (
            {**OK, "resolved_event": {}},
            ".resolved_event",
            "start_step.resolved_event (an object) is not a text; give the value to compare with,"
            " as in /pricing or signup",
        ),
        (
            {**OK, "resolved_event": "/" + "a" * 2048},
            ".resolved_event",
            f"start_step.resolved_event '/{'a' * 63}'… is 2049 characters long; at most 2048",
        ),
        (
            {**OK, "resolved_event": "/*" * 21},
            ".resolved_event",
            f"start_step.resolved_event {'/*' * 21!r} has more than 20 '*'",
        ),
        (
            {**OK, "event": "a\0"},
            ".event",
            "start_step.event 'a\\x00' contains a NUL character",
        ),
        (
            {**OK, "status_type": "page"},
            ".status_type",
            "start_step.status_type 'page' is not one of transaction, signature",
        ),
        (
            {**OK, "status_value": 200},
            ".status_value",
            "start_step.status_value 200 is not a text; give a status, as in success or rejected",
        ),
        (
            {**OK, "filters": {}},
            ".filters",
            "start_step.filters (an object) is not a JSON array of conditions",
        ),
        (
            {**OK, "filters": [{"operand": "os", "operator": "equals"}]},
            ".filters.0.value",
            "start_step.filters.0.value is missing; give the text, number, true or false that"
            " equals compares with",
        ),
    ],
)
def test_a_wrong_member_is_named(value: Any, field: str, message: str) -> None:
    assert refusal(value) == (f"start_step{field}", message)
