"""What can be a step of a flow or funnel: pages, goals, wallet and contract events, each with how
often it happened in a period, by the events' own time."""

from footfall.model.event import NOT_COUNTED
from footfall.model.question import StepsQuestion
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import ACTION, STATUS
from footfall.query.sql.statement import Statement, Values

ANY_PAGE, PAGE, GOAL, EVENT, CONTRACT = "any_page", "page", "goal", "event", "contract"
ON_CHAIN = ("signature", "transaction")
"""Kinds of rows; the kind of a signature or transaction is its type."""
_PLAIN = ("outbound", "connect", "disconnect", "chain")
_SUCCESS = "if(status IN ('success', 'confirmed'), 'success', status)"
"""A step of status success means both words."""


def steps_statement(question: StepsQuestion, reach: Span | None) -> Statement:
    """Rows of kind, name, status, label, events, visitors and how many rows there are before limit
    and offset; the most visitors first."""
    values = Values()
    span = Span(question.period.from_ms, question.period.to_ms)
    uncounted = ", ".join(f"'{name}'" for name in sorted(NOT_COUNTED))
    where = Covered(question, values, reach).happened(span, f"type NOT IN ({uncounted})")
    wanted = values.bind("String", question.search)
    text = f"""
SELECT kind, name, status, {_label()} AS label, events, visitors, count() OVER () AS total
FROM (
    SELECT
        choice.1 AS kind,
        choice.2 AS name,
        choice.3 AS status,
        count() AS events,
        uniqExactIf(visitor_id, visitor_id != 0) AS visitors
    FROM (
        SELECT visitor_id, arrayJoin({_choices()}) AS choice
        FROM (
            SELECT visitor_id, toString(type) AS kind_of_event, toString(path) AS path_,
                toString(name) AS name_, {STATUS} AS status, {ACTION} AS action
            FROM events
            WHERE {where}
        )
    )
    GROUP BY kind, name, status
)
WHERE {f"positionCaseInsensitiveUTF8(label, {wanted}) > 0" if question.search else "1"}
ORDER BY visitors DESC, events DESC, label, kind, name, status
LIMIT {values.bind("UInt64", question.limit)} OFFSET {values.bind("UInt64", question.offset)}"""
    return values.statement(text)


def _choices() -> str:
    """All steps that an event is one of, as tuples of kind, name and status."""
    chains = ", ".join(f"'{name}'" for name in ON_CHAIN)
    plain = ", ".join(f"'{name}'" for name in _PLAIN)
    named = "arrayFilter(a -> a != '' AND a != kind_of_event, [name_, action])"
    return f"""multiIf(
            kind_of_event = 'page',
            arrayConcat([('{ANY_PAGE}', '', '')], if(path_ != '', [('{PAGE}', path_, '')], [])),
            kind_of_event = 'track', [('{GOAL}', name_, '')],
            kind_of_event = 'decoded_log', [('{CONTRACT}', name_, '')],
            kind_of_event IN ({chains}),
            arrayConcat(
                [(kind_of_event, '', '')],
                if(status != '', [(kind_of_event, '', {_SUCCESS})], []),
                arrayMap(a -> (kind_of_event, a, ''), arrayDistinct({named}))
            ),
            kind_of_event IN ({plain}), [('{EVENT}', kind_of_event, '')],
            []
        )"""


def _label() -> str:
    """How people name a step."""
    return (
        f"multiIf(kind = '{ANY_PAGE}', 'Any page', name != '', name,"
        " status != '', concat(kind, ': ', status), kind)"
    )
