"""The table of known sources."""

import re
from collections import Counter

import pytest

from footfall.model import known_source
from footfall.model.known_source import (
    domain_of_name,
    main_domain,
    source_class,
    source_name,
    source_of_host,
    source_of_name,
)

from .conftest import SHARED

LISTS = SHARED / "data" / "matomo"


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Google", "google.com"),
        ("gOOGLE", "google.com"),
        ("ChatGPT", "chatgpt.com"),
        ("X", "x.com"),
        ("Twitter", "x.com"),
        ("Hacker News", "news.ycombinator.com"),
        ("nobody", None),
        ("", None),
    ],
)
def test_names_lead_to_main_domains(name, domain):
    assert domain_of_name(name) == domain


def test_main_domains_have_names_and_classes():
    assert source_name("facebook.com") == "Facebook"
    assert source_class("facebook.com") == "social"
    assert source_name("partner.org") is None
    assert source_class("partner.org") is None


def test_hosts_mean_their_source_in_utm_source():
    assert source_of_name("l.facebook.com").domain == "facebook.com"
    assert source_of_name("partner.org") is None


def test_every_main_domain_is_its_own():
    for domain in known_source._BY_DOMAIN:
        assert main_domain(domain) == domain


def test_no_name_means_two_sources():
    text = (known_source.resources.files("footfall.model") / "known_source.tsv").read_text("utf-8")
    names = Counter()
    for line in text.splitlines()[1:]:
        _, name, _, _, aliases = line.split("\t")
        names.update(alias.casefold() for alias in (name, *aliases.split()))
    assert [name for name, count in names.items() if count > 1] == []


def hosts_of(path):
    """Source → hosts of a public list, to measure ours against."""
    if not path.exists():
        pytest.skip(f"needs ../shared/data/matomo/{path.name}")
    hosts, source, is_host = {}, "", True
    for line in path.read_text().splitlines():
        if match := re.match(r"^(\S.*?):$", line):
            source = match[1]
        elif match := re.match(r"\s+(\w+):", line):
            is_host = match[1] == "urls"
        elif (match := re.match(r"\s+- '?([^']+)'?$", line)) and is_host:
            host = match[1].partition("/")[0].replace("{}", "de").lower()
            hosts.setdefault(source, []).append(host)
    return hosts


@pytest.mark.parametrize(
    ("name", "share"),
    [("AIAssistants.yml", 1.0), ("Socials.yml", 0.85), ("SearchEngines.yml", 0.4)],
)
def test_the_table_knows_what_people_would_expect(name, share):
    """Most search engines that the public list has and ours lacks are gone or were directories."""
    sources = hosts_of(LISTS / name)
    known = [s for s, hosts in sources.items() if any(source_of_host(host) for host in hosts)]
    assert len(known) / len(sources) >= share
