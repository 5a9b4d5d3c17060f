"""The period that a report is compared with, and its buckets. metrics.md, "Comparing periods"."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from reference.period import Period, buckets, first_instant, local_time, read_period

WEEK = timedelta(days=7)
DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Comparison:
    """`period` has both bounds. `given` are the parameters of the question."""

    def __init__(self, given: dict[str, str], period: Period, zone: str, now_ms: int) -> None:
        self.given = given
        self.zone = zone
        self.period = Period(period.start, min(period.end, _end(given, period, now_ms)))
        self.is_in_days = all(DAY.fullmatch(given.get(name, "")) for name in ("startAt", "endAt"))
        if "interval" in given:
            self.is_in_days = self._is_in_whole_days(self.period)
        self.by_days: timedelta | None = None
        self.is_a_year = False
        self.other = self._other(given["compare"], "match" in given)

    def _other(self, compare: str, matches: bool) -> Period:
        if ".." in compare:
            first, last = compare.split("..")
            given = read_period(first, last, self.zone)
            in_days = bool(DAY.fullmatch(first) and DAY.fullmatch(last))
            found = self._to_weekday(given, in_days) if matches else given
            if self.is_in_days and in_days:
                self.by_days = self._day(found.start) - self._day(self.period.start)
            return found
        if matches:
            weeks = 52 if compare == "previous_year" else 1
            while True:
                self.by_days = -weeks * WEEK
                found = self._moved(self.period, self.by_days, self.is_in_days)
                if self._is_over_by_the_clock(weeks):
                    return found
                weeks += 1
        if compare == "previous_year":
            self.is_a_year = True
            return self._a_year_before()
        return self._directly_before()

    def _is_over_by_the_clock(self, weeks: int) -> bool:
        """Whether the period, moved back, ends by the local clock before it begins."""
        start, end = (self._wall(at) for at in (self.period.start, self.period.end))
        if self.is_in_days:
            return self._last_day(self.period) - weeks * WEEK < self._day(self.period.start)
        return end - weeks * WEEK <= start

    def _directly_before(self) -> Period:
        if self.is_in_days:
            first = self._day(self.period.start)
            self.by_days = first - self._last_day(self.period) - timedelta(days=1)
            return self._moved(self.period, self.by_days, True)
        length = self.period.end - self.period.start
        return Period(self.period.start - length, self.period.start)

    def _a_year_before(self) -> Period:
        if self.is_in_days:
            last = a_year_before(self._last_day(self.period)) + timedelta(days=1)
            start = first_instant(a_year_before(self._day(self.period.start)), self.zone)
            return Period(start, first_instant(last, self.zone))
        bounds = []
        for at in (self.period.start, self.period.end):
            local = local_time(at, self.zone)
            bounds.append(_instant(local.replace(**_year_before_fields(local.date()))))
        start, end = bounds
        before_leap_day = self._day(self.period.end)
        if (before_leap_day.month, before_leap_day.day) == (2, 29) and self._last_day(
            self.period
        ).day == 28:
            end = first_instant(date(before_leap_day.year - 1, 3, 1), self.zone)
        if end <= start:
            self.is_a_year = False
            end = start + self.period.end - self.period.start
        return Period(start, end)

    def _to_weekday(self, given: Period, in_days: bool) -> Period:
        """The nearest day with the weekday on which the period begins; a period that is before
        (or after) it stays there."""
        wanted = self._day(self.period.start).weekday()
        tried = []
        for distance in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6):
            moved = self._moved(given, timedelta(days=distance), in_days)
            if (self._day(given.start) + timedelta(days=distance)).weekday() == wanted:
                tried.append(moved)
        for moved in tried:
            if self._side(moved) == self._side(given):
                return moved
        return tried[0]

    def _side(self, other: Period) -> str:
        if other.end <= self.period.start:
            return "before"
        return "after" if other.start >= self.period.end else "overlapping"

    def _moved(self, period: Period, by: timedelta, in_days: bool) -> Period:
        if in_days:
            last = self._last_day(period) + timedelta(days=1)
            days = (self._day(period.start) + by, last + by)
            return Period(*(first_instant(day, self.zone) for day in days))
        return Period(
            *(self._first_shown(self._wall(at) + by) for at in (period.start, period.end))
        )

    def move(self, at: int) -> int:
        """What instant of the other period corresponds to one of the period."""
        if self.is_a_year:
            wall = self._wall(at)
            return self._first_shown(wall.replace(**_year_before_fields(wall.date())))
        if self.by_days is not None:
            return self._first_shown(self._wall(at) + self.by_days)
        distance = self.other.start - self.period.start
        return at + distance // 1000 * 1000

    def buckets(self, interval: str) -> list[Period]:
        """The other period's buckets, in the order of the period's."""
        own = buckets(self.period, interval, self.zone)
        edges = [self.other.start]
        for bucket in own[1:]:
            edges.append(max(edges[-1], min(self.move(bucket.start), self.other.end)))
        if ".." not in self.given["compare"]:
            return [Period(start, end) for start, end in pairwise([*edges, self.other.end])]
        rest = max(edges[-1], self.move(self.period.end))
        if rest < self.other.end:
            more = buckets(Period(rest, self.other.end), interval, self.zone)
            edges += [each.start for each in more]
        edges.append(self.other.end)
        found = [Period(start, end) for start, end in pairwise(edges)]
        return [each for each in found if each.start < self.other.end] or found[:1]

    def _first_shown(self, wall: datetime) -> int:
        """The first instant at which the clock shows this or, where it is skipped, a later time."""
        if not (wall.hour or wall.minute or wall.second or wall.microsecond):
            return first_instant(wall.date(), self.zone)
        shown = [_instant(wall.replace(tzinfo=ZoneInfo(self.zone), fold=f)) for f in (0, 1)]
        exact = [at for at in shown if self._wall(at) == wall]
        if exact:
            return min(exact)
        second = min(shown) // 1000
        while self._wall(second * 1000) < wall:
            second += 1
        return second * 1000

    def _is_in_whole_days(self, period: Period) -> bool:
        edges = (period.start, period.end)
        return all(first_instant(self._day(at), self.zone) == at for at in edges)

    def _wall(self, at: int) -> datetime:
        return local_time(at, self.zone).replace(tzinfo=None, fold=0)

    def _day(self, at: int) -> date:
        return self._wall(at).date()

    def _last_day(self, period: Period) -> date:
        return self._day(period.end - 1)


def a_year_before(day: date) -> date:
    return day.replace(**_year_before_fields(day))


def _year_before_fields(day: date) -> dict[str, int]:
    """29 February becomes the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return {"year": day.year - 1, "day": 28 if is_leap_day else day.day}


def _instant(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _end(given: dict[str, str], period: Period, now_ms: int) -> int:
    """An overview without an end is compared up to now."""
    return period.end if "endAt" in given or "interval" in given else now_ms
