"""DELETE /goals, /payments and /visitors/{id}: by filters, audited, complete when answered."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from footfall.load.deleted_rows import GoalsToDelete
from footfall.model.answer import RowsAnswer
from footfall.model.errors import BadRequest, NotFound
from footfall.model.unit import Count, Payload
from footfall.model.website import Website
from footfall.query.parse.deletion import (
    GOAL_FILTERS,
    PAYMENT_FILTERS,
    DeletionFilters,
    parse_deletion,
)
from footfall.query.parse.visitor import parse_visitor, visitor_ids
from footfall.query.visitor import find_visitor
from footfall.serve.deletions import DeleteRequest, Deletions, PaymentsToDelete
from footfall.serve.http.api import Api, Call
from footfall.serve.http.body import read_request
from footfall.serve.http.reply import success
from footfall.store.reader import Reader

_PEOPLE = ("visitorId", "id")
_NO_BODY = (b"", b"{}", b"null")
_MAX_BODY_BYTES = 1024


class Deleted(Payload, frozen=True, kw_only=True, rename="camel"):
    """What a delete has done."""

    deleted: Annotated[Count, Meta(description="What was deleted, or with dryRun would be")]
    message: str
    dry_run: bool


class Deletes:
    """The handlers of the deletes. All need the scope `delete`."""

    def __init__(self, api: Api, deletions: Deletions) -> None:
        self._api = api
        self._deletions = deletions

    async def goals(self, request: Request) -> Response:
        """DELETE /goals: completions. A goal without any left is no longer listed."""
        call, website = await self._admit(request)
        filters = parse_deletion(call.params, website, GOAL_FILTERS)
        goals = GoalsToDelete(
            name=filters.given.get("name", ""),
            visitor_id=await self._visitor_of(call, website, filters),
            from_ms=filters.from_ms,
            to_ms=filters.to_ms,
        )
        wanted = _delete_request(call, website, filters)
        deleted = await self._deletions.goals(wanted, goals)
        return _done(request, wanted, "Goal completions", deleted)

    async def payments(self, request: Request) -> Response:
        """DELETE /payments: with their refunds and the goals that they recorded."""
        call, website = await self._admit(request)
        filters = parse_deletion(call.params, website, PAYMENT_FILTERS)
        payments = PaymentsToDelete(
            transaction_id=filters.given.get("transactionId", ""),
            visitor_id=await self._visitor_of(call, website, filters),
            from_ms=filters.from_ms,
            to_ms=filters.to_ms,
        )
        wanted = _delete_request(call, website, filters)
        deleted = await self._deletions.payments(wanted, payments)
        return _done(request, wanted, "Payments", deleted)

    async def visitor(self, request: Request) -> Response:
        """DELETE /visitors/{id}: one person, everywhere."""
        call, website = await self._admit(request)
        filters = parse_deletion(call.params, website, ())
        text = request.path_params["id"]
        wanted = _delete_request(
            call, website, msgspec.structs.replace(filters, given={"id": text})
        )
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

    async def _visitor_of(self, call: Call, website: Website, filters: DeletionFilters) -> int:
        """The visitor that the filters name, 0 if they name none."""
        text = filters.given.get("visitorId")
        if not text:
            return 0
        try:
            return await self._find_visitor(call, website, text)
        except NotFound:
            return _unknown_visitor(website, text)

    async def _find_visitor(self, call: Call, website: Website, text: str) -> int:
        await self._deletions.catch_up()  # so that a visitor who came a moment ago is found
        asked = parse_visitor((), website, self._api.clock())

        def find(reader: Reader) -> int:
            return find_visitor(asked, text, self._api.people, reader)

        return await self._api.read(call, website, find, "deletes")


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


def _delete_request(call: Call, website: Website, filters: DeletionFilters) -> DeleteRequest:
    given = filters.given
    return DeleteRequest(
        website=website,
        token=call.token,
        filters={name: value for name, value in given.items() if name not in _PEOPLE},
        people={name: value for name, value in given.items() if name in _PEOPLE},
        is_dry=filters.is_dry,
    )


def _done(request: Request, wanted: DeleteRequest, what: str, deleted: int) -> Response:
    done = "would be deleted; nothing was (dryRun)" if wanted.is_dry else "deleted successfully"
    row = Deleted(deleted=deleted, message=f"{what} {done}", dry_run=wanted.is_dry)
    return success(request, RowsAnswer(data=[row]))
