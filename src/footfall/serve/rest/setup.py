"""GET /websites/{id}/setup: whether a website's tag works, and if not, why."""

import shlex
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from footfall.clock import Clock
from footfall.collect.recent import RecentHit, RecentHits
from footfall.model.answer import Answer
from footfall.model.event import DROP_REASONS
from footfall.model.period import write_moment
from footfall.model.unit import Count, Moment, Payload
from footfall.model.website import Website
from footfall.query.first_visit import find_first_visit
from footfall.serve.http.api import Api, Call
from footfall.serve.http.auth import select_website
from footfall.serve.http.reply import success

_KEPT_MS = 60_000
"""A first visit that was found is not looked up again for so long."""
REMEDIES: Mapping[str, tuple[str, str]] = {
    "bot": (
        "This visitor looks automated. Open the page in an ordinary browser; reports show automated"
        " visits with bots=include",
        "",
    ),
    "invalid": ("The message says which field is wrong. Load the script from this server", ""),
    "unknown_website": ("The tag on this page has another tracking id; use {tracking_id}", ""),
    "foreign_hostname": (
        "Allow this host, or change the website's domain",
        "footfall website set {domain} --allow-hostname {host}",
    ),
    "spam_referrer": ("Nothing: the page that led here advertises itself with forged visits", ""),
    **{
        f"excluded_{name}": (
            f"The website excludes {what}. This counts all of them again",
            f"footfall website set {{domain}} --exclude-{name} none",
        )
        for name, what in (
            ("address", "your address"),
            ("path", "this path"),
            ("hostname", "this host"),
            ("country", "this country"),
            ("referrer", "the page that led here"),
        )
    },
    "reserved_goal": ("Choose another name for this goal: only payments have this one", ""),
    "no_session": ("Nothing: this tab was open for more than 30 minutes", ""),
    "internal_error": ("Please report it: the server's log has the reason", ""),
}
"""What to do about each outcome of a tracker's hit, and the command that does it."""


class ScriptRequests(Payload, frozen=True, kw_only=True, rename="camel"):
    """Requests for the tracker's script by pages of one host."""

    host: str
    requests: Count
    last_at: Moment


class SetupHit(Payload, frozen=True, kw_only=True, rename="camel"):
    """The latest hit."""

    outcome: Annotated[str, Meta(extra_json_schema={"enum": ["accepted", "bot", *DROP_REASONS]})]
    host: str | None
    path: str | None
    at: Moment


class RefusedHits(Payload, frozen=True, kw_only=True, rename="camel"):
    """Hits that do not count, of one reason and page."""

    reason: Annotated[str, Meta(extra_json_schema={"enum": ["bot", *DROP_REASONS]})]
    host: str | None
    path: str | None
    hits: Count
    last_at: Moment
    message: Annotated[str | None, Meta(description="What was wrong with the latest one")]
    remedy: Annotated[str | None, Meta(description="What to do about it")]
    command: Annotated[str | None, Meta(description="The command that does it, if there is one")]


class SetupStatus(Payload, frozen=True, kw_only=True, rename="camel"):
    """What is known of a website's tag. Requests and hits are those of the last ten minutes that
    this process received."""

    tracking_id: str
    domain: str
    script_requests: list[ScriptRequests]
    last_hit: SetupHit | None
    refused: list[RefusedHits]
    first_visit_at: Annotated[
        Moment | None, Meta(description="The start of the first visit that counts")
    ]


class SetupAnswer(Answer, frozen=True, kw_only=True):
    """Whether a website's tag works."""

    timezone: str
    data: SetupStatus


class Setup:
    """The handler. A page asks it again and again, so what it finds in the store is kept."""

    def __init__(self, api: Api, recent: RecentHits, clock: Clock) -> None:
        self._api = api
        self._recent = recent
        self._clock = clock
        # when it was, when it was found, and how often the gate had been closed by then
        self._first_visits: dict[int, tuple[int, int, int]] = {}

    async def status(self, request: Request) -> Response:
        """GET /websites/{id}/setup."""
        call = self._api.admit(request, "read")
        registry = self._api.registry
        website = select_website(registry, call.token, request.path_params["id"])
        first = await self._first_visit(call, website)
        zone = website.timezone
        hits = self._recent.hits_of(website)
        data = SetupStatus(
            tracking_id=website.tracking_id,
            domain=website.domain,
            script_requests=[
                ScriptRequests(
                    host=each.host, requests=each.requests, last_at=write_moment(each.at, zone)
                )
                for each in self._recent.scripts_of(website)
            ],
            last_hit=_hit(hits[0], zone) if hits else None,
            refused=[_refused(hit, website) for hit in hits if hit.outcome != "accepted"],
            first_visit_at=None if first is None else write_moment(first, zone),
        )
        return success(request, SetupAnswer(timezone=zone, data=data))

    async def _first_visit(self, call: Call, website: Website) -> int | None:
        now = self._clock()
        closings = self._api.gates.closings(website.id)
        at, found_at, known = self._first_visits.get(website.id, (0, 0, 0))
        if found_at and known == closings and abs(now - found_at) < _KEPT_MS:
            return at
        first = await self._api.read(
            call, website, lambda reader: find_first_visit(website.id, reader), lane="live"
        )
        self._first_visits.pop(website.id, None)
        if first is not None:
            self._first_visits[website.id] = (first, now, closings)
            if len(self._first_visits) > 1000:
                self._first_visits.pop(next(iter(self._first_visits)))
        return first


def _hit(hit: RecentHit, zone: str) -> SetupHit:
    return SetupHit(
        outcome=hit.outcome,
        host=hit.host or None,
        path=hit.path or None,
        at=write_moment(hit.at, zone),
    )


def _refused(hit: RecentHit, website: Website) -> RefusedHits:
    remedy, command = REMEDIES.get(hit.outcome, ("", ""))
    if "{host}" in command and not hit.host:
        command = ""
    names = {"domain": shlex.quote(website.domain), "host": shlex.quote(hit.host)}
    return RefusedHits(
        reason=hit.outcome,
        host=hit.host or None,
        path=hit.path or None,
        hits=hit.hits,
        last_at=write_moment(hit.at, website.timezone),
        message=hit.detail or None,
        remedy=remedy.format(tracking_id=website.tracking_id) or None,
        command=command.format(**names) or None,
    )
