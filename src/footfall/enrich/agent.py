"""A user agent and its client hints → bot or not, browser, system, device."""

import re
from functools import cache

import msgspec
from ua_parser.core import OS, Domain, UserAgent
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from footfall.enrich.app import read_app
from footfall.enrich.bot import bot_patterns
from footfall.enrich.client_hint import Hinted, read_hints, system_version
from footfall.enrich.device import detect_device
from footfall.model.hit import NO_HINTS, ClientHints
from footfall.model.remember import remember

MAX_USER_AGENT = 1024  # only the start of a longer one is read and cached
_NAME = re.compile(r"[A-Za-z0-9][\w .+&'!-]{0,39}")  # some families are taken from the user agent
_SAFARI_VERSION = re.compile(r"\bVersion/([0-9]+)(?:\.([0-9]+))?")
_DIGITS = re.compile(r"[0-9]{1,9}")
# The model of an Android device may have the name of a bot or a browser.
_MODEL = re.compile(
    r"(Android [0-9.]+;(?: U;)?(?: [a-z]{2}[-_][A-Za-z]{2};)? )(?!Mobile\b|Tablet\b)[^;()/]+?"
    r"(?=[;)]| Build/)"
)
_OF_IOS = re.compile(r"\b(?:CriOS|FxiOS|EdgiOS|OPiOS|GSA)/")
_HARMONY = re.compile(r"\b(?:Open)?Harmony(?:OS)?(?:[ /]([0-9]{1,4})(?:\.([0-9]{1,4}))?)?")
_BROWSERS: dict[str, str] = {  # names that become another one; '' for what is not a browser
    "Other": "",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Android WebView",
    "Android": "Android Browser",
    "Mobile Safari UI/WKWebView": "Mobile Safari",
    "MobileSafari": "Mobile Safari",
    "Apple Mail": "Safari",  # what the list calls any web view of a Mac
    "Chrome Frame": "Internet Explorer",
    "Safari Technology Preview": "Safari",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Firefox Alpha": "Firefox",
    "Firefox Beta": "Firefox",
    "Edge Mobile": "Edge",
    "Edge WebView2": "Edge",
    "Opera Mobile": "Opera",
    "Opera Touch": "Opera",
    "Opera GX": "Opera",
    "Opera Neon": "Opera",
    "MiuiBrowser": "Mi Browser",
    "VivoBrowser": "vivo Browser",
    "HiBrowser": "Hi Browser",
    "QQ Browser Mobile": "QQ Browser",
    "QQ Browser Mini": "QQ Browser",
    "Sogou Explorer": "Sogou Browser",
    "Baidu Explorer": "Baidu",
    "WeChat Browser": "WeChat",
    "Ecosia Android": "Ecosia",
    "Ecosia iOS": "Ecosia",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
    "IEMobile": "Internet Explorer",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Vivaldi Mobile": "Vivaldi",
    "Brave Mobile": "Brave",
    "Google": "Google App",
    "Facebook Messenger": "Messenger",
}
_ENGINES = ("Apple Mail", "Chrome Frame")
_DISTRIBUTIONS = (
    *("Arch Linux", "CentOS", "Debian", "Fedora", "Gentoo", "Kubuntu", "Linux Mint", "Mageia"),
    *("Mandriva", "Puppy", "Red Hat", "SUSE", "Slackware", "Ubuntu", "openSUSE"),
)
_SYSTEMS: dict[str, str] = {
    "Other": "",
    "Mac OS X": "Mac OS",
    "iPadOS": "iOS",
    "Web0S": "webOS",
    "ATV OS X": "tvOS",
    "GoogleTV": "Google TV",
    "Chromecast Linux": "Chromecast",
    "WatchOS": "watchOS",
    **dict.fromkeys(_DISTRIBUTIONS, "Linux"),
}


class Agent(msgspec.Struct, frozen=True, gc=False):
    """What a user agent says, '' for nothing. Versions include the name: "Chrome 133.0"."""

    bot: str = ""
    device: str = ""
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""


@cache
def _resolver() -> Resolver:
    user_agents, systems, _ = load_lazy_builtins()  # devices: ours are better and smaller
    return Resolver((user_agents, systems, []))


def load() -> None:
    """Read the lists now instead of at the first hit."""
    bot_patterns()
    read_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0", NO_HINTS)


@remember(1024, longest=512)  # those of browsers inside apps are long
def read_agent(user_agent: str, hints: ClientHints) -> Agent:
    """Detect bot, browser, system and device. Callers limit the length, because it is cached."""
    hinted = read_hints(hints)
    parsed = _resolver()(_MODEL.sub(r"\1K", user_agent), Domain.USER_AGENT | Domain.OS)
    browser, browser_version = _browser(user_agent, parsed.user_agent, hinted)
    os, os_version = _system(user_agent, parsed.os, hinted)
    bot = bot_patterns().reason(user_agent)
    if not bot and hinted.browser == "HeadlessChrome":
        bot = "headless"
    return Agent(
        bot=bot,
        device=detect_device(user_agent, hinted),
        browser=browser,
        browser_version=f"{browser} {browser_version}".strip() if browser else "",
        os=os,
        os_version=f"{os} {os_version}".strip() if os else "",
    )


def _browser(user_agent: str, parsed: UserAgent | None, hinted: Hinted) -> tuple[str, str]:
    family = parsed.family if parsed else "Other"
    name = _BROWSERS.get(family, family)
    version = _two_numbers(parsed.major, parsed.minor) if parsed else ""
    if family in _ENGINES:
        version = ""  # of the engine, not of the browser
    if app := read_app(user_agent):
        name, version = app.name, app.version or (version if name == app.name else "")
    elif hinted.browser and hinted.browser != name and name in ("Chrome", "Chromium", ""):
        own = hinted.browser_version.split(".")
        name, version = hinted.browser, _two_numbers(own[0], own[1] if own[1:] else "0")
    return (name, version) if _NAME.fullmatch(name) else ("", "")


def _system(user_agent: str, parsed: OS | None, hinted: Hinted) -> tuple[str, str]:
    family = parsed.family if parsed else "Other"
    name = _SYSTEMS.get(family, family)
    major, minor = (parsed.major, parsed.minor) if parsed else (None, None)
    if "Harmony" in user_agent and (harmony := _HARMONY.search(user_agent)):
        name, major, minor = "HarmonyOS", harmony[1], harmony[2]
    if name == "Mac OS" and _OF_IOS.search(user_agent):
        name, major, minor = "iOS", None, None  # an iPad that asks for the desktop's pages
    if name == "iOS":
        major, minor = _ios_version(user_agent, major, minor)
    if name == "Linux":
        major = minor = None  # a distribution's or the kernel's: no version of Linux
    if hinted.os and (name in (hinted.os, "") or (hinted.os, name) == ("Chrome OS", "Linux")):
        name = hinted.os
    if hinted.os in (name, "") and (version := system_version(name, hinted.platform_version)):
        numbers = version.split(".")
        major, minor = numbers[0], numbers[1] if numbers[1:] else None
    if minor == "0" and (name == "Windows" or (name == "Android" and len(major or "") > 1)):
        minor = None  # there is no Windows 11.0 and no Android 14.0
    return name, _two_numbers(major, minor)


def _ios_version(
    user_agent: str, major: str | None, minor: str | None
) -> tuple[str | None, str | None]:
    """Since iOS 26 Safari says 18.6 or so, whatever the system; its own version is the system's."""
    stated = (_whole(major), _whole(minor))
    safari = _SAFARI_VERSION.search(user_agent)
    if safari and _whole(safari[1]) >= 26 and (18, 6) <= stated < (19, 0):
        return safari[1], safari[2] or "0"
    return major, minor


def _two_numbers(major: str | None, minor: str | None) -> str:
    """The version that people know: "17.5", "11", "XP". Only the digits of a minor version count:
    the lists contain values such as "0.b5"."""
    if not major:
        return ""
    digits = _DIGITS.match(minor or "")
    return f"{major}.{digits[0]}" if digits else major


def _whole(text: str | None) -> int:
    """The whole number that a part of a version begins with, 0 where there is none."""
    digits = _DIGITS.match(text or "")
    return int(digits[0]) if digits else 0
