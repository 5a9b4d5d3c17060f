"""Random traffic of a web3 app: wallets, contracts, explicit sessions, times at a window's edge.

`make_app_traffic(seed)` is deterministic and as mean as `make_traffic`, with more in each session.
"""

from datetime import date
from random import Random

import msgspec

from footfall.model.event import Event
from footfall.model.key import session_key
from footfall.model.payment import Movement
from footfall.model.website import Website
from property.traffic import (
    CLOCK_CHANGES,
    DAY,
    HALF_HOUR,
    HOUR,
    MINUTE,
    Person,
    Traffic,
    make_website,
    pack,
)

APP_PATHS = (
    *("/", "/", "/swap", "/swap", "/pool/a", "/pool/b", "/pool/a/b", "/it's", "/a.(b)+[c]|d"),
    *("/swap", "/pool/*", "/a\\b", "/50%25"),
)
APP_GOALS = ("swap", "swap", "signup", "connect", "page", "Swap", "!a, b|~c*\\")
APP_LOGS = ("Swap", "Transfer", "swap", "Others")
APP_TYPES = (
    *["page"] * 12,
    *["track"] * 5,
    *["connect", "connect", "chain", "disconnect", "signature", "signature"],
    *["transaction"] * 4,
    *["decoded_log"] * 3,
    *["outbound", "engagement", "identify", "detect"],
)
APP_GAPS = (
    *(0, 0, 0, 0, 1, 999, 1000, 1000, 30_000, 59_999, 60_000, 60_000, 60_000, 60_001),
    *(10 * MINUTE, 10 * MINUTE, HALF_HOUR, HALF_HOUR, HALF_HOUR + 1, HOUR),
)
"""Sums of them are the windows that are asked for."""
LONG_GAPS = (0, MINUTE, HOUR, 5 * HOUR, DAY, DAY, 2 * DAY, 6 * DAY, 7 * DAY, 7 * DAY, 29 * DAY)
STATUSES = ("requested", "confirmed", "confirmed", "rejected", "success", "", None, 1, ["x"])
VALUES: tuple[object, ...] = (
    *("MetaMask", "Rabby", "metamask", "", "1", "10", "-0.5", "1e3", "abc", "it's", 'a"b', "a\\b"),
    *("zürich", "a|b", "true", "null", " 1", "1 ", "+1", ".5", "0x10", "NaN", "inf", "%", "_"),
    *(0, 1, 1, 2, 9, 10, 137, -1, 0.5, 1.5, -0.5, 2.0, 1e18, 1e21, 1e-7, True, False, None),
    *({}, {"plan": "pro"}, {"plan": 2, "age": 30.5}, {"on": True}, [], [1, 2], {"a": {"b": "c"}}),
)
"""Values of properties, of all kinds that JSON has."""
PROPERTY_NAMES = (
    "provider_name",
    "chain_id",
    "user",
    "amount",
    "builder_codes",
    "a b",
    "it's",
    "{x:String}",
)
WALLETS = (
    "0xA1",
    "0xa1",  # too short: another one
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
    "0XFB6916095CA1DF60BB79CE92CE3EA74C37C5D359",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",  # not bech32: another one
    "DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy",
    "",
)
"""Addresses, some of them spellings of the same wallet."""


def make_app_traffic(seed: int, people: int = 8, are_gaps_long: bool | None = None) -> Traffic:
    """Few people of a web3 app who do much: wallets, contracts, explicit sessions, equal times.

    Half the traffics last hours, the others weeks, unless it is said which.
    """
    random = Random(seed)
    zone, day = random.choice(CLOCK_CHANGES)
    websites = (make_website(random, zone), make_website(random, "UTC"))
    is_slow = random.random() < 0.5 if are_gaps_long is None else are_gaps_long
    gaps = LONG_GAPS if is_slow else APP_GAPS
    arrivals: list[tuple[int, Event | Movement]] = []
    visitors = [random.randrange(1, 1 << 64) for _ in range(people)]
    for index, website in enumerate(websites):
        for visitor_id in visitors[: people if index == 0 else 2]:
            arrivals += _AppUser(random, website, visitor_id, day, gaps).live()
    arrivals.sort(key=lambda arrival: arrival[0])
    records = pack(random, arrivals)
    latest = max(record.received_at for record in records)
    return Traffic(seed, websites, tuple(records), latest + DAY, day)


class _AppUser(Person):
    """One visitor of an app: with explicit sessions, without, or with both."""

    def __init__(
        self,
        random: Random,
        website: Website,
        visitor_id: int,
        day: date,
        gaps: tuple[int, ...],
    ) -> None:
        super().__init__(random, website, visitor_id, day)
        self.gaps = gaps
        self.explicit_share = 0 if self.is_cookieless else random.choice((0, 1, 1, 0.5))
        self.wallet = random.choice(WALLETS)
        self.sessions = [random.randrange(3) for _ in range(2)]

    def live(self) -> list[tuple[int, Event | Movement]]:
        arrivals: list[tuple[int, Event | Movement]] = []
        for _ in range(self.random.randrange(2, 18)):
            delay = self.random.choice((0, 0, 0, 0, 0, 1000, HOUR))
            arrivals.append((self.at + delay, self.make_event()))
            if self.random.random() < 0.08:
                arrivals.append((self.at, self.make_movement()))
            self.at += self.random.choice(self.gaps)
        return arrivals

    def make_event(self) -> Event:
        random = self.random
        kind = random.choice(APP_TYPES)
        has_path = kind == "page" or random.random() < 0.3
        event = Event(
            website_id=self.website.id,
            type=kind,
            occurred_at=self.at,
            path=random.choice(APP_PATHS) if has_path else "",
            title=random.choice(("", "Swap", "Pool")) if has_path else "",
            name=random.choice(_names(kind)),
            link="https://x.example/" if kind == "outbound" else "",
            properties=_make_properties(random, kind),
            engaged_ms=1000 if kind == "engagement" else 0,
            address=self.wallet if random.random() < 0.7 else "",
            bot="user_agent" if random.random() < self.bot_share else "",
            facts=random.choice(self.facts),
        )
        if kind == "decoded_log" and random.random() < 0.4:  # the chain knows no visitor
            return msgspec.structs.replace(event, address=random.choice(WALLETS))
        return self._in_session(event)

    def _in_session(self, event: Event) -> Event:
        """The sender names a session and that decides; or it names one and the time decides; or it
        names none."""
        replace = msgspec.structs.replace
        visitor_id, yesterday = self.ids()
        event = replace(event, visitor_id=visitor_id, visitor_id_yesterday=yesterday)
        uid = self._session_uid() if visitor_id else 0
        if uid and self.random.random() < self.explicit_share:
            return replace(event, session_uid=uid, has_own_session=True)
        return replace(event, session_uid=uid) if self.random.random() < 0.3 else event

    def _session_uid(self) -> int:
        name = f"own {self.random.choice(self.sessions)}"
        return 0 if self.is_cookieless else session_key(self.website.id, self.visitor_id, name)


def _names(kind: str) -> tuple[str, ...]:
    names = {"track": APP_GOALS, "decoded_log": APP_LOGS, "transaction": ("", "", "swap")}
    return names.get(kind, ("",))


def _make_properties(random: Random, kind: str) -> str:
    found: dict[str, object] = {}
    for name in PROPERTY_NAMES:
        if random.random() < 0.4:
            found[name] = random.choice(VALUES)
    if kind in ("signature", "transaction") and random.random() < 0.8:
        found["status"] = random.choice(STATUSES)
        found["function_name"] = random.choice(("swap", "burn", "", 7))
    return msgspec.json.encode(found).decode() if found else ""
