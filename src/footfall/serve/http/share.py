"""Requests by a share link: what they may ask, and what is added to everything they ask.

The share's filters are parameters that the server appends. Filters are AND-ed, so nothing that a
request says can remove them.
"""

import msgspec

from footfall.model.errors import Forbidden
from footfall.model.period import parse_period
from footfall.model.personal_field import personal_fields
from footfall.model.share import ShareLink
from footfall.model.website import Token, Website
from footfall.query.parse.given import Params

_WITH_PAYMENTS = {"live", "overview"}


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
    identify people, or for single payments, if the share does not show both revenue and who is
    there now.
    """
    if not set(share.pages) >= _WITH_PAYMENTS and any(name == "payments" for name, _ in params):
        raise Forbidden("payments: this share link does not show single ones", field="payments")
    for name, field in personal_fields(params):
        raise Forbidden(f"{name}: a share link cannot ask about {field[:64]!r}", field=name)
    return [*params, *share.params]


def shared_website(share: ShareLink, website: Website) -> Website:
    """The website, with nothing before the share's oldest day."""
    if not share.oldest:
        return website
    oldest = parse_period(share.oldest, None, website.timezone)
    return msgspec.structs.replace(website, hidden_before_ms=oldest.start_ms)
