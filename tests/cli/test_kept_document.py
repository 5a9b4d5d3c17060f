"""What `footfall report` keeps to start faster: the same document, and only of this program."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from cli.running import environment

from footfall.cli import kept_document as kept
from footfall.serve.mcp.schema import made_document


def test_it_is_the_document_and_is_read_from_then_on(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    made = msgspec.json.decode(msgspec.json.encode(made_document()))
    assert kept.kept_document(folder) == made
    [file] = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    file.write_text('{"marked": true}')
    assert kept.kept_document(folder) == {"marked": True}
    for damaged in (b"", b"[]", b'{"paths":', b"\xff"):
        file.write_bytes(damaged)
        assert kept.kept_document(folder) == made
        assert msgspec.json.decode(file.read_bytes()) == made


def test_another_program_has_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, folder = tmp_path / "program", tmp_path / "kept"
    (program / "model").mkdir(parents=True)
    monkeypatch.setattr("footfall.__file__", str(program / "__init__.py"))
    module = program / "model" / "metric.py"
    for number in range(kept.MAX_KEPT + 3):
        module.write_text("#" * number)
        kept.kept_document(folder)
        for file in folder.iterdir():  # as time does
            os.utime(file, ns=(0, file.stat().st_mtime_ns - 1_000_000))
    assert len(list(folder.iterdir())) == kept.MAX_KEPT + 1


def test_a_folder_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "paths" in kept.kept_document(tmp_path / "file" / "footfall")


def test_it_is_kept_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    for given, folder in (
        ("/cache", "/cache"),
        ("x", "/home/ann/.cache"),
        ("", "/home/ann/.cache"),
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", given)
        assert kept.cache_folder() == Path(folder) / "footfall"


def test_a_question_to_another_server_imports_no_server(tmp_path: Path) -> None:
    """A second of a core. The first command makes what the second one reads."""
    command = ("report", "overview", "--url", "http://127.0.0.1:9", "--token", "flow_x")
    for is_first in (True, False):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "footfall", *command],
            env=environment(XDG_CACHE_HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "does not respond" in done.stderr
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "footfall.cli.report.command" in imported
        of_server = {"sqlalchemy", "clickhouse_connect", "footfall.catalog", "footfall.query.ask"}
        assert imported & of_server == (of_server if is_first else set())
