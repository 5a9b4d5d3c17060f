"""The step that reads campaign parameters and click ids."""

from footfall.enrich.campaign_tag import parse_campaign, with_tags
from footfall.enrich.draft import Draft


def add_campaign(draft: Draft) -> None:
    """What an SDK remembers wins over what stands in the address."""
    if draft.page.query:
        draft.campaign = parse_campaign(draft.page.query)
    if draft.hit.tags:
        draft.campaign = with_tags(draft.campaign, draft.hit.tags)
