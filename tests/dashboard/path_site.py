"""A website whose visitors' paths are known, for tests of flows, funnels and retention."""

import random
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from e2e.server import BASE, Answer, Server

SITE = "paths.example"
MARKUP = "<script>document.title='taken'</script>"
LONG = "/" + "W" * 1_500
CONTRACT_EVENT = MARKUP + "\u05d0\u05d1 x"  # and Hebrew
PAGES = ("/", "/pricing", "/signup", "/docs", "/blog/a", "/blog/b", f"/{MARKUP}", LONG)
GOALS = ("signup", "checkout_started")
VISITORS = 60
PAID = 12
AMOUNT = 19.2  # no sum of it ends in .5, which two languages round differently


def add_paths(server: Server) -> None:
    """Visitors of the last three weeks, most of whom see /pricing; some pay."""
    website = server.website(SITE, currency="USD")
    token = server.token(website)
    rng = random.Random(7)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    start = yesterday.replace(hour=9, minute=0, second=0, microsecond=0)
    events: list[dict[str, Any]] = []
    for number in range(VISITORS):
        at = start - timedelta(days=number % 20, minutes=number)
        for type, name in _path(rng, number):
            at += timedelta(seconds=20)
            event = {"visitorUid": f"v{number}", "timestamp": at.isoformat(), "type": type}
            event["url" if type == "page" else "name"] = name
            events.append(event)
        if number % 3 == 0:  # comes back a week later, if that is not in the future
            later = at + timedelta(days=7)
            if later < start:
                url = f"https://{SITE}/"
                visit = {"visitorUid": f"v{number}", "timestamp": later.isoformat(), "url": url}
                events.append(visit)
    status, answer = server.ask("POST", f"{BASE}/events", token, events)
    assert status == 202, answer
    assert not answer["data"][0]["rejected"], answer
    server.wait_for_loading()
    for number in range(PAID):
        at = start - timedelta(days=number % 20, minutes=number) + timedelta(minutes=5)
        payment = {"amount": AMOUNT, "currency": "USD", "transactionId": f"t{number}"}
        payment |= {"visitorUid": f"v{number}", "timestamp": at.isoformat()}
        assert server.ask("POST", f"{BASE}/payments", token, payment)[0] == 200
    server.wait_for_loading()


def _path(rng: random.Random, number: int) -> list[tuple[str, str]]:
    """Types and names of a visit's events."""
    pages = [rng.choice(PAGES) for _ in range(rng.randrange(6))]
    path = [("page", f"https://{SITE}{quote(page)}") for page in ("/pricing", *pages)]
    if number % 4 == 0:
        path += [("page", f"https://{SITE}/signup"), ("track", GOALS[0]), ("track", GOALS[1])]
    if number % 10 == 0:
        path.append(("decoded_log", CONTRACT_EVENT))
    return path


def run_curl(server: Server, command: str, token: str) -> Answer:
    """What a copied curl command answers, with a token in the place of $TOKEN."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["curl", "-H", "Authorization: Bearer $TOKEN"], command
    pairs = [words[at + 1] for at, word in enumerate(words) if word == "--data-urlencode"]
    query = "&".join("=".join(map(quote, pair.partition("=")[::2])) for pair in pairs)
    url = next(word for word in words if word.startswith("http"))
    status, answer = server.ask("GET", f"{url.removeprefix(server.url)}?{query}", token)
    assert status == 200, answer
    return answer
