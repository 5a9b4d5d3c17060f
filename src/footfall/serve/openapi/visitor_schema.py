"""One visitor in the OpenAPI document: parameters, answers and operations."""

from footfall.model.fact import FACT_NAMES
from footfall.model.period import MOMENT_PATTERN
from footfall.model.uid import UID_PATTERN
from footfall.query.parse.visitor import CURSOR_PATTERN, MAX_ACTIONS
from footfall.serve.openapi.operation import parameter, reading, success_of
from footfall.serve.openapi.schema import (
    COUNT,
    MOMENT,
    MOMENT_OR_NULL,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Json,
    array_of,
    record,
    ref,
)
from footfall.serve.rest.route import SELECTOR

_NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
_COUNT_OR_NULL: Json = {"type": ["integer", "null"], "minimum": 0}
_FLAG: Json = {"type": "boolean"}
_CURSOR: Json = {**TEXT, "description": "Goes on from here as `before`"}
_SECONDS: Json = {"type": "number", "minimum": 0}
_FACTS: Json = {
    "type": "object",
    "properties": dict.fromkeys(FACT_NAMES, TEXT),
    "additionalProperties": False,
    "description": "What is known, by the names of dimensions",
}

VISITOR_PARAMETERS: Json = {
    "visitor_id": {
        **{"name": "id", "in": "path", "required": True},
        "description": "A `visitorId` as /realtime/map has it, or the client's own: the cookie"
        " `_fs_vid`. Our own is tried first",
        "schema": {"type": "string", "pattern": f"^{UID_PATTERN}$"},
    },
    "visitor_limit": parameter(
        "limit",
        "Rows of each list, the newest",
        {"type": "integer", "minimum": 1, "maximum": MAX_ACTIONS, "default": MAX_ACTIONS},
    ),
    "before": parameter(
        "before",
        "Lists hold only what lies before this: an ISO 8601 time or, so that nothing of the same"
        " instant is lost or comes twice, the `cursor` of the last row",
        {"type": "string", "pattern": f"^(?:{MOMENT_PATTERN}|{CURSOR_PATTERN})$"},
    ),
}


def _whole(properties: Json) -> Json:
    """A record in which every field stands."""
    return record(properties, *properties)


_NAMED = _whole({"name": TEXT_OR_NULL, "version": TEXT_OR_NULL})
_IDENTITY = _whole(
    {
        **dict.fromkeys(("country", "countryCode", "region", "city"), TEXT_OR_NULL),
        "browser": _NAMED,
        "os": _NAMED,
        "device": _whole({"type": TEXT_OR_NULL}),
        "viewport": _whole({"width": _COUNT_OR_NULL, "height": _COUNT_OR_NULL}),
    }
)
_ACTIVITY = _whole(
    {
        "visitCount": COUNT,
        "pageViewCount": COUNT,
        "firstVisitAt": MOMENT_OR_NULL,
        "lastVisitAt": {**MOMENT_OR_NULL, "description": "Of the last event of their visits"},
        "currentUrl": {**TEXT_OR_NULL, "description": "Host and path of the page seen last"},
        "visitedPages": array_of(
            _whole({"url": TEXT_OR_NULL, "timestamp": MOMENT, "cursor": _CURSOR})
        ),
        "completedCustomGoals": array_of(
            _whole({"name": TEXT, "timestamp": MOMENT, "cursor": _CURSOR})
        ),
    }
)
_REVENUE = _whole(
    {
        "totalRevenue": {**NUMBER, "description": "New and renewal payments, before refunds"},
        "refundedRevenue": NUMBER,
        "isCustomer": {**_FLAG, "description": "Whether they ever paid more than nothing"},
        "timeToFirstConversion": {
            **_NUMBER_OR_NULL,
            "description": "Seconds from the first visit to the first payment above zero",
        },
        "currency": TEXT,
        "unconverted": array_of(_whole({"currency": TEXT, "amount": NUMBER})),
    }
)
_TIMELINE_ROW = {
    "type": {"type": "string", "enum": ["pageview", "goal", "payment"]},
    "timestamp": MOMENT,
    "url": TEXT_OR_NULL,
    "eventName": {
        **TEXT_OR_NULL,
        "description": "The goal's name; of payments payment, free_trial, renewal or refund",
    },
    "amount": {
        **_NUMBER_OR_NULL,
        "description": "In the website's currency, a refund's below zero; null where no rate is"
        " known",
    },
    "cursor": _CURSOR,
}
_PROFILE: Json = {
    "type": ["object", "null"],
    "properties": dict.fromkeys(("userId", "name", "email", "customerId"), TEXT_OR_NULL),
}
_SESSION: Json = {
    **{"sessionId": TEXT, "startedAt": MOMENT, "lastEventAt": MOMENT},
    **{"pageviews": COUNT, "countedEvents": COUNT, "engagedSeconds": _SECONDS},
    **dict.fromkeys(("entryPage", "exitPage", "exitLink"), TEXT_OR_NULL),
    "bot": {**TEXT_OR_NULL, "description": "Why it is judged automated"},
    "facts": _FACTS,
}
_EVENT: Json = {
    **{"type": TEXT, "timestamp": MOMENT, "sessionId": TEXT_OR_NULL},
    **dict.fromkeys(("name", "path", "title", "link"), TEXT_OR_NULL),
    "properties": {"type": ["object", "null"]},
    **{"engagedSeconds": _SECONDS, "address": TEXT_OR_NULL},
    **{"isServerSide": _FLAG, "bot": TEXT_OR_NULL},
}
_MOVEMENT: Json = {
    "id": {**TEXT, "description": "The transactionId; a refund's has its own id behind it"},
    "type": {"type": "string", "enum": ["new", "renewal", "refund"]},
    **{"timestamp": MOMENT, "amount": _NUMBER_OR_NULL, "currency": TEXT},
    **{"originalAmount": NUMBER, "originalCurrency": TEXT, "rate": _NUMBER_OR_NULL},
    **{"isRateEstimated": _FLAG, "provider": TEXT_OR_NULL, "subscriptionId": TEXT_OR_NULL},
}

VISITOR_SCHEMAS: Json = {
    "Visitor": _whole(
        {
            "visitorId": TEXT,
            "isBot": {**_FLAG, "description": "All of their visits are judged automated"},
            "identity": _IDENTITY,
            "source": TEXT_OR_NULL,
            "sourceIconUrl": {
                **TEXT_OR_NULL,
                "description": "Always null: nobody else is asked for icons",
            },
            "activity": _ACTIVITY,
            "revenue": _REVENUE,
            "profile": _PROFILE,
            "activityTimeline": array_of(ref("VisitorAction")),
        }
    ),
    "VisitorAction": record(
        {**_TIMELINE_ROW, "originalAmount": NUMBER, "originalCurrency": TEXT}, *_TIMELINE_ROW
    ),
    "VisitorExport": _whole(
        {
            "visitorId": TEXT,
            "website": TEXT,
            "timezone": TEXT,
            "exportedAt": MOMENT,
            "profile": _PROFILE,
            "sessions": array_of(_whole(_SESSION)),
            "events": array_of(record({**_EVENT, "facts": _FACTS}, *_EVENT)),
            "payments": array_of(_whole(_MOVEMENT)),
        }
    ),
}


def visitor_paths() -> Json:
    """The GETs of one visitor."""
    return {
        "/visitors/{id}": {
            "get": reading(
                "visitor",
                "One visitor's story: who, from where, what they did and paid. Personal data",
                "people",
                ("visitor_id", *SELECTOR, "timezone", "visitor_limit", "before"),
                success_of(ref("Visitor")),
            )
        },
        "/visitors/{id}/export": {
            "get": reading(
                "export_visitor",
                "All that is held of one visitor, as a file. Personal data",
                "people",
                ("visitor_id", *SELECTOR, "timezone"),
                success_of(ref("VisitorExport")),
            )
        },
    }
