"""What all calls of this API share: who may make them, their bodies, their answers.

A call is a row of a table: handlers, access rules, OpenAPI and /llms.txt derive from it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from footfall.catalog import Catalog
from footfall.collect.wire import bad_request_of
from footfall.model.address import customer_network
from footfall.model.answer import Answer, Pagination, RowsAnswer
from footfall.model.errors import BadRequest, Forbidden, NotFound
from footfall.model.json_text import MALFORMED, mend_characters
from footfall.model.member import Member
from footfall.model.website import Scope, Website
from footfall.query.parse.given import parse_page
from footfall.serve.deletions import Deletions
from footfall.serve.http.access import Who
from footfall.serve.http.api import Api, Call
from footfall.serve.http.attempt import Attempts
from footfall.serve.http.auth import select_website
from footfall.serve.http.body import read_request
from footfall.serve.http.browser import SignedIn, token_of
from footfall.serve.http.challenge import Challenges
from footfall.serve.http.method import Endpoint
from footfall.serve.http.parameter import read_params
from footfall.serve.http.reply import success

MAX_BODY_BYTES = 64 * 1024
MAX_LISTED = 1_000
T = TypeVar("T")
B = TypeVar("B")
Row = TypeVar("Row")


class OneAnswer(Answer, Generic[Row], frozen=True, kw_only=True):
    """One thing."""

    data: Row


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a call takes as JSON. An unknown field is a mistake."""


class Parts:
    """What the handlers use."""

    def __init__(self, api: Api, deletions: Deletions) -> None:
        self.api = api
        self.deletions = deletions
        self.catalog: Catalog = api.browsers.catalog
        self.clock = api.clock
        self.by_address = Attempts(30, 300, api.clock)
        self.by_account = Attempts(10, 900, api.clock)
        self.challenges = Challenges(api.clock)
        # A hash takes 19 MB and 20 ms of a core: guessing must not slow collecting down.
        self._hashing = asyncio.Semaphore(2)

    def address_key(self, request: Request) -> str:
        """By which `by_address` counts: one customer has 2^64 addresses of IPv6 to guess from."""
        return customer_network(self.api.browsers.address(request))

    async def hashing(self, work: Callable[[], T]) -> T:
        """Run what computes a password's hash in a thread, few at a time."""
        async with self._hashing:
            return await asyncio.to_thread(work)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was admitted."""

    parts: Parts
    request: Request
    call: Call | None  # None: anybody may make it
    body: Any
    cookies: list[str]

    @property
    def api(self) -> Api:
        return self.parts.api

    @property
    def catalog(self) -> Catalog:
        return self.parts.catalog

    @property
    def now(self) -> int:
        return self.parts.clock()

    @property
    def admitted(self) -> Call:
        assert self.call is not None
        return self.call

    @property
    def signed_in(self) -> SignedIn:
        """Who is signed in. Raises Forbidden for a token, which has no account."""
        if self.admitted.signed_in is None:
            raise Forbidden("A token has no account: sign in with a browser")
        return self.admitted.signed_in

    @property
    def member(self) -> Member:
        return self.signed_in.member

    def website(self) -> Website:
        """The website that the call is about. Raises as `Api.website`."""
        return self.api.website(self.admitted)

    def website_of(self, website_id: int) -> Website:
        """A website that the catalog has just named. Raises NotFound if it was removed since."""
        website = self.api.registry.website_by_id(website_id)
        if website is None:
            raise NotFound("The website was removed")
        return website

    def website_at(self, name: str) -> Website:
        """The website that a part of the path names. Raises as `select_website`."""
        return select_website(self.api.registry, self.admitted.token, self.path(name))

    def path(self, name: str) -> str:
        """A varying part of the path."""
        return str(self.request.path_params[name])

    async def run(self, work: Callable[[], T]) -> T:
        """Run what reads or writes the catalog in a thread."""
        return await asyncio.to_thread(work)

    def audit(
        self,
        action: str,
        *,
        website_id: int | None = None,
        people: dict[str, str] | None = None,
        member: Member | None = None,
        **what: str,
    ) -> None:
        """Write an entry. `people` are e-mail addresses and the like, and stored as hashes.
        `member` is who acts, where the call itself needs nobody."""
        by = self.admitted.token if member is None else token_of(member)
        self.catalog.audit.add(
            website_id,
            by.actor,
            action,
            workspace_id=by.workspace_id,
            filters=what,
            people=people,
            counts={},
            now_ms=self.now,
        )


Handler = Callable[[Asked], Awaitable[Any]]


class ManageCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `answer` is what the handler returns: one row, or with `is_list` a list of them."""

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    answer: Any
    who: Who
    scope: Scope = "manage"  # what a token needs
    body: Any = None
    is_list: bool = False
    is_of_website: bool = False  # then a token of one website may make it, too
    parameters: tuple[str, ...] = ()  # of OpenAPI, beside those of the path
    failures: tuple[str, ...] = ()  # statuses that only this call has

    @property
    def is_open(self) -> bool:
        return self.who == "anonymous"


def manage_endpoint(parts: Parts, call: ManageCall) -> Endpoint:
    """The handler of a call: admit, decode, do, encode."""

    async def respond(request: Request) -> Response:
        admitted = _admit(parts, call, request)
        body = None
        if call.body is not None:
            body = decode_body(await read_request(request, MAX_BODY_BYTES), call.body)
        asked = Asked(parts=parts, request=request, call=admitted, body=body, cookies=[])
        found = await call.handler(asked)
        response = success(request, _answer(call, request, found))
        for cookie in asked.cookies:
            response.headers.append("Set-Cookie", cookie)
        return response

    return respond


def _admit(parts: Parts, call: ManageCall, request: Request) -> Call | None:
    if not call.is_open:
        admitted = parts.api.admit(request, call.scope)
        if admitted.token.website_id is not None and not call.is_of_website:
            raise Forbidden("A website's token cannot do this: use one that begins flow_ws_")
        return admitted
    read_params(request.scope["query_string"])
    if request.method not in ("GET", "HEAD"):
        parts.api.browsers.check_origin(request)
        parts.by_address.count(parts.address_key(request))
    return None


def _answer(call: ManageCall, request: Request, found: Any) -> Answer:
    if not call.is_list:
        return OneAnswer(data=found)
    page = parse_page(read_params(request.scope["query_string"]), MAX_LISTED)
    rows: Sequence[Any] = found
    shown = list(rows[page.offset : page.offset + page.limit])
    return RowsAnswer(data=shown, pagination=Pagination(page.limit, page.offset, len(rows)))


def decode_body(body: bytes, shape: type[B]) -> B:
    """Raises BadRequest naming the field, also one that is not known."""
    try:
        return msgspec.json.decode(mend_characters(body), type=shape)
    except MALFORMED as error:
        refusal = bad_request_of(error)
    unknown = refusal.message.partition("unknown field `")[2].partition("`")[0]
    if unknown:
        raise BadRequest(f"{unknown} is not a field here: {_fields(shape)}", field=unknown)
    raise refusal


def _fields(shape: type[Any]) -> str:
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    return f"fields are {', '.join(names)}" if names else "send {}"
