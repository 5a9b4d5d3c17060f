"""`footfall serve`: the server."""

import errno
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated, cast

import msgspec
import uvicorn
from cyclopts import Parameter
from rich.console import Console

from footfall.app import Footfall
from footfall.cli.children import Collectors
from footfall.cli.folder import SERVER_FILE
from footfall.cli.user import public_address, setup_link
from footfall.config import Settings, read_settings
from footfall.durable import make_private, write_whole
from footfall.load.lock import server_lock
from footfall.log import configure_logging
from footfall.memory import configure_allocator
from footfall.model.errors import Conflict, FootfallError, Unavailable
from footfall.serve.direct import DirectConnection
from footfall.serve.dispatcher import Dispatcher
from footfall.serve.limit import OpenConnections
from footfall.store.engine import EngineError

GRACE_S = 2
ANNOUNCE_AGAIN_S = 1
GARBAGE_OBJECTS = 20_000
SEND_BUFFER_BYTES = 256 * 1024
SWITCH_S = 0.001
"""How long one thread runs Python while another waits for its turn. The collector waits for the
loader as often as it answers or reads, and by default each time for 5 ms."""
OnExit = Callable[[], None]

console = Console(stderr=True)


def serve(
    *,
    data: Annotated[str | None, Parameter(help="The data folder.")] = None,
    host: Annotated[str | None, Parameter(help="Address to listen on.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on.")] = None,
    collectors: Annotated[
        int | None, Parameter(help="Number of processes that receive events.")
    ] = None,
    config: Annotated[str | None, Parameter(help="A TOML file with settings.")] = None,
) -> None:
    """Run the server until Ctrl-C or SIGTERM.

    Every setting can also be an environment variable (FOOTFALL_PORT=8080) or in a TOML file.
    """
    flags = {"data": data, "host": host, "port": port, "collectors": collectors}
    run_server(read_settings(flags, file=config), greet=_greet)


def run_server(settings: Settings, greet: Callable[[Footfall, str], OnExit]) -> None:
    """Serve until stopped. Raises FootfallError for what a person can fix.

    `greet` is called once with the server and its address, before it takes requests. What it
    returns is called when the server begins to stop.
    """
    configure_allocator()
    sys.setswitchinterval(SWITCH_S)
    configure_logging(settings.log_level)
    with server_lock(settings.folder, _say_waiting), _listen(settings) as sockets:
        make_private(settings.folder)
        server = _open(settings)
        address = f"http://{_shown_host(settings.host)}:{sockets[0].getsockname()[1]}"
        inner = f"http://127.0.0.1:{sockets[-1].getsockname()[1]}"
        state = settings.folder / SERVER_FILE
        announcing = _announce(state, {"url": inner, "pid": os.getpid()})
        try:
            with Collectors(settings, sockets[0].getsockname()[1], inner) as collectors:
                stop_greeter = greet(server, address)

                def on_exit() -> None:
                    collectors.stop()
                    stop_greeter()

                run_asgi(server.asgi, sockets, server.collecting.connections, on_exit)
        finally:
            announcing.set()
            state.unlink(missing_ok=True)


def _announce(state: Path, content: dict[str, object]) -> threading.Event:
    """Write the server's address to a file as soon as the disk has room for it. To stop trying, set
    the event that is returned."""
    is_enough = threading.Event()

    def write() -> None:
        with suppress(OSError):
            write_whole(state, msgspec.json.encode(content))
            is_enough.set()

    def write_later() -> None:
        while not is_enough.wait(ANNOUNCE_AGAIN_S):
            write()

    write()
    if not is_enough.is_set():
        threading.Thread(target=write_later, name="announcing", daemon=True).start()
    return is_enough


def run_asgi(
    application: Dispatcher,
    sockets: list[socket.socket],
    connections: OpenConnections,
    on_exit: OnExit = lambda: None,
) -> None:
    """Run the applications on open sockets until SIGINT or SIGTERM.

    A second socket is for the server's other processes; their connections are not limited.
    `on_exit` is called when that signal comes, before the requests under way are finished.
    """
    inner_port = sockets[1].getsockname()[1] if len(sockets) > 1 else None
    protocol = partial(
        DirectConnection,
        find_collector=application.find_collector,
        connections=connections,
        inner_port=inner_port,
    )
    server = _Server(
        uvicorn.Config(
            application,
            loop="uvloop",
            http=cast(type[DirectConnection], protocol),
            ws="none",
            lifespan="on",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    server.on_exit = on_exit
    _collect_garbage_seldom()
    server.run(sockets)


def _collect_garbage_seldom() -> None:
    """Exclude the objects made at the start, and collect less often: it took a quarter of the CPU
    time of a hit.

    Nearly all objects are freed when their last reference goes. Only cycles wait for the collector.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 50)
    gc.enable()  # `main` has disabled it


class _Server(uvicorn.Server):
    """Ends by returning. uvicorn's own class would raise the signal again and skip our clean-up."""

    on_exit: OnExit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.on_exit()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def open_socket(host: str, port: int, *, is_shared: bool) -> socket.socket:
    """A listening socket; `is_shared` lets several processes listen on the port.

    Raises Conflict if the address is in use or does not belong to this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict(f"port {port} is in use: choose another one with --port") from None
        raise Conflict(f"cannot listen on {host}:{port}: {error.strerror}") from None
    # accepted sockets inherit it; the default keeps megabytes for a client that does not read
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    _notice_vanished(listener)
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def _notice_vanished(listener: socket.socket) -> None:
    """Let the kernel probe whether clients are still there (accepted sockets inherit the options).
    Otherwise the query of a client that lost its network would run to its end."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if option := getattr(socket, name, None):  # not every system has it
            listener.setsockopt(socket.IPPROTO_TCP, option, value)


@contextmanager
def _listen(settings: Settings) -> Iterator[list[socket.socket]]:
    """The public socket, and a loopback socket if collector processes forward requests."""
    sockets = [open_socket(settings.host, settings.port, is_shared=settings.collectors > 1)]
    if settings.collectors > 1:
        sockets.append(open_socket("127.0.0.1", 0, is_shared=False))
    try:
        yield sockets
    finally:
        for listener in sockets:
            listener.close()


def _open(settings: Settings) -> Footfall:
    try:
        return Footfall(settings)
    except (EngineError, OSError) as error:
        raise FootfallError(f"cannot open {Path(settings.data).resolve()}: {error}") from error


def _shown_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 – a comparison
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _say_waiting() -> None:
    console.print(
        "Waiting for another command (an import or `footfall doctor`) that uses the data folder."
    )


def _greet(server: Footfall, address: str) -> OnExit:
    console.print(f"[bold]Footfall[/] listens on [link={address}]{address}[/]. Ctrl-C stops it.")
    if not server.has_room():
        least_mb = server.settings.min_free_disk_mb
        console.print(
            f"The disk of {server.settings.folder} is full (less than {least_mb} MB are free)."
            " Reports work, but requests that store something get a 503 response until there is"
            " room again.",
            soft_wrap=True,
        )
    if not server.catalog.users.has_owner():
        _print_setup(server, public_address(server.settings, address))
    return lambda: None


def _print_setup(server: Footfall, address: str) -> None:
    try:
        link = setup_link(server.catalog, address)
    except Unavailable:  # the disk is full
        console.print("There is no owner yet. Print the link to set up: footfall user link")
        return
    console.print("Open this link to set it up:")
    console.print(f"  {link}", markup=False, highlight=False, soft_wrap=True)
