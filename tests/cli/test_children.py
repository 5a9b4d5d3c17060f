"""Additional collector processes."""

from pathlib import Path

import pytest

from footfall.cli import children
from footfall.cli.children import Collectors
from footfall.config import Settings


def test_no_command_line_has_the_stores_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Everybody on the machine can read command lines."""
    commands: list[list[str]] = []

    class NotStarted(Exception):
        pass

    def start(command: list[str]) -> None:
        commands.append(command)
        raise NotStarted

    monkeypatch.setattr(children, "_start", start)
    settings = Settings(data=str(tmp_path), store="https://me:secret@store.example", collectors=2)
    with pytest.raises(NotStarted):
        Collectors(settings, 8000, "http://127.0.0.1:1").__enter__()
    [command] = commands
    assert "collector-1" in command
    assert "secret" not in str(command)
