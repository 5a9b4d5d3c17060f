"""The parameters of a link that say which campaign it belongs to."""

CAMPAIGN_PARAMS: tuple[str, ...] = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    *("ref", "source", "via"),
)
"""Each is a fact of its own, by the same name."""

MAX_PARAM_VALUE = 200
"""Characters that are kept of a campaign parameter's value."""

CLICK_IDS: tuple[str, ...] = (  # one click can carry several: paid ones first, social before others
    "ttclid",
    "twclid",
    "li_fat_id",
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "gad_source",
    "msclkid",
    "yclid",
    "rdt_cid",
    "sccid",
    "epik",
    "fbclid",
    "igshid",
)
"""What advertising platforms and social networks add to a link for each click.

Only the name is stored, never the value, which identifies a person to the platform.
"""
