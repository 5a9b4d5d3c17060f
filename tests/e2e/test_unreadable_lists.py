"""A server whose lists of bots cannot be read: `/health` fails, since it accepts no event."""

import os
from pathlib import Path

from e2e.server import Server, wait_until


class PersonsServer(Server):
    is_forked = False  # a forked one has read the lists before


def test_health_fails_when_the_list_of_bots_is_missing(tmp_path: Path) -> None:
    package = tmp_path / "broken" / "is_bot"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    server = PersonsServer(tmp_path / "data")
    server._environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(package.parent), os.environ.get("PYTHONPATH")))
    )
    server.begin()
    try:
        server.url = wait_until(server.printed_address, "address in the log", 60)
        wait_until(lambda: server.ask("GET", "/health")[0] == 503, "a failing /health", 60)
        health = server.ask("GET", "/health")[1]
        assert health["status"] == "failing"
        assert "the lists of browsers and bots cannot be read" in health["loading_error"]
    finally:
        server.stop()
