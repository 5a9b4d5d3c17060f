"""How many connections may be open, from one address and in total, and how long each may take."""

import resource
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable, Iterable
from socket import AF_INET6, inet_pton
from typing import Literal, Protocol

import msgspec
import structlog

from footfall.config import Settings

CHECK_EVERY_S = 1.0
GIVES_WAY_AFTER_S = 2.0
"""An idle connection that is older than this is closed if a new one needs its place."""
WARN_EVERY_S = 60.0

EndReason = Literal[
    "over_limit",  # refused: max_connections are open
    "over_address_limit",  # refused: max_connections_per_address are open from its address
    "slow_request",  # not received in request_timeout_s, or below min_bytes_per_s
    "slow_reader",  # the client read its answer more slowly than min_bytes_per_s
    "malformed",  # not HTTP
    "too_large_head",  # request line, headers, chunk extensions or trailers
]

log = structlog.get_logger()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one process allows its clients."""

    connections: int
    connections_per_address: int
    request_timeout_s: float
    min_bytes_per_s: float
    idle_timeout_s: float


def limits_of(settings: Settings) -> Limits:
    """A process's limits: an equal share of the settings, because the kernel spreads connections
    over the processes.

    Connections get half of the files that the process may open; the engine needs the others.
    """
    share = -(-settings.max_connections // settings.collectors)
    connections = max(1, min(share, _raise_file_limit() // 2))
    if connections < share:
        log.warning(
            "max_connections is lowered: the process may not open more files (ulimit -n)",
            max_connections=connections * settings.collectors,
        )
    return Limits(
        connections=connections,
        connections_per_address=-(-settings.max_connections_per_address // settings.collectors),
        request_timeout_s=settings.request_timeout_s,
        min_bytes_per_s=settings.min_bytes_per_s,
        idle_timeout_s=settings.idle_timeout_s,
    )


def _raise_file_limit() -> int:
    """Raise the number of files that the process may open as far as it may. Returns the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (ValueError, OSError):  # macOS allows less than it says
            pass
    return soft if soft != resource.RLIM_INFINITY else 1 << 20


class Connection(Protocol):
    """What is asked of a connection here."""

    peer: str  # address, '' if unknown
    is_inner: bool  # of another process of this server

    def idle_since(self) -> float | None: ...  # the loop's time; None: it is not idle
    def hang_up(self) -> None: ...
    def check(self, now: float) -> None: ...


class OpenConnections:
    """The open connections of one process. Not for several threads."""

    def __init__(
        self, limits: Limits, is_proxy: Callable[[str], bool], count: Callable[[EndReason], None]
    ) -> None:
        """`is_proxy` says whether an address (as `plain_address` writes it) is a proxy's: many
        clients share it. `count` takes the reason of each connection that was refused or cut off.
        """
        self.limits = limits
        self.count = count
        self._is_proxy = is_proxy
        self._admitted: set[Connection] = set()
        self._leaving: dict[Connection, None] = {}  # the oldest first
        self._by_address: dict[bytes | str, set[Connection]] = {}
        self._idle: list[Connection] | None = None  # the oldest last; None: not looked for yet
        self._warned_at = -WARN_EVERY_S
        self._timer: TimerHandle | None = None
        self._due_at = 0.0

    def __len__(self) -> int:
        return len(self._admitted)

    def admit(self, connection: Connection, now: float) -> EndReason | None:
        """Add a new connection. Returns why it must be refused, None if it need not be."""
        peer = connection.peer
        is_shared = connection.is_inner or not peer or self._is_proxy(peer)
        own = () if is_shared else self._by_address.get(_client_of(peer), ())
        reason: EndReason | None = None
        if len(own) >= self.limits.connections_per_address and not self._make_room(own, now):
            reason = "over_address_limit"
        elif not (connection.is_inner or self._has_room() or self._make_room_anywhere(now)):
            reason = "over_limit"
        if reason:
            self._count_refused(reason, now)
            return reason
        self._admitted.add(connection)
        if not is_shared:
            self._by_address.setdefault(_client_of(peer), set()).add(connection)
        return None

    def release(self, connection: Connection) -> None:
        """Let a connection that has been sent its last answer stay for a moment. Its place is free.

        If too many stay, the one that has stayed longest is closed.
        """
        self.remove(connection)
        if self._leaving and len(self._leaving) >= self.limits.connections // 2:
            oldest = next(iter(self._leaving))
            oldest.hang_up()
            self.remove(oldest)
        self._leaving[connection] = None

    def remove(self, connection: Connection) -> None:
        self._leaving.pop(connection, None)
        self._admitted.discard(connection)
        client = _client_of(connection.peer)
        if own := self._by_address.get(client):
            own.discard(connection)
            if not own:
                del self._by_address[client]

    def start_checking(self, loop: AbstractEventLoop) -> None:
        """Let every connection see now and then whether its time is over."""
        if self._timer is None:
            self._due_at = loop.time() + CHECK_EVERY_S
            self._timer = loop.call_at(self._due_at, self._check, loop)

    def _check(self, loop: AbstractEventLoop) -> None:
        now = loop.time()
        self._idle = None
        was_held_up = (
            now - self._due_at > CHECK_EVERY_S / 2
        )  # then what clients sent is not read yet
        for connection in () if was_held_up else (*self._admitted, *self._leaving):
            connection.check(now)
        self._timer = None
        if self._admitted or self._leaving:
            self.start_checking(loop)

    def _has_room(self) -> bool:
        return len(self._admitted) < self.limits.connections

    def _make_room_anywhere(self, now: float) -> bool:
        """Looks for idle connections once per `check` only: there are thousands."""
        if self._idle is None:
            self._idle = _oldest_last(self._admitted)
        return self._close_oldest(self._idle, now)

    def _make_room(self, connections: Iterable[Connection], now: float) -> bool:
        return self._close_oldest(_oldest_last(connections), now)

    def _close_oldest(self, idle: list[Connection], now: float) -> bool:
        """Close the first one that is still idle and has been so for long enough."""
        while idle:
            connection = idle.pop()
            since = connection.idle_since()
            if since is not None and now - since >= GIVES_WAY_AFTER_S:
                connection.hang_up()
                self.remove(connection)
                return True
        return False

    def _count_refused(self, reason: EndReason, now: float) -> None:
        self.count(reason)
        if now - self._warned_at >= WARN_EVERY_S:
            self._warned_at = now
            log.warning("connections are refused", reason=reason, open=len(self._admitted))


def _oldest_last(connections: Iterable[Connection]) -> list[Connection]:
    idle = [(since, c) for c in connections if (since := c.idle_since()) is not None]
    return [connection for _, connection in sorted(idle, key=lambda pair: -pair[0])]


def _client_of(peer: str) -> bytes | str:
    """One client's addresses: an IPv4 address, or an IPv6 network of 64 bits."""
    return inet_pton(AF_INET6, peer)[:8] if ":" in peer else peer
