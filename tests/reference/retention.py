"""Retention: docs/flows.md, "Retention"; metrics.md."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from footfall.model.event import NOT_COUNTED
from footfall.model.retention import DAYS, LAST_WEEK
from reference.ask import Answer, Asked
from reference.funnel import share
from reference.join import Row
from reference.period import first_instant, local_time
from reference.step import Condition, all_hold, read_conditions, wallet_of


@dataclass
class Person:
    """The local days of the first event and of those on which they came again."""

    first_day: date
    returns: list[date]

    @property
    def cohort(self) -> date:
        return monday(self.first_day)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class Retention:
    """One question to a log."""

    def __init__(self, asked: Asked) -> None:
        given = asked.given
        self.asked = asked
        self.limit = asked.number("limit", 12)
        asked.default_to_weeks(self.limit)
        self.conditions: list[Condition] = read_conditions(given)
        people = [self._read(rows) for rows in self._who()]
        self.people = [person for person in people if person is not None]

    def _who(self) -> list[list[Row]]:
        """Each one's events that pass the conditions, in order."""
        people: dict[int | str, list[Row]] = {}
        by_wallet = self.asked.given.get("id_type") == "address"
        for row in self.asked.rows:
            person = wallet_of(row.address) if by_wallet else row.visitor_id
            if person and all_hold(self.conditions, row):
                people.setdefault(person, []).append(row)
        return list(people.values())

    def _read(self, rows: list[Row]) -> Person | None:
        """None where the first event ever seen lies outside the dates."""
        if rows[0].occurred_at not in self.asked.period:
            return None
        returns = [self._day(row) for row in rows if self._is_return(row)]
        return Person(self._day(rows[0]), returns)

    def _day(self, row: Row) -> date:
        return local_time(row.occurred_at, self.asked.zone).date()

    def _is_return(self, row: Row) -> bool:
        given = self.asked.given
        is_type = given.get("event_type", "") in ("", row.type)
        is_name = given.get("event_name", "") in ("", row.name)
        return row.type not in NOT_COUNTED and is_type and is_name

    def _is_over(self, day: date) -> bool:
        return self.asked.now_ms >= first_instant(day + timedelta(days=1), self.asked.zone)

    def row(self) -> Answer:
        project_id = self.asked.website.public_id
        metric: Answer = {"project_id": project_id, "user_count": len(self.people)}
        for days in DAYS:
            metric |= self._day_figures(days)
        return {"metric": metric, "user": self._cohorts(project_id)}

    def _day_figures(self, days: int) -> Answer:
        after = timedelta(days=days)
        old = [person for person in self.people if self._is_over(person.first_day + after)]
        stayed = 0
        for person in old:
            if any(day >= person.first_day + after for day in person.returns):
                stayed += 1
        return {
            f"day{days}_users": len(old),
            f"day{days}_retained": stayed if old else None,
            f"day{days}_retention_rate": share(stayed, len(old)) if old else None,
        }

    def _cohorts(self, project_id: str) -> list[Answer]:
        cohorts: dict[date, list[Person]] = {}
        for person in self.people:
            cohorts.setdefault(person.cohort, []).append(person)
        least = self.asked.number("min_users", 10)
        large = [week for week in sorted(cohorts) if len(cohorts[week]) >= least]
        rows = []
        for week in large[-self.limit :]:
            row: Answer = {"project_id": project_id, "cohort_week": week.isoformat()}
            row["num_users"] = len(cohorts[week])
            for number in range(LAST_WEEK + 1):
                row[f"week_{number}"] = self._came(cohorts[week], week, number)
            rows.append(row)
        return rows

    def _came(self, people: list[Person], cohort: date, number: int) -> Fraction | None:
        """The share that came in a week after the cohort's; None until that week is over."""
        week = cohort + timedelta(days=7 * number)
        if not self._is_over(week + timedelta(days=6)):
            return None
        came = [person for person in people if any(monday(day) == week for day in person.returns)]
        return share(len(came), len(people))


def answer_retention(asked: Asked) -> tuple[list[Answer], int]:
    return [Retention(asked).row()], 1
