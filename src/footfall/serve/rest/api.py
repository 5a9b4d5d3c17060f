"""What every route of the API needs: admission, the website asked about, a place to work."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import TypeVar

import msgspec
from starlette.requests import Request

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.model.errors import Unavailable
from footfall.model.website import Scope, Token, TokenKind, Website
from footfall.serve.auth import check_token, find_token, refuse_secrets, select_website
from footfall.serve.gate import Gates
from footfall.serve.rate import RateLimit
from footfall.serve.rest.parameter import Params, one, read_params
from footfall.store.engine import Engine

MAX_WAITING = 200
T = TypeVar("T")


class Call(msgspec.Struct, frozen=True):
    """An admitted request: who asks, and with which parameters."""

    token: Token
    params: Params


class Workers:
    """The threads in which reports ask the engine.

    As many as the engine has readers: a further question waits here, where it costs nothing.
    A question whose caller went away is answered all the same.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="report")
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Raises Unavailable where too many wait."""
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many questions at once: ask again in a moment", retry_after_s=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


class Api:
    """The parts that routes use. APIs that take other kinds of tokens share them."""

    def __init__(
        self,
        *,
        registry: Registry,
        engine: Engine,
        clock: Clock,
        rate_limit_per_minute: int,
    ) -> None:
        self.registry = registry
        self.engine = engine
        self.clock = clock
        self._kinds: tuple[TokenKind, ...] = ("flow",)
        self._rate = RateLimit(rate_limit_per_minute, clock)
        self._workers = Workers(engine.readers)
        self.gates = Gates()

    def taking(self, *kinds: TokenKind) -> "Api":
        """The same parts, the same rate and the same threads for an API that takes these tokens."""
        other = copy(self)
        other._kinds = kinds
        return other

    def admit(self, request: Request, scope: Scope, *, is_counted: bool = True) -> Call:
        """Check token, scope and rate. Raises Unauthorized, Forbidden, TooManyRequests, BadRequest
        for a query that is no text."""
        params = read_params(request.scope["query_string"])
        refuse_secrets(params)
        token = find_token(self.registry, request.headers)
        if is_counted:
            request.state.limit_headers, refusal = self._rate.count(token)
            if refusal is not None:
                raise refusal
        check_token(token, scope, self._kinds)
        return Call(token, params)

    def website(self, call: Call) -> Website:
        """The website that the call is about. Raises as `select_website`."""
        selectors = (one(call.params, "websiteId"), one(call.params, "domain"))
        return select_website(self.registry, call.token, *selectors)

    async def read(self, website: Website, work: Callable[[], T]) -> T:
        """Run what reads a website, in a thread, while nothing of it is being deleted. Raises
        Unavailable where too many wait."""
        return await self.gates.read(website.id, lambda: self._workers.run(work))
