"""Steps about the page: its address, whose host it is on, its title."""

from footfall.enrich.draft import Draft
from footfall.enrich.long_url import shorten_url
from footfall.enrich.page_url import parse_page_url
from footfall.enrich.step import invalid
from footfall.model.event import Dropped
from footfall.model.hostname import clean_host, is_this_machine
from footfall.model.remember import remember
from footfall.model.text import cut
from footfall.model.website import Website

MAX_TITLE = 300


def add_page(draft: Draft) -> Dropped | None:
    """Host, path and query of the page; page and outbound events need one."""
    hit = draft.hit
    if not hit.url:
        if hit.type in ("page", "outbound"):
            return invalid("url", "url is missing: the page's full address")
        return None
    page = parse_page_url(shorten_url(hit.url), hit.is_hash_route)
    if page is None:
        return invalid("url", "url must be a full http(s) or app address")
    draft.page = page
    draft.facts.hostname = page.host
    return None


def drop_foreign_hostname(draft: Draft) -> Dropped | None:
    """A public hit's page must be on one of the website's hosts.

    localhost passes too: the tracker reports it only if the owner has enabled that.
    """
    host, website = draft.page.host, draft.website
    if not draft.hit.is_public or not draft.hit.url:
        return None
    if is_own_host(host, website) or is_this_machine(host):
        return None
    return Dropped("foreign_hostname", "url", f"{host or 'this address'} is not {website.domain}")


def add_title(draft: Draft) -> None:
    if draft.hit.title:
        draft.title = cut(draft.hit.title, MAX_TITLE)


def is_own_host(host: str, website: Website) -> bool:
    """Whether the host is the website's domain, a subdomain of it or an allowed hostname."""
    return is_within(host, website.domain) or any(
        is_within(host, allowed) for allowed in website.allowed_hostnames
    )


@remember(1024)
def is_within(host: str, domain: str) -> bool:
    """Whether the host is the domain or a subdomain of it."""
    bare = (clean_host(domain.partition("://")[2] or domain) or "").removeprefix("www.")
    return bool(bare) and (host == bare or host.endswith(f".{bare}"))
