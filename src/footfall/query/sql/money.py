"""The payments' part of a report: what was paid, by kind, and to which facts it is attributed."""

from collections.abc import Mapping, Sequence

from footfall.model.question import Question
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.statement import Part, Statement, Values

BY_KIND: Mapping[str, str] = {
    "new_revenue": "sumIf(amount, kind = 'new')",
    "renewal_revenue": "sumIf(amount, kind = 'renewal')",
    "refunded_revenue": "sumIf(amount, kind = 'refund')",
}
UNCONVERTED = "is_converted = 0 AND kind != 'refund'"

_PAID = ("session_id != 0", "kind != 'refund'", "amount > 0")


def paid(covered: Covered) -> str:
    """The payments of lists whose rows sessions share: refunds are no column of theirs, and alone
    they make no row."""
    return covered.payments(*_PAID)


def paid_by_anybody(covered: Covered) -> str:
    """The same whatever the filters, where another condition applies them: they take long."""
    return covered.payments_of_period(*_PAID)


def has_paid(covered: Covered, start: str) -> str:
    """Whether a row belongs to the session of such a payment. `start` is the column with the
    session's start, by which the rows are found."""
    return (
        f"({start}, session_id) IN (SELECT session_started_at, session_id"
        f" FROM payments FINAL WHERE {paid_by_anybody(covered)})"
    )


def money_part(
    question: Question,
    covered: Covered,
    facts: Sequence[str] = (),
    *,
    keys: Mapping[str, str] | None = None,
    group_by: str = "",
) -> Part:
    """Revenue by the payments' `facts` columns: stamped ones, or those of the visitor's first
    session if the question's attribution is `first`."""
    source = f"FROM payments FINAL\nWHERE {covered.payments()}"
    if question.attribution == "first" and facts:
        source = f"FROM (\n{_with_first_facts(covered, facts)}\n)"
    return Part(source, keys or {}, {**BY_KIND, "unconverted": f"countIf({UNCONVERTED})"}, group_by)


def unconverted_statement(question: Question, reach: Span | None) -> Statement:
    """Sums of the new and renewal payments without a rate: currency, amount."""
    values = Values()
    covered = Covered(question, values, reach)
    return values.statement(
        "SELECT original_currency, sum(original_amount)\n"
        f"FROM payments FINAL\nWHERE {covered.payments(UNCONVERTED)}\n"
        "GROUP BY original_currency\nORDER BY original_currency"
    )


def payers(covered: Covered) -> str:
    """Visitors with a new payment above zero in the period, converted or not."""
    condition = covered.payments_of_period("kind = 'new'", "original_amount > 0", "visitor_id != 0")
    return f"SELECT visitor_id FROM payments FINAL WHERE {condition}"


def _with_first_facts(covered: Covered, facts: Sequence[str]) -> str:
    """Payments with the facts of their visitor's first session ever."""
    chosen = ", ".join(
        f"if(first.is_known, first.{fact}, toString(payment.{fact})) AS {fact}" for fact in facts
    )
    firsts = ", ".join(
        f"argMin(toString(visit.{fact}), (visit.started_at, visit.bot != '', visit.session_id))"
        f" AS {fact}"
        for fact in facts
    )
    return f"""
    SELECT payment.kind AS kind, payment.amount AS amount, payment.is_converted AS is_converted,
        {chosen}
    FROM (SELECT * FROM payments FINAL WHERE {covered.payments()}) AS payment
    LEFT ANY JOIN (
        SELECT visitor_id, true AS is_known, {firsts}
        FROM sessions AS visit FINAL
        WHERE {covered.ever("started_at")} AND (started_at, session_id) IN (
            SELECT started_at, session_id FROM visits WHERE {covered.website()} AND visitor_id IN (
                SELECT visitor_id FROM payments FINAL WHERE {covered.payments("visitor_id != 0")}
            )
        )
        GROUP BY visitor_id
    ) AS first ON payment.visitor_id = first.visitor_id"""
