"""The demo's traffic as records. A day's visits follow from the seed and the day alone.

So a run from any moment to any later one gives exactly the records that a longer run has there.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from itertools import accumulate
from random import Random

from footfall.catalog import Salts
from footfall.demo.onchain import strangers_hit
from footfall.demo.visit import Moment, Payment, Visit, movement_id
from footfall.demo.visitor import (
    Visitor,
    buyers_of,
    choose,
    make_visitor,
    newcomers_of,
    sessions_of,
)
from footfall.demo.world import BY_LOCAL_HOUR, CRAWLERS, CURRENCY, DOMAIN, PAGES
from footfall.enrich.pipeline import Enricher
from footfall.model.event import Event
from footfall.model.hit import Hit
from footfall.model.key import visitor_key
from footfall.model.payment import Movement
from footfall.model.record import EventsRecord, MovementRecord
from footfall.model.website import Website

SEED = 20_261
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
PASSER_BY_EVERY_MS = 75_000
_FIRST_PASSER_BY = 30_000  # no day has as many ordinary visitors
_RENEWAL_DAYS = 30
_RENEWALS = 6
_RENEWS = 0.86
_MAX_REFUND_DAYS = 9
_HOURS = tuple(accumulate(BY_LOCAL_HOUR))

DemoRecord = EventsRecord | MovementRecord


def demo_requests(
    website: Website,
    enricher: Enricher,
    start: int,
    end: int,
    seed: int = SEED,
    *,
    is_live: bool = False,
) -> Iterator[DemoRecord]:
    """Every request from `start` to just before `end` (ms since 1970), in order of time.

    The shop opened on the day on which the website was created: earlier buyers do not renew.
    `is_live` adds visits by passers-by, so that someone who watches has something to see.

    No two have the same time, so `lines_done`, the time up to which everything is there, can
    distinguish them.
    """
    to_record = _Recorder(website, enricher, seed)
    opened = website.created_at // DAY_MS
    late: list[Moment] = []
    # a visit runs over midnight at most once, so the day before is enough
    for day in range(start // DAY_MS - 1, (end - 1) // DAY_MS + 1):
        new = _moments_of(seed, day, opened)
        if is_live:
            new = _at_times_of_their_own(new + list(_passers_by(seed, day)), day)
        moments = sorted(late + new, key=_at)
        midnight = (day + 1) * DAY_MS
        late = [moment for moment in moments if moment.at >= midnight]
        for moment in moments:
            if start <= moment.at < min(end, midnight):
                record = to_record(moment)
                if record is not None:
                    yield record


class _Recorder:
    """Moment → record, by the same enrichment that real hits go through."""

    def __init__(self, website: Website, enricher: Enricher, seed: int) -> None:
        self._website = website
        self._enricher = enricher
        self._seed = seed

    def __call__(self, moment: Moment) -> DemoRecord | None:
        at = moment.at
        if isinstance(moment.what, Payment):
            movement = self._movement(moment.what, at)
            return MovementRecord(received_at=at, movement=movement, lines_done=at + 1)
        moment.what.occurred_at = at
        event = self._enricher.enrich(moment.what, self._website, self._salts(at // DAY_MS))
        if not isinstance(event, Event):
            return None
        return EventsRecord(received_at=at, via="demo", events=[event], lines_done=at + 1)

    def _salts(self, day: int) -> Salts:
        return Salts(day, self._salt(day), self._salt(day - 1))

    def _salt(self, day: int) -> bytes:
        return blake2b(f"{self._seed}:{day}".encode(), digest_size=32).digest()

    def _movement(self, payment: Payment, at: int) -> Movement:
        paid = Decimal(payment.amount)
        currency = payment.visitor.place.currency
        rate = Decimal(1) if currency == CURRENCY else _euro_rate(payment.paid_on)
        return Movement(
            website_id=self._website.id,
            movement_id=payment.movement_id,
            kind=payment.kind,
            occurred_at=at,
            amount=(paid * rate).quantize(Decimal("0.01"), ROUND_HALF_UP),
            original_amount=paid,
            original_currency=currency,
            rate=rate,
            visitor_id=visitor_key(self._website.id, payment.visitor.uid),
        )


def _moments_of(seed: int, day: int, opened: int) -> list[Moment]:
    """All that begins on a day: visits, crawlers, strangers' wallets, renewals and refunds."""
    moments: list[Moment] = []
    newcomers = newcomers_of(seed, day)
    for number in range(sessions_of(seed, day)):
        random = Random(f"{seed}:{day}:visit:{number}")
        is_first = number < newcomers
        visitor = make_visitor(seed, day, number) if is_first else _returning(random, seed, day)
        start = day * DAY_MS + _time_of_day(random, visitor.place.offset_h)
        moments += Visit(random, visitor, start, day, f"{seed}-{day}-{number}").take(is_first)
    moments += _crawl(Random(f"{seed}:{day}:crawlers"), day)
    moments += _strangers(Random(f"{seed}:{day}:strangers"), day)
    moments += _renewals(Random(f"{seed}:{day}:renewals"), seed, day, opened)
    moments += _refunds(Random(f"{seed}:{day}:refunds"), seed, day, opened)
    return _at_times_of_their_own(moments, day)


def _passers_by(seed: int, day: int) -> Iterator[Moment]:
    """Visits at even intervals, all day and night."""
    for number in range(DAY_MS // PASSER_BY_EVERY_MS):
        random = Random(f"{seed}:{day}:passer-by:{number}")
        visitor = make_visitor(seed, day, _FIRST_PASSER_BY + number)
        start = day * DAY_MS + int((number + random.random()) * PASSER_BY_EVERY_MS)
        yield from Visit(random, visitor, start, day, f"{seed}-{day}-passer-by-{number}").take(True)


def _at_times_of_their_own(moments: list[Moment], day: int) -> list[Moment]:
    """Move moments by milliseconds so that no two of them, or of the next day's, share one."""
    moved = []
    last = 0
    for moment in sorted(moments, key=_at):
        at = moment.at - moment.at % 2 + day % 2  # odd days have the odd milliseconds
        last = at = max(at, last + 2)
        moved.append(moment._replace(at=at))
    return moved


def _returning(random: Random, seed: int, day: int) -> Visitor:
    first_day = day - 1 - min(int(random.expovariate(1 / 9)), 60)
    number = int(random.random() * newcomers_of(seed, first_day))
    return make_visitor(seed, first_day, number)


def _time_of_day(random: Random, offset_h: int) -> int:
    left = random.random() * _HOURS[-1]
    local_hour = next(hour for hour, until in enumerate(_HOURS) if left < until)
    return (local_hour - offset_h) % 24 * HOUR_MS + int(random.random() * HOUR_MS)


def _crawl(random: Random, day: int) -> Iterator[Moment]:
    for number in range(8 + int(random.random() * 10)):
        agent = choose(random, CRAWLERS)
        at = day * DAY_MS + int(random.random() * (DAY_MS - HOUR_MS))
        for path in random.sample(sorted(PAGES), 1 + int(random.random() * 6)):
            hit = Hit(
                url=f"https://{DOMAIN}{path}",
                title=PAGES[path].title,
                is_cookieless=True,
                client_address=f"2001:db8::{number + 1:x}",
                user_agent=agent,
                country="US",
            )
            yield Moment(at, hit)
            at += 1_000 + int(random.random() * 9_000)


def _strangers(random: Random, day: int) -> Iterator[Moment]:
    """The app's contracts are open to everybody."""
    for _ in range(1 + int(random.random() * 3)):
        at = day * DAY_MS + int(random.random() * DAY_MS)
        yield Moment(at, strangers_hit(random, at))


def _renewals(random: Random, seed: int, day: int, opened: int) -> Iterator[Moment]:
    for month in range(1, min(_RENEWALS, (day - opened) // _RENEWAL_DAYS) + 1):
        for visitor in buyers_of(seed, day - month * _RENEWAL_DAYS):
            if visitor.has_plan and not visitor.refund_after_days:
                at = day * DAY_MS + 6 * HOUR_MS + int(random.random() * HOUR_MS)
                name = f"{movement_id(visitor)}-{month}"
                # the visitor's own number: who has left does not come back
                if Random(f"{seed}:{movement_id(visitor)}").random() < _RENEWS**month:
                    yield Moment(at, Payment("renewal", visitor.price, name, day, visitor))


def _refunds(random: Random, seed: int, day: int, opened: int) -> Iterator[Moment]:
    for days in range(1, min(_MAX_REFUND_DAYS, day - opened) + 1):
        for visitor in buyers_of(seed, day - days):
            if visitor.refund_after_days == days:
                at = day * DAY_MS + 9 * HOUR_MS + int(random.random() * 8 * HOUR_MS)
                name = f"{movement_id(visitor)}-refund"
                yield Moment(at, Payment("refund", visitor.price, name, visitor.day, visitor))


def _euro_rate(day: int) -> Decimal:
    """Dollars for a euro: it moves slowly up and down."""
    step = abs(day % 120 - 60)
    return Decimal("1.0600") + Decimal(step) * Decimal("0.0008")


def _at(moment: Moment) -> int:
    return moment.at
