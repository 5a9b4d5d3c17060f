"""The step that reads campaign parameters and click ids."""

from collections.abc import Mapping
from urllib.parse import unquote_plus

from footfall.enrich.draft import Draft
from footfall.model.campaign import CAMPAIGN_PARAMS, CLICK_IDS, MAX_PARAM_VALUE
from footfall.model.remember import remember
from footfall.model.text import cut

MAX_PARAMETERS = 200
_NAMES = frozenset((*CAMPAIGN_PARAMS, *CLICK_IDS))


def add_campaign(draft: Draft) -> None:
    """What an SDK remembers wins over what the address says."""
    if draft.page.query:
        _add(draft, parse_campaign(draft.page.query))
    if draft.hit.tags:
        _add(draft, _facts_of(draft.hit.tags))


def _add(draft: Draft, facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        setattr(draft.facts, name, value)


@remember(1024)
def parse_campaign(query: str) -> Mapping[str, str]:
    """The campaign facts of a query string; the first value of a parameter counts."""
    found: dict[str, str] = {}
    for pair in query.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]:
        name, _, value = pair.partition("=")
        name = unquote_plus(name).lower()
        if value and name in _NAMES and name not in found:
            found[name] = unquote_plus(value)
    return _facts_of(found)


def _facts_of(given: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters' values, cut, without empty ones, and the name of the first of CLICK_IDS
    that has a value."""
    cut_values = ((name, cut(given.get(name, ""), MAX_PARAM_VALUE)) for name in CAMPAIGN_PARAMS)
    facts = {name: value for name, value in cut_values if value}
    has_value = (name for name in CLICK_IDS if cut(given.get(name, ""), MAX_PARAM_VALUE))
    if click_id := next(has_value, ""):
        facts["click_id"] = click_id
    return facts
