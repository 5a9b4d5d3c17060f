"""Steps about where a visit came from."""

import re
from importlib import resources

import msgspec

from footfall.enrich.draft import Draft
from footfall.enrich.long_url import MAX_URL, shorten_url
from footfall.enrich.page import is_own_host, is_within
from footfall.enrich.return_host import is_return_host
from footfall.model.event import Dropped
from footfall.model.hostname import clean_host, is_this_machine
from footfall.model.known_source import main_domain
from footfall.model.page_path import decode_path
from footfall.model.remember import remember
from footfall.model.text import cut
from footfall.model.website import Website

_REFERRER = re.compile(
    r"((?:https?|android-app|ios-app)://)([^/\\?#]*)([^?#]*)(?:[?#].*)?", re.I | re.S
)
_SPAM = frozenset(
    resources.files("footfall.enrich").joinpath("data/spam_referrer.txt").read_text().split()
)


class Referrer(msgspec.Struct, frozen=True, gc=False):
    host: str = ""  # or app package, lower-case
    url: str = ""  # without credentials, port, query and fragment, the path decoded


NO_REFERRER = Referrer()


def add_referrer(draft: Draft) -> None:
    """The domain that sent the visit, and the address there.

    Never the website itself, nor a page that a visitor comes back from in the middle of a purchase
    or a sign-in.
    """
    if not draft.hit.referrer:
        return
    sender = read_referrer(shorten_url(draft.hit.referrer))
    host = sender.host
    if host and host != draft.page.host and _is_sender(host, draft.website):
        draft.referrer_host = host
        draft.facts.referrer = main_domain(host)
        draft.facts.referrer_url = sender.url


def _is_sender(host: str, website: Website) -> bool:
    if is_own_host(host, website) or is_return_host(host):
        return False
    return not any(is_within(host, own) for own in website.return_hostnames)


def drop_spam_referrer(draft: Draft) -> Dropped | None:
    """Drop referrers from hosts that advertise themselves with forged ones."""
    if draft.referrer_host and is_spam(draft.referrer_host):
        return Dropped("spam_referrer", "referrer", f"{draft.referrer_host} sends referrer spam")
    return None


@remember(1024)
def read_referrer(referrer: str) -> Referrer:
    """The parts of a referrer; empty for this machine and for nonsense."""
    text = referrer.strip()
    has_scheme = "://" in text
    match = _REFERRER.fullmatch(text if has_scheme else f"http://{text}")
    host = (clean_host(match[2]) if match else "") or ""
    if not match or not host or is_this_machine(host):
        return NO_REFERRER
    scheme = match[1].lower() if has_scheme else ""
    return Referrer(host, cut(f"{scheme}{host}{decode_path(match[3])}", MAX_URL))


@remember(2048)
def is_spam(host: str) -> bool:
    while host:
        if host in _SPAM:
            return True
        host = host.partition(".")[2]
    return False
