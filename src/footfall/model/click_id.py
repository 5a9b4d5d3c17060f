"""The parameters that advertising platforms and social networks add to a link for each click."""

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
"""Only the name is stored, never the value, which identifies a person to the platform."""
