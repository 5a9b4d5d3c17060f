"""`footfall completion`: the scripts, in the shells that read them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cli.running import environment
from e2e.forked import Forked

SHELLS = ("bash", "zsh", "fish")


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    for shell in SHELLS:
        process = Forked(["completion", shell], environment(), folder / shell)
        assert process.wait(timeout=120) == 0
    return folder


def complete(scripts: Path, line: str) -> list[str]:
    """What bash offers for the last word of a line."""
    asked = f"""
    source {scripts / "bash"}
    COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}
    read -ra COMP_WORDS <<< "$COMP_LINE"
    [[ "$COMP_LINE" == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    _footfall
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ran = subprocess.run(
        ["bash", "--norc", "-c", asked], capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    return sorted(ran.stdout.split())


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("footfall re", ["refused", "report"]),
        ("footfall report co", ["countries"]),
        ("footfall report pages --compare", ["--compare", "--compare-with"]),
        ("footfall report timeseries --interval ", ["day", "hour", "month", "week"]),
        ("footfall report pages --compare --period last_9", ["last_90_days"]),
        ("footfall report funnel --revenue --funnel-t", ["--funnel-type"]),
        ("footfall report breakdown utm_t", ["utm_term"]),
        ("footfall completion ", ["bash", "fish", "zsh"]),
        ("footfall website re", ["remove"]),
    ],
)
def test_bash_completes(scripts: Path, line: str, offered: list[str]) -> None:
    assert complete(scripts, line) == offered


@pytest.mark.parametrize(("way", "does"), [("_footfall", "completes"), ("source", "registers")])
def test_zsh_completes_from_fpath_and_after_source(scripts: Path, way: str, does: str) -> None:
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    folder = scripts / "fpath"
    folder.mkdir(exist_ok=True)
    (folder / "_footfall").write_text((scripts / "zsh").read_text())
    # what zsh's completion system defines
    ours = "_arguments() { print completes }; compdef() { print registers $* }"
    call = "_footfall" if way == "_footfall" else f"source {scripts / 'zsh'}"
    ran = subprocess.run(
        ["zsh", "-f", "-c", f"{ours}; fpath=({folder}); autoload -Uz _footfall; {call}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.startswith(does), ran.stderr


def test_fish_completes(scripts: Path) -> None:
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    asked = f"source {scripts / 'fish'}; complete -C 'footfall report timeseries --interval '"
    ran = subprocess.run(["fish", "-c", asked], capture_output=True, text=True, check=False)
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == [
        *("day", "hour", "month", "week")
    ], ran.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_know_the_reports_and_their_options(scripts: Path, shell: str) -> None:
    text = (scripts / shell).read_text()
    for word in ("operating-systems", "retention", "compare-with", "last_12_months"):
        assert word in text
    if shutil.which(shell):
        subprocess.run([shell, "-n", str(scripts / shell)], check=True)
