"""Questions after paths (flow, funnel, retention), put to the reference and to the real thing."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from plain import plain, plain_table
from property.traffic import Record, Traffic

from footfall.model.event import Event
from footfall.model.payment import Movement
from footfall.model.question import Asked as RealAsked
from footfall.model.record import EventsRecord, MovementRecord
from footfall.model.step import BUILT_IN_EVENTS
from footfall.model.table import Table
from footfall.model.website import Website
from footfall.query.flow import answer_flow
from footfall.query.funnel import answer_funnel
from footfall.query.parse.asked import asked_of_days, asked_of_report
from footfall.query.parse.flow import parse_flow
from footfall.query.parse.funnel import parse_funnel
from footfall.query.parse.retention import cohort_weeks, parse_retention
from footfall.query.retention import answer_retention
from reference.ask import Asked, Params
from reference.flow import answer_flow as flow_plainly
from reference.funnel import answer_funnel as funnel_plainly
from reference.join import Log
from reference.retention import answer_retention as retention_plainly
from reference.side_by_side import Bench, exact, store_plainly
from reference.small_log import NOON, event

Answered = tuple[list[dict[str, Any]], int]
"""Rows, and how many there are before limit and offset."""
Arrival = Event | Movement | list[Event]

REFERENCE, ENGINE = "reference", "engine"
SIDES = (REFERENCE, ENGINE)
ALL_PAGES = {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__"}
PLAINLY = {"flow": flow_plainly, "funnel": funnel_plainly, "retention": retention_plainly}


class Put:
    """A question of one kind, to one website."""

    def __init__(self, kind: str, params: Params, now_ms: int, is_report: bool = False) -> None:
        self.kind = kind
        self.params = params
        self.now_ms = now_ms
        self.is_report = is_report

    def __repr__(self) -> str:
        dialect = "startAt, endAt" if self.is_report else "dateFrom, dateTo"
        listed = "\n".join(f"  {name}={value}" for name, value in self.params)
        return f"{self.kind} ({dialect}, now {self.now_ms})\n{listed}"

    def plainly(self, log: Log, website: Website) -> Answered:
        asked = Asked(log, self.params, website, self.now_ms, self.is_report)
        return PLAINLY[self.kind](asked)

    def really(self, bench: Bench, website: Website) -> Answered:
        return self.answered(self._ask(bench, website))

    def totals(self, bench: Bench, website: Website) -> dict[str, Any]:
        """The numbers of the whole report."""
        return exact(plain(self._ask(bench, website).totals))  # type: ignore[no-any-return]

    def answered(self, found: Table[Any]) -> Answered:
        table = plain_table(found)
        columns = [column.name for column in table.columns]
        for row in table.rows:
            assert sorted(row) == sorted(columns)
        return exact(table.rows), table.total

    def _ask(self, bench: Bench, website: Website) -> Table[Any]:
        if self.kind == "flow":
            return answer_flow(parse_flow(self.params, self._asked(website)), bench.engine)
        if self.kind == "funnel":
            return answer_funnel(parse_funnel(self.params, self._asked(website)), bench.engine)
        asked = self._asked(website, cohort_weeks(self.params))
        return answer_retention(parse_retention(self.params, asked), bench.engine)

    def _asked(self, website: Website, default_weeks: int | None = None) -> RealAsked:
        read = asked_of_report if self.is_report else asked_of_days
        return read(self.params, website, self.now_ms, default_weeks=default_weeks)


def params_of(asked: Mapping[str, Any]) -> Params:
    """Parameters of a URL; what is no text is written as JSON."""
    texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in asked.items()}
    return list(texts.items())


def traffic_of(log: Sequence[Arrival], zone: str = "UTC") -> Traffic:
    """Each event a request of its own, lists one request; received in this order."""
    records: list[Record] = []
    for arrival in log:
        at = NOON + len(records)
        if isinstance(arrival, Movement):
            records.append(MovementRecord(received_at=at, movement=arrival))
        else:
            events = arrival if isinstance(arrival, list) else [arrival]
            records.append(EventsRecord(received_at=at, via="server", events=events))
    website = Website(
        id=1,
        tracking_id="flid_1",
        domain="shop.example",
        name="Shop",
        timezone=zone,
        currency="EUR",
        created_at=0,
    )
    return Traffic(1, (website,), tuple(records), NOON, date(2026, 3, 2))


def ask_side(side: str, bench: Bench, traffic: Traffic, put: Put) -> Answered:
    """What the reference or the real thing says of the traffic's first website."""
    if side == ENGINE:
        return put.really(bench, bench.loaded(traffic).websites[0])
    website = traffic.websites[0]
    return put.plainly(store_plainly(traffic.records, website), website)


def at(seconds: float) -> int:
    return NOON + round(1000 * seconds)


def page(seconds: float, path: str, visitor: int = 1, **more: Any) -> Event:
    return act(seconds, "page", visitor, path=path, **more)


def act(seconds: float, kind: str, visitor: int = 1, **more: Any) -> Event:
    """`properties` are written as JSON."""
    if "properties" in more:
        more["properties"] = json.dumps(more["properties"], separators=(",", ":"))
    return event(at(seconds), visitor, kind, **more)


def goal(seconds: float, name: str, visitor: int = 1, **more: Any) -> Event:
    return act(seconds, "track", visitor, name=name, **more)


def walk(text: str, visitor: int = 1, **more: Any) -> list[Event]:
    """Events as a person notes them, `0 /a, 10 buy, 20 connect, 30 transaction:confirmed,
    40 log:Swap`: seconds, then a page's path, a built-in type with or without a status, a contract
    event's name or a goal's."""
    return [_read_event(part.split(), visitor, more) for part in text.split(",")]


def _read_event(words: list[str], visitor: int, more: dict[str, Any]) -> Event:
    seconds, word = words
    kind, _, rest = word.partition(":")
    if word.startswith("/"):
        return page(float(seconds), word, visitor, **more)
    if kind == "log":
        return act(float(seconds), "decoded_log", visitor, name=rest, **more)
    if kind in BUILT_IN_EVENTS:
        status = {"properties": {"status": rest}} if rest else {}
        return act(float(seconds), kind, visitor, **status, **more)
    return goal(float(seconds), word, visitor, **more)
