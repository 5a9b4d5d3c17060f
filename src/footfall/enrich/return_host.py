"""Hosts that a visitor comes back from in the middle of a purchase or a sign-in."""

import re
from importlib import resources

from footfall.model.known_source import without_country
from footfall.model.remember import remember

VENDOR_LABELS = frozenset(
    {
        *("blog", "careers", "community", "developer", "developers", "docs", "forum", "help"),
        *("marketplace", "newsroom", "partners", "status", "support"),
    }
)
"""Labels of hosts with pages about the payment or identity service itself."""

# Every bank has its own page for 3-D Secure, more than a list can hold. Banks have these endings;
# fan sites of the console of that name (3ds.hacks.guide) have others.
_BANK = re.compile(r"3d-?s(?:ecure|s)?(?:-?acs)?\d*\.(?:[^.]+\.)+(?:[a-z]{2}|com|net|bank)$")
_ENTRIES = [
    line
    for line in resources.files("footfall.enrich")
    .joinpath("data/return_host.txt")
    .read_text("utf-8")
    .splitlines()
    if line and not line.startswith("#")
]
_HOSTS = frozenset(entry for entry in _ENTRIES if not entry.startswith("*."))
_PARENTS = frozenset(entry.removeprefix("*.") for entry in _ENTRIES)


@remember(2048)
def is_return_host(host: str) -> bool:
    """Whether a lower-case host or app package is on the list of payment and sign-in pages.

    A bank's host for 3-D Secure (3ds.bank.com, 3dsecure.bank.co.uk) needs no entry.
    """
    host = host.removeprefix("www.")
    if host in _HOSTS or without_country(host) in _HOSTS or _BANK.match(host):
        return True
    label, _, parent = host.partition(".")
    while parent and label not in VENDOR_LABELS:
        if parent in _PARENTS or without_country(parent) in _PARENTS:
            return True
        label, _, parent = parent.partition(".")
    return False
