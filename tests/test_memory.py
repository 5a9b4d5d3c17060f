"""How much memory the process may use: the machine's, its container's or its service's."""

import os
from pathlib import Path

import pytest

from footfall.memory import memory_limit

MB = 1 << 20
INSTALLED = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
SERVICE = "0::/system.slice/footfall.service\n"


@pytest.mark.parametrize(
    ("group", "limits", "expected"),
    [
        ("", {}, INSTALLED),
        ("0::/\n", {"": "max"}, INSTALLED),
        ("0::/\n", {"": f"{100 * MB}\n"}, 100 * MB),  # in a container
        ("", {"": f"{100 * MB}\n"}, 100 * MB),
        (SERVICE, {"system.slice/footfall.service": f"{90 * MB}\n"}, 90 * MB),
        (
            SERVICE,
            {"system.slice/footfall.service": "max\n", "system.slice": f"{80 * MB}"},
            80 * MB,
        ),
        (SERVICE, {"system.slice/footfall.service": f"{70 * MB}", "": f"{100 * MB}"}, 70 * MB),
        (SERVICE, {"system.slice/footfall.service": str(1 << 62)}, INSTALLED),
        (SERVICE, {"system.slice/other.service": f"{60 * MB}"}, INSTALLED),
        ("4:memory:/x\n1:name=systemd:/y\n" + SERVICE, {"system.slice": f"{50 * MB}"}, 50 * MB),
        ("4:memory:/x\n", {"x": f"{40 * MB}"}, INSTALLED),  # of cgroup 1
        ("0::/../../x\n", {"": f"{100 * MB}", "../../x": f"{30 * MB}"}, 100 * MB),
    ],
)
def test_the_smallest_limit_counts(
    tmp_path: Path, group: str, limits: dict[str, str], expected: int
) -> None:
    if group:
        write(tmp_path / "proc" / "self" / "cgroup", group)
    for name, limit in limits.items():
        write(tmp_path / "sys" / "fs" / "cgroup" / name / "memory.max", limit)
    assert memory_limit(tmp_path) == expected


def test_this_machine_has_a_limit() -> None:
    assert 0 < memory_limit() <= INSTALLED


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
