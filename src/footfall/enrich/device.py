"""Desktop, Mobile or Tablet, by user agent and client hints."""

from typing import Literal

import re2  # type: ignore[import-untyped]

from footfall.enrich.client_hint import Hinted

Device = Literal["Desktop", "Mobile", "Tablet", ""]

_PATTERNS: dict[str, str] = {  # watches, televisions, consoles and the like are none of the three
    "other": r"smart-?tv|appletv|apple tv|googletv|android tv|hbbtv|netcast|web0s|webos\.tv|bravia"
    r"|crkey|\baft[a-z]{1,4}\b|roku|viera|playstation|xbox|nintendo|\bwatch\b",
    "tablet": r"ipad|tablet(?:[^ ]| [^p]|$)|kindle|\bsilk\b|\bkf[a-z]{2,5}\b|playbook"
    r"|nexus (?:7|9|10)\b|\bsm-[tx]\d{2}|\bgt-p\d{4}|\btouchpad\b|\bxoom\b",
    "mobile": r"mobi|iphone|ipod|windows phone|windows ce|iemobile|blackberry|\bbb10\b|opera mini"
    r"|symbian|series ?[46]0|kaios|\bj2me\b|midp|ucweb|nokia|webos|palm|fennec|phone",
    "desktop": r"windows nt|windows 9|win(?:98|95|nt)|macintosh|mac os x|mac_powerpc|x11|linux"
    r"|\bcros\b|freebsd|openbsd|netbsd|sunos",
}
_NAMES = tuple(_PATTERNS)


def _compile() -> re2.Set:
    options = re2.Options()
    options.case_sensitive = False
    patterns = re2.Set.SearchSet(options)
    for pattern in _PATTERNS.values():
        patterns.Add(pattern)
    patterns.Compile()
    return patterns


_SET = _compile()


def tell_device(user_agent: str, hinted: Hinted) -> Device:
    """The kind of device; '' where it is none of the three or cannot be told."""
    signs = {_NAMES[index] for index in _SET.Match(user_agent) or ()}
    if "other" in signs:
        return ""
    if "tablet" in signs:
        return "Tablet"
    if hinted.is_mobile:
        return "Mobile"
    if hinted.os == "Android":
        return "Tablet" if hinted.is_mobile is False else "Mobile"
    if "Android" in user_agent:
        is_phone = "mobile" in signs or "Gecko" not in user_agent  # without it: an app
        return "Mobile" if is_phone else "Tablet"
    if "mobile" in signs:
        return "Mobile"
    return "Desktop" if hinted.os or "desktop" in signs else ""
