"""Desktop, Mobile or Tablet, by user agent and client hints."""

import re
from typing import Literal

from footfall.enrich.client_hint import Hinted

Device = Literal["Desktop", "Mobile", "Tablet", ""]

_OTHER = re.compile(  # watches, televisions, consoles and the like are none of the three
    r"smart-?tv|appletv|apple tv|googletv|android tv|hbbtv|netcast|web0s|webos\.tv|bravia|crkey"
    r"|\baft[a-z]{1,4}\b|roku|viera|playstation|xbox|nintendo|\bwatch\b",
    re.IGNORECASE,
)
_TABLET = re.compile(
    r"ipad|tablet(?! pc)|kindle|\bsilk(?!.*mobile)|\bkf[a-z]{2,5}\b|playbook|nexus (?:7|9|10)\b"
    r"|\bsm-[tx]\d{2}|\bgt-p\d{4}|\btouchpad\b|\bxoom\b",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"mobi|iphone|ipod|windows phone|windows ce|iemobile|blackberry|\bbb10\b|opera mini|symbian"
    r"|series ?[46]0|kaios|\bj2me\b|midp|ucweb|nokia|webos|palm|fennec|phone",
    re.IGNORECASE,
)
_DESKTOP = re.compile(
    r"windows nt|windows 9|win(?:98|95|nt)|macintosh|mac os x|mac_powerpc|x11|linux|\bcros\b"
    r"|freebsd|openbsd|netbsd|sunos",
    re.IGNORECASE,
)


def tell_device(user_agent: str, hinted: Hinted) -> Device:
    """The kind of device; '' where it is none of the three or cannot be told."""
    if _OTHER.search(user_agent):
        return ""
    if _TABLET.search(user_agent):
        return "Tablet"
    if hinted.is_mobile:
        return "Mobile"
    if hinted.os == "Android":
        return "Tablet" if hinted.is_mobile is False else "Mobile"
    if "Android" in user_agent:
        is_phone = _MOBILE.search(user_agent) or "Gecko" not in user_agent  # an app, not a browser
        return "Mobile" if is_phone else "Tablet"
    if _MOBILE.search(user_agent):
        return "Mobile"
    return "Desktop" if hinted.os or _DESKTOP.search(user_agent) else ""
