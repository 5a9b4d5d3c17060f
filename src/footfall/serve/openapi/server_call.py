"""Server calls and deletes in the OpenAPI document: parameters and operations."""

from footfall.collect.server_call import KEY_RULE, GoalBody, PaymentBody
from footfall.model.uid import UID_PATTERN
from footfall.serve.openapi.component import Json, named, rows_of
from footfall.serve.openapi.given import GIVEN_SWITCH, GIVEN_TEXT
from footfall.serve.openapi.operation import deleting, parameter, writing
from footfall.serve.rest.deletes import Deleted
from footfall.serve.rest.route import SELECTOR
from footfall.serve.rest.server_call import (
    KEY_PATTERN,
    MAX_KEY,
    GoalRecorded,
    PaymentRecorded,
)

_GIVEN: Json = {**GIVEN_TEXT, "minLength": 1}
_ID: Json = {"type": "string", "pattern": f"^{UID_PATTERN}$"}
SERVER_CALL_PARAMETERS: Json = {
    "idempotency_key": {
        **{"name": "Idempotency-Key", "in": "header"},
        "schema": {"type": "string", "maxLength": MAX_KEY, "pattern": f"^{KEY_PATTERN}$"},
        "description": f"{KEY_RULE}. `idempotencyKey` in the body takes precedence",
    },
    "deleted_name": parameter("name", "Completions of this goal", _GIVEN),
    "deleted_visitor": parameter(
        "visitorId",
        "Of this visitor: a `visitorId` of a list or map, or the value of the cookie `_fs_vid`",
        _ID,
    ),
    "deleted_transaction": parameter("transactionId", "This payment", _GIVEN),
    "dryRun": parameter("dryRun", "Counts, and deletes nothing", GIVEN_SWITCH),
}
_GOAL = named("Goal", GoalBody)
_PAYMENT = named("Payment", PaymentBody)
_TIMES = ("startAt", "endAt", "timezone")
_DELETED = rows_of(Deleted)


def goals_operations() -> Json:
    """POST and DELETE of goals."""
    return {
        "post": writing(
            "track_goal",
            "Record that a goal was completed. A visitorUid without a recorded page view is a 404",
            (*SELECTOR, "idempotency_key"),
            _GOAL,
            "200",
            rows_of(GoalRecorded),
            is_counted=True,
        ),
        "delete": deleting(
            "delete_goals",
            "Delete completions for good. At least one filter; those given are AND-ed. Without"
            " dates it is the whole history: ask the person first",
            (*SELECTOR, "deleted_name", "deleted_visitor", *_TIMES, "dryRun"),
            _DELETED,
        ),
    }


def payments_operations() -> Json:
    return {
        "post": writing(
            "track_payment",
            "Record a payment, a renewal or a refund. A second payment of a transactionId is a 409"
            " and changes nothing",
            (*SELECTOR, "idempotency_key"),
            _PAYMENT,
            "200",
            rows_of(PaymentRecorded),
            is_counted=True,
            may_conflict=True,
        ),
        "delete": deleting(
            "delete_payments",
            "Delete payments for good, with their refunds and goals; their transactionIds are free"
            " again. At least one filter; those given are AND-ed. Without dates it is the whole"
            " history: ask the person first",
            (*SELECTOR, "deleted_transaction", "deleted_visitor", *_TIMES, "dryRun"),
            _DELETED,
        ),
    }


def visitor_delete() -> Json:
    return deleting(
        "delete_visitor",
        "Delete one person everywhere, for good; their payments stay in the ledger without them",
        ("visitor_id", *SELECTOR, "dryRun"),
        _DELETED,
    )
