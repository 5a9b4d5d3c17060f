"""Browsers and apps that the installed list does not name, or names after their engine."""

import re

import msgspec
import re2  # type: ignore[import-untyped]

_VERSION = re.compile(r"[/ _]v?([0-9]{1,4})(?:\.([0-9]{1,5}))?(?![0-9])")

# A token of the user agent → the name. The first one that matches wins, so an app comes before the
# browser that it is built on, and a variant before the original.
_NAMES: dict[str, str] = {
    "wxwork": "WeCom",
    "MicroMessenger": "WeChat",
    "WindowsWechat": "WeChat",
    "MacWechat": "WeChat",
    "DingTalk": "DingTalk",
    "AlipayClient": "Alipay",
    "AliApp(TB": "Taobao",
    "AliApp(TM": "Tmall",
    "MetaIAB Instagram": "Instagram",
    "MetaIAB Messenger": "Messenger",
    "MetaIAB Threads": "Threads",
    "MetaIAB WhatsApp": "WhatsApp",
    "MetaIAB Facebook": "Facebook",
    "FBAN/MessengerForiOS": "Messenger",
    "FB_IAB/MESSENGER": "Messenger",
    "FB_IAB/Orca-Android": "Messenger",
    "Barcelona": "Threads",
    "aweme_": "Douyin",
    "musical_ly": "TikTok",
    "trill_": "TikTok",
    "ToutiaoMicroApp": "Toutiao",
    "NewsArticle/": "Toutiao",
    "BytedanceWebview": "TikTok",
    "TikTok": "TikTok",
    "LinkedInApp": "LinkedIn",
    "Snapchat": "Snapchat",
    "KAKAOTALK": "KakaoTalk",
    "KAKAOSTORY": "KakaoStory",
    "NAVER(inapp": "NAVER",
    "DaumApps/": "Daum",
    "Zalo android/": "Zalo",
    "Zalo iOS/": "Zalo",
    "Viber/": "Viber",
    "xhsdiscover/": "Xiaohongshu",
    "bili-universal/": "Bilibili",
    "ksNebula/": "Kuaishou",
    "Kwai/": "Kuaishou",
    "jdapp;": "JD",
    "pinduoduo": "Pinduoduo",
    "V1_AND_SQ": "QQ",
    "V1_IPH_SQ": "QQ",
    "baiduboxapp": "Baidu",
    "AppleNews": "Apple News",
    "SmartNews": "SmartNews",
    "SohuNews": "Sohu News",
    "NewsBreak": "NewsBreak",
    "GoogleApp/": "Google App",
    "YaBrowser": "Yandex Browser",
    "YaSearchBrowser": "Yandex Browser",
    "YaApp_": "Yandex Browser",
    "YandexSearch": "Yandex Browser",
    "SogouMobileBrowser": "Sogou Browser",
    "SogouSearch": "Sogou Search",
    "MetaSr": "Sogou Browser",
    "Quark/": "Quark",
    "MZBrowser": "Meizu Browser",
    "HonorBrowser": "Honor Browser",
    "HONORBrowser": "Honor Browser",
    "OppoBrowser": "HeyTap Browser",
    "PicoBrowser": "Pico Browser",
    "CocCocBrowser": "Coc Coc",
    "Whale/": "Whale",
    "DuckDuckGo": "DuckDuckGo",
    "TV Bro": "TV Bro",
    " Arc/": "Arc",
}


class App(msgspec.Struct, frozen=True, gc=False):
    name: str
    version: str = ""  # at most two numbers; '' where the user agent does not say


def _compile() -> re2.Set:
    tokens = re2.Set.SearchSet()
    for token in _NAMES:
        tokens.Add(re2.escape(token))
    tokens.Compile()
    return tokens


_TOKENS = tuple(_NAMES)
_SET = _compile()


def read_app(user_agent: str) -> App | None:
    """The browser or app that a user agent names by one of these tokens."""
    found = _SET.Match(user_agent)
    if not found:
        return None
    token = _TOKENS[min(found)]
    at = user_agent.find(token)
    return App(_NAMES[token], _version(user_agent, at + len(token.rstrip("/_"))))


def _version(user_agent: str, at: int) -> str:
    version = _VERSION.match(user_agent, at)
    if not version:
        return ""
    return f"{version[1]}.{version[2]}" if version[2] else version[1]
