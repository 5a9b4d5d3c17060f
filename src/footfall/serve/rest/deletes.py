"""DELETE /goals, /payments and /visitors/{id}: by filters, audited, complete when answered."""

from difflib import get_close_matches
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from footfall.load.deleted_rows import GoalsToDelete
from footfall.model.errors import BadRequest, NotFound
from footfall.model.period import END_OF_TIME, START_OF_TIME, parse_period, parse_timezone
from footfall.model.website import Website
from footfall.query.parse.given import parse_switch, single_values
from footfall.query.parse.visitor import parse_visitor, visitor_ids
from footfall.query.visitor import find_visitor
from footfall.serve.deletions import DeleteRequest, Deletions, PaymentsToDelete
from footfall.serve.http.api import Api, Call
from footfall.serve.http.body import read_request
from footfall.serve.http.reply import success
from footfall.store.reader import Reader

GOAL_FILTERS = ("visitorId", "name", "startAt", "endAt")
PAYMENT_FILTERS = ("transactionId", "visitorId", "startAt", "endAt")
_OTHERS = ("websiteId", "domain", "workspaceId", "timezone", "dryRun")
_PEOPLE = ("visitorId", "id")
_NO_BODY = (b"", b"{}", b"null")
_MAX_BODY_BYTES = 1024


class _Asked(NamedTuple):
    """A deletion's filters, read; None and 0 for those not given."""

    given: dict[str, str]
    visitor_id: int
    from_ms: int | None
    to_ms: int | None


class Deletes:
    """The handlers of the deletes. All need the scope `delete`."""

    def __init__(self, api: Api, deletions: Deletions) -> None:
        self._api = api
        self._deletions = deletions

    async def goals(self, request: Request) -> Response:
        """DELETE /goals: completions. A goal without any left is no longer listed."""
        call, website = await self._admit(request)
        asked = await self._read(call, website, GOAL_FILTERS)
        goals = GoalsToDelete(
            name=asked.given.get("name", ""),
            visitor_id=asked.visitor_id,
            from_ms=asked.from_ms,
            to_ms=asked.to_ms,
        )
        wanted = _delete_request(call, website, asked.given)
        deleted = await self._deletions.goals(wanted, goals)
        return _done(request, wanted, "Goal completions", deleted)

    async def payments(self, request: Request) -> Response:
        """DELETE /payments: with their refunds and the goals that they recorded."""
        call, website = await self._admit(request)
        asked = await self._read(call, website, PAYMENT_FILTERS)
        payments = PaymentsToDelete(
            transaction_id=asked.given.get("transactionId", ""),
            visitor_id=asked.visitor_id,
            from_ms=asked.from_ms,
            to_ms=asked.to_ms,
        )
        wanted = _delete_request(call, website, asked.given)
        deleted = await self._deletions.payments(wanted, payments)
        return _done(request, wanted, "Payments", deleted)

    async def visitor(self, request: Request) -> Response:
        """DELETE /visitors/{id}: one person, everywhere."""
        call, website = await self._admit(request)
        _check_names(call, ())
        text = request.path_params["id"]
        wanted = _delete_request(call, website, {"id": text})
        visitor_id = await self._find_visitor(call, website, text)
        deleted = await self._deletions.visitor(wanted, visitor_id)
        return _done(request, wanted, "Events of the visitor", deleted)

    async def _admit(self, request: Request) -> tuple[Call, Website]:
        call = self._api.admit(request, "delete")
        if (await read_request(request, _MAX_BODY_BYTES)).strip() not in _NO_BODY:
            raise BadRequest(
                "A delete has its filters in the address, as in ?name=signup, and no body"
            )
        return call, self._api.website(call)

    async def _read(self, call: Call, website: Website, names: tuple[str, ...]) -> _Asked:
        _check_names(call, names)
        given = single_values(call.params, names)
        for name, value in given.items():
            if not value:
                raise BadRequest(f"{name} is empty: give a value or leave it out", field=name)
        if not given:
            raise BadRequest(
                f"A delete needs at least one filter: {', '.join(names)}", field=names[0]
            )
        zone = single_values(call.params, ("timezone",)).get("timezone", website.timezone)
        timezone = parse_timezone(zone)
        period = parse_period(given.get("startAt"), given.get("endAt"), timezone)
        visitor_id = 0
        if text := given.get("visitorId"):
            try:
                visitor_id = await self._find_visitor(call, website, text)
            except NotFound:
                visitor_id = _unknown_visitor(website, text)
        return _Asked(
            given,
            visitor_id,
            period.start_ms if period.start_ms > START_OF_TIME else None,
            period.end_ms if period.end_ms < END_OF_TIME else None,
        )

    async def _find_visitor(self, call: Call, website: Website, text: str) -> int:
        await self._deletions.catch_up()  # so that a visitor who came a moment ago is found
        asked = parse_visitor((), website, self._api.clock())

        def find(reader: Reader) -> int:
            return find_visitor(asked, text, self._api.people, reader)

        return await self._api.read(call, website, find, "deletes")


def _check_names(call: Call, names: tuple[str, ...]) -> None:
    """If an unknown filter were ignored, more would be deleted than was meant."""
    known = (*names, *_OTHERS)
    for name, _ in call.params:
        if name not in known:
            closest = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise BadRequest(
                f"unknown parameter {name[:64]!r}; did you mean {closest}? A delete takes:"
                f" {', '.join(known)}",
                field=name[:64],
            )


def _unknown_visitor(website: Website, text: str) -> int:
    """The key of a visitor without stored rows. Raises BadRequest if the text cannot be an id."""
    try:
        return visitor_ids(website.id, text)[-1]
    except NotFound:
        raise BadRequest(
            "visitorId: an id is 1 to 64 of A-Z a-z 0-9 _ -, the cookie _fs_vid or a visitorId as"
            " /realtime/map has it",
            field="visitorId",
        ) from None


def _delete_request(call: Call, website: Website, given: dict[str, str]) -> DeleteRequest:
    return DeleteRequest(
        website=website,
        token=call.token,
        filters={name: value for name, value in given.items() if name not in _PEOPLE},
        people={name: value for name, value in given.items() if name in _PEOPLE},
        is_dry=parse_switch(single_values(call.params, ("dryRun",)), "dryRun"),
    )


def _done(request: Request, wanted: DeleteRequest, what: str, deleted: int) -> Response:
    done = "would be deleted; nothing was (dryRun)" if wanted.is_dry else "deleted successfully"
    row = {"deleted": deleted, "message": f"{what} {done}", "dryRun": wanted.is_dry}
    return success(request, msgspec.json.encode({"status": "success", "data": [row]}))
