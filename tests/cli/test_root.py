"""Root leaves no files in a data folder whose server runs as another user."""

import os
import sys
from pathlib import Path

import pytest

from footfall.cli import main

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

NOBODY = 65534
COMMANDS = (
    ("website", "add", "other.example"),
    ("website", "list"),
    ("token", "create", "--website", "shop.example"),
    ("user", "list"),
    ("payments", "list"),
    ("rates",),
    ("refused", "reload"),
    ("damage",),
    ("doctor",),
    ("import", "access-log", "a.log", "--website", "shop.example"),
)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def error_of(
    folder: Path,
    words: tuple[str, ...],
    patch: pytest.MonkeyPatch,
    output: pytest.CaptureFixture[str],
) -> str:
    """What a command prints that is refused."""
    patch.setattr(sys, "argv", ["footfall", *words, "--data", str(folder)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    return output.readouterr().err


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["catalog.sqlite", "server.json"])
def test_root_is_refused_and_told_what_to_do(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    name: str,
) -> None:
    (folder / name).touch()
    os.chown(folder / name, NOBODY, NOBODY)
    before = files(folder)
    error = error_of(folder, words, monkeypatch, capsys)
    assert "run the command as nobody, as in `sudo -u nobody footfall …`" in error
    assert files(folder) == before


def test_a_user_without_a_name_is_named_by_number(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    os.chown(folder / "catalog.sqlite", 54_321, 54_321)
    error = error_of(folder, ("website", "list"), monkeypatch, capsys)
    assert "sudo -u #54321 footfall" in error


def test_root_may_use_a_copied_folder_whose_server_runs_as_root(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a container."""
    os.chown(folder / "catalog.sqlite", NOBODY, NOBODY)
    (folder / "server.json").touch()
    monkeypatch.setattr(sys, "argv", ["footfall", "website", "list", "--data", str(folder)])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert "shop.example" in capsys.readouterr().out
