"""Steps about where a visit came from."""

import re
from functools import lru_cache
from importlib import resources

from footfall.enrich.draft import Draft
from footfall.enrich.page import is_own_host
from footfall.enrich.page_url import MAX_URL, clean_host
from footfall.model.event import Dropped
from footfall.model.known_source import main_domain

_REFERRER = re.compile(r"(?:https?|android-app|ios-app)://([^/\\?#]*)(?:[/\\?#].*)?", re.I | re.S)
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SPAM = frozenset(
    resources.files("footfall.enrich").joinpath("data/spam_referrer.txt").read_text().split()
)


def add_referrer(draft: Draft) -> None:
    """The domain that sent the visit; never the website itself."""
    if not draft.hit.referrer:
        return
    host = referrer_host(draft.hit.referrer[:MAX_URL])
    if host and not is_own_host(host, draft.website) and host != draft.page.host:
        draft.referrer_host = host
        draft.referrer = main_domain(host)


def drop_spam_referrer(draft: Draft) -> Dropped | None:
    """Hosts that advertise themselves by forged referrers."""
    if draft.referrer_host and is_spam(draft.referrer_host):
        return Dropped("spam_referrer", "referrer", f"{draft.referrer_host} sends referrer spam")
    return None


@lru_cache(maxsize=4096)
def referrer_host(referrer: str) -> str:
    """Host or app package of a referrer, lower-case; '' for none, this machine or nonsense."""
    text = referrer.strip()
    match = _REFERRER.fullmatch(text if "://" in text else f"http://{text}")
    host = (clean_host(match[1]) if match else "") or ""
    if host in _LOCAL or host.endswith(".localhost"):
        return ""
    return host


@lru_cache(maxsize=4096)
def is_spam(host: str) -> bool:
    while host:
        if host in _SPAM:
            return True
        host = host.partition(".")[2]
    return False
