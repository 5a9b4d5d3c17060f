"""`footfall skill install`: files where programs look for skills, and never over changed ones."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKILL = ROOT / "skill"
FILES = {path.relative_to(SKILL).as_posix() for path in SKILL.rglob("*.md")}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def install(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "footfall", "skill", "install", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}


def test_it_goes_where_the_programs_look(home: Path) -> None:
    assert "--for" in install().stderr
    for name in (".claude", ".codex", ".openclaw"):
        (home / name).mkdir()
    dry = install("--dry-run")
    assert "Nothing was written" in dry.stdout
    assert not (home / ".claude" / "skills").exists()
    assert install().returncode == 0
    for place in (".claude", ".agents", ".openclaw"):
        folder = home / place / "skills" / "footfall"
        assert written(folder) == FILES
        assert str(folder / "SKILL.md") in dry.stdout
        assert (folder / "SKILL.md").read_text() == (SKILL / "SKILL.md").read_text()


def test_only_what_is_asked_for_is_written(home: Path) -> None:
    (home / ".claude").mkdir()
    assert install("--for", "openclaw", "--url", "https://stats.example.com/").returncode == 0
    assert not (home / ".claude" / "skills").exists()
    text = (home / ".openclaw" / "skills" / "footfall" / "SKILL.md").read_text()
    assert "FOOTFALL_URL=https://stats.example.com\n" in text
    assert install("--to", str(home / "own")).returncode == 0
    assert written(home / "own" / "footfall") == FILES
    for wrong in ("stats.example.com", "https://x.example/$(id)", "https://x.example;id"):
        assert "is not an address" in install("--to", str(home), "--url", wrong).stderr


def test_changed_files_are_not_overwritten(home: Path) -> None:
    to = ("--to", str(home))
    folder = home / "footfall"
    install(*to)
    assert install(*to, "--url", "https://new.example").returncode == 0  # nobody changed it
    (folder / "SKILL.md").write_text("my own words")
    (folder / "references" / "tools.md").unlink()
    refused = install(*to)
    assert refused.returncode == 1
    assert str(folder / "SKILL.md") in refused.stderr
    assert (folder / "SKILL.md").read_text() == "my own words"
    assert install(*to, "--force").returncode == 0
    assert (folder / "SKILL.md").read_text() == with_address("https://new.example")
    assert written(folder) == FILES


def test_a_link_is_replaced_and_what_it_leads_to_stays(home: Path) -> None:
    folder, notes = home / "own" / "footfall", home / "notes.md"
    folder.mkdir(parents=True)
    notes.write_text("mine")
    (folder / "SKILL.md").symlink_to(notes)
    assert "were changed" in install("--to", str(home / "own")).stderr
    assert install("--to", str(home / "own"), "--force").returncode == 0
    assert (notes.read_text(), written(folder)) == ("mine", FILES)
    assert not list(home.rglob("*.unfinished"))


def test_what_cannot_be_written_is_not_listed(home: Path) -> None:
    (home / "own").write_text("a file")
    failed = install("--to", str(home / "own"))
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "cannot use" in failed.stderr


def test_an_update_keeps_each_folders_address(home: Path) -> None:
    (home / ".claude").mkdir()
    (home / ".openclaw").mkdir()
    install("--for", "claude", "--url", "https://one.example/")
    install("--for", "openclaw", "--url", "https://two.example")
    places = [home / each / "skills" / "footfall" / "SKILL.md" for each in (".claude", ".openclaw")]
    assert install().returncode == 0
    assert [each.read_text() for each in places] == [
        with_address("https://one.example"),
        with_address("https://two.example"),
    ]
    assert install("--url", "https://three.example").returncode == 0
    assert {each.read_text() for each in places} == {with_address("https://three.example")}


def with_address(address: str) -> str:
    return (SKILL / "SKILL.md").read_text().replace("https://HOST", address)
