"""The OpenAPI schemas of answers and bodies; rows of numbers come from the registry of metrics."""

from footfall.model.event import DROP_REASONS, EVENT_TYPES
from footfall.model.metric import METRICS, Metric
from footfall.model.period import DAY_PATTERN, MOMENT_PATTERN, timezone_names
from footfall.model.uid import UID_PATTERN
from footfall.query.parse.given import SWITCHES

Json = dict[str, object]

TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}
COUNT: Json = {"type": "integer", "minimum": 0}
NUMBER: Json = {"type": "number"}
MOMENT: Json = {"type": "string", "format": "date-time"}
GIVEN_TEXT: Json = {"type": "string", "pattern": r"^[^\u0000]*$"}
"""Any text of a parameter."""
GIVEN_DAY: Json = {"type": "string", "format": "date", "pattern": f"^{DAY_PATTERN}$"}
GIVEN_MOMENT: Json = {"type": "string", "pattern": f"^{MOMENT_PATTERN}$"}
GIVEN_SWITCH: Json = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "string", "enum": [text for text in SWITCHES if text not in ("true", "false")]},
    ],
    "default": False,
}
MOMENT_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}


def timezone_schema() -> Json:
    """The zones by name, as a pattern: some generators cannot make names of `Etc/GMT+1` and
    `Etc/GMT-1` that differ, as an enumeration would need."""
    names = "|".join(name.replace("+", r"\+") for name in timezone_names())
    return {"type": "string", "pattern": f"^(?:{names})$", "examples": ["Europe/Vienna"]}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(items: Json) -> Json:
    return {"type": "array", "items": items}


def by_name(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


def record(properties: Json, *required: str) -> Json:
    schema: Json = {"type": "object", "properties": properties}
    return schema | ({"required": list(required)} if required else {})


def _number(metric: Metric) -> Json:
    # The KPI is a count or, where a website has none, its revenue.
    is_count = metric.unit == "count" and not metric.name.startswith("kpi")
    schema = COUNT if is_count else TEXT if metric.unit == "text" else NUMBER
    return {**schema, "title": metric.label, "description": metric.rule}


def _numbers(metrics: list[Metric]) -> Json:
    return {
        spelling: _number(metric) for metric in metrics for spelling in (metric.name, metric.alias)
    }


_AMOUNTS = array_of(record({"currency": TEXT, "amount": NUMBER}))
_MONEY: Json = {
    "currency": TEXT,
    "unconverted": {**_AMOUNTS, "description": "Payments for whose currency no rate is known"},
}
_REVENUE_BREAKDOWN = record({"new": NUMBER, "renewal": NUMBER, "refund": NUMBER})
_SERIES = _numbers([metric for metric in METRICS.values() if metric.is_in_timeseries])
_OVERVIEW = _numbers([metric for metric in METRICS.values() if metric.is_in_overview])
_ROW_NUMBERS: Json = {
    "visitors": _number(METRICS["visitors"]),
    "sessions": _number(METRICS["sessions"]),
    "revenue": _number(METRICS["revenue"]),
    "newRevenue": _number(METRICS["new_revenue"]),
    "renewalRevenue": _number(METRICS["renewal_revenue"]),
    "percentage": _number(METRICS["percentage"]),
}
_WEBSITE: Json = {
    "domain": TEXT,
    "name": TEXT,
    "timezone": TEXT,
    "currency": TEXT,
    "logo": TEXT_OR_NULL,
    "kpi": TEXT_OR_NULL,
    "kpiColorScheme": TEXT_OR_NULL,
}
_EVENT: Json = {
    "type": {"type": "string", "enum": list(EVENT_TYPES), "default": "page"},
    "url": TEXT,
    "name": {"type": "string", "maxLength": 128},
    "visitorUid": {"type": "string", "pattern": f"^{UID_PATTERN}$"},
    "sessionUid": {"type": "string", "maxLength": 64},
    "timestamp": MOMENT,
    "referrer": TEXT,
    "title": TEXT,
    "language": TEXT,
    "screen": {"type": "string", "examples": ["1440x900"]},
    "userAgent": TEXT,
    "ip": TEXT,
    "country": TEXT,
    "region": TEXT,
    "city": TEXT,
    "properties": {"type": "object", "maxProperties": 50},
    "engaged_s": {"type": "number", "minimum": 0, "maximum": 3600},
    "address": TEXT,
    "eventId": {"type": "string", "maxLength": 64},
}

SCHEMAS: Json = {
    "TimeZone": timezone_schema(),
    "Error": record(
        {
            "status": {"const": "error"},
            "error": record({"code": COUNT, "message": TEXT, "field": TEXT}, "code", "message"),
            "statusCode": COUNT,
            "message": TEXT,
            "requestId": TEXT,
        },
        *("status", "error", "statusCode", "message"),
    ),
    "Pagination": record(
        {"limit": COUNT, "offset": COUNT, "total": COUNT}, "limit", "offset", "total"
    ),
    "WebsiteRow": record(
        {"id": TEXT, **_WEBSITE, "trackingId": TEXT, "apiKeyPrefix": TEXT_OR_NULL},
        *("id", *_WEBSITE, "trackingId", "apiKeyPrefix"),
    ),
    "WorkspaceRow": record(
        {
            "id": TEXT,
            "name": TEXT,
            "organization": record({"id": TEXT, "name": TEXT}),
            "permissions": array_of(TEXT),
            "isDefault": {"type": "boolean"},
            "current": {"type": "boolean"},
        },
        *("id", "name", "current"),
    ),
    "MetadataRow": record(_WEBSITE, *_WEBSITE),
    "OverviewRow": record(_OVERVIEW),
    "OverviewAnswer": record(
        {
            "status": {"const": "success"},
            "timezone": TEXT,
            **_MONEY,
            "fields": array_of(TEXT),
            "data": {**array_of(ref("OverviewRow")), "minItems": 1, "maxItems": 1},
            "compare": record(
                {
                    "period": TEXT,
                    "startAt": MOMENT_OR_NULL,
                    "endBefore": MOMENT_OR_NULL,
                    "data": array_of(ref("OverviewRow")),
                    "change": {
                        "type": "object",
                        "additionalProperties": NUMBER,
                        "description": "Percent by which each number changed since",
                    },
                }
            ),
        },
        *("status", "data"),
    ),
    "ListEnvelope": record(
        {
            "timezone": TEXT,
            **_MONEY,
            "dimension": TEXT,
            "totals": {"type": "object", "description": "The whole report beside its rows"},
            "pagination": ref("Pagination"),
        },
        *("timezone", "totals", "pagination"),
    ),
    "ListsAnswer": record(
        {
            "status": {"const": "success"},
            "timezone": TEXT,
            **_MONEY,
            "dimensions": array_of(TEXT),
            "data": by_name(array_of(ref("BreakdownRow"))),
            "totals": by_name({"type": "object"}),
            "pagination": by_name(ref("Pagination")),
        },
        *("status", "data", "totals", "pagination"),
    ),
    "TimeseriesRow": record(
        {"timestamp": MOMENT, "name": TEXT, "revenueBreakdown": _REVENUE_BREAKDOWN, **_SERIES},
        *("timestamp", "name"),
    ),
    "TimeseriesAnswer": record(
        {
            "status": {"const": "success"},
            "interval": TEXT,
            "timezone": TEXT,
            **_MONEY,
            "fields": array_of(TEXT),
            "totals": record({**_SERIES, "revenueBreakdown": _REVENUE_BREAKDOWN}),
            "data": array_of(ref("TimeseriesRow")),
            "pagination": ref("Pagination"),
        },
        *("status", "interval", "timezone", "currency", "totals", "data", "pagination"),
    ),
    "RealtimeRow": record({"visitors": COUNT}, "visitors"),
    "RealtimeMapRow": record(
        {
            "visitorId": TEXT,
            "country": TEXT,
            "countryCode": TEXT,
            "region": TEXT,
            "city": TEXT,
            "latitude": NUMBER,
            "longitude": NUMBER,
            "browser": TEXT,
            "os": TEXT,
            "deviceType": TEXT,
            "currentUrl": TEXT,
            "referrer": TEXT,
            "referrerSource": TEXT,
            "totalRevenue": NUMBER,
            "isCustomer": {"type": "boolean"},
            "sessionStartTime": MOMENT,
            "pageviews": COUNT,
        },
        *("visitorId", "pageviews"),
    ),
    "BreakdownRow": record(
        {
            "value": TEXT,
            **_ROW_NUMBERS,
            "pageviews": _number(METRICS["pageviews"]),
            "name": {**TEXT, "description": "A known source's name"},
            "countryCode": TEXT,
            "regionCode": TEXT,
            "region": TEXT,
            "completions": _number(METRICS["completions"]),
        },
        *("value", "visitors", "sessions", "percentage"),
    ),
    "GoalRow": record(
        {
            "id": TEXT,
            "name": TEXT,
            "value": TEXT,
            "completions": _number(METRICS["completions"]),
            **_ROW_NUMBERS,
        },
        *("id", "name", "value", "completions", "visitors"),
    ),
    "IngestionAnswer": record(
        {
            "status": {"const": "success"},
            "timezone": TEXT,
            "totals": {"type": "object", "additionalProperties": COUNT},
            "data": array_of(ref("IngestionRow")),
            "pagination": ref("Pagination"),
        },
        *("status", "totals", "data", "pagination"),
    ),
    "IngestionRow": record(
        {
            "date": {"type": "string", "format": "date"},
            "via": {**TEXT, "description": "collector, server, import or demo"},
            "outcome": {"type": "string", "enum": ["accepted", "bot", *DROP_REASONS]},
            "hits": COUNT,
        },
        *("date", "via", "outcome", "hits"),
    ),
    "Event": record(_EVENT),
    "Batch": {
        "oneOf": [
            {**array_of(ref("Event")), "maxItems": 1000},
            record(
                {
                    "websiteId": TEXT,
                    "domain": TEXT,
                    "events": {**array_of(ref("Event")), "maxItems": 1000},
                },
                "events",
            ),
        ]
    },
    "TakenAnswer": record(
        {
            "status": {"const": "success"},
            "data": array_of(
                record(
                    {
                        "accepted": COUNT,
                        "rejected": array_of(
                            record({"index": COUNT, "field": TEXT, "message": TEXT})
                        ),
                    },
                    *("accepted", "rejected"),
                )
            ),
        },
        *("status", "data"),
    ),
}
