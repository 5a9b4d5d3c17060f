"""Visitors of the demo: each follows from the seed, the day of the first visit and a number."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import NamedTuple, Protocol, TypeVar

from footfall.demo.world import (
    BY_WEEKDAY,
    LAUNCH_DAY,
    LAUNCH_EVERY_DAYS,
    LAUNCH_FACTORS,
    LAUNCH_ORIGINS,
    MACHINES,
    ORIGINS,
    PLACES,
    PLANS,
    TEMPLATE_PRICES,
    Origin,
    Place,
)

SESSIONS_PER_DAY = 215
NEW_SHARE = 0.68
_BUYS = 0.022
_COOKIELESS_SHARE = 0.09
_REFUND_SHARE = 0.05
_EPOCH_MONDAY = 3  # 1970-01-01 was a Thursday
_GROWTH_BEGINS = 20_600  # in days since 1970


class Visitor(NamedTuple):
    """A person with a browser. `uid` is '' for one without cookies, who then has an address."""

    day: int  # of the first visit, since 1970
    number: int
    uid: str
    address: str
    place: Place
    region: str
    city: str
    language: str
    user_agent: str
    screen: str
    origin: Origin
    price: str  # what the first visit buys, '' for nothing
    template: str  # the template bought, '' for a plan
    refund_after_days: int  # 0: never

    @property
    def has_plan(self) -> bool:
        return bool(self.price) and not self.template


def sessions_of(seed: int, day: int) -> int:
    """How many visits the day has."""
    growth = SESSIONS_PER_DAY + 0.3 * min(max(day - _GROWTH_BEGINS, -200), 800)
    noise = Random(f"{seed}:{day}:sessions").uniform(0.92, 1.08)
    return round(growth * BY_WEEKDAY[(day + _EPOCH_MONDAY) % 7] * _launch_factor(day) * noise)


def newcomers_of(seed: int, day: int) -> int:
    """How many of the day's visits are first ones: visitors 0 … n - 1 of the day."""
    return round(sessions_of(seed, day) * NEW_SHARE)


def make_visitor(seed: int, day: int, number: int) -> Visitor:
    random = Random(f"{seed}:{day}:visitor:{number}")
    place = pick(random, PLACES)
    machine = pick(random, MACHINES)
    is_cookieless = random.random() < _COOKIELESS_SHARE
    name = f"{seed}:{day}:{number}".encode()
    region, city = _city(random, place)
    origin = pick(random, LAUNCH_ORIGINS if _is_sent_by_launch(random, day) else ORIGINS)
    price, template = _purchase(random, origin) if not is_cookieless else ("", "")
    return Visitor(
        day=day,
        number=number,
        uid="" if is_cookieless else blake2b(name, digest_size=16).hexdigest(),
        address=f"2001:db8:{day & 0xFFFF:x}:{number & 0xFFFF:x}::1" if is_cookieless else "",
        place=place,
        region=region,
        city=city,
        language=choose(random, place.languages),
        user_agent=machine.user_agent,
        screen=choose(random, machine.screens),
        origin=origin,
        price=price,
        template=template,
        refund_after_days=random.randint(1, 9) if random.random() < _REFUND_SHARE else 0,
    )


@lru_cache(512)
def buyers_of(seed: int, day: int) -> tuple[Visitor, ...]:
    """The visitors whose first visit, on this day, buys something."""
    everybody = (make_visitor(seed, day, number) for number in range(newcomers_of(seed, day)))
    return tuple(visitor for visitor in everybody if visitor.price)


class Weighted(Protocol):
    @property
    def weight(self) -> int: ...


_W = TypeVar("_W", bound=Weighted)
_T = TypeVar("_T")


def pick(random: Random, of: Sequence[_W]) -> _W:
    """One of them, by weight."""
    left = random.random() * sum(one.weight for one in of)
    for one in of:
        left -= one.weight
        if left < 0:
            return one
    return of[-1]


def choose(random: Random, of: Sequence[_T]) -> _T:
    """One of them, each as likely."""
    return of[int(random.random() * len(of))]


def _launch_factor(day: int) -> float:
    since = (day - LAUNCH_DAY) % LAUNCH_EVERY_DAYS
    return LAUNCH_FACTORS[since] if since < len(LAUNCH_FACTORS) else 1.0


def _is_sent_by_launch(random: Random, day: int) -> bool:
    factor = _launch_factor(day)
    return random.random() < (factor - 1) / factor


def _city(random: Random, place: Place) -> tuple[str, str]:
    """Often the city is known, sometimes only the country."""
    if not place.cities or random.random() < 0.15:
        return "", ""
    # the square makes the first ones likelier
    return place.cities[int(random.random() ** 2 * len(place.cities))]


def _purchase(random: Random, origin: Origin) -> tuple[str, str]:
    """The price and, for a template, its page."""
    if random.random() >= _BUYS * origin.buys:
        return "", ""
    if random.random() < 0.45:
        template = choose(random, tuple(TEMPLATE_PRICES))
        return TEMPLATE_PRICES[template], template
    prices = [price for price, weight in PLANS for _ in range(weight)]
    return choose(random, prices), ""
