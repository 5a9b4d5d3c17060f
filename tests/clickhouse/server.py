"""A real ClickHouse server for tests, in a process of its own."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIBRARY = HERE / "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
NO_LIBRARY = (
    "there is no ClickHouse server here: its library is for Linux on x86-64 only, and"
    " `python tests/clients/install.py tests/clickhouse` downloads it"
)
START_S = 180
CONFIG = """
<clickhouse>
  <logger><level>error</level><log>{folder}/server.log</log></logger>
  <users_config>{folder}/users.xml</users_config>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>33554432</mark_cache_size>
  <background_pool_size>4</background_pool_size>
  <remote_servers>
    <cluster><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></cluster>
  </remote_servers>
</clickhouse>
"""
USERS = """
<clickhouse>
  <profiles>{profiles}</profiles>
  <quotas><default/></quotas>
  <users>{users}</users>
</clickhouse>
"""
USER = """
<{name}>
  <password>{password}</password>
  <networks><ip>127.0.0.1</ip></networks>
  <profile>{name}</profile>
  <quota>default</quota>
  {rights}
</{name}>
"""


@dataclass(frozen=True)
class User:
    """A user with the rights of its GRANT statements; with all rights if there is none."""

    name: str = "default"
    password: str = ""
    grants: tuple[str, ...] = ()
    settings: tuple[tuple[str, object], ...] = ()  # of its profile

    def profile(self) -> str:
        values = "".join(f"<{name}>{value}</{name}>" for name, value in self.settings)
        return f"<{self.name}>{values}</{self.name}>"

    def xml(self) -> str:
        queries = "".join(f"<query>{grant}</query>" for grant in self.grants)
        rights = f"<grants>{queries}</grants>" if queries else ""
        return USER.format(name=self.name, password=self.password, rights=rights)


class ClickHouse:
    """A server on a folder, with databases for those who ask. It ends with this process."""

    def __init__(self, folder: Path) -> None:
        """Skips the test where the server's library is not installed."""
        if not LIBRARY.exists():
            pytest.skip(NO_LIBRARY)
        self.folder = folder
        self.port = free_port()
        self._users = [User()]
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, or start it again on the same folder and port."""
        (self.folder / "config.xml").write_text(CONFIG.format(folder=self.folder))
        users = "".join(user.xml() for user in self._users)
        profiles = "".join(user.profile() for user in self._users)
        text = USERS.format(users=users, profiles=profiles)
        (self.folder / "users.xml").write_text(text)
        words = [HERE / "serve.py", LIBRARY, self.folder, self.port]
        self._killed_for_memory = _processes_killed_for_memory()
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, *map(str, words)],
                stdin=subprocess.PIPE,  # closed when this process ends
                stdout=output,
                stderr=output,
            )
        end = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                pytest.fail(f"ClickHouse did not start: {(self.folder / 'output').read_text()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it at once, as a machine that loses its power would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None

    def death(self) -> str:
        """Why it has ended by itself, with the last lines of its output; '' if it has not."""
        if self._process is None or self._process.poll() is None:
            return ""
        code = self._process.returncode
        end = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        files = (self.folder / "output", self.folder / "server.log")
        texts = [path.read_text(errors="replace")[-4000:] for path in files if path.exists()]
        kills = _processes_killed_for_memory() - self._killed_for_memory
        memory = f"{kills} processes were killed on this machine for want of memory meanwhile"
        return "\n".join([f"the ClickHouse server ended with {end}; {memory}", *texts])

    def add_user(self, user: User) -> None:
        """Add a user, or replace one. The server is started again."""
        self._users = [*(known for known in self._users if known.name != user.name), user]
        self.kill()
        self.start()

    def ask(self, sql: str) -> str:
        """What it answers, as text. Raises urllib.error.HTTPError."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=sql.encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=180) as reply:
            return str(reply.read().decode())

    def database(self) -> str:
        """A new database's address."""
        name = f"footfall_{os.getpid()}_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} ENGINE = Atomic")
        return self.address(name)

    def address(self, database: str, user: str = "", password: str = "") -> str:
        who = f"{user}:{password}@" if user else ""
        return f"http://{who}127.0.0.1:{self.port}/{database}"

    def drop(self, address: str) -> None:
        """Drop an address's database."""
        self.ask(f"DROP DATABASE IF EXISTS {address.rpartition('/')[2]} SYNC")

    def _answers(self) -> bool:
        try:
            return self.ask("SELECT 1") == "1\n"
        except OSError:
            return False


def _processes_killed_for_memory() -> int:
    lines = (line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    return next((int(count) for name, count in lines if name == "oom_kill"), 0)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
