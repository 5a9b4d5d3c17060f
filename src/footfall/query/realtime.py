"""Realtime: how many visitors are there now, and who and where they are."""

from typing import Any

from footfall.model.country import country_name, country_place
from footfall.model.known_source import source_name
from footfall.model.period import write_moment
from footfall.model.question import Answer, Question, Row
from footfall.query.number import money, rounded
from footfall.query.sql.realtime import FACTS, realtime_map_statement, realtime_statement
from footfall.store.reader import Reader


def answer_realtime(question: Question, reader: Reader) -> Answer:
    statement = realtime_statement(question)
    [[visitors]] = reader.query(statement.text, statement.values).rows
    return Answer([{"visitors": visitors}])


def answer_realtime_map(question: Question, reader: Reader) -> Answer:
    """At most 1,000 visitors, the most recently active first. What is not known of a visitor is
    left out; latitude and longitude are the middle of the country."""
    statement = realtime_map_statement(question)
    rows = reader.query(statement.text, statement.values).rows
    return Answer([_visitor(row) for row in rows])


def _visitor(row: list[Any]) -> Row:
    facts: dict[str, str] = dict(zip(FACTS, row[1 : len(FACTS) + 1], strict=True))
    path, started_ms, pageviews, revenue, is_customer = row[len(FACTS) + 1 :]
    place = country_place(facts["country"])
    country = facts["country"]
    visitor: Row = {
        "visitorId": f"{row[0]:016x}",
        "country": country_name(country) if country else "",
        "countryCode": country,
        "region": facts["region"],
        "city": facts["city"],
        "latitude": place[0] if place else "",
        "longitude": place[1] if place else "",
        "browser": facts["browser"],
        "os": facts["os"],
        "deviceType": facts["device"] or "Unknown",
        "currentUrl": facts["hostname"] + path,
        "referrer": facts["referrer"],
        "referrerSource": source_name(facts["referrer"]) or facts["referrer"],
        "sessionStartTime": write_moment(started_ms).replace("+00:00", "Z") if started_ms else "",
    }
    known = {name: value for name, value in visitor.items() if value != ""}
    known["pageviews"] = pageviews
    known["totalRevenue"] = rounded(money(revenue))
    known["isCustomer"] = bool(is_customer)
    return known
