"""Known sources of visits: which hosts are one source, its well-known name and its class.

The table is known_source.tsv: main domain, name, class, further hosts, further names. A host
covers its subdomains unless another row has them; `=host` covers only itself, with or without
www. or m.; `google.*` is google.com, google.de, google.co.uk … with their subdomains.
"""

import re
from functools import lru_cache
from importlib import resources
from typing import Literal

import msgspec

SourceClass = Literal["search", "social", "video", "ai", "mail", "mailing", "other"]
"""`mail` is where people read mail; `mailing` is a tool that sends newsletters."""


class KnownSource(msgspec.Struct, frozen=True):
    domain: str
    name: str
    kind: SourceClass


_COUNTRY_ENDING = re.compile(r"\.(?:com|(?:com?|org|net|ne|or)\.[a-z]{2}|[a-z]{2})$")
_BY_DOMAIN: dict[str, KnownSource] = {}
_BY_HOST: dict[str, KnownSource] = {}  # without leading "www."; covers subdomains
_BY_EXACT_HOST: dict[str, KnownSource] = {}
_BY_NAME: dict[str, KnownSource] = {}


def _read_table() -> None:
    table = resources.files("footfall.model").joinpath("known_source.tsv").read_text("utf-8")
    for line in table.splitlines()[1:]:
        domain, name, kind, hosts, names = line.split("\t")
        source = KnownSource(domain.lstrip("="), name, msgspec.convert(kind, SourceClass))
        _BY_DOMAIN[source.domain] = source
        for host in (domain, *hosts.split()):
            if host.startswith("="):
                _BY_EXACT_HOST[host[1:]] = source
            else:
                _BY_HOST[host] = source
        for alias in (name, *names.split()):
            _BY_NAME[alias.casefold()] = source


_read_table()


@lru_cache(maxsize=4096)
def source_of_host(host: str) -> KnownSource | None:
    """The known source that a lower-case host or app package belongs to; None for any other."""
    host = host.removeprefix("www.")
    source = _BY_EXACT_HOST.get(host) or _BY_EXACT_HOST.get(host.removeprefix("m."))
    if source:
        return source
    ending = _COUNTRY_ENDING.search(host)
    stem = f"{host[: ending.start()]}.*" if ending else ""
    while host:
        if source := _BY_HOST.get(host) or _BY_HOST.get(stem):
            return source
        host = host.partition(".")[2]
        stem = stem.partition(".")[2]
    return None


def main_domain(host: str) -> str:
    """A known source's main domain for any of its hosts; any other host without www."""
    source = source_of_host(host)
    return source.domain if source else host.removeprefix("www.")


def source_name(domain: str) -> str | None:
    """The well-known name of a main domain ("google.com" → "Google"); None if it has none."""
    source = _BY_DOMAIN.get(domain)
    return source.name if source else None


def source_class(domain: str) -> SourceClass | None:
    """The class of a main domain; None where the source is not known."""
    source = _BY_DOMAIN.get(domain)
    return source.kind if source else None


def source_of_name(name: str) -> KnownSource | None:
    """The known source that a name in any case, as in utm_source, means; its hosts do as well."""
    key = name.strip().casefold()
    return _BY_NAME.get(key) or (source_of_host(key) if "." in key else None)


def domain_of_name(name: str) -> str | None:
    """The main domain for a well-known name in any case ("Google" → "google.com"), or None."""
    source = _BY_NAME.get(name.strip().casefold())
    return source.domain if source else None
