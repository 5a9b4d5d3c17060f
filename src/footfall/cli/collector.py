"""`footfall collector`: an additional collector process, started by `footfall serve`."""

import os
import signal
import sys
import threading

import msgspec

from footfall.app import CollectorProcess
from footfall.cli.serve import open_socket, run_asgi
from footfall.config import Settings
from footfall.log import configure_logging


def collector(settings: str, writer: str, server: str) -> None:
    """Collect on the server's port (internal). Ends when the server closes this process's stdin."""
    parsed = msgspec.json.decode(settings, type=Settings)
    configure_logging(parsed.log_level)
    process = CollectorProcess(parsed, writer=writer, server=server)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sockets = [open_socket(parsed.host, parsed.port, is_shared=True)]
    run_asgi(process.asgi, sockets, process.collecting.connections)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
