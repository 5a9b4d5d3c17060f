"""Pictures of answers: golden texts, sums, and widths that hold whatever visitors write."""

import io
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from footfall.cli.picture import picture
from footfall.cli.picture.flow import DROP_OFF, END, OTHERS, _Flow, heights
from footfall.cli.picture.layout import Bars, Labels, Numbers, bar, cut, spark, table
from footfall.cli.picture.number import count, duration, money, percent
from footfall.cli.picture.page import WIDTH_MIN, Page, printed, terminal_width
from footfall.cli.report.raw import printable
from footfall.serve.mcp.text import clean_all

TOTALS = {"visitors": 60, "sessions": 70, "rowsOverlap": True}


def page(name: str, width: int, **params: str) -> Page:
    return Page(
        name=name, website="example.com", currency="EUR", params=params, width=width,
        has_period=True,
    )  # fmt: skip


def listed(*values: str, **further: Any) -> dict[str, Any]:
    rows = [
        {"value": value, "visitors": 40 // number, "revenue": 1234.5 / number, "percentage": 66.67}
        for number, value in enumerate(values, start=1)
    ]
    total = {"limit": 100, "offset": 0, "total": len(rows)}
    return {"dimension": "page", "data": rows, "totals": TOTALS, "pagination": total, **further}


def golden(text: str) -> str:
    """A text as it is written in this file: without its margin."""
    lines = text.strip("\n").splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[margin:].rstrip() for line in lines).rstrip() + "\n"


def test_a_list() -> None:
    body = listed("/", "/pricing/für-große-teams-und-noch-viel-größere", "日本語", unconverted=[
        {"currency": "XAF", "amount": 12.5}])  # fmt: skip
    text = picture(page("pages", 60, startAt="2026-11-01", endAt="2026-11-20"), body)
    assert text == golden("""
        example.com · Pages
        2026-11-01 to 2026-11-20

        Page                           Visitors  Revenue EUR   Share
        /                      ██████        40     1,234.50  66.67%
        /pricing/für-große-t…  ███           20       617.25  66.67%
        日本語                 ██            13       411.50  66.67%

        In total 60 visitors, 70 sessions, some in several rows
        Not in revenue, as no rate is known: 12.5 XAF
    """)


def test_a_narrow_list_keeps_its_number() -> None:
    text = picture(page("pages", 40, startAt="2026-11-01"), listed("/pricing"))
    assert text == golden("""
        example.com · Pages
        2026-11-01 to now

        Page      Visitors  Revenue EUR   Share
        /pricing        40     1,234.50  66.67%

        In total 60 visitors, 70 sessions, some
        in several rows
    """)


def test_a_funnel() -> None:
    rows = [
        {"step": 1, "event": "/", "users": 200, "conversion_from_start": 1.0,
         "conversion_from_previous": None, "dropoff_from_previous": None,
         "median_seconds_from_previous": None},
        {"step": 2, "event": "signup", "users": 25, "conversion_from_start": 0.125,
         "conversion_from_previous": 0.125, "dropoff_from_previous": 0.875,
         "median_seconds_from_previous": 3725.4},
    ]  # fmt: skip
    assert picture(page("funnel", 80), {"data": rows}) == golden("""
        example.com · Funnel
        all time

        Step                  People  Of start  Of step before  Dropped out  Median time
        1 /       ██████████     200    100.0%               –            –            –
        2 signup  █▎              25     12.5%           12.5%        87.5%       1h 02m
    """)


def test_retention() -> None:
    weeks = {f"week_{week}": None for week in range(13)}
    cohorts = [
        {"cohort_week": "2026-11-02", "num_users": 1200, **weeks, "week_0": 1.0, "week_1": 0.3,
         "week_2": 0.06},
        {"cohort_week": "2026-11-09", "num_users": 80, **weeks, "week_0": 1.0, "week_1": 0.11},
    ]  # fmt: skip
    metric: dict[str, Any] = {"user_count": 1280, "day7_users": 1200, "day7_retained": 400,
                              "day7_retention_rate": 0.3333, "day30_users": 0,
                              "day90_users": 0}  # fmt: skip
    body = {"data": [{"metric": metric, "user": cohorts}]}
    assert picture(page("retention", 40), body) == golden("""
        example.com · Retention

        Week of     People       1      2  3  4
        2026-11-02   1,200  █30.0%  ▒6.0%
        2026-11-09      80  ▓11.0%
        9 more weeks: in a wider terminal, or
        with --json

        1,280 people came for the first time.
        Came again 7 days later or after: 400 of
        1,200 (33.3%)
    """)


# Flows


def flow_rows(*rows: tuple[int, str, str, int]) -> list[dict[str, Any]]:
    return [
        {"step": step, "source": source, "target": target, "transitions": each, "percentage": 1.0}
        for step, source, target, each in rows
    ]


FLOW = flow_rows(
    (1, "/", DROP_OFF, 50),
    (1, "/", "/pricing", 30),
    (1, "/", f"signup{END}", 20),
    (2, "/pricing", DROP_OFF, 10),
    (2, "/pricing", OTHERS, 5),
    (2, "/pricing", f"signup{END}", 15),
)


def test_a_flow() -> None:
    body = {"data": FLOW, "pagination": {"total": len(FLOW)}}
    assert picture(page("flow", 70), body) == golden("""
        example.com · Flow
        all time

        start              100  step 1             100  step 2             100
        ▆ /                100  ▆ /pricing          30  ▆ Others             5
        █ 100.00%               █ 30.00%                ▆ reached the end   35
        █                       ▆ reached the end   20  █ 35.00%
        █                       █ 20.00%                █
        █                       ▆ left              50  ▆ left              60
        █                       █ 50.00%                █ 60.00%
        █                       █                       █
        █                       █                       █

        Transitions of step 1: 100
        /  → left      ████████████████████████        50  1.00%
        /  → /pricing  ██████████████▍                 30  1.00%
        /  → signup ✓  █████████▋                      20  1.00%

        Transitions of step 2: 30
        /pricing  → signup ✓  ████████████████████████        15  1.00%
        /pricing  → left      ████████████████                10  1.00%
        /pricing  → Others    ████████                         5  1.00%
    """)


def test_a_flow_that_leads_to_a_step() -> None:
    rows = flow_rows((1, "/a", "/pay", 6), (1, DROP_OFF, "/pay", 4), (2, DROP_OFF, "/a", 6))
    columns = _Flow(rows, is_backward=True).columns()
    assert [[(node.label, node.sessions) for node in nodes] for nodes in columns] == [
        [("/pay", 10)],
        [("/a", 6), ("left", 4)],
        [("left", 10)],
    ]


def test_a_part_of_a_flow_has_no_columns() -> None:
    body = {"data": FLOW[:2], "pagination": {"total": len(FLOW)}}
    text = picture(page("flow", 70), body)
    assert "2 of 6 transitions: without --limit, there are columns" in text
    assert "start" not in text


@st.composite
def paths(draw: st.DrawFn) -> list[list[str]]:
    labels = st.sampled_from(["/a", "/b", OTHERS, "/語", "goal"])
    return draw(st.lists(st.lists(labels, min_size=1, max_size=5), min_size=1, max_size=40))


@given(paths(), st.booleans())
def test_the_columns_of_a_flow_add_up(found: list[list[str]], has_drop_off: bool) -> None:
    """Sessions take their paths; each column is counted here from the paths themselves."""
    rows: dict[tuple[int, str, str], int] = {}
    ended = [[*path, DROP_OFF] for path in found] if has_drop_off else found
    moving = [path for path in ended if len(path) > 1]
    for path in moving:
        for step in range(1, len(path)):
            key = (step, path[step - 1], path[step])
            rows[key] = rows.get(key, 0) + 1
    if not rows:
        return
    columns = _Flow(
        flow_rows(*((*key, number) for key, number in rows.items())), is_backward=False
    ).columns()
    for at, nodes in enumerate(columns):
        assert sum(node.sessions for node in nodes) == len(moving)
        left = sum(1 for path in moving if len(path) <= at or path[at] == DROP_OFF)
        shown = {node.label: node.sessions for node in nodes}
        assert shown.pop("left", 0) == left
        assert shown == {
            label: number
            for label in ("/a", "/b", OTHERS, "/語", "goal")
            if (number := sum(1 for path in moving if len(path) > at and path[at] == label))
        }


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.integers(8, 40))
def test_blocks_fill_their_column(sizes: list[int], height: int) -> None:
    found = heights(sizes, height)
    assert sum(found) == max(height, len(sizes))
    assert min(found) >= 1
    for size, high in zip(sizes, found, strict=True):
        assert high <= max(1, size * height / sum(sizes) + 1)


# Widths


NASTY = [
    "plain",
    "日本語のページ",
    "e\u0301te\u0301",
    "नमस्ते",
    "שלום",
    "\U0001f469\u200d\U0001f467 family",
    "\x1b[31mred\x1b[0m",
    "a\u202eb",
    "tab\there",
    "line\nbreak",
    "zero\u200bwidth",
    "\x9b31m",
    "[bold]markup[/]",
    "",
]


@given(
    st.lists(
        st.tuples(st.sampled_from(NASTY) | st.text(max_size=60), st.integers(0, 10**7)),
        min_size=1,
        max_size=6,
    ),
    st.integers(WIDTH_MIN, 140),
)
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, int]], width: int) -> None:
    labels = [clean_all(label) for label, _ in rows]
    columns = [
        Labels(title="Page", cells=labels),
        Bars(cells=[0.5 for _ in rows], rank=2),
        Numbers(title="Visitors", cells=[count(number) for _, number in rows]),
        Labels(title="Title", cells=labels, rank=1),
    ]
    lines = table(columns, width)
    assert len(lines) == len(rows) + 1
    assert all(line.cell_len <= width for line in lines)
    numbers = [count(number) for _, number in rows]
    assert all(number in line.plain for number, line in zip(numbers, lines[1:], strict=True))


@pytest.mark.parametrize("label", NASTY)
def test_numbers_stay_aligned_beside_any_text(label: str) -> None:
    text = picture(page("pages", 60), clean_all(listed("/plain", label)))
    rows = [line for line in text.splitlines() if "66.67%" in line]
    assert len(rows) == 2
    ends = {cell_len(row[: row.index(number)]) + len(number)
            for row, number in zip(rows, ("1,234.50", "617.25"), strict=True)}  # fmt: skip
    assert len(ends) == 1
    assert all(each.isprintable() for each in text.replace("\n", "").replace("\u200d", ""))


@given(st.text(max_size=30), st.integers(1, 20))
def test_a_cut_text_has_its_width(text: str, width: int) -> None:
    assert cell_len(cut(clean_all(text), width)) == width


def test_bars_and_sparklines() -> None:
    assert [bar(share, 4).plain for share in (0.0, 0.001, 0.5, 0.97, 1.0, 7.0)] == [
        "", "▏", "██", "███▉", "████", "████",
    ]  # fmt: skip
    assert spark([0, 1, 2, 7], 10).plain == "▁▂▃█"
    assert spark([1, 1, 7, 7], 2).plain == "▂█"
    assert spark([0, 0], 2).plain == "▁▁"


def test_numbers() -> None:
    assert [count(each) for each in (0, 1234, 0.5, None)] == ["0", "1,234", "0.50", "–"]
    assert [money(1234.5, each) for each in ("EUR", "JPY", "KWD")] == [
        "1,234.50", "1,234", "1,234.500",
    ]  # fmt: skip
    assert percent(1347.58) == "1,347.58%"
    shown = [duration(each) for each in (0.4, 59.6, 140.71, 3725, 90_000, None)]
    assert shown == ["0s", "1m 00s", "2m 21s", "1h 02m", "1d 01h", "–"]


# Terminals


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text(st.characters(codec="utf-8")), st.booleans())
def test_json_stays_the_same_value(text: str, is_terminal: bool) -> None:
    answer = msgspec.json.encode({"data": [text]})
    shown = printable(answer, is_terminal=is_terminal)
    assert msgspec.json.decode(shown) == {"data": [text]}
    if is_terminal:
        assert shown.decode().removesuffix("\n").isprintable()
    else:
        assert shown == answer + b"\n"


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colours_follow_the_terminal(
    variables: dict[str, str], is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert ("\x1b" in printed([Text("red", "red")], 40)) == is_coloured
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert printed([Text("red", "red")], 40) == "red\n"


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for given_width, width in (("20", 40), ("72", 72), ("200", 200)):
        monkeypatch.setenv("COLUMNS", given_width)
        assert terminal_width() == width
