"""The parts of an overview's numbers. metrics.md, "Parts of a number"."""

from decimal import Decimal
from typing import Any

from reference.report import Question, buyers, money
from reference.select import cover, uncounted

Answer = dict[str, Any]


def parts(question: Question) -> Answer:
    """By number: the values of numerator and denominator, and what it leaves out."""
    covered, kpi = question.covered, question.website.kpi
    sessions, visitors = covered.sessions, len(covered.visitors)
    length_ms = sum(session.last_event_at - session.started_at for session in sessions)
    revenue = money(covered.payments, "new", "renewal")
    paying = len(buyers(covered) & covered.visitors)
    done = [row for row in covered.rows if row.type == "track" and row.name == kpi]
    achievers = {row.visitor_id for row in done} & covered.visitors
    visits = ["bots", "uncountedSessions", "dropped"]
    paid = ["unconverted"]
    found: dict[str, tuple[Any, Any, list[str]]] = {
        "visitors": (visitors, None, visits),
        "sessions": (len(sessions), None, visits),
        "pageviews": (sum(len(session.pages) for session in sessions), None, visits),
        "bounce_rate": (sum(s.is_bounce for s in sessions), len(sessions), visits),
        "avg_session_duration": (Decimal(length_ms) / 1000, len(sessions), visits),
        "avg_engaged_time": (
            Decimal(sum(session.engaged_ms for session in sessions)) / 1000,
            len(sessions),
            visits,
        ),
        "revenue": (revenue, None, paid),
        "new_revenue": (money(covered.payments, "new"), None, paid),
        "renewal_revenue": (money(covered.payments, "renewal"), None, paid),
        "refunded_revenue": (money(covered.payments, "refund"), None, paid),
        "revenue_per_visitor": (revenue, visitors, [*paid, *visits]),
        "conversion_rate": (paying, visitors, visits),
        "kpi_value": (revenue, None, paid),
        "kpi_per_visitor": (revenue, visitors, [*paid, *visits]),
        "kpi_conversion_rate": (paying, visitors, visits),
    }
    if kpi:
        reached = ["bots", "dropped"]
        found["kpi_value"] = (len(done), None, reached)
        found["kpi_per_visitor"] = (len(done), visitors, [*reached, "uncountedSessions"])
        found["kpi_conversion_rate"] = (len(achievers), visitors, visits)
    return {
        name: {"numerator": part, "denominator": whole, "excludes": excludes}
        for name, (part, whole, excludes) in found.items()
    }


def values_only(answered: Answer) -> Answer:
    """The real answer's parts, without their labels."""
    return {
        name: {
            "numerator": each["numerator"]["value"],
            "denominator": each["denominator"] and each["denominator"]["value"],
            "excludes": each["excludes"],
        }
        for name, each in answered.items()
    }


def excluded(question: Question) -> Answer:
    """What is left out, but for dropped hits, which are not in a log."""
    asked = question.log, question.period, question.filters
    bots = cover(*asked, "only")
    counted = {
        "visitors": len(bots.visitors),
        "sessions": len(bots.sessions),
        "pageviews": sum(len(session.pages) for session in bots.sessions),
    }
    return {
        "bots": counted if question.bots == "exclude" else None,
        "uncountedSessions": len(uncounted(*asked, question.bots)),
        "unconverted": question.unconverted,
    }
