"""The step that reads campaign parameters and click ids."""

from footfall.enrich.campaign_tag import parse_campaign
from footfall.enrich.draft import Draft


def add_campaign(draft: Draft) -> None:
    if draft.page.query:
        draft.campaign = parse_campaign(draft.page.query)
