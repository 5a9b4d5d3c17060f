"""`footfall` in processes of their own that begin with everything imported.

A start costs half of what it costs as `python -m footfall`, and the tests have hundreds of them.
"""

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["footfall.app", "footfall.cli.serve", "clickhouse_connect", "alembic.command"]
)


class Forked:
    """A running command. It has what tests use of a Popen."""

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        constants: Mapping[str, object] = {},
    ) -> None:
        """Begin the command; its output is appended to a file. `constants` have other values in the
        process, so that what the product does once a minute does not take a test a minute."""
        umask = os.umask(0)
        os.umask(umask)
        given = (tuple(words), dict(environment), output, Path.cwd(), umask, None, dict(constants))
        self._process: BaseProcess = _CONTEXT.Process(target=_run, args=given)
        with _wide_lines():
            self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        assert code is not None, f"the process has not ended within {timeout} s"
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()


def run_forked(
    words: Sequence[str], environment: Mapping[str, str], timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as subprocess.run() does, with nothing on its standard input."""
    umask = os.umask(0)
    os.umask(umask)
    with tempfile.TemporaryDirectory() as name:
        output, errors = Path(name, "stdout"), Path(name, "stderr")
        given = (tuple(words), dict(environment), output, Path.cwd(), umask, errors)
        process = _CONTEXT.Process(target=_run, args=given)
        with _wide_lines():
            process.start()
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["footfall", *words], timeout_s)
        return subprocess.CompletedProcess(
            ["footfall", *words], process.exitcode, output.read_text(), errors.read_text()
        )


def run_script(code: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run Python code to its end, as `python -c` does, with words as its arguments."""
    with tempfile.TemporaryDirectory() as name:
        output, errors = Path(name, "stdout"), Path(name, "stderr")
        given = (code, tuple(map(str, words)), output, errors)
        process = _CONTEXT.Process(target=_run_script, args=given)
        with _wide_lines():
            process.start()
        process.join()
        assert process.exitcode is not None
        return subprocess.CompletedProcess(
            words, process.exitcode, output.read_text(), errors.read_text()
        )


def call_forked(function: Callable[..., None], *given: object) -> None:
    """Call a function of a module in a process of its own, and wait for its end."""
    process = _CONTEXT.Process(target=function, args=given)
    with _wide_lines():
        process.start()
    process.join()
    assert process.exitcode == 0, f"{function.__name__} ended with {process.exitcode}"


@contextmanager
def _wide_lines() -> Iterator[None]:
    """The first start begins the process of which all others are copies. It imports what makes the
    console, which then looks up how long its lines are."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "400"
    yield
    if before is None:
        del os.environ["COLUMNS"]
    else:
        os.environ["COLUMNS"] = before


def _run(
    words: Sequence[str],
    environment: Mapping[str, str],
    output: Path,
    folder: Path,
    umask: int,
    errors: Path | None = None,
    constants: Mapping[str, object] = {},
) -> None:
    from footfall.cli import main

    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        assert hasattr(importlib.import_module(module), constant), name
        setattr(importlib.import_module(module), constant, value)

    # where tests run in the background, Ctrl-C is ignored, and their processes inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.umask(umask)
    _write_to(output, errors or output)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["footfall", *words]
    main()


def _run_script(code: str, words: Sequence[str], output: Path, errors: Path) -> None:
    _write_to(output, errors)
    sys.argv = ["-c", *words]
    exec(compile(code, "<script>", "exec"), {"__name__": "__main__"})  # noqa: S102


def _write_to(output: Path, errors: Path) -> None:
    for number, path in ((1, output), (2, errors)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
