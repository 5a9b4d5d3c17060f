"""Bots are kept and told apart by kind."""

import re

import pytest

from footfall.enrich.agent import read_agent
from footfall.enrich.bot import BOT_REASONS, bot_patterns
from footfall.model.hit import NO_HINTS, ClientHints

from .conftest import CHROME, SHARED

LOG = SHARED / "data" / "semicomplete-2015-05.access.log"


@pytest.mark.parametrize(
    ("user_agent", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search"),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "search"),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)", "ai"),
        ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ai"),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "seo"),
        ("facebookexternalhit/1.1", "social"),
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 10 subscribers)", "feed"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "monitor"),
        ("curl/8.5.0", "library"),
        ("python-requests/2.32.3", "library"),
        ("Go-http-client/2.0", "library"),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), "headless"),
        ("SomethingNew-Crawler/1.0", "crawler"),
        ("Mozilla/5.0", "crawler"),
        ("Mozilla/5.0 (compatible; NewBot/3)", "crawler"),
    ],
)
def test_bots_are_told_apart(user_agent, reason):
    assert bot_patterns().reason(user_agent) == reason
    assert reason in BOT_REASONS


@pytest.mark.parametrize(
    "user_agent",
    [
        CHROME,
        "Mozilla/5.0 (Linux; Android 10; CUBOT_X18) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/133.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Version/4.0 Chrome/125.0.6422.165 Mobile Safari/537.36 GoogleApp/15.20",
        "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.16",
    ],
)
def test_people_are_no_bots(user_agent):
    assert bot_patterns().reason(user_agent) == ""


def test_a_bot_is_an_event_with_the_reason(accept):
    event = accept(user_agent="Mozilla/5.0 (compatible; GPTBot/1.2)")
    assert event.bot == "ai"


def test_an_empty_user_agent_is_a_bot_and_none_is_not(accept):
    assert accept(user_agent="").bot == "empty"
    assert accept(user_agent=None, is_public=False).bot == ""


def test_a_headless_brand_gives_a_driven_browser_away():
    hints = ClientHints('"HeadlessChrome";v="133"', '"Linux"', "", "?0")
    assert read_agent(CHROME, hints).bot == "headless"


def test_every_pattern_of_both_lists_is_in_use():
    assert bot_patterns().left_out == []


def test_a_real_log_has_a_fifth_of_bots_among_its_user_agents():
    if not LOG.exists():
        pytest.skip("needs ../shared/data/semicomplete-2015-05.access.log")
    lines = LOG.read_text(errors="replace").splitlines()
    user_agents = {re.findall(r'"([^"]*)"', line)[-1] for line in lines}
    bots = [ua for ua in user_agents if read_agent("" if ua == "-" else ua, NO_HINTS).bot]
    assert len(user_agents) == 558
    assert 105 <= len(bots) <= 130
    assert not [
        ua for ua in bots if re.fullmatch(r"Mozilla/5\.0 \([^)]*\) Gecko/\d+ Firefox/[\d.]+", ua)
    ]
