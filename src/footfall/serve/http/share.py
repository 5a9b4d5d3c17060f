"""Requests by a share link: what they may ask, and what is added to everything they ask.

The share's filters are parameters that the server appends. Filters are AND-ed, so nothing that a
request says can remove them.
"""

from collections.abc import Iterator

import msgspec

from footfall.model.errors import Forbidden
from footfall.model.json_text import MALFORMED
from footfall.model.period import parse_period
from footfall.model.share import ShareLink
from footfall.model.step import EVENT_COLUMNS
from footfall.model.website import Token, Website
from footfall.query.parse.given import Params

ABOUT_PEOPLE = frozenset({"address", "all_params"})
"""Columns and dimensions that may say who somebody is. So may any property of an event."""
_COLUMNS = frozenset(EVENT_COLUMNS) - ABOUT_PEOPLE
_WITH_PAYMENTS = {"live", "overview"}
_FIELDS = ("field", "operand")
_GROUPS = frozenset({"dimension", "breakdown", "group_by"})


def share_token(share: ShareLink) -> Token:
    """What a request by a share link may do, as a token says it."""
    return Token(
        id=share.id,
        workspace_id="",
        website_id=share.website_id,
        scopes=frozenset({"read"}),
        kind="share",
        prefix=share.id,
    )


def shared_params(share: ShareLink, params: Params) -> Params:
    """The request's parameters and the share's filters. Raises Forbidden if it asks for what could
    identify people: by comparing a property with a guess, one could find out an e-mail address. Or
    for single payments, if the share does not show both revenue and who is there now.
    """
    if not set(share.pages) >= _WITH_PAYMENTS and any(name == "payments" for name, _ in params):
        raise Forbidden("payments: this share link does not show single ones", field="payments")
    for name, value in params:
        is_group = name in _GROUPS
        asked = [each.strip() for each in value.split(",")] if is_group else _fields_in(value)
        allowed = None if name == "dimension" else _COLUMNS
        for field in asked:
            if field in ABOUT_PEOPLE or (allowed is not None and field and field not in allowed):
                raise Forbidden(f"{name}: a share link cannot ask about {field[:64]!r}", field=name)
    return [*params, *share.params]


def shared_website(share: ShareLink, website: Website) -> Website:
    """The website, with nothing before the share's oldest day."""
    if not share.oldest:
        return website
    oldest = parse_period(share.oldest, None, website.timezone)
    return msgspec.structs.replace(website, hidden_before_ms=oldest.start_ms)


def _fields_in(text: str) -> Iterator[str]:
    """The columns and properties that the conditions of a JSON parameter name."""
    if not text.lstrip().startswith(("[", "{")):
        return
    try:
        waiting: list[object] = [msgspec.json.decode(text)]
    except MALFORMED:
        return  # the report refuses it
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (str(value[name]) for name in _FIELDS if value.get(name) is not None)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
