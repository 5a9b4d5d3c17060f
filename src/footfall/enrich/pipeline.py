"""The path of a hit: the steps in their order, and what they turn it into."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from footfall.enrich.action import add_engagement, add_link, add_name, add_properties
from footfall.enrich.campaign import add_campaign
from footfall.enrich.channel import add_channel
from footfall.enrich.client import add_agent, add_client_facts, add_place
from footfall.enrich.draft import Draft, Salts
from footfall.enrich.exclusion import (
    drop_excluded_address,
    drop_excluded_country,
    drop_excluded_hostname,
    drop_excluded_path,
    drop_excluded_referrer,
)
from footfall.enrich.identity import drop_wrong_identity
from footfall.enrich.page import add_page, add_title, drop_foreign_hostname
from footfall.enrich.place import Geo
from footfall.enrich.referrer import add_referrer, drop_spam_referrer
from footfall.enrich.step import Step
from footfall.enrich.validity import (
    add_address,
    drop_malformed_id,
    drop_unknown_type,
    drop_unstorable,
)
from footfall.enrich.visitor import add_visitor
from footfall.model.errors import BadRequest
from footfall.model.event import Dropped, Event
from footfall.model.hit import Hit
from footfall.model.key import event_key
from footfall.model.wallet import plain_wallet
from footfall.model.website import Website

__all__ = ["STEPS", "Enricher", "Salts"]

STEPS: tuple[Step, ...] = (
    drop_unknown_type,
    drop_unstorable,
    drop_malformed_id,
    add_page,
    drop_foreign_hostname,
    drop_excluded_hostname,
    drop_excluded_path,
    add_address,
    drop_excluded_address,
    add_referrer,
    drop_spam_referrer,
    drop_excluded_referrer,
    add_place,
    drop_excluded_country,
    add_agent,
    add_title,
    add_client_facts,
    add_campaign,
    add_channel,
    add_name,
    add_link,
    drop_wrong_identity,
    add_properties,
    add_engagement,
    add_visitor,
)
_INTERNAL_ERROR = Dropped(
    "internal_error", message="the server failed to process this event; its log names the cause"
)
_log = structlog.get_logger(__name__)


class Enricher:
    """Hit → Event | Dropped. What it caches (addresses among it) is bounded and only in memory."""

    def __init__(self, *, geo_database: str = "", steps: Sequence[Step] = STEPS) -> None:
        """Open the geo database (`geo_database`, else the bundled countries)."""
        self._geo = Geo(geo_database)
        self._steps = tuple(steps)
        self._failures = _Failures()

    def close(self) -> None:
        self._geo.close()

    def enrich(self, hit: Hit, website: Website, salts: Salts) -> Event | Dropped:
        """Run the steps; `salts` are those of the UTC day of the hit's receipt. Never raises."""
        running: Callable[[Draft], object] = _event
        try:
            draft = Draft(hit, website, salts, self._geo)
            for running in self._steps:
                if (dropped := running(draft)) is not None:
                    return dropped
            running = _event
            return _event(draft)
        except Exception as error:  # a mistake in one step costs one event, never its whole batch
            self._failures.log(running, error)
            return _INTERNAL_ERROR

    def decode_and_enrich(
        self, decode: Callable[[], Hit], website: Website, salts: Salts
    ) -> Event | Dropped:
        """Like `enrich`, for a hit that `decode` makes. A BadRequest becomes an `invalid` drop."""
        try:
            hit = decode()
        except BadRequest as error:
            return Dropped("invalid", error.field, error.message)
        except Exception as error:  # for the same reason as above
            self._failures.log(decode, error)
            return _INTERNAL_ERROR
        return self.enrich(hit, website, salts)


class _Failures:
    """Logs exceptions without anything about a person: the step, the type, the place in the code.

    It logs the 1st, 2nd, 4th, 8th … occurrence of the same failure, so that many failures do not
    fill the log. `ingestion` has the exact count.
    """

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def log(self, running: Callable[..., object], error: Exception) -> None:
        step, kind = getattr(running, "__name__", type(running).__name__), type(error).__name__
        self._seen[step, kind] += 1
        count = self._seen[step, kind]
        if count & (count - 1) == 0:
            _log.error(
                "an event was dropped: a step failed",
                step=step,
                error=kind,
                at=_place_of(error),
                events=count,
            )


def _place_of(error: Exception) -> str:
    """File and line where it was raised. The message may hold what was sent, so it is left out."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def _event(draft: Draft) -> Event:
    hit = draft.hit
    return Event(
        website_id=draft.website.id,
        type=hit.type,
        occurred_at=hit.occurred_at,
        visitor_id=draft.visitor_id,
        visitor_id_yesterday=draft.visitor_id_yesterday,
        session_uid=draft.session_uid,
        event_id=event_key(draft.website.id, hit.event_id) if hit.event_id else 0,
        path=draft.page.path,
        title=draft.title,
        name=draft.name,
        link=draft.link,
        properties=draft.properties,
        engaged_ms=draft.engaged_ms,
        address=plain_wallet(hit.address),
        bot=draft.bot,
        facts=draft.facts,
        client_session=draft.client_session,
        has_own_session=hit.has_own_session and draft.session_uid != 0,
    )
