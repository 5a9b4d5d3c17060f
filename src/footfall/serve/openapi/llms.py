"""/llms.txt: the API on one page, for people and models who read before they ask."""

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.metric import METRICS
from footfall.model.step import EVENT_COLUMNS, OPERATOR_ALIASES, OPERATORS, STEP_TYPES
from footfall.query.ask import TABLE_REPORTS
from footfall.serve.openapi.table import OWN_PARAMETERS, own_names
from footfall.serve.rest.base import BASES
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.serve.rest.route import REPORT_ROUTES
from footfall.serve.v0.reply import ERROR_CODES

_HEAD = """\
# Footfall

Web analytics of this server's websites: visitors, pages, sources, goals, revenue, flows and
funnels. Numbers are exact. GET only reads, POST records, DELETE deletes for good.

- Base: {base} ({other} answers the same). Full description: /openapi.json
- Token: header `Authorization: Bearer flow_…`, never in the address.
- A workspace token (flow_ws_…) asks GET /websites first, then adds `websiteId=` or `domain=`
  to every call. A website's own token needs neither.
- Answers: {{"status":"success","data":[…]}}, lists with "pagination" {{limit, offset, total}}.
  Errors: {{"status":"error","error":{{"code","message"}}}}; the message says what is wrong and
  what is right.
- With the header `Accept: text/csv`, reports answer CSV: all rows, unless `limit` is given.
- Limit: the RateLimit-* headers; a 429 says in Retry-After when to try again. Ask realtime at
  most every 5 seconds.

Example:

    curl -H "Authorization: Bearer $TOKEN" \\
      "https://HOST{base}/pages?domain=example.com&startAt=2026-01-01&endAt=2026-01-31&limit=20"

## Calls

- GET /websites: the token's websites
- GET /metadata: a website's timezone, currency and KPI
- GET /schema: all metrics, dimensions, channels and reasons with their rules
"""

_PARAMETERS = """\

## Parameters

- startAt, endAt: ISO 8601 date or date and time; without them all time (timeseries: the latest
  24 hours, 30 days, 12 weeks or 12 months). A date as endAt covers the whole day.
- timezone: IANA zone, without it the website's
- limit (1 to 1000, else 100), offset, search
- fields: comma-separated numbers for overview, timeseries and lists; `partial` in a timeseries says
  which bucket is not over yet
- sort (lists): a number or `value`; order: asc or desc
- compare (overview, timeseries, lists): previous_period, previous_year or DATE..DATE; match=weekday
  moves that period so that weekdays correspond
- bots: exclude, include or only
- before (visitors): continue lists (limit 1 to 100) from a row's cursor, or an ISO 8601 time
- attribution (breakdowns): last or first

## Filters

They select sessions and are AND-ed. Values: v is, !v is not, a|b any of, !a|b none of,
~v contains, !~v contains none; in paths * matches within a segment, ** across. A backslash makes
the next character literal. To filter by a value of a list, put one before each of | , ! ~ * and \\
in it, and before the first character of a value named Unknown.
"""


_WRITES = (
    "- POST /goals: JSON with name, and if known visitorUid (the cookie _fs_vid), sessionUid,"
    " metadata (10 texts), timestamp, idempotencyKey",
    "- POST /payments: JSON with amount, currency, transactionId, and if known visitorUid,"
    " sessionUid, isRenewal, isRefund, refundId, timestamp. A transactionId counts once, then 409."
    " email, name, customerId are personal data: send them only where they are needed",
    "- DELETE /goals: by visitorId, name, startAt, endAt; DELETE /payments: by transactionId,"
    " visitorId, startAt, endAt. At least one, AND-ed; without dates the whole history",
    "- DELETE /visitors/{id}: deletes one person everywhere; payments stay without them",
    "- POST /websites/{id}/reset: deletes everything that a website has received; its settings"
    ' stay. JSON with "dryRun": true counts, "domain": "example.com" does it. Needs scope manage',
    "- Before a DELETE or a reset: send it with dryRun true, show your user what would be deleted"
    " and how much, and wait for their consent. It cannot be undone. A DELETE needs a token with"
    " scope delete",
)

_FLOWS = """
## Flows, funnels, retention

- The same answers by GET {base}/flow (dates startAt, endAt; filter_…; rows in "data") and by
  GET /v0/flow (days date_from and date_to, required for flow and funnel, in UTC or `timezone`;
  answers {{"meta", "data", "rows", "rows_before_limit_at_least", "statistics"}}).
- Keys of the second begin formo_, and flow_ tokens work there too.
- POST /v0/raw_events takes events of SDKs, GET /v0/quarantine says why some were not accepted.
- A step is URL-encoded JSON, {{"type", "event", "resolved_event", "filters"}}; types: {types}.
  Any page: {{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}}, one page: its
  path as resolved_event, a goal: {{"type":"track","event":"signup"}}.
- A condition tests each event: {{"field", "op", "value" or "values"}}; operators: {operators}. A
  step has its own in "filters"; the parameter filters (or global_filters) is for all events.

Example:

    curl -G -H "Authorization: Bearer $TOKEN" "https://HOST/v0/flow" \\
      --data-urlencode "date_from=2026-01-01" --data-urlencode "date_to=2026-01-31" \\
      --data-urlencode 'start_step={{"type":"event","event":"page","resolved_event":"/"}}'

"""


def llms_text() -> str:
    """The page, as Markdown."""
    base, other = reversed(BASES)
    calls = [f"- GET {route.path}: {route.summary}" for route in REPORT_ROUTES]
    calls += [f"- GET /{name}: {report.summary}" for name, report in TABLE_REPORTS.items()]
    calls += [
        "- GET /websites/{id}/setup: whether a website's tag works, and why hits are not counted",
        "- GET /ingestion: what became of hits per day, and why some were not counted",
        "- GET /visitors: who came, the most recent first (search, sort, order, cursor). With the"
        " parameters of a flow and flow_step, flow_source, flow_target, or of a funnel and"
        " funnel_step, dropped=true: the people behind that number. Personal data, too",
        "- GET /visitors/{id}: one visitor's story by visitorId (of /realtime/map) or the cookie"
        " _fs_vid. Personal data: ask only about people your user asks about, and show only what"
        " answers the question",
        "- GET /visitors/{id}/export: all that is stored about that person, as one JSON file",
        "- POST /events: send up to 1,000 events from a backend",
        *_WRITES,
    ]
    filters = [f"- filter_{name}: {dimension.rule}" for name, dimension in FILTERS.items()]
    dimensions = [f"- {name}: {dimension.rule}" for name, dimension in DIMENSIONS.items()]
    metrics = [f"- {metric.name} ({metric.unit}): {metric.rule}" for metric in METRICS.values()]
    return "\n".join(
        [
            _HEAD.format(base=base, other=other) + "\n".join(calls),
            _PARAMETERS + "\n".join(filters),
            _flows(base),
            "\n## The dashboard's own calls (a sign-in, or a workspace token with scope manage)\n",
            *(f"- {call.method} {call.path}: {call.summary}" for call in MANAGE_CALLS),
            "\n## Errors\n",
            'Of calls under /v0, as {"error": {code, message, doc_url, param, details}}:\n',
            *(f"- {code} ({status}): {means}" for code, (status, means) in ERROR_CODES.items()),
            "\n## Dimensions (GET /breakdown?dimension=)\n",
            *dimensions,
            "\n## Numbers\n",
            *metrics,
            "",
        ]
    )


def _flows(base: str) -> str:
    return "\n".join(
        [
            _FLOWS.format(
                base=base,
                types=", ".join(STEP_TYPES),
                operators=", ".join((*OPERATORS, *OPERATOR_ALIASES)),
            ),
            *(f"- {name}: {', '.join(own_names(name))}" for name in OWN_PARAMETERS),
            "\nFields of conditions; anything else is a property of the event:\n",
            *(f"- {name}: {rule}" for name, rule in EVENT_COLUMNS.items()),
        ]
    )
