"""What every route needs: admission, the website, a place in a lane, the answer of a report."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.types import Receive

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.collect.disconnect import unless_disconnected
from footfall.model.share import ShareLink
from footfall.model.website import Scope, Token, TokenKind, Website
from footfall.query.ask import Dates, Result, ask
from footfall.query.parse.given import Params, one
from footfall.query.people import NoPeople, People
from footfall.serve.gate import Gates
from footfall.serve.http.access import check_rule, check_share, sees_visitors
from footfall.serve.http.auth import check_token, find_token, refuse_secrets, select_website
from footfall.serve.http.browser import Browsers, SignedIn
from footfall.serve.http.fair import Limits, Share
from footfall.serve.http.lane import Lane
from footfall.serve.http.parameter import read_params
from footfall.serve.http.rate import RateLimit
from footfall.serve.http.share import share_token, shared_params, shared_website
from footfall.store.engine import Engine
from footfall.store.engine import Lane as LaneName
from footfall.store.reader import Reader

T = TypeVar("T")


class Call(msgspec.Struct, frozen=True):
    """An admitted request: its token, its parameters, its channel, and who is signed in, if it
    came with a cookie, or the share link by which it came. Then the token says what those may do.
    """

    token: Token
    params: Params
    receive: Receive
    signed_in: SignedIn | None = None
    share: ShareLink | None = None


class Api:
    """The parts that routes use. APIs that accept other kinds of tokens share them."""

    def __init__(
        self,
        *,
        registry: Registry,
        engine: Engine,
        people: People,
        browsers: Browsers,
        clock: Clock,
        rate_limit_per_minute: int,
        viewers_see_visitors: bool = False,
    ) -> None:
        self.registry = registry
        self.engine = engine
        self.people = people
        self.browsers = browsers
        self.clock = clock
        self.viewers_see_visitors = viewers_see_visitors
        self._kinds: tuple[TokenKind, ...] = ("flow",)
        self._rate = RateLimit(rate_limit_per_minute, clock)
        self.lanes = {name: Lane(name, limits_of(name, engine)) for name in engine.clients}
        self.gates = Gates()

    def taking(self, *kinds: TokenKind) -> "Api":
        """The same parts, rate and lanes for an API that accepts these kinds of tokens."""
        other = copy(self)
        other._kinds = kinds
        return other

    def admit(self, request: Request, scope: Scope, *, is_counted: bool = True) -> Call:
        """Check token or cookie, the route's rule, scope and rate. Raises Unauthorized, Forbidden,
        TooManyRequests, BadRequest if the query is not valid text."""
        params = read_params(request.scope["query_string"])
        refuse_secrets(params)
        call = self._identify(request, params)
        if is_counted:
            request.state.limit_headers, refusal = self._rate.count(call.token)
            if refusal is not None:
                raise refusal
        if call.share is not None:
            check_share(request, call.share)
            params = shared_params(call.share, params)
        else:
            check_rule(request, call.signed_in.member.role if call.signed_in else None)
        check_token(call.token, scope, self._kinds)
        call = msgspec.structs.replace(call, params=params)
        request.state.call = call
        return call

    def _identify(self, request: Request, params: Params) -> Call:
        """Who asks: by a token, by the cookie of a sign-in, or by a share link, in this order."""
        has_token = "authorization" in request.headers
        signed_in = None if has_token else self.browsers.find(request)
        if signed_in is not None:
            return Call(signed_in.token, params, request.receive, signed_in)
        if share := self.browsers.find_share(request):
            return Call(share_token(share), params, request.receive, share=share)
        return Call(find_token(self.registry, request.headers), params, request.receive)

    def website(self, call: Call) -> Website:
        """The website that the call is about. Raises as `select_website`."""
        selectors = (one(call.params, "websiteId"), one(call.params, "domain"))
        website = select_website(self.registry, call.token, *selectors)
        return shared_website(call.share, website) if call.share else website

    async def read(
        self, call: Call, website: Website, work: Callable[[Reader], T], lane: LaneName = "reports"
    ) -> T:
        """Run what reads a website, in a thread. Raises as `Reading.run`."""
        return await Reading(self, call, website, lane).run(work)

    async def ask(
        self,
        call: Call,
        report: str,
        encode: Callable[[Result], T],
        *,
        fixed: Mapping[str, str] = {},
        dates: Dates = "moments",
        lane: LaneName = "reports",
        has_all_rows: bool = False,
    ) -> T:
        """A report's answer, encoded in the thread, too. `fixed` are parameters that the route
        gives, whatever the query says. Raises as `website`, `read` and `query.ask`."""
        website = self.website(call)
        params = with_fixed(call.params, fixed)
        now_ms = self.clock()
        people = self._people(call)

        def work(reader: Reader) -> T:
            found = ask(
                report,
                params,
                website,
                now_ms,
                reader,
                dates=dates,
                people=people,
                has_all_rows=has_all_rows,
            )
            return encode(found)

        return await self.read(call, website, work, lane)

    def _people(self, call: Call) -> People:
        if call.share is not None:
            return NoPeople()
        role = call.signed_in.member.role if call.signed_in else None
        return self.people if self.viewers_see_visitors or sees_visitors(role) else NoPeople()


def with_fixed(params: Params, fixed: Mapping[str, str]) -> Params:
    """The parameters of a query, and those that the route gives, which take precedence."""
    return [*(pair for pair in params if pair[0] not in fixed), *fixed.items()]


class Reading:
    """One request's reading of a website, in one or more pieces of work."""

    def __init__(self, api: Api, call: Call, website: Website, lane: LaneName = "reports") -> None:
        self._lane = api.lanes[lane]
        self._gates = api.gates
        self._website = website
        self._share = Share(call.token.id, website.id)
        self._reader = api.engine.reader(lane)
        # What writes is carried out whether its sender waits for the answer or not.
        self._receive = call.receive if lane in ("reports", "live") else None

    async def run(self, work: Callable[[Reader], T]) -> T:
        """Run `work` in a thread when it is this request's turn, and while nothing of the website
        is being deleted. Raises Unavailable, at once, where too many wait; ClientDisconnect as
        soon as the client has disconnected: the queries of `work` are then cancelled."""
        return await unless_disconnected(self._run(work), self._receive)

    async def _run(self, work: Callable[[Reader], T]) -> T:
        async with self._lane.turn(self._share):
            return await self._gates.read(
                self._website.id, lambda: self._lane.run(self._reader, work)
            )


def limits_of(lane: LaneName, engine: Engine) -> Limits:
    """How a lane's places are shared."""
    running = engine.clients[lane]
    per_website = max(1, running - 1)
    return Limits(
        running=running,
        running_per_website=per_website,
        running_per_token=max(1, per_website - 1),
        waiting=200,
        waiting_per_website=100,
        waiting_per_token=50,
        retry_after_s=5 if lane == "reports" else 1,
    )
