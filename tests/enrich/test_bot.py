"""Bots are kept, and their kinds distinguished."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from footfall.enrich.agent import read_agent
from footfall.enrich.bot import BOT_REASONS, People, bot_patterns, read_known
from footfall.model.hit import NO_HINTS, ClientHints

from .conftest import CHROME, SHARED

DATA = Path(__file__).parent / "data"
PEOPLE = [ua for ua in (DATA / "people.txt").read_text().splitlines() if not ua.startswith("#")]
BOTS = [
    tuple(line.split("\t"))
    for line in (DATA / "bots.txt").read_text().splitlines()
    if not line.startswith("#")
]
APP_NAMES = [user_agent for _, user_agent in BOTS if "CFNetwork" in user_agent]
CRAWLERS = Path(find_spec("crawleruseragents").origin).with_name("crawler-user-agents.json")
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
def test_the_kinds_of_bots_are_distinguished(user_agent, reason):
    assert bot_patterns().reason(user_agent) == reason
    assert reason in BOT_REASONS


def test_no_user_agent_of_a_person_is_a_bots():
    """Fails where an update of the lists takes one of these for a bot: see known_agent.tsv."""
    taken = [(bot_patterns().reason(ua), ua) for ua in PEOPLE if bot_patterns().reason(ua)]
    assert not taken, "\n".join(f"{reason}: {ua}" for reason, ua in taken)


def test_the_people_are_many_and_distinct():
    assert len(PEOPLE) == len(set(PEOPLE)) >= 700


@pytest.mark.parametrize(
    "name", ["SomeBot/1.0 (+https://example.com/bot)", "MyCrawler/2", "(compatible; Thing-Spider)"]
)
def test_a_bot_in_a_persons_clothes_is_found_by_its_name(name):
    missed = [ua for ua in PEOPLE if not bot_patterns().reason(f"{ua} {name}")]
    assert not missed


@pytest.mark.parametrize(("reason", "user_agent"), BOTS)
def test_a_bot_keeps_its_reason(reason, user_agent):
    assert bot_patterns().reason(user_agent) == reason


def test_the_samples_of_the_lists_are_bots_but_for_those_of_people():
    """crawler-user-agents gives samples with its patterns; five of them are people's."""
    crawlers = json.loads(CRAWLERS.read_bytes())
    samples = [ua for crawler in crawlers for ua in crawler.get("instances", [])]
    people = {ua for ua in samples if not bot_patterns().reason(ua)}
    of_people = ("Instagram 406", "Code/1.", "MetaIAB Facebook", "Trae/1.", "Fluid/0.9")
    assert not [ua for ua in people if not any(part in ua for part in of_people)]
    assert len(samples) > 2000


def test_each_row_of_our_own_says_why():
    assert all(row.why.strip() for row in read_known())


@pytest.mark.parametrize("row", [row for row in read_known() if row.verdict == "person"], ids=str)
def test_each_part_of_people_is_needed_by_one_of_them(row):
    """A row that no user agent needs can go."""
    assert [ua for ua in (*PEOPLE, *APP_NAMES) if re.search(row.pattern, ua, re.IGNORECASE)]


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


def test_a_part_of_a_persons_user_agent_is_never_ruled_out_before_it_is_tried() -> None:
    patterns = [row.pattern for row in read_known() if row.verdict == "person"]
    people = People(patterns)
    crawlers = [ua for row in json.loads(CRAWLERS.read_bytes()) for ua in row["instances"]]
    tried = [*PEOPLE, *(user_agent for _, user_agent in BOTS), *crawlers]
    for user_agent in [*tried, *(f"{each} ä\x0b" for each in tried)]:
        possible = people.possible(user_agent)
        for index, pattern in enumerate(patterns):
            if re.search(pattern, user_agent, re.IGNORECASE):
                assert index in possible, (pattern, user_agent)
