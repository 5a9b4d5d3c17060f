"""Steps that drop what a website's owner does not want counted."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import re2  # type: ignore[import-untyped]

from footfall.enrich.draft import Draft
from footfall.model.country import country_code
from footfall.model.event import Dropped
from footfall.model.path_pattern import path_pattern

Matcher = Callable[[str], object]


def drop_excluded_address(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.addresses
    if excluded and draft.address and _is_in_networks(draft.address, excluded):
        return Dropped("excluded_address", "ip", "this address is excluded by the website")
    return None


def drop_excluded_hostname(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.hostnames
    host = draft.page.host
    if excluded and host and any(matches(host) for matches in _host_matchers(excluded)):
        return Dropped("excluded_hostname", "url", "this hostname is excluded by the website")
    return None


def drop_excluded_path(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.paths
    path = draft.page.path
    if excluded and path and any(matches(path) for matches in _path_matchers(excluded)):
        return Dropped("excluded_path", "url", "this path is excluded by the website")
    return None


def drop_excluded_referrer(draft: Draft) -> Dropped | None:
    """By the host that the browser named, and by the domain that lists show for it."""
    excluded = draft.website.exclusions.referrers
    if excluded and draft.facts.referrer:
        for matches in _host_matchers(excluded):
            if matches(draft.referrer_host) or matches(draft.facts.referrer):
                return Dropped(
                    "excluded_referrer", "referrer", "this referrer is excluded by the website"
                )
    return None


def drop_excluded_country(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.countries
    if excluded and draft.facts.country in _codes(excluded):
        return Dropped("excluded_country", "country", "this country is excluded by the website")
    return None


@lru_cache(maxsize=4096)
def _is_in_networks(address: str, networks: tuple[str, ...]) -> bool:
    client = ip_address(address)
    return any(client in network for network in _parse_networks(networks))


@lru_cache(maxsize=256)
def _parse_networks(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """The valid networks among them: an invalid one excludes nothing."""
    parsed = []
    for network in networks:
        try:
            parsed.append(ip_network(network.strip(), strict=False))
        except ValueError:
            continue
    return tuple(parsed)


@lru_cache(maxsize=256)
def _host_matchers(globs: tuple[str, ...]) -> tuple[Matcher, ...]:
    """'*' matches anything, dots included."""
    return tuple(_matcher(glob.strip().lower().replace("*", "**")) for glob in globs)


@lru_cache(maxsize=256)
def _path_matchers(globs: tuple[str, ...]) -> tuple[Matcher, ...]:
    """As in a filter's value: '*' within a segment, '**' across."""
    return tuple(_matcher(glob.strip()) for glob in globs)


def _matcher(glob: str) -> Matcher:
    """By RE2: visitors choose the text, and no glob may make it slow."""
    matches: Matcher = re2.compile("(?s)" + path_pattern(glob)).fullmatch
    return matches


@lru_cache(maxsize=256)
def _codes(countries: tuple[str, ...]) -> frozenset[str]:
    return frozenset(country_code(country) or country.upper() for country in countries)
