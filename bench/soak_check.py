"""Whether the reports say what the server has acknowledged."""

from decimal import Decimal
from typing import Any

from bench.soak_work import DELETED, LOGS, MANY, Ledger, Soaked


def check(soaked: Soaked, ledger: Ledger) -> list[str]:
    """One sentence for each number that is wrong. Hits whose answers were lost in a kill may be
    there or not; everything else is exact."""
    many = _ask(soaked, MANY, "/overview")
    events = _ask(soaked, MANY, "/breakdown", "dimension=event&limit=1000")
    stored = {row["value"]: row["completions"] for row in events}
    sent = sum(ledger.hits.values()) + ledger.payments  # a payment records a goal
    goals = {row["value"]: row["completions"] for row in _ask(soaked, MANY, "/goals")}
    found: list[str | None] = [
        _between("events", sum(stored.values()), sent, ledger.unsure),
        _same("goals from the server", goals.get("from-server", 0), ledger.hits["from-server"]),
        _same("goals of payments", goals.get("payment", 0), ledger.payments),
        _same("revenue", Decimal(str(many[0]["revenue"])), ledger.revenue),
        _same("transactions", stored.get("transaction", 0), ledger.hits["transaction"]),
        _same("events of deleted.example", _events_of(soaked, DELETED), ledger.kept),
        _same("imported page views", _events_of(soaked, LOGS), ledger.lines),
        _between("visitors", many[0]["visitors"], len(ledger.visitors), ledger.unsure),
    ]
    damage = soaked.ask("/health")
    if damage["status"] != "ok":
        found.append(f"health is {damage['status']}: {damage['damage']}")
    return [sentence for sentence in found if sentence]


def _events_of(soaked: Soaked, domain: str) -> int:
    rows = _ask(soaked, domain, "/breakdown", "dimension=event&limit=1000")
    return sum(row["completions"] for row in rows)


def _ask(soaked: Soaked, domain: str, path: str, params: str = "") -> Any:
    public_id = soaked.websites.by_domain[domain].public_id
    return soaked.ask(f"/api/v1{path}?websiteId={public_id}&bots=include&{params}")["data"]


def _same(what: str, found: object, wanted: object) -> str | None:
    return None if found == wanted else f"{what}: {found} in the reports, {wanted} acknowledged"


def _between(what: str, found: int, wanted: int, unsure: int) -> str | None:
    if wanted <= found <= wanted + unsure:
        return None
    return f"{what}: {found:,} in the reports, {wanted:,} acknowledged, {unsure} without an answer"
