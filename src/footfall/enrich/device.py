"""Desktop, Mobile or Tablet, by user agent and client hints."""

from typing import Literal

import re2  # type: ignore[import-untyped]

from footfall.enrich.client_hint import Hinted

Device = Literal["Desktop", "Mobile", "Tablet", ""]

# Words have boundaries: a RIVIERA F23 is not a Viera. "other" are televisions, consoles, watches,
# headsets and speakers, which are not among the three kinds.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "other": (
        r"smart[-_ ]?tv|apple ?tv|google_?tv|(?:\b|_)android ?tv|\bmi ?tv|\bmibox|[^a-z]tv[ -]?box",
        r"\bhbbtv\b|\bnettv\b|\bnetcast\b|\bweb0s\b|\bwebos[. ]?tv|\bbravia\b|\bviera\b|\bvidaa\b",
        r"\bcrkey\b|chromecast|(?-i:\bAFT[A-Z]{1,6}[0-9]{0,4}\b)|\broku|\bvizio|\btivo\b",
        r"\binettvbrowser\b|\bce-html\b|\bnetrange|\btbrowser\b|\bdunehd\b|\bsky_ott|\bsagemcom",
        r"\bstb\b|\byaos\b|\bsraf\b|\blarge screen\b|\bomi/|\btv (?:safari|bro|store)\b",
        r"\btv; openharmony|\bwearable; openharmony",
        r"^[^()]*\([^)]*build/[n-z]t[a-z][0-9][a-z]?\.",  # builds of Android TV: PTT1, QTG3, RTM6
        r"\bplaystation|\bxbox\b|\bnintendo\b|\bretroid\b",
        r"\bwatch\b|watch[ _-]?[0-9]|\bticwatch|\bsm-[rl][789][0-9]{2}|\baeo[a-z]{2}\b",
        r"\boculus|\bpico ?(?:browser|neo|a[0-9])|\bvr safari\b|\bhololens\b|\bmagic ?leap",
    ),
    # the same by the name of a device, unless it says that it is a phone: some have a tuner
    "other by name": (
        r"^[^()]*\([^)]*(?:[ ;_-](?:[abce-z][a-z]*)?tv[;)_]|[ _-]tv[ -]|[ _-]led[0-9]{2})",
        r"\bvestel\b",
        r"^[^()]*\([^)]*(?:\bquest(?: [23]s?| pro)?[;) ]|\bpico [0-9g]|\bportal(?:go|\+|;))",
    ),
    "tablet": (
        r"\bipad|\bmi ?pad|tablet(?:[^ ]| [^p]|$)|\bkindle\b|\bsilk\b|\bkf[a-z]{2,5}\b",
        r"\bplaybook\b|\bnexus (?:7|9|10)\b|\bsm-[tx][0-9]{2}|\bgt-p[0-9]{4}|\btouchpad\b|\bxoom\b",
        # an iPad that asks for the desktop's pages: these browsers exist on iOS alone
        r"\bmacintosh\b.*\b(?:crios|fxios|edgios|opios|gsa)/",
    ),
    "handset": (r"\bmobi(?:le)?\b|phone|\bfennec\b|\bopera mini\b|\bucweb\b|\bj2me\b|\bmidp\b",),
    "mobile": (
        r"mobi|\bipod|\biph[0-9]+,|\bwindows ce\b|\biemobile\b|\bblackberry|\bbb10\b|\bsymbian",
        r"\bseries ?[46]0|\bkaios\b|midp|\bnokia|\bwebos\b|\bpalm",
    ),
    "desktop": (
        r"\bwindows nt\b|\bwindows 9|\bwin(?:98|95|nt)|macintosh|\bmac os x\b|\bmac_powerpc\b",
        r"\bx11\b|\blinux|\bcros\b|\bfreebsd|\bopenbsd|\bnetbsd|\bsunos\b",
        r"\b(?:pc|2in1); openharmony",
    ),
}
_NAMES = tuple(_PATTERNS)


def _compile() -> re2.Set:
    options = re2.Options()
    options.case_sensitive = False
    patterns = re2.Set.SearchSet(options)
    for alternatives in _PATTERNS.values():
        patterns.Add("|".join(alternatives))
    patterns.Compile()
    return patterns


_SET = _compile()


def detect_device(user_agent: str, hinted: Hinted) -> Device:
    """The kind of device; '' if it is not among the three, or unknown."""
    signs = {_NAMES[index] for index in _SET.Match(user_agent) or ()}
    if "other" in signs or ("other by name" in signs and "handset" not in signs):
        return ""
    if "tablet" in signs:
        return "Tablet"
    if hinted.is_mobile:
        return "Mobile"
    if hinted.os == "Android":
        return "Tablet" if hinted.is_mobile is False else "Mobile"
    if "Android" in user_agent:
        is_phone = "handset" in signs or "Gecko" not in user_agent  # without it: an app
        return "Mobile" if is_phone else "Tablet"
    if signs & {"handset", "mobile"}:
        return "Mobile"
    return "Desktop" if hinted.os or "desktop" in signs else ""
