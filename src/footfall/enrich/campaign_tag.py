"""Campaign parameters and click ids of a page's query string."""

from collections.abc import Mapping
from urllib.parse import unquote_plus

import msgspec

from footfall.model.click_id import CLICK_IDS
from footfall.model.remember import remember
from footfall.model.text import cut

MAX_VALUE = 200
MAX_PARAMETERS = 200


class Campaign(msgspec.Struct, frozen=True, gc=False):
    """Values as sent, decoded and cut; '' for none. `click_id` is a name, never a value."""

    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    ref: str = ""
    source: str = ""
    via: str = ""
    click_id: str = ""

    @property
    def has_tag(self) -> bool:
        return any(getattr(self, tag) for tag in TAGS)


TAGS: tuple[str, ...] = Campaign.__struct_fields__[:-1]
NO_CAMPAIGN = Campaign()
_NAMES = frozenset((*TAGS, *CLICK_IDS))


@remember(1024)
def parse_campaign(query: str) -> Campaign:
    """The campaign of a query string; of a parameter given twice the first value counts."""
    found: dict[str, str] = {}
    for pair in query.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]:
        name, _, value = pair.partition("=")
        name = unquote_plus(name).lower()
        if value and name in _NAMES and name not in found:
            found[name] = cut(unquote_plus(value), MAX_VALUE)
    return Campaign(**{tag: found.get(tag, "") for tag in TAGS}, click_id=_click_id(found))


def with_tags(campaign: Campaign, tags: Mapping[str, str]) -> Campaign:
    """The campaign with those of TAGS and CLICK_IDS that are given and not empty put over it."""
    given = {tag: value for tag in TAGS if (value := cut(tags.get(tag, ""), MAX_VALUE))}
    if click_id := _click_id(tags):
        given["click_id"] = click_id
    return msgspec.structs.replace(campaign, **given) if given else campaign


def _click_id(values: Mapping[str, str]) -> str:
    return next((name for name in CLICK_IDS if values.get(name)), "")
