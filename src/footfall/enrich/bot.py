"""Whether a user agent is automated, and of which kind.

Two lists of patterns are asked: is-bot's broad ones find a bot, crawler-user-agents' narrow
ones say of which kind it is. Both are compiled into sets that are matched in one pass.
"""

import re
import runpy
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

import msgspec
import re2  # type: ignore[import-untyped]

BotReason = Literal[
    "empty",  # no user agent at all
    "ai",  # trains or answers for a language model
    "search",  # search engine
    "social",  # makes link previews
    "feed",  # feed reader
    "monitor",  # uptime and speed checks
    "seo",
    "ads",  # checks advertisements
    "scanner",  # looks for holes
    "archiver",
    "academic",
    "headless",  # a browser that a program drives
    "library",  # an HTTP client
    "crawler",  # any other
]
BOT_REASONS: tuple[str, ...] = get_args(BotReason)

_REASON_OF_TAG: dict[str, BotReason] = {  # the first of these that a pattern has
    "ai-crawler": "ai",
    "search-engine": "search",
    "social-preview": "social",
    "feed-reader": "feed",
    "monitoring": "monitor",
    "scanner": "scanner",
    "advertising": "ads",
    "seo": "seo",
    "archiver": "archiver",
    "academic": "academic",
    "browser-automation": "headless",
    "http-library": "library",
}
_LOOKAROUND = re.compile(r"\(\?<?[!=](?:[^()]|\([^()]*\))*\)")
_ORDER: tuple[BotReason, ...] = (*_REASON_OF_TAG.values(), "crawler")


class _Crawler(msgspec.Struct):
    pattern: str
    tags: list[str] = []


class BotPatterns:
    """Both lists, compiled."""

    def __init__(self, bots: Iterable[str], crawlers: Iterable[_Crawler]) -> None:
        self._broad, rest = _compile(sorted(bots), is_case_sensitive=False)
        lookaround = "|".join(_split_lookbehind(pattern) for pattern in rest)
        self._lookaround = re.compile(lookaround or r"(?!)", re.IGNORECASE)
        self._may_look_around, _ = _compile(
            [_LOOKAROUND.sub("", pattern) for pattern in rest], is_case_sensitive=False
        )
        known = list(crawlers)
        self._narrow, self.left_out = _compile(
            [crawler.pattern for crawler in known], is_case_sensitive=True
        )
        self._reasons = [
            _reason(crawler.tags) for crawler in known if crawler.pattern not in self.left_out
        ]

    def reason(self, user_agent: str) -> BotReason | Literal[""]:
        """Why the user agent is a bot's; '' for a person's."""
        if not user_agent.strip():
            return "empty"
        if matches := self._narrow.Match(user_agent):
            return min((self._reasons[index] for index in matches), key=_ORDER.index)
        if self._broad.Match(user_agent):
            return "crawler"
        if self._may_look_around.Match(user_agent) and self._lookaround.search(user_agent):
            return "crawler"
        return ""


@cache
def bot_patterns() -> BotPatterns:
    """The patterns of the two installed packages, read once.

    Neither package is imported: one would load a further regular expression engine, the
    other keeps half a megabyte of samples.
    """
    bots = runpy.run_path(str(_file("is_bot", "_patterns.py")))["default_patterns"]
    crawlers = _file("crawleruseragents", "crawler-user-agents.json").read_bytes()
    return BotPatterns(bots, msgspec.json.decode(crawlers, type=list[_Crawler]))


def _file(package: str, name: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0]) / name


def _reason(tags: list[str]) -> BotReason:
    return next((reason for tag, reason in _REASON_OF_TAG.items() if tag in tags), "crawler")


def _compile(patterns: list[str], *, is_case_sensitive: bool) -> tuple[re2.Set, list[str]]:
    """A set of the patterns, and those that it cannot take (look-around)."""
    options = re2.Options()
    options.case_sensitive = is_case_sensitive
    options.log_errors = False
    compiled, rest = re2.Set.SearchSet(options), []
    for pattern in patterns:
        try:
            compiled.Add(pattern)
        except re2.error:
            rest.append(pattern)
    compiled.Compile()
    return compiled, rest


def _split_lookbehind(pattern: str) -> str:
    """(?<!a|bc) as (?<!a)(?<!bc): Python wants one width in each."""
    return re.sub(
        r"\(\?<!([^()]*\|[^()]*)\)",
        lambda match: "".join(f"(?<!{word})" for word in match[1].split("|")),
        pattern,
    )
