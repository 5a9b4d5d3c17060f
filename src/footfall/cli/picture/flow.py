"""A flow as columns of blocks, all of the same height, and its largest transitions.

Every column adds up to the sessions that started: those that left or reached the end earlier stay
in the columns after.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from rich.text import Text

from footfall.cli.picture.layout import BAR_STYLE, Bars, Column, Labels, Numbers, cut, table
from footfall.cli.picture.number import count, money, percent, scaled
from footfall.cli.picture.page import Page

Json = Mapping[str, Any]
DROP_OFF = "__DROP_OFF__"
END = "__END_MATCH__"
OTHERS = "Others"
LEFT, REACHED = "left", "reached the end"
COLUMN_MIN, COLUMN_MAX, GAP = 18, 32, 2
HEIGHT_MIN, HEIGHT_MAX = 8, 40
LINKS = 6


class Node(msgspec.Struct, frozen=True):
    """A block of a column."""

    label: str
    sessions: int
    style: str = BAR_STYLE


class _Flow:
    """The rows of an answer, as the ends of transitions."""

    def __init__(self, rows: Sequence[Json], *, is_backward: bool) -> None:
        self.near, self.far = ("target", "source") if is_backward else ("source", "target")
        self.steps: dict[int, list[Json]] = defaultdict(list)
        for row in rows:
            self.steps[row["step"]].append(row)

    def columns(self) -> list[list[Node]]:
        """The nodes of each column, the largest first. Each column has the same sum."""
        start = _sum(self.steps[1], self.near) if self.steps else Counter()
        started = start.total()
        columns = [_nodes(start, 0, 0)]
        left = reached = 0
        for step in sorted(self.steps):
            ends = _sum(self.steps[step], self.far)
            left += ends.pop(DROP_OFF, 0)
            for label in [each for each in ends if each.endswith(END)]:
                reached += ends.pop(label)
            # without drop_off=true, nothing but the difference says who left
            missing = started - ends.total() - left - reached
            columns.append(_nodes(ends, left + missing, reached))
        return columns


def _sum(rows: Sequence[Json], end: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row[end]] += row["transitions"]
    return found


def _nodes(ends: Counter[str], left: int, reached: int) -> list[Node]:
    others = ends.pop(OTHERS, 0)
    nodes = [Node(label, each) for label, each in sorted(ends.items(), key=lambda e: (-e[1], e[0]))]
    further = ((OTHERS, others, "blue"), (REACHED, reached, "green"), (LEFT, left, "dim"))
    return nodes + [Node(label, each, style) for label, each, style in further if each]


def draw_flow(page: Page, body: Json) -> Iterator[Text]:
    rows: Sequence[Json] = body["data"]
    if not rows:
        yield Text("Nobody took a step in this period.")
        return
    is_backward = page.params.get("direction") == "backward"
    flow = _Flow(rows, is_backward=is_backward)
    is_whole = len(rows) == body["pagination"]["total"]
    if is_whole:
        columns = flow.columns()
        yield from _bands(columns, page.width, is_backward=is_backward)
    yield from _links(page, flow)
    yield from _totals(page, body)
    if not is_whole:
        total = body["pagination"]["total"]
        yield Text(f"{len(rows):,} of {total:,} transitions: without --limit, there are columns")


def _bands(columns: Sequence[list[Node]], width: int, *, is_backward: bool) -> Iterator[Text]:
    """As many columns beside each other as there is room for; the others below."""
    most_beside = max(1, (width + GAP) // (COLUMN_MIN + GAP))
    bands = -(-len(columns) // most_beside)
    beside = -(-len(columns) // bands)
    wide = min(COLUMN_MAX, (width - GAP * (beside - 1)) // beside)
    most = max(map(len, columns))
    height = min(max(HEIGHT_MIN, 2 * most + 2), max(HEIGHT_MAX, most))
    word = "before" if is_backward else "step"
    titles = ["start", *(f"{word} {number}" for number in range(1, len(columns)))]
    blocks = [_block(nodes, height, wide) for nodes in columns]
    for first in range(0, len(columns), beside):
        chosen = slice(first, first + beside)
        headings = (
            _heading(title, nodes, wide)
            for title, nodes in zip(titles[chosen], columns[chosen], strict=True)
        )
        yield _beside(headings)
        yield from map(_beside, zip(*blocks[chosen], strict=True))
        yield Text()


def _heading(title: str, nodes: Sequence[Node], width: int) -> Text:
    total = count(sum(node.sessions for node in nodes))
    return Text(cut(title, width - len(total)) + total, "bold")


def _beside(texts: Any) -> Text:
    line = Text(" " * GAP).join(texts)
    line.rstrip()
    return line


def _block(nodes: Sequence[Node], height: int, width: int) -> list[Text]:
    """A column: each node as high as its share, one line at least."""
    total = sum(node.sessions for node in nodes)
    lines: list[Text] = []
    for node, high in zip(nodes, heights([node.sessions for node in nodes], height), strict=True):
        number = count(node.sessions)
        label = _label(node.label)
        first = Text("▆", node.style) + Text(f" {cut(label, width - len(number) - 3)} {number}")
        lines.append(first)
        for line in range(1, high):
            beside = percent(100 * node.sessions / total) if line == 1 else ""
            lines.append(Text("█", node.style) + Text(f" {cut(beside, width - 2)}", "dim"))
    return lines


def heights(sizes: Sequence[int], height: int) -> list[int]:
    """Whole heights that add up to `height`, in proportion, but at least 1 each."""
    total = sum(sizes)
    found = [1] * len(sizes)
    for _ in range(height - len(sizes)):
        # the block that is furthest below its share grows
        at = max(range(len(sizes)), key=lambda each: sizes[each] * height / total - found[each])
        found[at] += 1
    return found


def _label(label: str) -> str:
    if label == DROP_OFF:
        return LEFT
    return f"{label.removesuffix(END)} ✓" if label.endswith(END) else label


def _links(page: Page, flow: _Flow) -> Iterator[Text]:
    """The largest transitions of each step, and the sum of the others."""
    for step, rows in sorted(flow.steps.items()):
        total = sum(row["transitions"] for row in rows)
        yield Text(f"Transitions of step {step}: {count(total)}", "bold")
        shown = sorted(rows, key=lambda row: -row["transitions"])[:LINKS]
        columns = list(_columns(page, shown))
        yield from table(columns, page.width, has_heading="revenue" in rows[0])
        if rest := rows[LINKS:]:
            others = total - sum(row["transitions"] for row in shown)
            yield Text(f"and {len(rest)} more: {count(others)}", "dim")
        yield Text()


def _columns(page: Page, rows: Sequence[Json]) -> Iterator[Column]:
    yield Labels(title="", cells=[f"{_label(row['source'])}" for row in rows])
    yield Labels(title="", cells=[f"→ {_label(row['target'])}" for row in rows])
    yield Bars(cells=scaled(row["transitions"] for row in rows), rank=3)
    yield Numbers(title="Sessions", cells=[count(row["transitions"]) for row in rows])
    yield Numbers(title="Share", cells=[percent(row["percentage"]) for row in rows], rank=1)
    if "revenue" in rows[0]:
        cells = [money(row["revenue"], page.currency) for row in rows]
        yield Numbers(title=f"Revenue {page.currency}", cells=cells, rank=2)


def _totals(page: Page, body: Json) -> Iterator[Text]:
    totals = body.get("totals")
    if not totals:
        return
    yield Text(f"Started {count(totals['started'])}, paths {count(totals['paths'])}")
    if totals["reached_end"] is not None:
        beyond = count(totals["beyond_max_steps"])
        yield Text(f"Reached the end {count(totals['reached_end'])}, beyond the steps {beyond}")
    yield Text(f"Revenue {money(totals['revenue'], page.currency)} {page.currency}")
