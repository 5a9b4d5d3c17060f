"""Servers in processes of their own that begin with everything imported.

A start costs half of what it costs as `python -m footfall`, where a test has hundreds of them.
"""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from e2e.server import Server

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["footfall.app", "footfall.cli.serve", "clickhouse_connect"])


class ForkedServer(Server):
    def begin(self) -> None:
        self.url = ""
        words = ["serve", "--data", str(self.folder), "--port", "0", *self._flags]
        self.log.touch()
        self._log_begin = self.log.stat().st_size
        process = _CONTEXT.Process(target=_run, args=(words, self._environment, self.log))
        process.start()
        self._process = _Forked(process)  # type: ignore[assignment]


class _Forked:
    """What of a Popen tests use."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        assert code is not None, f"the server has not ended within {timeout} s"
        return code

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()


def _run(words: list[str], environment: dict[str, str], log: Path) -> None:
    from footfall.cli import main

    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["footfall", *words]
    main()
