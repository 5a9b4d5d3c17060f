"""Steps about the client: browser and device, place, language, screen."""

import re
from collections.abc import Callable

from footfall.enrich.agent import MAX_USER_AGENT, read_agent
from footfall.enrich.client_hint import cut_hints
from footfall.enrich.draft import Draft
from footfall.enrich.place import Place
from footfall.enrich.step import invalid
from footfall.model.country import country_code
from footfall.model.event import Dropped
from footfall.model.remember import remember
from footfall.model.text import cut

_LANGUAGE = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,5}")
_SCREEN = re.compile(r"[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")
_REGION_CODE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
MAX_PLACE = 100
MAX_TIMEZONE = 64
MAX_VERSION = 32
MAX_LANGUAGES = 200


def add_agent(draft: Draft) -> None:
    """Bot or not, browser, system, device. A backend that gives no user agent is not a bot."""
    user_agent, hints = draft.hit.user_agent, draft.hit.hints
    if user_agent is None:
        return
    agent, facts = read_agent(user_agent[:MAX_USER_AGENT], cut_hints(hints)), draft.facts
    draft.bot = agent.bot
    facts.device = agent.device
    facts.browser = agent.browser
    facts.browser_version = agent.browser_version
    facts.os = agent.os
    facts.os_version = agent.os_version


def add_place(draft: Draft) -> Dropped | None:
    """Country, region, city of the address; what a backend states overrides the look-up."""
    hit, facts = draft.hit, draft.facts
    place = draft.geo.place(draft.address)
    if hit.country or hit.region or hit.city:
        country = country_code(hit.country) if hit.country else place.country
        if country is None:
            return invalid(
                "country",
                f"country {cut(hit.country, 64)!r} is not a country name or ISO 3166-1 code, as in"
                " Austria, AT or AUT",
            )
        place = _stated(place, country, hit.region, hit.city)
    facts.country = place.country
    facts.region = place.region
    facts.region_code = place.region_code
    facts.city = place.city
    return None


def add_client_facts(draft: Draft) -> None:
    """What clients state themselves, if it is valid."""
    for name, fact, clean in _CLIENT_FACTS:
        if text := getattr(draft.hit, name):
            setattr(draft.facts, fact, clean(text))


@remember(1024)
def first_language(languages: str) -> str:
    """The first tag of "de-AT,de;q=0.9" in lower case; '' if it is not a language tag."""
    tag = re.split("[,;]", languages, maxsplit=1)[0].strip().lower().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _screen(text: str) -> str:
    match = _SCREEN.fullmatch(text.strip().lower())
    return match[0] if match else ""


def _timezone(text: str) -> str:
    return text if len(text) <= MAX_TIMEZONE and _TIMEZONE.fullmatch(text) else ""


_CLIENT_FACTS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("language", "language", lambda text: first_language(text[:MAX_LANGUAGES])),
    ("screen", "screen", _screen),
    ("timezone", "timezone", _timezone),
    ("version", "sdk_version", lambda text: cut(text, MAX_VERSION)),
)
"""Field of the hit, fact, and what makes the fact of the text: '' where it is not valid."""


def _stated(found: Place, country: str, region: str, city: str) -> Place:
    """The looked-up place, overridden by what was stated. In another country none of it holds."""
    if country != found.country:
        found = Place(country)
    if region:
        region = cut(region, MAX_PLACE)
        is_code = bool(_REGION_CODE.fullmatch(region.upper()))
        code = region.upper() if is_code else ""
        if region not in (found.region, found.region_code):
            found = Place(country or code[:2], code or region, code)
    return Place(found.country, found.region, found.region_code, cut(city, MAX_PLACE) or found.city)
