"""Prompts: what people ask, and what to do then."""

from collections.abc import Mapping

import msgspec


class Ask(msgspec.Struct, frozen=True):
    """A question of a person, and what to do about it."""

    title: str
    question: str
    todo: str


_DATES = "period=last_30_days, unless another one is asked for"

PROMPTS: Mapping[str, Ask] = {
    "traffic": Ask(
        "How's my traffic?",
        "How's my traffic?",
        f"Call get_overview with {_DATES}, and compare=previous_period. Say the visitors, the"
        " sessions and how they changed, in two sentences.",
    ),
    "top_pages": Ask(
        "What are my top pages?",
        "What are my top pages?",
        f"Call get_pages with {_DATES} and limit=10.",
    ),
    "sources": Ask(
        "Where is my traffic coming from?",
        "Where is my traffic coming from?",
        f"Call get_channels and get_referrers with {_DATES} and limit=10.",
    ),
    "right_now": Ask(
        "How many visitors right now?",
        "How many visitors are there right now?",
        "Call get_realtime.",
    ),
    "trends": Ask(
        "Show me traffic trends",
        "Show me how my traffic develops.",
        f"Call get_timeseries with interval=day and {_DATES}.",
    ),
    "visitor": Ask(
        "Who is this visitor?",
        "Who is this visitor?",
        "Ask which visitor is meant, unless an id is given. Call get_visitor without"
        " include_personal_data first, and tell the minimum that answers the question.",
    ),
    "track_signup": Ask(
        "Track a signup",
        "Record that a visitor signed up.",
        "Ask for the visitor's uid (the cookie _fs_vid), unless it is given. Call track_goal with"
        " name=signup and visitorUid, once.",
    ),
    "revenue": Ask(
        "How's my revenue?",
        "How's my revenue?",
        f"Call get_overview with fields=revenue,conversion_rate, {_DATES}, and"
        " compare=previous_period. For its development, call get_timeseries with fields=revenue.",
    ),
    "countries": Ask(
        "Break down traffic by country",
        "Break my traffic down by country.",
        f"Call get_countries with {_DATES}.",
    ),
    "devices": Ask(
        "Show me mobile vs desktop",
        "Show me mobile vs desktop.",
        f"Call get_devices with {_DATES}.",
    ),
    "campaigns": Ask(
        "What campaigns are working?",
        "What campaigns are working?",
        f"Call get_campaigns with {_DATES}, or get_breakdown with dimension=utm_source. Judge them"
        " by revenue and conversion rate, not by visitors alone.",
    ),
    "drop_off": Ask(
        "Where do people drop out before they pay?",
        "Where do people drop out before they pay?",
        f"Call get_pages and get_goals for the names of the steps, then get_funnel with {_DATES}.",
    ),
    "delete_test_data": Ask(
        "Delete test data",
        "Delete the completions of a goal that were only tests.",
        "Ask for the goal and the dates. Call delete_goals without a code, show what would be"
        " deleted, ask for confirmation, and only then call it with the code.",
    ),
}
"""All prompts, by name."""


def prompt_text(ask: Ask, domain: str) -> str:
    """The prompt as a person's message. `domain` '': the website is not chosen yet."""
    where = (
        f"The website is {domain}."
        if domain
        else "Call list_websites first; if there are several, ask which one is meant."
    )
    return f"{ask.question}\n\n{where} {ask.todo}"
