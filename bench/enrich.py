"""Microseconds of CPU that enriching one typical hit takes, and the memory that it needs.

Run: python bench/enrich.py [hits]. 50 user agents, 2,000 addresses, 100 pages, a third of the
visits from elsewhere; caches are warm after the first round, which is reported separately.
"""

import random
import sys
import time
from pathlib import Path

import msgspec

USER_AGENTS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {browser}"
    for system in (
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "Linux; Android 10; K",
        "Linux; Android 14; SM-S921B",
    )
    for browser in (
        *(f"Chrome/{version}.0.0.0 Safari/537.36" for version in range(126, 132)),
        *(f"Chrome/{v}.0.0.0 Mobile Safari/537.36 Edg/{v}.0.0.0" for v in range(130, 134)),
    )
]
REFERRERS = [
    "https://www.google.com/",
    "https://l.facebook.com/l.php?u=x",
    "https://blog.example.net/a/post",
    "https://www.bing.com/search?q=x",
    "https://shop.example.com/pricing",
]


def memory() -> str:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return f"RssAnon {fields['RssAnon'].strip()}, VmRSS {fields['VmRSS'].strip()}"


class Salts(msgspec.Struct):
    today: bytes = b"t" * 32
    yesterday: bytes = b"y" * 32


def main(count: int) -> None:
    print("bare          ", memory())
    began = time.perf_counter()
    from footfall.enrich.pipeline import Enricher
    from footfall.model.event import Event
    from footfall.model.hit import ClientHints, Hit
    from footfall.model.website import Website

    print(f"imported       {memory()}, {(time.perf_counter() - began) * 1e3:.0f} ms")
    enricher = Enricher()
    print(f"lists loaded   {memory()}, {(time.perf_counter() - began) * 1e3:.0f} ms")

    pick = random.Random(1)
    addresses = [".".join(str(pick.randrange(1, 250)) for _ in range(4)) for _ in range(2000)]
    website = Website(
        id=0x1234ABCD,
        tracking_id="flid_x",
        domain="example.com",
        name="Example",
        timezone="UTC",
        currency="USD",
        created_at=0,
    )
    hints = ClientHints('"Chromium";v="130", "Google Chrome";v="130"', '"Windows"', "", "?0")
    hits = [
        Hit(
            url=f"https://shop.example.com/articles/{pick.randrange(90)}"
            if pick.random() < 0.9
            else f"https://shop.example.com/?utm_source=news&utm_medium=email&id={pick.randrange(10)}",
            referrer=pick.choice(REFERRERS) if pick.random() < 0.6 else "",
            title="An article about things",
            language="en-GB",
            screen="1440x900",
            visitor_uid=f"{pick.randrange(10**9):032x}",
            session_uid=f"{pick.randrange(10**9):032x}",
            client_address=pick.choice(addresses),
            user_agent=pick.choice(USER_AGENTS),
            hints=hints,
            occurred_at=1_760_000_000_000,
        )
        for _ in range(count)
    ]
    cookieless = [
        msgspec.structs.replace(hit, visitor_uid="", session_uid="", is_cookieless=True)
        for hit in hits
    ]
    salts = Salts()
    for name, batch in (("cold", hits), ("warm", hits), ("cookieless", cookieless)):
        began = time.process_time()
        for hit in batch:
            assert isinstance(enricher.enrich(hit, website, salts), Event)
        print(f"{name:<14} {(time.process_time() - began) / len(batch) * 1e6:.1f} µs per hit")
    print("after         ", memory())


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
