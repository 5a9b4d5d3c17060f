"""A soak's curve: `python -m bench.curve soak.csv soak.svg`."""

import sys
from pathlib import Path

from bench.sample import read_samples

_WIDTH, _PANEL, _GAP, _LEFT, _RIGHT, _TOP = 860, 170, 46, 62, 130, 26
_COLORS = ("#2563eb", "#16a34a", "#dc2626", "#9333ea", "#d97706")
_TICKS = 4
Row = dict[str, float]


def draw(samples: Path, picture: Path) -> None:
    """Write the SVG: memory above, latencies below, disk last."""
    rows = read_samples(samples)
    panels = [
        _panel(0, "memory, MB", rows, ("anonymous_mb", "resident_mb")),
        _panel(1, "latency p99, ms", rows, ("hit_p99_ms", "goal_p99_ms", "realtime_p99_ms")),
        _panel(2, "reports and deletes p99, ms", rows, ("report_p99_ms", "delete_p99_ms")),
        _panel(3, "disk, MB", rows, ("disk_mb",)),
    ]
    height = _TOP + len(panels) * (_PANEL + _GAP)
    picture.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">\n'
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>\n' + "".join(panels) + "</svg>\n"
    )


def _panel(number: int, title: str, rows: list[Row], names: tuple[str, ...]) -> str:
    top = _TOP + number * (_PANEL + _GAP)
    last = max(rows[-1]["seconds"], 1)
    most = max((row[name] for row in rows for name in names if name in row), default=1) or 1
    right = _WIDTH - _RIGHT

    def x(seconds: float) -> float:
        return _LEFT + seconds / last * (right - _LEFT)

    def y(value: float) -> float:
        return top + _PANEL - value / most * _PANEL

    parts = [f'<text x="{_LEFT}" y="{top - 8}" font-weight="bold">{title}</text>\n']
    for tick in range(_TICKS + 1):
        value, minutes = most * tick / _TICKS, last / 60 * tick / _TICKS
        at = y(value)
        parts.append(f'<path d="M{_LEFT} {at:.1f}H{right}" stroke="#ddd"/>\n')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{value:,.0f}</text>\n'
        )
        under = f'x="{x(minutes * 60):.1f}" y="{top + _PANEL + 16}" text-anchor="middle"'
        parts.append(f"<text {under}>{minutes:.3g} min</text>\n")
    for name, color in zip(names, _COLORS, strict=False):
        points = [f"{x(row['seconds']):.1f} {y(row[name]):.1f}" for row in rows if name in row]
        if points:
            line = "M" + "L".join(points)
            parts.append(f'<path d="{line}" fill="none" stroke="{color}" stroke-width="1.5"/>\n')
        label = f'x="{right + 8}" y="{top + 12 + 16 * names.index(name)}" fill="{color}"'
        parts.append(f"<text {label}>{name.removesuffix('_ms').removesuffix('_mb')}</text>\n")
    return "".join(parts)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m bench.curve soak.csv soak.svg")
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
