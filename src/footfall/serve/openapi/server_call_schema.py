"""Telling of goals and payments, and deleting, in the OpenAPI document."""

from footfall.collect.server_call import MAX_METADATA, MAX_METADATA_VALUE
from footfall.model.escape import SPACES
from footfall.model.event import NAME_PATTERN, RESERVED_GOALS
from footfall.model.money import MAX_AMOUNT, MAX_RATE, currency_codes
from footfall.model.uid import UID_PATTERN
from footfall.serve.openapi.operation import deleting, parameter, success_of, writing
from footfall.serve.openapi.schema import (
    COUNT,
    GIVEN_SWITCH,
    GIVEN_TEXT,
    MOMENT,
    TEXT,
    Json,
    array_of,
    record,
    ref,
)
from footfall.serve.rest.route import SELECTOR
from footfall.serve.rest.server_call import KEY_PATTERN, MAX_KEY

_UID: Json = {"type": "string", "pattern": f"^(?:{UID_PATTERN})?$"}
_NAME: Json = {"type": "string", "pattern": f"^{NAME_PATTERN}$"}
_SHORT: Json = {"type": "string", "maxLength": 255}
_NO_CONTROL = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]"
_LINE: Json = {**_SHORT, "pattern": f"^{_NO_CONTROL}*$"}
"""Text without line breaks and other control characters."""
_TRIMMED = rf"[^\u0000-\u001f\u007f-\u009f{SPACES}]"
_AMOUNT: Json = {
    "type": ["number", "string"],
    "minimum": 0,
    "maximum": int(MAX_AMOUNT),
    "pattern": r"^[0-9]{1,40}(\.[0-9]{1,40})?$",
}
_RATE: Json = {**_AMOUNT, "exclusiveMinimum": 0, "maximum": int(MAX_RATE)}
_CURRENCY = "|".join(
    "".join(f"[{letter}{letter.lower()}]" for letter in code) for code in currency_codes()
)
_KEY = "A repeat by this key counts once: of a goal within 24 hours, of a payment's refund ever"
_WHEN = "ISO 8601, from 2000-01-01 to one minute ahead; now without it"


def _or_null(schema: Json) -> Json:
    """A null is as good as nothing."""
    return {**schema, "type": [*_types(schema), "null"]}


def _types(schema: Json) -> list[str]:
    given = schema["type"]
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]


def _told(properties: Json, *required: str) -> Json:
    shared: Json = {
        "websiteId": {**_SHORT, "description": "A workspace token needs this or domain"},
        "domain": _SHORT,
        "visitorUid": {**_UID, "description": "The cookie _fs_vid"},
        "sessionUid": {**_UID, "description": "The cookie _fs_sid; alone it names the visitor too"},
        "timestamp": {**MOMENT, "maxLength": 64, "description": _WHEN},
        "timezone": {**_SHORT, "description": "IANA zone of a timestamp without offset; else UTC"},
        "idempotencyKey": {**_SHORT, "description": _KEY},
    }
    optional = {name: schema for name, schema in properties.items() if name not in required}
    nullable = {
        name: _or_null(schema)
        for name, schema in (shared | optional).items()
        if isinstance(schema, dict)
    }
    return record({name: properties[name] for name in required} | nullable, *required)


_GIVEN: Json = {**GIVEN_TEXT, "minLength": 1}
_ID: Json = {"type": "string", "pattern": f"^{UID_PATTERN}$"}
SERVER_CALL_PARAMETERS: Json = {
    "idempotency_key": {
        **{"name": "Idempotency-Key", "in": "header"},
        "schema": {"type": "string", "maxLength": MAX_KEY, "pattern": f"^{KEY_PATTERN}$"},
        "description": f"{_KEY}. `idempotencyKey` in the body goes before it",
    },
    "deleted_name": parameter("name", "Completions of this goal", _GIVEN),
    "deleted_visitor": parameter(
        "visitorId", "Of this visitor: a `visitorId` of ours, or the cookie `_fs_vid`", _ID
    ),
    "deleted_transaction": parameter("transactionId", "This payment", _GIVEN),
    "dryRun": parameter("dryRun", "Counts, and deletes nothing", GIVEN_SWITCH),
}

SERVER_CALL_SCHEMAS: Json = {
    "Goal": _told(
        {
            "name": {
                **_NAME,
                "not": {"enum": sorted(RESERVED_GOALS)},
                "description": "payment and free_trial are recorded by payments",
            },
            "metadata": {
                "type": "object",
                "maxProperties": MAX_METADATA,
                "propertyNames": _NAME,
                "additionalProperties": {
                    "type": ["string", "number", "boolean", "null"],
                    "maxLength": MAX_METADATA_VALUE,
                    "pattern": f"^{_NO_CONTROL}*$",
                },
            },
        },
        "name",
    ),
    "GoalRecorded": record(
        {"message": TEXT, "name": TEXT, "eventId": TEXT}, "message", "name", "eventId"
    ),
    "Payment": _told(
        {
            "amount": {
                **_AMOUNT,
                "description": "In whole units, at most the currency's decimals; 0 is a free trial",
            },
            "currency": {
                "type": "string",
                "pattern": f"^(?:{_CURRENCY})$",
                "description": "ISO 4217",
                "examples": ["EUR"],
            },
            "transactionId": {
                **_SHORT,
                "minLength": 1,
                "pattern": f"^{_TRIMMED}(?:{_NO_CONTROL}*{_TRIMMED})?$",
                "description": "Unique on the website",
            },
            **dict.fromkeys(("email", "name", "customerId"), _LINE),
            "isRenewal": {"type": "boolean", "description": "Revenue, and no goal"},
            "isRefund": {
                "type": "boolean",
                "description": "Gives `amount` of the payment back, in its currency",
            },
            "refundId": {**_LINE, "description": "By which a refund's repeat is known"},
            "rate": {
                **_RATE,
                "description": "Units of the website's currency for one of `currency`, instead of"
                " the reference rate",
            },
        },
        *("amount", "currency", "transactionId"),
    ),
    "PaymentRecorded": record(
        {"message": TEXT, "transactionId": TEXT, "transaction_id": TEXT},
        *("message", "transactionId", "transaction_id"),
    ),
    "Deleted": record(
        {
            "deleted": {**COUNT, "description": "What went, or with dryRun would go"},
            "message": TEXT,
            "dryRun": {"type": "boolean"},
        },
        *("deleted", "message", "dryRun"),
    ),
}


def goals_operations() -> Json:
    """What else than listing goals there is."""
    return {
        "post": writing(
            "track_goal",
            "Record that a goal was completed. A visitorUid must have a page view recorded, else"
            " it is a 404",
            (*SELECTOR, "idempotency_key"),
            ref("Goal"),
            "200",
            success_of(array_of(ref("GoalRecorded"))),
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
            ref("Payment"),
            "200",
            success_of(array_of(ref("PaymentRecorded"))),
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
        "Erase one person everywhere for good; their payments stay, without them",
        ("visitor_id", *SELECTOR, "dryRun"),
        _DELETED,
    )


_TIMES = ("startAt", "endAt", "timezone")
_DELETED = success_of(array_of(ref("Deleted")))
