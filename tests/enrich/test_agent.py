"""User agents and client hints: browsers, systems, devices."""

import re
from pathlib import Path

import pytest

from footfall.enrich.agent import Agent, read_agent
from footfall.model.hit import NO_HINTS, ClientHints

from .conftest import CHROME

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) {}"
)


def person(device, browser_version, os_version):
    """The agent of a person, with names and versions separated."""

    def name(text):
        return text.rstrip("0123456789.").strip()

    return Agent("", device, name(browser_version), browser_version, name(os_version), os_version)


@pytest.mark.parametrize(
    ("user_agent", "agent"),
    [
        (CHROME, person("Desktop", "Chrome 133.0", "Windows 10")),
        (f"{CHROME} Edg/133.0.0.0", person("Desktop", "Edge 133.0", "Windows 10")),
        (f"{CHROME} OPR/117.0.0.0", person("Desktop", "Opera 117.0", "Windows 10")),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
            person("Desktop", "Safari 17.4", "Mac OS 10.15"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0",
            person("Desktop", "Firefox 135.0", "Linux"),
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/133.0.0.0 Safari/537.36",
            person("Desktop", "Chrome 133.0", "Chrome OS 14541.0"),
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            person("Desktop", "Internet Explorer 11.0", "Windows 7"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/133.0.0.0 Mobile Safari/537.36",
            person("Mobile", "Chrome 133.0", "Android 10"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/133.0.0.0 Safari/537.36",
            person("Tablet", "Chrome 133.0", "Android 10"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {WEBKIT} SamsungBrowser/27.0"
            " Chrome/125.0.0.0 Mobile Safari/537.36",
            person("Mobile", "Samsung Internet 27.0", "Android 14"),
        ),
        (
            "Mozilla/5.0 (Android 14; Tablet; rv:135.0) Gecko/135.0 Firefox/135.0",
            person("Tablet", "Firefox 135.0", "Android 14"),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            person("Tablet", "Mobile Safari 17.5", "iOS 17.5"),
        ),
        (
            IPHONE.format("17_5", "CriOS/133.0.6943.33 Mobile/15E148 Safari/604.1"),
            person("Mobile", "Chrome 133.0", "iOS 17.5"),
        ),
        (
            IPHONE.format("17_5", "FxiOS/135.0 Mobile/15E148 Safari/605.1.15"),
            person("Mobile", "Firefox 135.0", "iOS 17.5"),
        ),
        (
            IPHONE.format("17_5_1", "Mobile/21F90 Instagram 335.0.8.29.94 (iPhone14,5)"),
            person("Mobile", "Instagram 335.0", "iOS 17.5"),
        ),
        (
            IPHONE.format("17_5_1", "Mobile/21F90 [FBAN/FBIOS;FBAV/468.0.0.39.106;FBBV/60]"),
            person("Mobile", "Facebook 468.0", "iOS 17.5"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) {WEBKIT} Version/4.0"
            " Chrome/125.0.6422.165 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/467.1.0.52.83;]",
            person("Mobile", "Facebook 467.1", "Android 14"),
        ),
        (
            IPHONE.format("17_5", "Mobile/15E148 [LinkedInApp]/9.29.7685"),
            person("Mobile", "LinkedIn", "iOS 17.5"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 12; Sony Android TV) {WEBKIT} Chrome/99.0 Safari/537.36",
            person("", "Chrome 99.0", "Android 12"),
        ),
    ],
)
def test_browser_system_and_device(user_agent, agent):
    assert read_agent(user_agent, NO_HINTS) == agent


PHONE = f"Mozilla/5.0 (Linux; Android 15; SM-S921B; wv) {WEBKIT} Version/4.0 Chrome/131.0.6778.135"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser_version"),
    [
        (f"{PHONE} YaBrowser/25.2.0.51 (lite) Mobile Safari/537.36", "Yandex Browser 25.2"),
        (
            f"{PHONE} YaApp_Android/24.120.1 YaSearchBrowser/24.120.1 Mobile Safari/537.36",
            "Yandex Browser 24.120",
        ),
        (f"{PHONE} Mobile Safari/537.36 MicroMessenger/8.0.49.2600(0x28003133)", "WeChat 8.0"),
        (f"{CHROME} MicroMessenger/7.0.20.1781 WindowsWechat(0x63090b19)", "WeChat 7.0"),
        (f"{CHROME} WindowsWechat/WMPF", "WeChat"),
        (f"{MAC} MicroMessenger/6.8.0(0x16080000) MacWechat/3.8.8", "WeChat 6.8"),
        (f"{MAC} MacWechat/3.8.8(0x13080811)", "WeChat 3.8"),
        (f"{CHROME} wxwork/4.1.22 (MicroMessenger/6.2) WindowsWechat", "WeCom 4.1"),
        (IPHONE.format("17_5", "Mobile/15E148 wxwork/4.1.26 MicroMessenger/7.0.1"), "WeCom 4.1"),
        (IPHONE.format("18_6", "Mobile/15E148 MetaIAB Facebook"), "Facebook"),
        (IPHONE.format("18_6", "Mobile/15E148 MetaIAB Instagram"), "Instagram"),
        (IPHONE.format("18_6", "Mobile/15E148 Barcelona 335.0.0.29 (iPhone14,5)"), "Threads 335.0"),
        (f"{PHONE} Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/461.0.0.50;]", "Messenger"),
        (
            f"{PHONE} MQQBrowser/6.2 TBS/046291 Mobile Safari/537.36 V1_AND_SQ_9.0.75 QQ/9.0.75",
            "QQ 9.0",
        ),
        (f"{PHONE} MQQBrowser/14.0 Mobile Safari/537.36", "QQ Browser 14.0"),
        (f"{PHONE} Mobile Safari/537.36 AliApp(AP/10.6.0) AlipayClient/10.6.0.8000", "Alipay 10.6"),
        (f"{PHONE} Mobile Safari/537.36 T7/13.60 baiduboxapp/13.60.0.10", "Baidu 13.60"),
        (f"{PHONE} Mobile Safari/537.36 NewsArticle/9.9.5 JsSdk/2", "Toutiao 9.9"),
        (f"{PHONE} Mobile Safari/537.36 aweme_29.7.0 JsSdk/2.0 BytedanceWebview/1", "Douyin 29.7"),
        (f"{PHONE} Mobile Safari/537.36 Viber/27.4.0.0", "Viber 27.4"),
        (f"{PHONE} Mobile Safari/537.36Snapchat12.99.0.35 (SM-G991B)", "Snapchat"),
        (IPHONE.format("17_5", "Mobile/21F90 Snapchat/12.92.0.36"), "Snapchat 12.92"),
        (f"{PHONE} Mobile Safari/537.36 Line/14.9.1/IAB", "LINE 14.9"),
        (f"{PHONE} Mobile Safari/537.36 KAKAOTALK 2410800", "KakaoTalk"),
        (f"{PHONE} Mobile Safari/537.36 NAVER(inapp; search; 1000; 12.6.1)", "NAVER"),
        (f"{PHONE} Mobile Safari/537.36 Zalo android/24060480", "Zalo"),
        (f"{PHONE} Mobile Safari/537.36 Zalora/8.1", "Android WebView 131.0"),
        (f"{PHONE} Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.28.50", "Sogou Browser 5.28"),
        (f"{PHONE} Quark/6.11.5.540 Mobile Safari/537.36", "Quark 6.11"),
        (f"{PHONE} Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.8.1-gn", "Mi Browser 14.8"),
        (f"{PHONE} Mobile Safari/537.36 VivoBrowser/20.2.0.1", "vivo Browser 20.2"),
        (f"{PHONE} Mobile Safari/537.36 HeyTapBrowser/40.9.0.1", "HeyTap Browser 40.9"),
        (f"{PHONE} HuaweiBrowser/15.0.4.301 Mobile Safari/537.36", "Huawei Browser 15.0"),
        (f"{PHONE} Mobile DuckDuckGo/5 Safari/537.36", "DuckDuckGo 5"),
        (f"{CHROME} Whale/3.28.266.14", "Whale 3.28"),
        (f"{CHROME} SE 2.X MetaSr 1.0", "Sogou Browser 1.0"),
        (f"{CHROME} OPR/112.0.0.0 (Edition GX)", "Opera 112.0"),
        (f"{CHROME} Vivaldi/7.1.3570.58", "Vivaldi 7.1"),
        (IPHONE.format("17_5", "Mobile/21F90 AppleNews/1220.4 Version/9.4"), "Apple News 1220.4"),
        (MAC, "Safari"),
        (f"{MAC} Version/17.4 Safari/605.1.15", "Safari 17.4"),
        (IPHONE.format("17_5", "").strip(), "Mobile Safari"),
        ("Mozilla/5.0 (PlayStation 5 3.11) AppleWebKit/605.1.15 (KHTML, like Gecko)", "Safari"),
        (
            f"Mozilla/5.0 (Linux; Android 13; Spider 8) {WEBKIT} Chrome/124.0.0.0 Mobile",
            "Chrome 124.0",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 7.0; M bot 54) {WEBKIT} Chrome/78.0.0.0 Mobile",
            "Chrome 78.0",
        ),
    ],
)
def test_apps_and_browsers_have_their_own_names(user_agent, browser_version):
    assert read_agent(user_agent, NO_HINTS).browser_version == browser_version


@pytest.mark.parametrize(
    ("user_agent", "os_version", "device"),
    [
        (
            f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {WEBKIT} Chrome/114.0.0.0 Safari/537.36"
            " ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300",
            "HarmonyOS 5.0",
            "Mobile",
        ),
        (f"Mozilla/5.0 (Tablet; OpenHarmony 5.1) {WEBKIT} ArkWeb/6.0", "HarmonyOS 5.1", "Tablet"),
        (f"Mozilla/5.0 (PC; OpenHarmony 5.0) {WEBKIT} ArkWeb/6.0", "HarmonyOS 5.0", "Desktop"),
        (f"Mozilla/5.0 (TV; OpenHarmony 5.0) {WEBKIT} ArkWeb/6.0", "HarmonyOS 5.0", ""),
        (
            f"Mozilla/5.0 (Linux; Android 10; HarmonyOS; NOH-AN00) {WEBKIT} Chrome/114.0.0.0"
            " Mobile Safari/537.36",
            "HarmonyOS",
            "Mobile",
        ),
        (f"{MAC} CriOS/133 Version/11.1.1 Safari/605.1.15", "iOS", "Tablet"),
        (f"{MAC} FxiOS/135.0 Safari/605.1.15", "iOS", "Tablet"),
        (f"{MAC} Version/17.4 Safari/605.1.15", "Mac OS 10.15", "Desktop"),
    ],
)
def test_harmony_and_the_ipads_desktop_mode(user_agent, os_version, device):
    agent = read_agent(user_agent, NO_HINTS)
    assert (agent.os_version, agent.device) == (os_version, device)


@pytest.mark.parametrize(
    "system",
    [
        *("SMART-TV; Linux; Tizen 6.0", "Linux; Tizen 2.3; SMART-TV", "Web0S; Linux/SmartTV"),
        *("Linux; NetCast; U", "Linux; Android 10; BRAVIA 4K VH2", "Linux; Android 9; AFTKA"),
        *(
            "Linux; Android 9; AFTHA002",
            "Linux; Android 12; Google TV",
            "Linux; U; SmartTV; Hisense",
        ),
        *(
            "Linux; Android 11; SHIELD Android TV",
            "Linux; Android 9; MiTV-MSSP1",
            "AppleTV; U; CPU OS",
        ),
        *(
            "Linux; Android 11; Smart TV Pro",
            "Linux; Android 9; Kogan TV",
            "Linux; Android 9; X_TV_Y",
        ),
        *(
            "Linux; Android 11; FibeTV",
            "Linux; Android 9; SW-LED55UG403",
            "Linux; Android 9; TV Box",
        ),
        *(
            "Linux; Android 9; 43U Build/PTT1.190222.001",
            "Linux; Android 9; 43U Build/RTM6.230903.079",
        ),
        *(
            "X11; Linux x86_64; Quest 3",
            "Linux; Android 12; Quest 2",
            "Linux; Android 10; Pico A8110",
        ),
        *(
            "Linux; Android 10; Pico Neo 3",
            "Nintendo Switch",
            "PlayStation 5",
            "Linux; Android 9; AEORH",
        ),
        *(
            "Windows NT 10.0; Xbox; Xbox Series X",
            "Linux; Android 11; SM-R890",
            "Linux; Portal+; x",
        ),
    ],
)
def test_televisions_headsets_consoles_and_watches_are_none_of_the_three(system):
    user_agent = f"Mozilla/5.0 ({system}) {WEBKIT} Chrome/112.0.0.0 Safari/537.36"
    assert read_agent(user_agent, NO_HINTS).device == ""


@pytest.mark.parametrize(
    "rest",
    [
        *("TV Safari/537.36", "Safari/537.36 VIDAA/6.0", "Large Screen Safari/534.24 GoogleTV/0"),
        *(
            "VR Safari/537.36",
            "Mobile VR Safari/537.36 OculusBrowser/33",
            "Safari/537.36 CrKey/1.56",
        ),
        *("Safari/537.36 OMI/4.21 TV Store", "Safari/537.36 HbbTV/1.5.1", "Tbrowser/2.0, _TV_X/V8"),
    ],
)
def test_televisions_and_headsets_may_say_it_at_the_end(rest):
    user_agent = f"Mozilla/5.0 (X11; Linux armv7l) {WEBKIT} Chrome/112.0.0.0 {rest}"
    assert read_agent(user_agent, NO_HINTS).device == ""


@pytest.mark.parametrize(
    ("model", "rest", "device"),
    [
        ("RIVIERA F23", "Mobile Safari/537.36", "Mobile"),
        ("RIVIERA F23", "Safari/537.36", "Tablet"),
        ("Joy_TV", "Mobile Safari/537.36", "Mobile"),  # a phone with a tuner
        ("VESTEL Venus V7", "Mobile Safari/537.36", "Mobile"),  # they make both
        ("VESTEL 55UHD", "Safari/537.36", ""),
        ("myA9 DTV", "Mobile Safari/537.36", "Mobile"),
        ("QUMO Quest 402", "Mobile Safari/537.36", "Mobile"),
        ("SKY_55_EEA", "Mobile Safari/537.36", "Mobile"),
        ("RMX3624_Natv_vf", "Mobile Safari/537.36", "Mobile"),
        ("SM-S921B", "Mobile Safari/537.36 PlutoTV/5.1 tv.pluto.android", "Mobile"),
        ("SM-S921B", "Mobile Safari/537.36 AfterShip/5.1", "Mobile"),
        ("Nokia T20", "Safari/537.36", "Tablet"),
        ("MI PAD 4", "Safari/537.36", "Tablet"),
        ("Palmas Tab", "Safari/537.36", "Tablet"),
        ("Kogan TV", "Mobile Safari/537.36 HbbTV/1.5.1", ""),
    ],
)
def test_a_word_within_a_word_says_nothing_of_the_device(model, rest, device):
    user_agent = f"Mozilla/5.0 (Linux; Android 9; {model}) {WEBKIT} Chrome/112.0.0.0 {rest}"
    assert read_agent(user_agent, NO_HINTS).device == device


def test_a_person_of_any_user_agent_has_a_browser_that_is_not_a_bot():
    lines = (Path(__file__).parent / "data" / "people.txt").read_text().splitlines()
    names = {read_agent(line, NO_HINTS).browser.lower() for line in lines}
    assert not [name for name in names if re.search(r"bot|crawl|spider|apple mail", name)]


@pytest.mark.parametrize(
    ("stated", "safari", "os_version"),
    [
        ("18_6", "26.0", "iOS 26.0"),
        ("18_7", "26.1", "iOS 26.1"),
        ("18_5", "18.5", "iOS 18.5"),
        ("18_6", "18.6", "iOS 18.6"),
        ("17_5", "17.5", "iOS 17.5"),
    ],
)
def test_since_ios_26_the_system_has_the_version_of_safari(stated, safari, os_version):
    user_agent = IPHONE.format(stated, f"Version/{safari} Mobile/15E148 Safari/604.1")
    assert read_agent(user_agent, NO_HINTS).os_version == os_version


@pytest.mark.parametrize(
    ("platform", "version", "os_version"),
    [
        ('"Windows"', '"15.0.0"', "Windows 11"),
        ('"Windows"', '"10.0.0"', "Windows 10"),
        ('"Windows"', '"0.3.0"', "Windows 8.1"),
        ('"Windows"', '""', "Windows 10"),
        ('"Windows"', '"x"', "Windows 10"),
        ('"macOS"', '"14.5.0"', "Windows 10"),
    ],
)
def test_hints_give_the_systems_version_unless_they_contradict(platform, version, os_version):
    hints = ClientHints("", platform, version, "?0")
    assert read_agent(CHROME, hints).os_version == os_version


def test_hints_give_the_version_of_mac_os_past_the_frozen_one():
    user_agent = CHROME.replace("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
    hints = ClientHints("", '"macOS"', '"14.0.0"', "?0")
    assert read_agent(user_agent, hints).os_version == "Mac OS 14.0"


@pytest.mark.parametrize(
    ("brands", "browser_version"),
    [
        ('"Chromium";v="133", "Brave";v="133", "Not(A:Brand";v="99"', "Brave 133.0"),
        ('"Google Chrome";v="133.0.6943.53"', "Chrome 133.0"),
        ('"Chromium";v="133", "Not(A:Brand";v="99"', "Chrome 133.0"),
        ('"Opera";v="117.1.2"', "Opera 117.1"),
        ("nonsense", "Chrome 133.0"),
    ],
)
def test_brands_identify_browsers_that_call_themselves_chrome(brands, browser_version):
    agent = read_agent(CHROME, ClientHints(brands, '"Windows"', "", "?0"))
    assert agent.browser_version == browser_version


ANDROID = CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 10; K")
MAC = CHROME.replace("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
LINUX = CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64")


@pytest.mark.parametrize(
    ("user_agent", "version", "os_version"),
    [
        (CHROME, "15.0.0", "Windows 11"),
        (CHROME, "19.0.0", "Windows 11"),
        (CHROME, "13", "Windows 11"),
        (CHROME, "10.0.0", "Windows 10"),
        (CHROME, "0.1.0", "Windows 7"),
        (CHROME, "eleven", "Windows 10"),
        (CHROME, "-1", "Windows 10"),
        (CHROME, "9" * 40, "Windows 10"),
        (f"{CHROME} Edg/140.0.0.0", "15.0.0", "Windows 11"),
        (MAC, "15.5.0", "Mac OS 15.5"),
        (ANDROID, "14.0.0", "Android 14"),
        (LINUX, "6.5.0", "Linux"),
        (IPHONE.format("17_4", "Version/17.4 Mobile/15E148 Safari/604.1"), "", "iOS 17.4"),
    ],
)
def test_a_version_alone_refines_the_system_of_the_user_agent(user_agent, version, os_version):
    """Some proxies drop the hints; the tracker's word is then all there is."""
    hints = ClientHints(platform_version=version)
    assert read_agent(user_agent, hints).os_version == os_version


def test_hints_distinguish_phones_and_tablets():
    user_agent = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/133.0.0.0 Safari/537.36"
    assert read_agent(user_agent, ClientHints("", '"Android"', "", "?0")).device == "Tablet"
    assert read_agent(user_agent, ClientHints("", '"Android"', "", "?1")).device == "Mobile"


@pytest.mark.parametrize(
    ("user_agent", "os_version"),
    [
        ("CFNetwork/709.1 Darwin/14.0.0", "iOS 8.0"),  # the list of systems says "0.b5" here
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 8_b5 like Mac OS X) AppleWebKit/600", "iOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS ²_³ like Mac OS X) AppleWebKit/600", "iOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS ١٨_٦ like Mac OS X) Version/٢٦.٠", "iOS"),
        (IPHONE.format("18_6", f"Version/{'9' * 400}.0 Mobile/15E148 Safari/604.1"), "iOS"),
    ],
)
def test_odd_versions_raise_nothing(user_agent, os_version):
    assert read_agent(user_agent, NO_HINTS).os_version.startswith(os_version)


@pytest.mark.parametrize("version", ["²", "١٥.٠", "15.x", "15..0", ".", "9" * 1000])
def test_an_odd_version_hint_counts_as_none(version):
    hints = ClientHints("", '"Windows"', f'"{version}"', "?0")
    assert read_agent(CHROME, hints).os_version == "Windows 10"


def test_of_a_megabyte_of_user_agent_the_start_is_read(accept):
    assert accept(user_agent=CHROME + "x" * 1_000_000).facts.browser == "Chrome"


def test_endless_hints_count_as_none(accept):
    hints = ClientHints('"Brave";v="1", ' * 1000, '"Windows"', "", "?0")
    assert accept(hints=hints).facts.browser == "Chrome"


def test_an_unknown_browser_has_no_name():
    assert read_agent("Mozilla/5.0 (X11; Linux x86_64)", NO_HINTS).browser == ""


def test_a_backend_without_user_agent_leaves_the_client_unknown(accept):
    event = accept(user_agent=None, is_public=False)
    assert (event.bot, event.facts.browser, event.facts.device) == ("", "", "")
