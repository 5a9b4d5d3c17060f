"""Steps that drop what a website's owner does not want counted."""

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from footfall.enrich.draft import Draft
from footfall.model.country import country_code
from footfall.model.event import Dropped


def drop_excluded_address(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.addresses
    if excluded and draft.address and _is_in_networks(draft.address, excluded):
        return Dropped("excluded_address", "ip", "this address is excluded by the website")
    return None


def drop_excluded_hostname(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.hostnames
    if excluded and draft.page.host and _host_pattern(excluded).fullmatch(draft.page.host):
        return Dropped("excluded_hostname", "url", "this hostname is excluded by the website")
    return None


def drop_excluded_path(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.paths
    if excluded and draft.page.path and _path_pattern(excluded).fullmatch(draft.page.path):
        return Dropped("excluded_path", "url", "this path is excluded by the website")
    return None


def drop_excluded_country(draft: Draft) -> Dropped | None:
    excluded = draft.website.exclusions.countries
    if excluded and draft.place.country in _codes(excluded):
        return Dropped("excluded_country", "country", "this country is excluded by the website")
    return None


@lru_cache(maxsize=4096)
def _is_in_networks(address: str, networks: tuple[str, ...]) -> bool:
    client = ip_address(address)
    return any(client in network for network in _parse_networks(networks))


@lru_cache(maxsize=256)
def _parse_networks(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Those that are networks: a wrong one excludes nothing."""
    parsed = []
    for network in networks:
        try:
            parsed.append(ip_network(network.strip(), strict=False))
        except ValueError:
            continue
    return tuple(parsed)


@lru_cache(maxsize=256)
def _host_pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """'*' stands for anything, dots included."""
    return re.compile("|".join(_glob(glob.strip().lower(), ".*", ".*") for glob in globs))


@lru_cache(maxsize=256)
def _path_pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """'*' within a segment, '**' across."""
    return re.compile("|".join(_glob(glob.strip(), "[^/]*", ".*") for glob in globs), re.DOTALL)


def _glob(glob: str, one: str, two: str) -> str:
    parts = re.split(r"(\*+)", glob)
    stars = {"*": one}
    return "".join(
        stars.get(part, two) if part.startswith("*") else re.escape(part) for part in parts
    )


@lru_cache(maxsize=256)
def _codes(countries: tuple[str, ...]) -> frozenset[str]:
    return frozenset(country_code(country) or country.upper() for country in countries)
