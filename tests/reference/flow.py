"""Flow: docs/flows.md, "Flow"; contract.md §B."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from footfall.model.event import NOT_COUNTED
from footfall.model.flow import DEFAULT_WINDOW_S, DROP_OFF, END_MATCH, OTHERS
from reference.ask import Answer, Asked
from reference.join import Row, Session
from reference.paid import cents, sum_of, without_rate
from reference.report import ratio
from reference.select import Characters, read_characters, text_of
from reference.step import Condition, Step, all_hold, is_path, label_of, matches, read_conditions

Edge = tuple[int, str, str]


@dataclass
class Path:
    """The labels of one session's nodes, the start's first."""

    session: Session
    labels: list[str]
    has_end: bool
    is_cut: bool  # by max_steps
    paid: Decimal = Decimal(0)


class Flow:
    """One question to a log."""

    def __init__(self, asked: Asked) -> None:
        given = asked.given
        self.asked = asked
        self.start: Step = json.loads(given["start_step"])
        self.end: Step | None = json.loads(given.get("end_step", "null"))
        self.marks_end = given.get("end_mode") == "mark"
        self.anchors: list[Step] = json.loads(given.get("anchors", "null")) or []
        self.conditions: list[Condition] = read_conditions(given)
        self.window_ms = 1000 * asked.number("window_seconds", DEFAULT_WINDOW_S)
        self.max_steps = min(max(asked.number("max_steps", 4), 2), 10)
        self.is_backward = given.get("direction") == "backward"
        self.excluded = read_excluded(given.get("exclude", ""))
        self.starts = 0
        self.paths: list[Path] = []
        for rows in self._sessions():
            self._add_session(rows)
        if nodes := asked.number("nodes_per_step", 0):
            group(self.paths, nodes)

    def _sessions(self) -> list[list[Row]]:
        """Each session's events that pass the conditions, in order."""
        sessions: dict[Session, list[Row]] = {}
        for row in self.asked.rows:
            if row.session and all_hold(self.conditions, row):
                sessions.setdefault(row.session, []).append(row)
        return list(sessions.values())

    def _add_session(self, rows: list[Row]) -> None:
        period = self.asked.period
        for start in rows:
            if start.occurred_at in period and matches(self.start, start):
                break
        else:
            return
        self.starts += 1
        path = self._walk(start, rows)
        if path is not None:
            path.paid = sum_of(self.asked.payments_of(path.session))
            self.paths.append(path)

    def _walk(self, start: Row, rows: list[Row]) -> Path | None:
        """From the start to the end, the window's end or the depth; None if it is left out: it does
        not reach the end, or not through all anchors."""
        assert start.session
        labels = [label_of(start)]
        between: list[Row] = []
        has_end = False
        for row in self._ahead(start, rows):
            if self.end and matches(self.end, row):
                labels.append(label_of(row) + END_MATCH)
                has_end = True
                break
            between.append(row)
            if is_node(row) and not self._is_excluded(row):
                labels.append(label_of(row))
        if self.end and not has_end and not self.marks_end:
            return None
        if not goes_through(self.anchors, between):
            return None
        if self.asked.is_on("collapse_repeats"):
            labels = collapse(labels)
        is_cut = len(labels) > self.max_steps + 1
        return Path(start.session, labels[: self.max_steps + 1], has_end, is_cut)

    def _ahead(self, start: Row, rows: list[Row]) -> list[Row]:
        """The session's other events inside the window, in the direction of the path."""
        if self.is_backward:
            earliest = start.occurred_at - self.window_ms
            before = [row for row in rows if row.order < start.order]
            return [row for row in reversed(before) if row.occurred_at >= earliest]
        latest = start.occurred_at + self.window_ms
        return [row for row in rows if row.order > start.order and row.occurred_at <= latest]

    def _is_excluded(self, row: Row) -> bool:
        return any(is_unwanted(unwanted, row) for unwanted in self.excluded)

    def legs(self) -> list[tuple[Edge, Path]]:
        """One entry for each session and transition."""
        found = []
        for path in self.paths:
            nodes = list(path.labels)
            is_dropped = not path.is_cut and not path.has_end and len(nodes) <= self.max_steps
            if self.asked.is_on("drop_off") and is_dropped:
                nodes.append(DROP_OFF)
            for step in range(1, len(nodes)):
                near, far = nodes[step - 1], nodes[step]
                edge = (step, far, near) if self.is_backward else (step, near, far)
                found.append((edge, path))
        return found

    def rows(self) -> list[Answer]:
        """All rows, before limit and offset."""
        legs = self.legs()
        paths_of: dict[Edge, list[Path]] = {}
        for edge, path in legs:
            paths_of.setdefault(edge, []).append(path)
        edges = [edge for edge, _ in legs]
        rows: list[Answer] = []
        for edge, paths in paths_of.items():
            step, source, target = edge
            row: Answer = {"step": step, "source": source, "target": target}
            row["transitions"] = len(paths)
            row["percentage"] = ratio(100 * len(paths), self._base(edge, edges))
            if self.asked.is_on("revenue"):
                row["revenue"] = cents(paid_by(paths))
            rows.append(row)
        return sorted(
            rows, key=lambda row: (row["step"], -row["transitions"], row["source"], row["target"])
        )

    def totals(self) -> Answer:
        """docs/flows.md: the numbers of the whole flow."""
        ended = [path for path in self.paths if path.has_end]
        hidden = [path for path in ended if path.is_cut]
        movements = [
            payment.movement
            for path in self.paths
            for payment in self.asked.payments_of(path.session)
        ]
        return {
            "started": self.starts,
            "paths": len(self.paths),
            "reached_end": len(ended) if self.end else None,
            "beyond_max_steps": len(hidden) if self.end else None,
            "revenue": cents(paid_by(self.paths)),
            "reached_end_revenue": cents(paid_by(ended)) if self.end else None,
            "beyond_max_steps_revenue": cents(paid_by(hidden)) if self.end else None,
            "currency": self.asked.website.currency,
            "unconverted": without_rate(movements),
        }

    def _base(self, edge: Edge, edges: list[Edge]) -> int:
        """Of how many sessions the percentage speaks."""
        base = self.asked.given.get("percentage_base", "step")
        if base == "start":
            return self.starts
        of_step = [other for other in edges if other[0] == edge[0]]
        if base == "step":
            return len(of_step)
        near = 2 if self.is_backward else 1
        return len([other for other in of_step if other[near] == edge[near]])


def goes_through(anchors: list[Step], rows: list[Row]) -> bool:
    """Whether the rows have an event of each anchor, each later than that of the one before."""
    if not anchors:
        return True
    for number, row in enumerate(rows):
        if matches(anchors[0], row):
            return goes_through(anchors[1:], rows[number + 1 :])
    return False


def paid_by(paths: list[Path]) -> Decimal:
    return sum((path.paid for path in paths), Decimal(0))


def is_node(row: Row) -> bool:
    return row.type not in NOT_COUNTED and row.type != "outbound"


def read_excluded(text: str) -> list[Any]:
    """Labels, and steps as objects."""
    if text.startswith("["):
        return list(json.loads(text))
    labels: list[Characters] = [[]]
    for character, is_literal in read_characters(text):
        if character == "," and not is_literal:
            labels.append([])
        else:
            labels[-1].append((character, is_literal))
    return [_written(label) for label in labels if text_of(label).strip()]


def _written(label: Characters) -> str:
    """As an array has it, in which only paths have backslashes that are not their own."""
    text = text_of(label).strip()
    if not text.startswith("/"):
        return text
    return "".join(f"\\{each}" if is_literal else each for each, is_literal in label).strip()


def is_unwanted(unwanted: Any, row: Row) -> bool:
    if isinstance(unwanted, dict):
        return matches(unwanted, row)
    label = label_of(row)
    return is_path(unwanted, label) if unwanted.startswith("/") else unwanted == label


def collapse(labels: list[str]) -> list[str]:
    """Equal labels in a row are one."""
    kept: list[str] = []
    for label in labels:
        if not kept or kept[-1] != label:
            kept.append(label)
    return kept


def group(paths: list[Path], size: int) -> None:
    """Of each column only the largest nodes keep their label. Ends are never grouped."""
    depth = max((len(path.labels) for path in paths), default=0)
    for column in range(depth):
        sessions: dict[str, int] = {}
        here = [path for path in paths if len(path.labels) > column]
        for path in here:
            label = path.labels[column]
            if not _is_end(path, column):
                sessions[label] = sessions.get(label, 0) + 1
        ranked = sorted(sessions, key=lambda label: (-sessions[label], label))
        for path in here:
            if not _is_end(path, column) and path.labels[column] not in ranked[:size]:
                path.labels[column] = OTHERS


def _is_end(path: Path, column: int) -> bool:
    is_last = column == len(path.labels) - 1
    return path.has_end and not path.is_cut and is_last


def answer_flow(asked: Asked) -> tuple[list[Answer], int]:
    """The rows shown and how many there are."""
    rows = Flow(asked).rows()
    offset, limit = asked.number("offset", 0), asked.number("limit", 10_000)
    return rows[offset : offset + limit], len(rows)
