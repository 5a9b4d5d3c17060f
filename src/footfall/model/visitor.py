"""One visitor in answers: their story, and all that is stored about them."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Answer, Unconverted
from footfall.model.event import EVENT_TYPES, EventType
from footfall.model.fact import FACT_NAMES
from footfall.model.payment import NO_PROFILE, MovementKind, Profile
from footfall.model.unit import (
    Count,
    ExactMoney,
    ExactRatio,
    ExactSeconds,
    Moment,
    Money,
    Ordinal,
    Payload,
    Seconds,
)

Cursor = Annotated[
    str, Meta(description="To continue a list from this row, send it as the parameter `before`")
]


class Named(Payload, frozen=True, kw_only=True):
    """A browser or an operating system."""

    name: str | None
    version: str | None


class Device(Payload, frozen=True, kw_only=True):
    """Desktop, Mobile or Tablet."""

    type: str | None


class Viewport(Payload, frozen=True, kw_only=True):
    """The size of the screen in CSS pixels."""

    width: Ordinal | None
    height: Ordinal | None


class VisitorIdentity(Payload, frozen=True, kw_only=True, rename="camel"):
    """Where the most recent visit came from, and with what."""

    country: str | None
    country_code: str | None
    region: str | None
    city: str | None
    browser: Named
    os: Named
    device: Device
    viewport: Viewport


class VisitedPage(Payload, frozen=True, kw_only=True):
    """A page view."""

    url: str | None
    timestamp: Moment
    cursor: Cursor


class CompletedGoal(Payload, frozen=True, kw_only=True):
    """A goal that was reached."""

    name: str
    timestamp: Moment
    cursor: Cursor


class VisitorActivity(Payload, frozen=True, kw_only=True, rename="camel"):
    """What the visitor did."""

    visit_count: Count
    page_view_count: Count
    first_visit_at: Moment | None
    last_visit_at: Annotated[
        Moment | None, Meta(description="When the last event of their visits happened")
    ]
    current_url: Annotated[
        str | None, Meta(description="Host and path of the page that was seen last")
    ]
    visited_pages: list[VisitedPage]
    completed_custom_goals: list[CompletedGoal]


class VisitorRevenue(Payload, frozen=True, kw_only=True, rename="camel"):
    """What the visitor paid."""

    total_revenue: Annotated[Money, Meta(description="New and renewal payments, before refunds")]
    refunded_revenue: Money
    is_customer: Annotated[bool, Meta(description="Whether they ever paid more than nothing")]
    time_to_first_conversion: Annotated[
        Seconds | None, Meta(description="From the first visit to the first payment above zero")
    ]
    currency: str
    unconverted: Unconverted


class VisitorProfile(Payload, frozen=True, kw_only=True, rename="camel"):
    """What the website has sent about the person."""

    user_id: str | None
    name: str | None
    email: str | None
    customer_id: str | None


class VisitorAction(Payload, frozen=True, kw_only=True, rename="camel"):
    """One page view, goal or payment."""

    type: Literal["pageview", "goal", "payment"]
    timestamp: Moment
    url: str | None
    event_name: Annotated[
        str | None,
        Meta(description="The goal's name; for a payment: payment, free_trial, renewal or refund"),
    ]
    amount: Annotated[
        Money | None,
        Meta(
            description="In the website's currency, negative for a refund; null where no rate is"
            " known"
        ),
    ]
    cursor: Cursor
    original_amount: Money | UnsetType = UNSET
    original_currency: str | UnsetType = UNSET


class VisitorSession(Payload, frozen=True, kw_only=True, rename="camel"):
    """A visit. Unknown values are null."""

    session_id: str
    started_at: Moment
    last_event_at: Moment
    duration: Annotated[Seconds, Meta(description="From the start to the last event")]
    engaged_time: Annotated[Seconds, Meta(description="How long a page was visible")]
    pageviews: Count
    events: Annotated[Count, Meta(description="Counted events, pageviews included")]
    entry_page: str | None
    exit_page: str | None
    exit_link: str | None
    hostname: str | None
    source: Annotated[str | None, Meta(description="The referrer, else what campaign tags say")]
    source_name: Annotated[str | None, Meta(description="The name of a known source")]
    channel: str | None
    referrer: str | None
    campaign: Annotated[str | None, Meta(description="utm_campaign")]
    country: str | None
    country_code: str | None
    region: str | None
    city: str | None
    device: str | None
    browser: str | None
    os: str | None
    language: str | None
    screen: str | None
    paid: Annotated[Money, Meta(description="New and renewal payments made in it")]
    cursor: Cursor


class VisitorEvent(Payload, frozen=True, kw_only=True, rename="camel"):
    """An event of any type but engagement, or a payment. Unknown values are null."""

    type: Annotated[
        str,
        Meta(
            extra_json_schema={
                "enum": [*(name for name in EVENT_TYPES if name != "engagement"), "payment"]
            }
        ),
    ]
    timestamp: Moment
    session_id: str | None
    name: Annotated[
        str | None,
        Meta(
            description="The goal's or contract event's name; for a payment: payment, free_trial,"
            " renewal or refund"
        ),
    ]
    url: Annotated[str | None, Meta(description="Host and path")]
    title: str | None
    link: Annotated[str | None, Meta(description="Where an outbound click leads")]
    address: Annotated[str | None, Meta(description="A wallet's address")]
    status: Annotated[str | None, Meta(description="Of a signature or transaction")]
    transaction_hash: Annotated[
        str | None, Meta(description="By which the states of one transaction belong together")
    ]
    chain_id: str | None
    properties: Annotated[msgspec.Raw | None, Meta(extra_json_schema={"type": ["object", "null"]})]
    is_server_side: bool
    amount: Annotated[
        Money | None,
        Meta(description="Of a payment, in the website's currency, negative for a refund"),
    ]
    cursor: Cursor
    original_amount: Money | UnsetType = UNSET
    original_currency: str | UnsetType = UNSET


class Visitor(Payload, frozen=True, kw_only=True, rename="camel"):
    """One visitor's story. Personal data."""

    visitor_id: str
    is_bot: Annotated[bool, Meta(description="All of their visits are judged automated")]
    identity: VisitorIdentity
    source: Annotated[str | None, Meta(description="What sent the most recent visit")]
    source_icon_url: Annotated[
        None, Meta(description="Always null: no other server is asked for icons")
    ]
    activity: VisitorActivity
    revenue: VisitorRevenue
    profile: VisitorProfile | None
    activity_timeline: Annotated[
        list[VisitorAction], Meta(description="Page views, goals and payments, the newest first")
    ]
    sessions: Annotated[
        list[VisitorSession] | UnsetType, Meta(description="Visits, the newest first; by include")
    ] = UNSET
    events: Annotated[
        list[VisitorEvent] | UnsetType,
        Meta(description="Events of all types and payments, the newest first; by include"),
    ] = UNSET


class VisitorAnswer(Answer, frozen=True, kw_only=True):
    """One visitor's story."""

    timezone: str
    data: Visitor


if TYPE_CHECKING:
    VisitorFacts = Any
else:
    VisitorFacts = msgspec.defstruct(
        "VisitorFacts",
        [(name, str | UnsetType, UNSET) for name in FACT_NAMES],
        bases=(Payload,),
        namespace={"__doc__": "What is known, by the names of dimensions."},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


class ExportedSession(Payload, frozen=True, kw_only=True, rename="camel"):
    """A visit as it is stored."""

    session_id: str
    started_at: Moment
    last_event_at: Moment
    pageviews: Count
    counted_events: Count
    engaged_seconds: ExactSeconds
    entry_page: str | None
    exit_page: str | None
    exit_link: str | None
    bot: Annotated[str | None, Meta(description="Why it is judged automated")]
    facts: VisitorFacts


class ExportedEvent(Payload, frozen=True, kw_only=True, rename="camel"):
    """An event as it is stored."""

    type: EventType
    timestamp: Moment
    session_id: str | None
    name: str | None
    path: str | None
    title: str | None
    link: str | None
    properties: Annotated[msgspec.Raw | None, Meta(extra_json_schema={"type": ["object", "null"]})]
    engaged_seconds: ExactSeconds
    address: Annotated[str | None, Meta(description="A wallet's address")]
    is_server_side: bool
    bot: str | None
    facts: Annotated[
        VisitorFacts | UnsetType, Meta(description="Of events that belong to no session")
    ] = UNSET


class ExportedPayment(Payload, frozen=True, kw_only=True, rename="camel"):
    """A payment or a refund as the ledger has it."""

    id: Annotated[str, Meta(description="The transactionId; a refund's own id follows it")]
    type: MovementKind
    timestamp: Moment
    amount: Annotated[
        ExactMoney | None,
        Meta(description="In the website's currency; null where no rate is known"),
    ]
    currency: str
    original_amount: ExactMoney
    original_currency: str
    rate: ExactRatio | None
    is_rate_estimated: bool
    provider: str | None
    subscription_id: str | None


class ExportHead(Payload, frozen=True, kw_only=True, rename="camel"):
    """What an export begins with."""

    visitor_id: str
    website: str
    timezone: str
    exported_at: Moment
    profile: VisitorProfile | None


class VisitorExport(ExportHead, frozen=True, kw_only=True):
    """All that is stored about one visitor. Personal data."""

    sessions: list[ExportedSession]
    events: list[ExportedEvent]
    payments: list[ExportedPayment]


class VisitorExportAnswer(Answer, frozen=True, kw_only=True):
    """All that is stored about one visitor, as a file."""

    data: VisitorExport


def visitor_profile(profile: Profile) -> VisitorProfile | None:
    """None where nothing is known about the person."""
    if profile == NO_PROFILE:
        return None
    return VisitorProfile(
        user_id=profile.user_id or None,
        name=profile.name or None,
        email=profile.email or None,
        customer_id=profile.customer_id or None,
    )
