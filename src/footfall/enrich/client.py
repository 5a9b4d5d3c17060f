"""Steps about the client: browser and device, place, language, screen."""

import re

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
    """Bot or not, browser, system, device. A backend that gives no user agent is no bot."""
    user_agent, hints = draft.hit.user_agent, draft.hit.hints
    if user_agent is not None:
        draft.agent = read_agent(user_agent[:MAX_USER_AGENT], cut_hints(hints))


def add_place(draft: Draft) -> Dropped | None:
    """Country, region, city of the address; what a backend states goes before the look-up."""
    hit = draft.hit
    draft.place = draft.geo.place(draft.address)
    if not (hit.country or hit.region or hit.city):
        return None
    country = country_code(hit.country) if hit.country else draft.place.country
    if country is None:
        return invalid(
            "country",
            f"country {cut(hit.country, 64)!r} is not a country name or ISO 3166-1 code, as in"
            " Austria, AT or AUT",
        )
    draft.place = _stated(draft.place, country, hit.region, hit.city)
    return None


def add_language(draft: Draft) -> None:
    if draft.hit.language:
        draft.language = first_language(draft.hit.language[:MAX_LANGUAGES])


def add_screen(draft: Draft) -> None:
    screen = draft.hit.screen
    if screen and (match := _SCREEN.fullmatch(screen.strip().lower())):
        draft.screen = match[0]


def add_sdk(draft: Draft) -> None:
    """What only SDKs tell: the client's time zone, and a version."""
    timezone, version = draft.hit.timezone, draft.hit.version
    if timezone and len(timezone) <= MAX_TIMEZONE and _TIMEZONE.fullmatch(timezone):
        draft.timezone = timezone
    if version:
        draft.version = cut(version, MAX_VERSION)


@remember(1024)
def first_language(languages: str) -> str:
    """The first tag of "de-AT,de;q=0.9" in lower case; '' if it is no language tag."""
    tag = re.split("[,;]", languages, maxsplit=1)[0].strip().lower().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _stated(found: Place, country: str, region: str, city: str) -> Place:
    """The looked-up place under what was stated: of another country's none of it is left."""
    if country != found.country:
        found = Place(country)
    if region:
        region = cut(region, MAX_PLACE)
        is_code = bool(_REGION_CODE.fullmatch(region.upper()))
        code = region.upper() if is_code else ""
        if region not in (found.region, found.region_code):
            found = Place(country or code[:2], code or region, code)
    return Place(found.country, found.region, found.region_code, cut(city, MAX_PLACE) or found.city)
