"""Random traffic that looks for trouble: few distinct values, nasty ones, times at the edges.

`make_traffic(seed)` is deterministic. Times gather around a day on which the website's zone
changes its clock, and around midnights; gaps between a visitor's events favour 30 minutes
exactly, one millisecond less and one more.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import msgspec

from footfall.model.event import Event
from footfall.model.fact import Facts
from footfall.model.key import event_key, session_key, visitor_key
from footfall.model.payment import Movement, MovementKind
from footfall.model.record import EventsRecord, MovementRecord
from footfall.model.website import Website

Record = EventsRecord | MovementRecord

MINUTE = 60_000
HALF_HOUR = 30 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR

CLOCK_CHANGES: tuple[tuple[str, date], ...] = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2025, 10, 26)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2025, 11, 2)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("America/Santiago", date(2025, 9, 7)),  # midnight does not exist
    ("America/Havana", date(2025, 11, 2)),  # midnight comes twice
    ("UTC", date(2025, 12, 31)),
)
GAPS = (
    *(0, 1, 400, 5_000, 61_000, 10 * MINUTE, 20 * MINUTE),
    *(HALF_HOUR - 1, HALF_HOUR, HALF_HOUR, HALF_HOUR + 1, 45 * MINUTE, 3 * HOUR, 11 * HOUR),
)
DELAYS = (0, 0, 0, 0, 1, MINUTE, 29 * MINUTE, 31 * MINUTE, 2 * HOUR, 13 * HOUR)
TYPES = (
    *["page"] * 20,
    *["track"] * 6,
    *["outbound"] * 3,
    *["engagement"] * 4,
    *["identify", "detect", "connect", "disconnect", "chain", "signature", "transaction"],
    *["decoded_log"] * 2,
)

TEXTS = (
    *("", "", "", "google", "google", "newsletter", "Unknown", "unknown", "Google"),
    *("it's", 'say "hi"', "back\\slash", "100%", "a_b", "axb", "a,b", "a|b", "!bang", "~tilde"),
    *("zürich", "🙂", "{x:String}", "a*b", "x' OR 1=1 --", "tab\tline\nend", "null", " "),
    *("*", "\\", "~!,|*\\", " edge ", "\\Unknown", "%41", "https://a.example/?b#c"),
)
PATHS = (
    *("/", "/", "/pricing", "/pricing", "/pricing/", "/Pricing", "/blog/a", "/blog/b", "/blog/a/b"),
    *("/50%", "/it's", "/a,b", "/a|b", "/grüße", "/x_y", "/xzy", "/a*b", "/a\\b", "/🙂"),
    *("/50%25", "/a**b", "/*", "/!~,\\|"),
)
LINKS = ("https://a.example/x", "https://b.example/it's", "https://c.example/a,b")
GOALS = ("signup", "signup", "download", "page", "payment_started", "a_b", "axb")
PLAIN_GOALS = tuple(name for name in GOALS if name != "page")
"""Of half of the websites: without a goal that is named as all page views are, lists of events
count in another way."""
LOGS = ("Transfer", "signup", "Swap'd")
PLACES = (
    ("", "", "", ""),
    ("DE", "", "", ""),
    ("DE", "Berlin", "DE-BE", "Berlin"),
    ("DE", "Bavaria", "DE-BY", "Munich"),
    ("DE", "Bavaria", "DE-BY", ""),
    ("US", "Illinois", "US-IL", "Springfield"),
    ("US", "Missouri", "US-MO", "Springfield"),
    ("US", "California", "US-CA", "it's, here"),
    ("FR", "Île-de-France", "FR-IDF", "Paris"),
    ("NP", "Bagmati", "", "Kathmandu"),
    ("AU", "Unknown", "", "Unknown"),
)
MACHINES = (
    ("", "", "", "", ""),
    ("Desktop", "Chrome", "Chrome 133.0", "Windows", "Windows 11"),
    ("Desktop", "Chrome", "Chrome 134.0", "Mac OS", "Mac OS 14.0"),
    ("Desktop", "Safari", "Safari 18.0", "Mac OS", "Mac OS 14.0"),
    ("Mobile", "Mobile Safari", "Mobile Safari 18.0", "iOS", "iOS 18.6"),
    ("Tablet", "Firefox", "Firefox 130.0", "Android", "Android 14"),
)
CHANNELS = ("Direct", "Direct", "Referral", "Organic Search", "Paid Social", "Email")
REFERRERS = (
    "",
    "",
    "google.com",
    "facebook.com",
    "chatgpt.com",
    "blog.example",
    "zeitung.de",
    "xn--strae-oqa.example",
)
AMOUNTS = ("0", "0.005", "0.0049", "1", "10", "19.99", "33.335", "250", "0.01", "99999999.99")


@dataclass(frozen=True)
class Traffic:
    """What reached one or two websites, in order of receipt, and a time after all of it."""

    seed: int
    websites: tuple[Website, ...]
    records: tuple[Record, ...]
    now_ms: int
    clock_change: date


def make_traffic(seed: int, people: int = 9) -> Traffic:
    """Two websites with the same visitors' keys, so that a mix-up of the two shows."""
    random = Random(seed)
    zone, day = random.choice(CLOCK_CHANGES)
    websites = (make_website(random, zone), make_website(random, "UTC"))
    arrivals: list[tuple[int, Event | Movement]] = []
    visitors = [random.randrange(1, 1 << 64) for _ in range(people)]
    for index, website in enumerate(websites):
        for visitor_id in visitors[: people if index == 0 else 2]:
            arrivals += Person(random, website, visitor_id, day).live()
    arrivals.sort(key=lambda arrival: arrival[0])
    records = pack(random, arrivals)
    return Traffic(seed, websites, tuple(records), records[-1].received_at + DAY, day)


def move(traffic: Traffic, website_ids: dict[int, int]) -> Traffic:
    """The same traffic for other websites."""
    replace = msgspec.structs.replace
    records: list[Record] = []
    for record in traffic.records:
        if isinstance(record, MovementRecord):
            movement = record.movement
            movement = replace(movement, website_id=website_ids[movement.website_id])
            records.append(replace(record, movement=movement))
        else:
            events = [replace(e, website_id=website_ids[e.website_id]) for e in record.events]
            records.append(replace(record, events=events))
    websites = tuple(replace(w, id=website_ids[w.id]) for w in traffic.websites)
    return Traffic(traffic.seed, websites, tuple(records), traffic.now_ms, traffic.clock_change)


def make_website(random: Random, zone: str) -> Website:
    return Website(
        id=random.randrange(1, 1 << 32),
        tracking_id="flid_random",
        domain="shop.example",
        name="Shop",
        timezone=zone,
        currency="EUR",
        created_at=0,
        kpi=random.choice((None, "signup", "payment")),
    )


class Person:
    """One visitor: with a cookie, without one, without any id, or a bot in between."""

    def __init__(self, random: Random, website: Website, visitor_id: int, day: date) -> None:
        self.random = random
        self.website = website
        self.visitor_id = visitor_id
        self.is_cookieless = random.random() < 0.25
        self.is_nobody = not self.is_cookieless and random.random() < 0.1
        self.bot_share = random.choice((0, 0, 0, 0.5, 1))
        self.facts = [make_facts(random) for _ in range(2)]
        midnight = int(datetime.combine(day, datetime.min.time(), UTC).timestamp() * 1000)
        self.at = midnight + random.randrange(-2 * DAY, DAY // 2)
        if random.random() < 0.5:
            self.at = (
                midnight + random.randrange(-12, 15) * HOUR + random.choice((-1, 0, 1, -MINUTE))
            )

    def live(self) -> list[tuple[int, Event | Movement]]:
        """Events and movements, each with the time at which it arrives."""
        arrivals: list[tuple[int, Event | Movement]] = []
        for _ in range(self.random.randrange(1, 16)):
            event = self.make_event()
            arrivals.append((self.at + self.random.choice(DELAYS), event))
            if event.type != "engagement" and self.random.random() < 0.05:  # sent again
                event_id = event_key(self.website.id, f"e{self.random.random()}")
                event = msgspec.structs.replace(event, event_id=event_id)
                arrivals[-1] = (arrivals[-1][0], event)
                again = self.random.choice((0, HOUR, 23 * HOUR, 25 * HOUR))
                arrivals.append((arrivals[-1][0] + again, event))
            if self.random.random() < 0.2:
                arrivals.append((self.at + self.random.choice(DELAYS), self.make_movement()))
            self.at += self.random.choice(GAPS)
            if self.random.random() < 0.1:  # its clock went back
                self.at -= self.random.choice(GAPS)
        return arrivals

    def make_event(self) -> Event:
        random = self.random
        kind = random.choice(TYPES)
        goals = GOALS if self.website.id % 2 else PLAIN_GOALS
        names = {"track": goals, "decoded_log": LOGS}.get(kind, ("",))
        has_path = kind == "page" or random.random() < 0.5
        visitor_id, yesterday = self.ids()
        return Event(
            website_id=self.website.id,
            type=kind,
            occurred_at=self.at,
            visitor_id=visitor_id,
            visitor_id_yesterday=yesterday,
            session_uid=self._session_uid() if random.random() < 0.5 else 0,
            path=random.choice(PATHS) if has_path else "",
            title=random.choice(TEXTS),
            name=random.choice(names),
            link=random.choice(LINKS) if kind == "outbound" else "",
            engaged_ms=random.choice((0, 1, 999, 15_000)) if kind == "engagement" else 0,
            bot="user_agent" if random.random() < self.bot_share else "",
            facts=random.choice(self.facts),
        )

    def ids(self) -> tuple[int, int]:
        if self.is_nobody:
            return 0, 0
        if not self.is_cookieless:
            return self.visitor_id, 0
        day = self.at // DAY
        todays = visitor_key(self.website.id, f"{self.visitor_id} on {day}")
        yesterdays = visitor_key(self.website.id, f"{self.visitor_id} on {day - 1}")
        return todays, yesterdays if self.at % DAY < 2 * HOUR else 0

    def _session_uid(self) -> int:
        """A cookie that is sometimes kept too long."""
        uid = f"s{self.at // (2 * HOUR)}"
        return 0 if self.is_cookieless else session_key(self.website.id, self.visitor_id, uid)

    def make_movement(self) -> Movement:
        random = self.random
        kinds: tuple[MovementKind, ...] = ("new", "new", "renewal", "refund")
        original = Decimal(random.choice(AMOUNTS))
        currency, rate = random.choice((("EUR", "1"), ("EUR", "1"), ("USD", "0.9137"), ("XTS", "")))
        amount = (original * Decimal(rate)).quantize(Decimal("0.0001")) if rate else Decimal(0)
        has_visitor = not self.is_cookieless and not self.is_nobody and random.random() < 0.8
        return Movement(
            website_id=self.website.id,
            movement_id=f"t{random.getrandbits(64)}",
            kind=random.choice(kinds),
            occurred_at=self.at + random.choice((0, 1, -1, HALF_HOUR, 40 * MINUTE, -HOUR)),
            amount=amount,
            original_amount=original,
            original_currency=currency,
            rate=Decimal(rate or "1"),
            is_converted=bool(rate),
            visitor_id=self.visitor_id if has_visitor else 0,
            session_uid=self._session_uid() if has_visitor and random.random() < 0.3 else 0,
        )


def make_facts(random: Random) -> Facts:
    country, region, region_code, city = random.choice(PLACES)
    device, browser, browser_version, os, os_version = random.choice(MACHINES)
    return Facts(
        hostname=random.choice(("shop.example", "www.shop.example", "xn--mnchen-3ya.example", "")),
        referrer=random.choice(REFERRERS),
        channel=random.choice(CHANNELS),
        utm_source=random.choice(TEXTS),
        utm_medium=random.choice(TEXTS),
        utm_campaign=random.choice(TEXTS),
        utm_term=random.choice(TEXTS),
        utm_content=random.choice(TEXTS),
        ref=random.choice(TEXTS),
        source=random.choice(TEXTS),
        via=random.choice(TEXTS),
        click_id=random.choice(("", "gclid")),
        country=country,
        region=region,
        region_code=region_code,
        city=city,
        device=device,
        browser=browser,
        browser_version=browser_version,
        os=os,
        os_version=os_version,
        language=random.choice(("", "en", "de-at")),
        screen=random.choice(("", "1440x900", "390x844")),
        referrer_url=random.choice(("", "https://google.com/search", "https://zeitung.de/a/b")),
        timezone=random.choice(("", "Europe/Berlin", "America/New_York")),
        sdk_version=random.choice(("", "0", "1.35.0")),
    )


def pack(random: Random, arrivals: list[tuple[int, Event | Movement]]) -> list[Record]:
    """Requests of one or several events, each received after the last."""
    records: list[Record] = []
    waiting: list[Event] = []
    for at, item in arrivals:
        if isinstance(item, Movement):
            if waiting:
                records.append(EventsRecord(received_at=at, via="server", events=waiting))
                waiting = []
            records.append(MovementRecord(received_at=at, movement=item))
            continue
        waiting.append(item)
        if random.random() < 0.5:
            records.append(EventsRecord(received_at=at, via="server", events=waiting))
            waiting = []
    if waiting:
        records.append(EventsRecord(received_at=arrivals[-1][0], via="server", events=waiting))
    return records
