"""What reached this process in the last minutes, for the page on which a website is set up.

All of it is in memory, bounded, and without anything about a person: hosts, paths and outcomes.
"""

from collections import OrderedDict
from typing import Any

import msgspec

from footfall.clock import Clock
from footfall.enrich.page import is_own_host
from footfall.enrich.page_url import parse_page_url
from footfall.model.event import Dropped, Event
from footfall.model.hostname import host_in, is_this_machine
from footfall.model.text import cut
from footfall.model.website import Website

FORGOTTEN_MS = 10 * 60_000
"""An entry is forgotten so long after its latest hit."""
MAX_WEBSITES = 1000
MAX_ENTRIES = 50
MAX_HOSTS = 1000
MAX_TEXT = 300
UNKNOWN_WEBSITE = 0


class RecentHit(msgspec.Struct, frozen=True, kw_only=True):
    """Hits of one kind: `outcome` is accepted, bot or a drop's reason."""

    outcome: str
    host: str
    path: str
    detail: str = ""
    hits: int = 1
    at: int = 0  # of the latest, ms


class RecentScript(msgspec.Struct, frozen=True, kw_only=True):
    """Requests for the tracker's script by pages of one host."""

    host: str
    requests: int
    at: int  # of the latest, ms


_Entries = OrderedDict[tuple[str, str, str], RecentHit]


class RecentHits:
    """For one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hits: OrderedDict[int, _Entries] = OrderedDict()
        self._scripts: OrderedDict[str, RecentScript] = OrderedDict()

    def note_script(self, referrer: str) -> None:
        """The script was requested by the page with this address, as browsers send it: in ASCII.
        Anybody may send something else, and names in other scripts take milliseconds."""
        if not referrer.isascii():
            return
        host = host_in(referrer)[:MAX_TEXT]
        if not host:
            return
        known = self._scripts.pop(host, None)
        count = known.requests + 1 if known and not self._is_old(known.at) else 1
        self._scripts[host] = RecentScript(host=host, requests=count, at=self._clock())
        _shorten(self._scripts, MAX_HOSTS)

    def note_event(self, event: Event) -> None:
        """A hit was accepted, a person's or a bot's."""
        outcome = "bot" if event.bot else "accepted"
        self._note(event.website_id, outcome, event.facts.hostname, event.path, event.bot)

    def note_drop(self, website_id: int, url: str, dropped: Dropped) -> None:
        """A hit about the page at this address was not counted."""
        page = parse_page_url(url[:2048], False)
        host, path = (page.host, page.path) if page else ("", "")
        self._note(website_id, dropped.reason, host, path, dropped.message)

    def hits_of(self, website: Website) -> list[RecentHit]:
        """The latest first: those of the website, and those with an unknown tracking id from one of
        its hosts."""
        own = list(self._hits.get(website.id, _Entries()).values())
        lost = self._hits.get(UNKNOWN_WEBSITE, _Entries()).values()
        found = [*own, *(each for each in lost if is_own_host(each.host, website))]
        kept = [each for each in found if not self._is_old(each.at)]
        return sorted(kept, key=lambda each: -each.at)

    def scripts_of(self, website: Website) -> list[RecentScript]:
        """The latest first: from the website's hosts, and from the visitor's own machine."""
        found = [each for each in self._scripts.values() if _is_of(each.host, website)]
        kept = [each for each in found if not self._is_old(each.at)]
        return sorted(kept, key=lambda each: -each.at)

    def _note(self, website_id: int, outcome: str, host: str, path: str, detail: str) -> None:
        entries = self._hits.pop(website_id, None) or _Entries()
        self._hits[website_id] = entries
        _shorten(self._hits, MAX_WEBSITES)
        key = (outcome, host, cut(path, MAX_TEXT))
        known = entries.pop(key, None)
        entries[key] = RecentHit(
            outcome=outcome,
            host=host,
            path=key[2],
            detail=cut(detail, MAX_TEXT),
            hits=known.hits + 1 if known and not self._is_old(known.at) else 1,
            at=self._clock(),
        )
        _shorten(entries, MAX_ENTRIES)

    def _is_old(self, at: int) -> bool:
        return self._clock() - at > FORGOTTEN_MS


def _is_of(host: str, website: Website) -> bool:
    return is_own_host(host, website) or is_this_machine(host)


def _shorten(entries: OrderedDict[Any, Any], most: int) -> None:
    while len(entries) > most:
        entries.popitem(last=False)
