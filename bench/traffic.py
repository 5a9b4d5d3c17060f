"""Visits as real people make them: 3.3 events each, from many browsers, addresses and sources."""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec

EVENTS_PER_VISIT = 3.3
ADDRESSES = 4_000
OPEN_VISITS = 400
"""Visits that continue side by side."""
_PATHS = 2_000

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


class Browser(NamedTuple):
    user_agent: str
    hints: tuple[tuple[str, str], ...]  # Sec-CH-UA headers
    screen: str


class Place(NamedTuple):
    country: str
    region: str
    city: str
    language: str


def _chromium(version: int, brand: str, system: str, platform: str, screen: str) -> Browser:
    is_mobile = platform == "Android"
    mobile = " Mobile" if is_mobile else ""
    tail = f" Edg/{version}.0.0.0" if brand == "Microsoft Edge" else ""
    hints = (
        ("sec-ch-ua", f'"Chromium";v="{version}", "{brand}";v="{version}", "Not_A Brand";v="99"'),
        ("sec-ch-ua-mobile", "?1" if is_mobile else "?0"),
        ("sec-ch-ua-platform", f'"{platform}"'),
    )
    agent = f"{system}) {_WEBKIT} Chrome/{version}.0.0.0{mobile} Safari/537.36{tail}"
    return Browser(agent, hints, screen)


_SYSTEMS = (
    (_WINDOWS, "Windows", "1920x1080"),
    (_MAC, "macOS", "1440x900"),
    ("Mozilla/5.0 (X11; Linux x86_64", "Linux", "2560x1440"),
    ("Mozilla/5.0 (Linux; Android 10; K", "Android", "412x915"),
)
BROWSERS = (
    *(
        _chromium(version, brand, *system)
        for version in (138, 140, 141, 142)
        for brand in ("Google Chrome", "Microsoft Edge")
        for system in _SYSTEMS
    ),
    *(
        Browser(f"{system}; rv:{v}.0) Gecko/20100101 Firefox/{v}.0", (), "1536x864")
        for v in (128, 140, 144)
        for system in (_WINDOWS, "Mozilla/5.0 (X11; Linux x86_64")
    ),
    *(
        Browser(
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {v}_1 like Mac OS X) AppleWebKit/605.1.15"
            f" (KHTML, like Gecko) Version/{v}.1 Mobile/15E148 Safari/604.1",
            (),
            "390x844",
        )
        for v in (17, 18, 26)
    ),
    Browser(f"{_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", (),
            "1512x982"),
)  # fmt: skip
PLACES = tuple(
    Place(country, f"Region {country} {number // 6}", f"City {country} {number}", language)
    for country, language, cities in (
        ("US", "en-us", 60),
        ("DE", "de-de", 30),
        ("GB", "en-gb", 20),
        ("FR", "fr-fr", 15),
        ("IN", "en-in", 20),
        ("AT", "de-at", 9),
        ("BR", "pt-br", 12),
        ("NL", "nl-nl", 8),
    )
    for number in range(cities)
)
_REFERRERS = (
    "https://www.google.com/",
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://duckduckgo.com/",
    "https://t.co/a1b2c3",
    "https://l.facebook.com/l.php?u=x",
    "https://news.ycombinator.com/item?id=1",
    *(f"https://blog{number}.example.net/reviews/shop" for number in range(40)),
)
_CAMPAIGNS = tuple(
    f"utm_source={source}&utm_medium={medium}&utm_campaign=campaign-{number}"
    for number in range(12)
    for source, medium in (("google", "cpc"), ("newsletter", "email"), ("facebook", "paid_social"))
)
_GOALS = ("signup", "add-to-cart", "newsletter", "video-play")


class Visit(NamedTuple):
    visitor_uid: str
    session_uid: str
    address: str
    browser: Browser
    place: Place
    events: list[dict[str, Any]]  # as the tracker's JSON has them, without the ids


def visits(random: Random) -> Iterator[Visit]:
    """Visits without end, each of a visitor of its own."""
    addresses = [_address(random) for _ in range(ADDRESSES)]
    while True:
        browser, place = random.choice(BROWSERS), random.choice(PLACES)
        yield Visit(
            _uuid(random),
            _uuid(random),
            random.choice(addresses),
            browser,
            place,
            _events(random, browser, place),
        )


def interleaved(random: Random, count: int) -> Iterator[tuple[Visit, dict[str, Any]]]:
    """`count` events of visits that continue side by side, each visit's in order."""
    source = visits(random)
    going = [next(source) for _ in range(OPEN_VISITS)]
    taken = [0] * OPEN_VISITS
    for _ in range(count):
        slot = random.randrange(OPEN_VISITS)
        visit = going[slot]
        yield visit, visit.events[taken[slot]]
        taken[slot] += 1
        if taken[slot] == len(visit.events):
            going[slot], taken[slot] = next(source), 0


def requests(
    tracking_id: str, random: Random, count: int, *, is_distinct: bool = False
) -> list[bytes]:
    """HTTP/1.1 requests as the tracker's fetch sends them through a proxy on this machine.

    With `is_distinct` each is a page view with a path, a referrer and a visitor of its own.
    """
    events = interleaved(random, count)
    if is_distinct:
        events = (_distinct(random, visit) for visit, _ in events)
    return [_request(tracking_id, visit, event) for visit, event in events]


def _distinct(random: Random, visit: Visit) -> tuple[Visit, dict[str, Any]]:
    own = _uuid(random)
    page = {"type": "page", "url": f"https://shop.example/own/{own}", "title": own}
    page["referrer"] = f"https://{own}.example.net/"
    return visit._replace(visitor_uid=own, session_uid=own), page


def _events(random: Random, browser: Browser, place: Place) -> list[dict[str, Any]]:
    """Page views with what happens on them; the first one may come from elsewhere."""
    kinds = ["page"]
    while random.random() < 1 - 1 / EVENTS_PER_VISIT:
        kinds.append(random.choices(("page", "engagement", "track", "outbound"), (5, 3, 1, 1))[0])
    facts = {"language": place.language, "screen": browser.screen}
    found: list[dict[str, Any]] = []
    url, referrer = _landing(random)
    title = _title(url)
    for kind in kinds:
        if kind == "page" and found:
            referrer, url = url, _url(random)
            title = _title(url)
        event: dict[str, Any] = {
            "type": kind,
            "url": url,
            "referrer": referrer,
            "title": title,
            **facts,
        }
        if kind == "track":
            event |= {"name": random.choice(_GOALS), "properties": {"plan": "pro", "step": "2"}}
        elif kind == "outbound":
            event["properties"] = {"url": f"https://partner{random.randrange(30)}.example.org/in"}
        elif kind == "engagement":
            event = {"type": kind, "url": url, "engaged_s": random.randrange(1, 90_000) / 1000}
        found.append(event)
    return found


def _landing(random: Random) -> tuple[str, str]:
    url = _url(random)
    if random.random() < 0.2:
        url += "?" + random.choice(_CAMPAIGNS)
    return url, random.choice(_REFERRERS) if random.random() < 0.6 else ""


def _url(random: Random) -> str:
    rank = int(_PATHS ** random.random())  # the first paths are the most visited
    return f"https://shop.example/products/{rank % 40}/item-{rank}"


def _title(url: str) -> str:
    return f"Item {url.partition('?')[0].rpartition('-')[2]}, the best there is – Shop"


def _request(tracking_id: str, visit: Visit, event: dict[str, Any]) -> bytes:
    ids = {"visitorUid": visit.visitor_uid, "sessionUid": visit.session_uid}
    body = msgspec.json.encode({"websiteId": tracking_id, **event, **ids})
    lines = [
        "POST /events HTTP/1.1",
        "host: shop.example",
        "connection: keep-alive",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in visit.browser.hints),
        f"user-agent: {visit.browser.user_agent}",
        "content-type: text/plain;charset=UTF-8",
        "accept: */*",
        "origin: https://shop.example",
        "sec-fetch-site: same-origin",
        "sec-fetch-mode: cors",
        "sec-fetch-dest: empty",
        f"referer: {event['url']}",
        "accept-encoding: gzip, deflate, br, zstd",
        f"accept-language: {visit.place.language},en;q=0.8",
        f"x-forwarded-for: {visit.address}",
        "x-forwarded-proto: https",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _address(random: Random) -> str:
    return ".".join(str(random.randrange(1, 220)) for _ in range(4)).replace("10.", "11.", 1)


def _uuid(random: Random) -> str:
    text = f"{random.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
