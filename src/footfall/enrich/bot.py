"""Whether a user agent is automated, and of which kind.

Two lists of patterns are used: is-bot's broad ones find a bot, crawler-user-agents' narrow
ones say of which kind it is. Both are compiled into sets that are matched in one pass.

Both lists also match people: a phone named Spider, the view inside an app named News. Our own
`data/known_agent.tsv` lists those parts of user agents, and bots whose kind the lists do not know.
"""

import re
import runpy
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

import msgspec
import re2  # type: ignore[import-untyped]

BotReason = Literal[
    "empty",
    "ai",
    "search",
    "social",
    "feed",
    "monitor",
    "seo",
    "ads",
    "scanner",
    "archiver",
    "academic",
    "headless",
    "library",
    "crawler",
]
BOT_REASONS: tuple[str, ...] = get_args(BotReason)
BOT_RULES: dict[str, str] = {
    "empty": "no user agent",
    "ai": "trains or answers for a language model",
    "search": "a search engine",
    "social": "makes link previews",
    "feed": "a feed reader",
    "monitor": "uptime and speed checks",
    "seo": "SEO tools",
    "ads": "checks advertisements",
    "scanner": "looks for vulnerabilities",
    "archiver": "web archives",
    "academic": "research crawlers",
    "headless": "a browser that a program drives",
    "library": "an HTTP client",
    "crawler": "any other",
}
"""What each reason means, as docs/metrics.md says it."""

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
_REMOVED = "…"  # in the place of a part: no pattern of the lists has it
_ATOM = r"\\.|\[(?:\\.|[^\]\\])*\]|[^()\[\]\\]"
_INNER_GROUP = rf"\((?:{_ATOM})*\)"
_GROUP = rf"\((?:{_ATOM}|{_INNER_GROUP})*\)"
_LOOKAROUND = re.compile(rf"\(\?<?[!=](?:{_ATOM}|{_GROUP})*\)")
_ORDER: tuple[BotReason, ...] = (*_REASON_OF_TAG.values(), "crawler")


class _Crawler(msgspec.Struct):
    pattern: str
    tags: list[str] = []


class Known(msgspec.Struct):
    """A row of known_agent.tsv."""

    verdict: BotReason | Literal["person"]
    pattern: str
    why: str


class BotPatterns:
    """Both lists and our own, compiled."""

    def __init__(
        self, bots: Iterable[str], crawlers: Iterable[_Crawler], known: Sequence[Known] = ()
    ) -> None:
        self._broad, rest = _compile(sorted(bots), is_case_sensitive=False)
        lookaround = "|".join(_split_lookbehind(pattern) for pattern in rest)
        self._lookaround = re.compile(lookaround or r"(?!)", re.IGNORECASE)
        self._may_look_around, _ = _compile(
            [_LOOKAROUND.sub("", pattern) for pattern in rest], is_case_sensitive=False
        )
        kinds = [(crawler.pattern, _reason(crawler.tags)) for crawler in crawlers]
        kinds += [(row.pattern, row.verdict) for row in known if row.verdict != "person"]
        self._narrow, self.left_out = _compile(
            [pattern for pattern, _ in kinds], is_case_sensitive=True
        )
        self._reasons = [reason for pattern, reason in kinds if pattern not in self.left_out]
        self._people = People([row.pattern for row in known if row.verdict == "person"])

    def reason(self, user_agent: str) -> BotReason | Literal[""]:
        """Why the user agent is a bot's; '' for a person's."""
        reason = self._listed(user_agent)
        if not reason or reason == "empty":
            return reason
        for rest in self._people.removed(user_agent):
            reason = self._listed(rest) if rest.strip(f" {_REMOVED}") else ""
            if not reason:
                break
        return reason

    def _listed(self, user_agent: str) -> BotReason | Literal[""]:
        """The reason that the lists give; '' for none."""
        if not user_agent.strip():
            return "empty"
        if matches := self._narrow.Match(user_agent):
            return min((self._reasons[index] for index in matches), key=_ORDER.index)
        if self._broad.Match(user_agent):
            return "crawler"
        if self._may_look_around.Match(user_agent) and self._lookaround.search(user_agent):
            return "crawler"
        return ""


class People:
    """The parts of people's user agents, in their order."""

    def __init__(self, patterns: list[str]) -> None:
        self._patterns = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
        # Without look-around a pattern matches more, so one pass rules most of them out: trying
        # each of them takes three times as long as everything else about a bot.
        wider = [_LOOKAROUND.sub("", pattern) for pattern in patterns]
        self._may_match, unknown = _compile(wider, is_case_sensitive=False)
        self._in_set = [index for index, pattern in enumerate(wider) if pattern not in unknown]
        self._always = {index for index, pattern in enumerate(wider) if pattern in unknown}

    def removed(self, user_agent: str) -> Iterator[str]:
        """The user agent without the first part, then also without the second one, and so on."""
        rest = user_agent
        possible = self.possible(rest)
        for index, pattern in enumerate(self._patterns):
            if index not in possible:
                continue
            shorter = pattern.sub(f"\\1{_REMOVED}" if pattern.groups else _REMOVED, rest)
            if shorter != rest:
                rest = shorter
                possible = self.possible(rest)
                yield rest

    def possible(self, text: str) -> Container[int]:
        """Which patterns may match. RE2 and `re` agree on word characters and spaces only in
        printable ASCII."""
        if not (text.isascii() and text.isprintable()):
            return range(len(self._patterns))
        return self._always.union(
            self._in_set[index] for index in self._may_match.Match(text) or ()
        )


@cache
def bot_patterns() -> BotPatterns:
    """The patterns of the two installed packages and our own, read once.

    Neither package is imported: one would load a further regular expression engine, the
    other keeps half a megabyte of samples.
    """
    bots = runpy.run_path(str(_file("is_bot", "_patterns.py")))["default_patterns"]
    crawlers = _file("crawleruseragents", "crawler-user-agents.json").read_bytes()
    return BotPatterns(bots, msgspec.json.decode(crawlers, type=list[_Crawler]), read_known())


def read_known() -> list[Known]:
    """The rows of known_agent.tsv."""
    text = resources.files("footfall.enrich").joinpath("data/known_agent.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [
        msgspec.convert({"verdict": verdict, "pattern": pattern, "why": why}, Known)
        for verdict, pattern, why in rows
    ]


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
