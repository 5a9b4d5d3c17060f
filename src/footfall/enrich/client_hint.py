"""What a browser's Sec-CH-UA-* headers add to its user agent."""

import re

import msgspec

from footfall.model.hit import NO_HINTS, ClientHints

MAX_HINTS = 1024
_BRAND = re.compile(r'"([^"]{1,64})"\s*;\s*v\s*=\s*"([0-9.]{1,32})"')
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}")
_VERSIONED = frozenset({"Windows", "Mac OS", "Android", "Chrome OS", "iOS"})
_BROWSERS: dict[str, str] = {  # brands that a user agent may hide behind Chrome's name
    "brave": "Brave",
    "brave browser": "Brave",
    "microsoft edge": "Edge",
    "microsoft edge webview2": "Edge",
    "opera": "Opera",
    "opera gx": "Opera",
    "opera mobile": "Opera",
    "samsung internet": "Samsung Internet",
    "vivaldi": "Vivaldi",
    "yabrowser": "Yandex Browser",
    "yandex": "Yandex Browser",
    "duckduckgo": "DuckDuckGo",
    "whale": "Whale",
    "huaweibrowser": "Huawei Browser",
    "headlesschrome": "HeadlessChrome",
    "google chrome": "Chrome",
}
_SYSTEMS: dict[str, str] = {
    "windows": "Windows",
    "macos": "Mac OS",
    "mac os x": "Mac OS",
    "android": "Android",
    "chrome os": "Chrome OS",
    "chromium os": "Chrome OS",
    "linux": "Linux",
    "ios": "iOS",
}


class Hinted(msgspec.Struct, frozen=True, gc=False):
    """Names in our spelling, '' where the hints say nothing; versions as numbers."""

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    platform_version: str = ""  # as stated; `system_version` makes it a version of a system
    is_mobile: bool | None = None


NOTHING_HINTED = Hinted()


def cut_hints(hints: ClientHints) -> ClientHints:
    """The hints, or none if they are longer than any browser's."""
    if hints is NO_HINTS:
        return hints
    length = len(hints.brands) + len(hints.platform) + len(hints.platform_version)
    return hints if length + len(hints.mobile) <= MAX_HINTS else NO_HINTS


def read_hints(hints: ClientHints) -> Hinted:
    """Browser, system and whether it is a phone, as far as the hints say."""
    if not (hints.brands or hints.platform or hints.platform_version or hints.mobile):
        return NOTHING_HINTED
    brands = {name.lower(): version for name, version in _BRAND.findall(hints.brands)}
    brand = next((brand for brand in _BROWSERS if brand in brands), "")
    return Hinted(
        browser=_BROWSERS.get(brand, ""),
        browser_version=brands.get(brand, ""),
        os=_SYSTEMS.get(_unquote(hints.platform).lower(), ""),
        platform_version=_unquote(hints.platform_version),
        is_mobile={"?1": True, "?0": False}.get(hints.mobile.strip()),
    )


def _unquote(value: str) -> str:
    return value.strip().strip('"').strip()


def system_version(os: str, platform_version: str) -> str:
    """The version that people know, '' for none: Windows 11 states 13 and more."""
    if os not in _VERSIONED or not _VERSION.fullmatch(platform_version):
        return ""
    if os != "Windows":
        return platform_version
    major, minor = (int(number) for number in f"{platform_version}.0".split(".")[:2])
    if major == 0:
        return {1: "7", 2: "8", 3: "8.1"}.get(minor, "")
    return "11" if major >= 13 else "10"
