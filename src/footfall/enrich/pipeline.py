"""The way of a hit: the steps in their order, and what they make of it."""

from footfall.enrich import agent
from footfall.enrich.action import add_engagement, add_link, add_name, add_properties
from footfall.enrich.campaign import add_campaign
from footfall.enrich.channel import add_channel
from footfall.enrich.client import add_agent, add_language, add_place, add_screen, add_sdk
from footfall.enrich.draft import Draft, Salts
from footfall.enrich.exclusion import (
    drop_excluded_address,
    drop_excluded_country,
    drop_excluded_hostname,
    drop_excluded_path,
)
from footfall.enrich.identity import drop_wrong_identity
from footfall.enrich.page import add_page, add_title, drop_foreign_hostname
from footfall.enrich.place import Geo
from footfall.enrich.referrer import add_referrer, drop_spam_referrer
from footfall.enrich.step import Step
from footfall.enrich.validity import (
    add_address,
    drop_malformed_id,
    drop_unknown_type,
    drop_unstorable,
)
from footfall.enrich.visitor import add_visitor
from footfall.model.event import Dropped, Event
from footfall.model.fact import Facts
from footfall.model.hit import Hit
from footfall.model.key import event_key
from footfall.model.website import Website

__all__ = ["STEPS", "Enricher", "Salts"]

STEPS: tuple[Step, ...] = (
    drop_unknown_type,
    drop_unstorable,
    drop_malformed_id,
    add_page,
    drop_foreign_hostname,
    drop_excluded_hostname,
    drop_excluded_path,
    add_address,
    drop_excluded_address,
    add_referrer,
    drop_spam_referrer,
    add_place,
    drop_excluded_country,
    add_agent,
    add_title,
    add_language,
    add_screen,
    add_sdk,
    add_campaign,
    add_channel,
    add_name,
    add_link,
    drop_wrong_identity,
    add_properties,
    add_engagement,
    add_visitor,
)


class Enricher:
    """Hit → Event | Dropped. What it caches (addresses among it) is bounded and only in memory."""

    def __init__(self, *, geo_database: str = "") -> None:
        """Open the geo database (`geo_database`, else the bundled countries) and read the lists."""
        self._geo = Geo(geo_database)
        agent.load()

    @property
    def has_geo(self) -> bool:
        return self._geo.is_open

    def close(self) -> None:
        self._geo.close()

    def enrich(self, hit: Hit, website: Website, salts: Salts) -> Event | Dropped:
        """Run the steps; `salts` are those of the UTC day of the hit's receipt."""
        draft = Draft(hit, website, salts, self._geo)
        for step in STEPS:
            dropped = step(draft)
            if dropped is not None:
                return dropped
        return _event(draft)


def _event(draft: Draft) -> Event:
    hit = draft.hit
    return Event(
        website_id=draft.website.id,
        type=hit.type,
        occurred_at=hit.occurred_at,
        visitor_id=draft.visitor_id,
        visitor_id_yesterday=draft.visitor_id_yesterday,
        session_uid=draft.session_uid,
        event_id=event_key(draft.website.id, hit.event_id) if hit.event_id else 0,
        path=draft.page.path,
        title=draft.title,
        name=draft.name,
        link=draft.link,
        properties=draft.properties,
        engaged_ms=draft.engaged_ms,
        address=hit.address,
        bot=draft.agent.bot,
        facts=_facts(draft),
        client_session=draft.client_session,
        has_own_session=hit.has_own_session and draft.session_uid != 0,
    )


def _facts(draft: Draft) -> Facts:
    campaign, place, client = draft.campaign, draft.place, draft.agent
    return Facts(
        draft.page.host,
        draft.referrer,
        draft.channel,
        campaign.utm_source,
        campaign.utm_medium,
        campaign.utm_campaign,
        campaign.utm_term,
        campaign.utm_content,
        campaign.ref,
        campaign.source,
        campaign.via,
        campaign.click_id,
        place.country,
        place.region,
        place.region_code,
        place.city,
        client.device,
        client.browser,
        client.browser_version,
        client.os,
        client.os_version,
        draft.language,
        draft.screen,
        draft.referrer_url,
        draft.timezone,
        draft.version,
    )
