"""The tools: which operation of the API each one asks, and what a model should know about it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from footfall.model.dimension import DIMENSIONS, PATH_OF

Kind = Literal["report", "write", "delete", "explain", "why"]
SELECTORS = ("websiteId", "domain")
"""The parameters that name a website."""
Path = tuple[str, ...]
"""Where a field is in an answer; `*` is every element of a list."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool. Parameters and answer are those of the operation `method` `path`."""

    name: str
    title: str
    description: str
    path: str
    method: Literal["GET", "POST", "DELETE"] = "GET"
    kind: Kind = "report"
    personal: tuple[Path, ...] = ()  # omitted unless include_personal_data
    personal_arguments: tuple[str, ...] = ()  # refused unless include_personal_data
    has_conditions: bool = False  # of which personal ones are refused likewise
    is_idempotent: bool = True
    is_destructive: bool = False

    @property
    def is_read_only(self) -> bool:
        return self.method == "GET"


_WHO = ("userId", "name", "email", "wallet", "region", "city")
_MAP_PERSONAL: tuple[Path, ...] = tuple(
    ("data", "*", name) for name in ("totalRevenue", "isCustomer", "region", "city")
)
_LIST_PERSONAL: tuple[Path, ...] = tuple(("data", "*", name) for name in _WHO)
_VISITOR_PERSONAL: tuple[Path, ...] = (
    ("data", "profile"),
    *(("data", "identity", name) for name in ("region", "city")),
    *(("data", "sessions", "*", name) for name in ("region", "city")),
    *(("data", "events", "*", name) for name in ("address", "transactionHash", "properties")),
)

_USES: Mapping[str, str] = {
    "pages": "Use it for 'what are my top pages?' and 'which pages earn most?'",
    "referrers": "Use it for 'where is my traffic coming from?' when websites or search engines are"
    " meant; get_channels has the kinds of sources, get_campaigns the tagged links",
    "countries": "Use it for 'break down traffic by country'",
    "regions": "States (of the USA, for example), provinces, Länder: below countries, above cities",
    "cities": "Use it for towns, in one country with filter_country",
    "devices": "Use it for 'show me mobile vs desktop'",
    "browsers": "Chrome, Safari, Firefox. For their versions, use get_breakdown with"
    " dimension=browser_version",
    "operating-systems": "Windows, Mac OS, iOS, Android. For their versions, use get_breakdown with"
    " dimension=os_version",
    "campaigns": "Use it for 'what campaigns are working?'. For other tags, use get_breakdown with"
    " dimension=utm_source, utm_medium, utm_term or utm_content",
    "hostnames": "Use it if the website has several hosts or subdomains",
    "channels": "Kinds of sources: Organic Search, Direct, Referral, Paid Social and so on. Use it"
    " for 'which marketing channels work?'; get_referrers has the single websites",
}
"""What a model should know to choose the list, by path."""


def _list_tool(path: str, name: str) -> Tool:
    dimension = DIMENSIONS[name]
    title = path.replace("-", " ").capitalize()
    return Tool(
        name=f"get_{path.replace('-', '_')}",
        title=title,
        description=f"{title}, each with its visitors and revenue, the most visited first."
        f" {dimension.rule} {_USES.get(path, '')}".strip(),
        path=f"/{path}",
    )


_FIRST: tuple[Tool, ...] = (
    Tool(
        name="list_websites",
        title="Websites",
        description="The websites that the token may read, with domain, time zone and currency."
        " Call it first: the other tools take a website's id as websiteId or its domain as domain",
        path="/websites",
    ),
    Tool(
        name="get_metadata",
        title="A website's settings",
        description="Time zone, currency, name and KPI goal of one website. Not for numbers",
        path="/metadata",
    ),
    Tool(
        name="get_overview",
        title="Overview",
        description="All headline numbers of a period in one row: visitors, sessions, pageviews,"
        " bounce rate, duration, revenue, conversion rate. Use it for 'how's my traffic?' and"
        " 'how's my revenue?', with compare=previous_period to say how it changed, and a filter"
        " for the numbers of one country, device, page or source. For numbers per day, use"
        " get_timeseries",
        path="/overview",
    ),
    Tool(
        name="get_timeseries",
        title="Numbers over time",
        description="The numbers per hour, day, week or month, and their totals. Use it for trends"
        " and for 'which day was the best?'. Choose a longer interval for a long period",
        path="/timeseries",
    ),
    Tool(
        name="get_realtime",
        title="Visitors right now",
        description="How many visitors were active in the last 5 minutes. Use it for 'how many"
        " visitors are there right now?', and with payments=10 for 'what was paid just now?'. Do"
        " not call it more often than every 5 seconds",
        path="/realtime",
        personal=(("payments", "*", "customer"),),
    ),
    Tool(
        name="get_realtime_map",
        title="Who is here right now",
        description="The visitors of the last 5 minutes, one row each: country, page, source,"
        " device. Use it for 'where are the current visitors from?' and 'what are they looking at"
        " right now?'",
        path="/realtime/map",
        personal=_MAP_PERSONAL,
    ),
)

_LISTS = tuple(_list_tool(path, name) for path, name in PATH_OF.items())

_FURTHER: tuple[Tool, ...] = (
    Tool(
        name="get_breakdown",
        title="Any list",
        description="The list of any dimension that has no tool of its own: entry_page (where"
        " people land), exit_page (where they leave), exit_link (clicked links to other websites),"
        " browser_version, os_version, utm_source, utm_medium, utm_term, utm_content, ref, source,"
        " via (links with ?ref=, ?source=, ?via=), language, screen, event, all_params. Several"
        " dimensions answer as an object of lists",
        path="/breakdown",
    ),
    Tool(
        name="get_goals",
        title="Goals",
        description="Every goal with its completions and the visitors who reached it. Use it for"
        " 'how many signups?' and 'which goals are reached?'",
        path="/goals",
    ),
    Tool(
        name="list_visitors",
        title="Visitors",
        description="Single visitors, the most recent first, or the people behind a number of a"
        " flow or funnel. Use it to find a visitorId for get_visitor, and for 'who are my paying"
        " customers?' with filter_goal=payment. Its `totals` count them; for other numbers, use"
        " get_overview. Names, e-mail addresses, IDs, wallets and places are omitted without"
        " include_personal_data",
        path="/visitors",
        personal=_LIST_PERSONAL,
        personal_arguments=("search", "filter_region", "filter_city"),
        has_conditions=True,
    ),
    Tool(
        name="get_visitor",
        title="One visitor",
        description="One visitor's story: first and last visit, pages, goals and payments. Needs a"
        " visitorId of list_visitors or get_realtime_map. Call it only when somebody asks about a"
        " specific visitor, and report the minimum that answers the question",
        path="/visitors/{id}",
        personal=_VISITOR_PERSONAL,
    ),
    Tool(
        name="get_flow",
        title="Flow",
        description="What people do after (or, with direction=backward, before) a step:"
        " transitions from page to page or goal. Use it for 'where do people go from the home"
        " page?' and 'where do they leave?'. For a fixed order of steps, use get_funnel",
        path="/flow",
        has_conditions=True,
    ),
    Tool(
        name="get_funnel",
        title="Funnel",
        description="How many people get from each of several steps to the next, in order. Use it"
        " for 'where do people drop out before they pay?'",
        path="/funnel",
        has_conditions=True,
    ),
    Tool(
        name="get_retention",
        title="Retention",
        description="How many of those who came for the first time in a week come again in later"
        " weeks. Use it for 'do people come back?'",
        path="/retention",
        has_conditions=True,
    ),
    Tool(
        name="explain_number",
        title="The rule behind a number",
        description="How a number is counted: its rule, what it is made of in this period, and what"
        " was excluded (bots, dropped hits, payments without a rate). Use it for 'what does bounce"
        " rate mean?' and 'why is this number so low?'",
        path="/overview",
        kind="explain",
    ),
    Tool(
        name="why_not_counted",
        title="Why hits were not counted",
        description="What became of hits: accepted, automated, or dropped and why, with what to do"
        " about each reason; and SDK events that were refused in the last two weeks. Use it for"
        " 'why is my visit missing?' and 'is tracking broken?'",
        path="/ingestion",
        kind="why",
    ),
    Tool(
        name="track_goal",
        title="Record a goal",
        description="Record that a visitor completed a goal, now or at `timestamp`. Not idempotent:"
        " every call counts once more, unless idempotencyKey is the same. Needs the scope write."
        " Use it only if the user asks to record something",
        path="/goals",
        method="POST",
        kind="write",
        is_idempotent=False,
    ),
    Tool(
        name="track_payment",
        title="Record a payment",
        description="Record a payment, a renewal or, with isRefund, a refund of an earlier payment."
        " Payments of connected providers are recorded automatically. amount, currency and"
        " transactionId are enough; send email, name or customerId only if the user gave them for"
        " this. A second payment of a transactionId is refused. Needs the scope write",
        path="/payments",
        method="POST",
        kind="write",
        is_idempotent=False,
        is_destructive=True,
    ),
    *(
        Tool(
            name=name,
            title=title,
            description=f"{what} The first call deletes nothing: it says what would be deleted and"
            " returns a confirmationCode. Show the user the website, the filters, the dates and the"
            " count, ask for their confirmation, and only then call again with the same arguments"
            " and the code. Needs the scope delete. Never use it as a side effect of another"
            " request",
            path=path,
            method="DELETE",
            kind="delete",
            is_destructive=True,
        )
        for name, title, path, what in (
            (
                "delete_goals",
                "Delete goal completions",
                "/goals",
                "Delete goal completions for good, by goal, visitor or dates.",
            ),
            (
                "delete_payments",
                "Delete payments",
                "/payments",
                "Delete payments for good, by transactionId, visitor or dates.",
            ),
            (
                "delete_visitor",
                "Delete a visitor",
                "/visitors/{id}",
                "Delete everything that is stored about one person, for good. Their payments stay"
                " without them.",
            ),
        )
    ),
)

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (*_FIRST, *_LISTS, *_FURTHER)}
"""All tools, by name."""
