"""What questions after paths have in common: dates in two dialects, and the rows that take part."""

from typing import Any

from footfall.model.website import Website
from reference.join import Log, Payment, Row, Session
from reference.period import FOREVER, Period, bucket_start, read_period
from reference.select import Filter, keep

Params = list[tuple[str, str]]
Answer = dict[str, Any]


class Asked:
    """`is_report`: the web analytics API's dialect, else the flow and funnel API's."""

    def __init__(
        self, log: Log, params: Params, website: Website, now_ms: int, is_report: bool = False
    ) -> None:
        self.given = dict(params)
        self.website = website
        self.now_ms = now_ms
        self.zone = self.given.get("timezone", website.timezone if is_report else "UTC")
        if is_report:
            first, last = self.given.get("startAt"), self.given.get("endAt")
        else:
            first = self.given.get("dateFrom", self.given.get("date_from"))
            last = self.given.get("dateTo", self.given.get("date_to"))
        self.has_dates = bool(first or last)
        self.period = read_period(first, last, self.zone)
        self.filters = [
            Filter.read(name.removeprefix("filter_"), value)
            for name, value in params
            if is_report and name.startswith("filter_")
        ]
        self._log = log

    def default_to_weeks(self, count: int) -> None:
        """docs/flows.md: without dates the last weeks, this one among them."""
        if self.has_dates:
            return
        start = bucket_start(self.now_ms, "week", self.zone)
        for _ in range(count - 1):
            start = bucket_start(start - 1, "week", self.zone)
        self.period = Period(start, FOREVER)

    @property
    def rows(self) -> list[Row]:
        """In time order, ties by arrival."""
        bots = self.given.get("bots", "exclude")
        found = keep(self._log, self.period, self.filters, bots)
        return sorted(found, key=lambda row: row.order)

    @property
    def payments(self) -> list[Payment]:
        """All of them, of any time."""
        return self._log.payments

    def payments_of(self, session: Session) -> list[Payment]:
        """The payments of the period that were made in a session."""
        return [
            payment
            for payment in self._log.payments
            if payment.session is session and payment.movement.occurred_at in self.period
        ]

    def number(self, name: str, default: int) -> int:
        return int(self.given.get(name, default))

    def is_on(self, name: str) -> bool:
        return self.given.get(name) == "true"
