"""Known sources of visits: which hosts are one source, its well-known name and its class.

The table is known_source.tsv: main domain, name, class, further hosts, further names. A host in it
is that host alone, with or without www. or m.: console.cloud.google.com is not Google's search.
`*.host` is the host with its subdomains, except those that are about the company (COMPANY_LABELS).
`google.*` has every country's ending, and `??.bing.com` has a country's code in front.
"""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Literal

import msgspec

from footfall.model.remember import remember

SourceClass = Literal["search", "social", "video", "ai", "mail", "mailing", "ads", "other"]
"""`mail` is where people read mail; `mailing` is a tool that sends newsletters; `ads` sells
advertisements and nothing else."""


class KnownSource(msgspec.Struct, frozen=True):
    domain: str
    name: str
    kind: SourceClass


_COMPANY = """
    about account accounts accountscenter ads adsmanager advertise advertising analytics api
    api-docs auth billing business careers checkout console creators dashboard dev developer
    developers docs engineering help investor investors jobs legal login marketing marketplace
    newsroom oauth partner partners pay payments platform policies press privacy seller shop
    signin sso status store studio support transparency trust wallet
"""
COMPANY_LABELS = frozenset(_COMPANY.split())
"""Labels of hosts that belong to a source's company and not to what people read or watch there."""

_COUNTRY_ENDING = re.compile(r"\.(?:com|(?:com?|org|net|ne|or)\.[a-z]{2}|[a-z]{2})$")
_COUNTRY_LABEL = re.compile(r"[a-z]{2}(?:-[a-z]{2})?\.")
_WEBMAIL = re.compile(
    r"(?:(?:web|e)?mail\d*[a-z]?|webmail-?\w+|webmailer|roundcube|zimbra|owa|poczta)\.[^.]+\.[^.]"
    r"|deref-[\w-]+\."
)
_AD_WORDS = frozenset({"ad", "ads", "adwords", "advertising"})
_AD_ENDING = re.compile(r"(?:ads|adwords|advertising)$")
_SEPARATORS = re.compile(r"(?:[-_\s]|%20)+")
_AD_SEPARATORS = re.compile(r"(?:[-_.+\s]|%20|%2b)+")
_BY_DOMAIN: dict[str, KnownSource] = {}
_BY_HOST: dict[str, KnownSource] = {}  # hosts without leading "www."; may end in ".*"
_BY_PARENT: dict[str, KnownSource] = {}  # the same, for all their subdomains
_BY_NAME: dict[str, KnownSource] = {}  # by `_squeeze`d name


def _squeeze(name: str) -> str:
    """A name without case and separators: "Hacker News", "hacker-news" and "hackernews" are one."""
    return _SEPARATORS.sub("", name.casefold())


def _read_table() -> None:
    table = resources.files("footfall.model").joinpath("known_source.tsv").read_text("utf-8")
    for line in table.splitlines()[1:]:
        domain, name, kind, hosts, names = line.split("\t")
        source = KnownSource(domain, name, msgspec.convert(kind, SourceClass))
        _BY_DOMAIN[domain] = source
        for host in (domain, *hosts.split()):
            if host.startswith("*."):
                _BY_PARENT[host[2:]] = source
            _BY_HOST[host.removeprefix("*.")] = source
        for alias in (name, *names.split()):
            _BY_NAME[_squeeze(alias)] = source


_read_table()


@remember(2048)
def source_of_host(host: str) -> KnownSource | None:
    """The known source that a lower-case host or app package belongs to; None for any other."""
    host = host.removeprefix("www.")
    for spelling in _spellings(host):
        if source := _BY_HOST.get(spelling):
            return source
    label, _, parent = host.partition(".")
    while parent and label not in COMPANY_LABELS:
        if source := _BY_PARENT.get(parent) or _BY_PARENT.get(without_country(parent)):
            return source
        label, _, parent = parent.partition(".")
    return None


def _spellings(host: str) -> Iterator[str]:
    """The forms in which the table may have a host, the most exact one first."""
    for bare in dict.fromkeys((host, host.removeprefix("m."))):
        yield bare
        yield without_country(bare)
    if _COUNTRY_LABEL.match(host):
        yield f"??.{host.partition('.')[2]}"


def without_country(host: str) -> str:
    """A host with its country's ending as `*`: google.de and google.co.uk are both google.*.

    '' where the host has no such ending.
    """
    ending = _COUNTRY_ENDING.search(host)
    return f"{host[: ending.start()]}.*" if ending else ""


def main_domain(host: str) -> str:
    """A known source's main domain for any of its hosts; any other host without www."""
    source = source_of_host(host)
    return source.domain if source else host.removeprefix("www.")


def source_name(domain: str) -> str | None:
    """The well-known name of a main domain ("google.com" → "Google"); None if it has none."""
    source = _BY_DOMAIN.get(domain)
    return source.name if source else None


def source_class(domain: str) -> SourceClass | None:
    """The class of a main domain; None where the source is not known.

    Providers of web mail are more than a table can hold, so a host that is called
    webmail.example.net or mail.example.net is one.
    """
    source = _BY_DOMAIN.get(domain)
    if source:
        return source.kind
    return "mail" if _WEBMAIL.match(domain) else None


def source_of_name(name: str) -> KnownSource | None:
    """The known source with this name (in any case, as in utm_source) or with this host."""
    key = name.strip().casefold()
    return _BY_NAME.get(_squeeze(key)) or (source_of_host(key) if "." in key else None)


@remember(1024)
def ad_platform(name: str) -> KnownSource | None:
    """The source whose advertisements a name means ("fb-ads" → Facebook); None for other names.

    Such a name has an advertiser's own in it (adwords, criteo, adwords_brand), or a source's name
    together with a word for advertisements: google_ads, Google Ads, googleads, ads.google.
    """
    source = source_of_name(name)
    if source:
        return source if source.kind == "ads" else None
    words = [word for word in _AD_SEPARATORS.split(name.strip().casefold()) if word]
    for word in words:
        if (advertiser := _BY_NAME.get(word)) and advertiser.kind == "ads":
            return advertiser
    rest = [_AD_ENDING.sub("", word) for word in words if word not in _AD_WORDS]
    if rest == words:
        return None
    return next(
        (found for part in ("".join(rest), *rest) if (found := _BY_NAME.get(_squeeze(part)))), None
    )


def domain_of_name(name: str) -> str | None:
    """The main domain for a well-known name in any case ("Google" → "google.com"), or None."""
    source = _BY_NAME.get(_squeeze(name))
    return source.domain if source else None
