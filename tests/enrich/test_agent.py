"""User agents and client hints: browsers, systems, devices."""

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
    """The agent of a person, names told from the versions."""

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
def test_since_ios_26_safari_tells_the_systems_version(stated, safari, os_version):
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
def test_hints_tell_the_systems_version_unless_they_contradict(platform, version, os_version):
    hints = ClientHints("", platform, version, "?0")
    assert read_agent(CHROME, hints).os_version == os_version


def test_hints_tell_mac_os_past_the_frozen_version():
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
def test_brands_tell_browsers_that_call_themselves_chrome(brands, browser_version):
    agent = read_agent(CHROME, ClientHints(brands, '"Windows"', "", "?0"))
    assert agent.browser_version == browser_version


def test_hints_tell_phones_from_tablets():
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


def test_what_is_no_known_browser_has_no_name():
    assert read_agent("Mozilla/5.0 (X11; Linux x86_64)", NO_HINTS).browser == ""


def test_a_backend_without_user_agent_leaves_the_client_unknown(accept):
    event = accept(user_agent=None, is_public=False)
    assert (event.bot, event.facts.browser, event.facts.device) == ("", "", "")
