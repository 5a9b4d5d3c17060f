"""Several methods at one path, as one route.

The framework tries routes in order and lets the first one with the right path refuse a wrong
method: with a route per method, `Allow` would name that route's methods only.
"""

from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Endpoint = Callable[[Request], Awaitable[Response]]


def routes_of(endpoints: Iterable[tuple[str, str, Endpoint]]) -> list[Route]:
    """A route for each path of (path, method, endpoint). HEAD is answered where GET is."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for path, method, endpoint in endpoints:
        by_path.setdefault(path, {})[method] = endpoint
    return [
        Route(path, _choose(methods), methods=list(methods)) for path, methods in by_path.items()
    ]


def _choose(methods: dict[str, Endpoint]) -> Endpoint:
    async def respond(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await methods[method](request)

    return respond
