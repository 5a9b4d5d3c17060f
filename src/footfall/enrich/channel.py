"""Marketing channels: one ordered table, the first matching row wins."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from footfall.enrich.draft import Draft
from footfall.model.campaign import CAMPAIGN_PARAMS
from footfall.model.fact import Facts
from footfall.model.known_source import ad_platform, source_class, source_of_name
from footfall.model.remember import remember


class Traffic(msgspec.Struct, frozen=True, gc=False):
    """What the channel depends on. Texts are in lower case, '' for none."""

    medium: str  # utm_medium
    source: str  # utm_source
    network: str  # class of utm_source where that is a known source, else of the referrer
    click_id: str
    is_mailing: bool  # utm_source is a tool that sends mail
    is_ad_platform: bool  # utm_source names a platform's advertisements: google_ads, adwords
    is_referred: bool  # there is a referrer or a tag


_DISPLAY = {"display", "banner", "expandable", "interstitial", "cpm", "programmatic"}
_PAID_SOCIAL = {"paid_social", "paid-social", "paidsocial", "social_cpc", "social_ppc"}
_VIDEO = {"video", "paid_video", "paid-video", "paidvideo"}
_AFFILIATE = {"affiliate", "affiliates", "partner"}
_EMAIL = {"email", "e-mail", "e_mail", "newsletter"}
_EMAIL_SOURCES = {"email", "newsletter"}
_SMS = {"sms", "text"}
_AUDIO = {"audio", "podcast"}
_SOCIAL = {
    "social",
    "social-network",
    "social-media",
    "social network",
    "social media",
    "sm",
}
_PAID = re.compile(r"(.*cp.*|ppc|retargeting|paid.*|sea|ads?)", re.DOTALL)
_SOCIAL_CLICKS = {"ttclid", "twclid", "li_fat_id"}
_PAID_CLICKS = {
    *{"gclid", "gbraid", "wbraid", "dclid", "gad_source", "msclkid", "yclid"},
    *_SOCIAL_CLICKS,
}


def _is_paid(traffic: Traffic) -> bool:
    return (
        bool(_PAID.fullmatch(traffic.medium))
        or traffic.is_ad_platform
        or traffic.click_id in _PAID_CLICKS
    )


def _is_paid_social(traffic: Traffic) -> bool:
    return _is_paid(traffic) and (traffic.network == "social" or traffic.click_id in _SOCIAL_CLICKS)


def _is_paid_video(traffic: Traffic) -> bool:
    return _is_paid(traffic) and traffic.network == "video"


def _is_email(traffic: Traffic) -> bool:
    return traffic.medium in _EMAIL or traffic.is_mailing or traffic.source in _EMAIL_SOURCES


class Channel(NamedTuple):
    """A row of the table: the channel, the visits that it is for, and the same in words."""

    name: str
    matches: Callable[[Traffic], bool]
    rule: str


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


_MEDIUM = "utm_medium is one of "
_CLASS = "utm_source or the referrer is "
CHANNELS: tuple[Channel, ...] = (
    Channel("Display", lambda t: t.medium in _DISPLAY, _MEDIUM + _listed(_DISPLAY)),
    Channel("Paid Social", lambda t: t.medium in _PAID_SOCIAL, _MEDIUM + _listed(_PAID_SOCIAL)),
    Channel("Video", lambda t: t.medium in _VIDEO, _MEDIUM + _listed(_VIDEO)),
    Channel("Affiliate", lambda t: t.medium in _AFFILIATE, _MEDIUM + _listed(_AFFILIATE)),
    Channel(
        "Email",
        _is_email,
        f"{_MEDIUM}{_listed(_EMAIL)}, or utm_source is email, newsletter or a tool that sends mail",
    ),
    Channel(
        "SMS",
        lambda t: t.medium in _SMS or t.source == "sms",
        f"{_MEDIUM}{_listed(_SMS)}, or utm_source is sms",
    ),
    Channel("Audio", lambda t: t.medium in _AUDIO, _MEDIUM + _listed(_AUDIO)),
    Channel(
        "Paid Social",
        _is_paid_social,
        "A paid visit (see Paid Search) from a social network, or with a click id of one:"
        f" {_listed(_SOCIAL_CLICKS)}",
    ),
    Channel("Video", _is_paid_video, "A paid visit (see Paid Search) from a video site"),
    Channel(
        "Paid Search",
        _is_paid,
        "Any other paid visit: utm_medium contains cp, begins with paid, or is ppc, retargeting,"
        " sea, ad or ads; utm_source names an ad platform; or there is a paid click id:"
        f" {_listed(_PAID_CLICKS)}",
    ),
    Channel("Organic Social", lambda t: t.medium in _SOCIAL, _MEDIUM + _listed(_SOCIAL)),
    Channel("Organic Search", lambda t: t.medium == "organic", "utm_medium is organic"),
    Channel("AI Assistants", lambda t: t.network == "ai", f"{_CLASS}an AI assistant"),
    Channel("Organic Search", lambda t: t.network == "search", f"{_CLASS}a search engine"),
    Channel("Organic Social", lambda t: t.network == "social", f"{_CLASS}a social network"),
    Channel("Video", lambda t: t.network == "video", f"{_CLASS}a video site"),
    Channel("Email", lambda t: t.network == "mail", f"{_CLASS}web mail"),
    Channel(
        "Referral",
        lambda t: t.is_referred,
        "Any other referrer, or any of utm_*, ref, source and via",
    ),
    Channel("Direct", lambda _: True, "None of these"),
)


def add_channel(draft: Draft) -> None:
    draft.facts.channel = channel_of(draft.facts)


def channel_of(facts: Facts) -> str:
    """The channel of a visit with these campaign parameters, click id and referrer."""
    has_tag = any(getattr(facts, name) for name in CAMPAIGN_PARAMS)
    return _channel(facts.utm_source, facts.utm_medium, facts.click_id, facts.referrer, has_tag)


@remember(1024)
def _channel(source: str, medium: str, click_id: str, referrer: str, has_tag: bool) -> str:
    traffic = _traffic(source, medium, click_id, referrer, has_tag)
    return next(each.name for each in CHANNELS if each.matches(traffic))


def _traffic(source: str, medium: str, click_id: str, referrer: str, has_tag: bool) -> Traffic:
    platform = ad_platform(source)
    named = platform or source_of_name(source)
    network = named.kind if named else source_class(referrer) or ""
    is_mailing = platform is None and named is not None and named.kind == "mailing"
    return Traffic(
        medium=medium.lower(),
        source=source.lower(),
        network="mail" if network == "mailing" else network,
        click_id=click_id,
        is_mailing=is_mailing,
        is_ad_platform=platform is not None,
        is_referred=bool(referrer) or has_tag,
    )
