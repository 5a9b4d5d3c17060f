"""`footfall report`: what it prints is what REST answers, on a server and in a folder."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cli.running import RunningServer, environment, running_server, wait_until
from e2e.forked import Forked

from footfall.catalog import Catalog
from footfall.cli.report import app
from footfall.clock import now_ms
from footfall.demo.fill import fill
from footfall.model.dimension import PATH_OF
from footfall.model.errors import FootfallError
from footfall.model.metric import METRICS
from footfall.serve.mcp.tool import TOOLS

pytestmark = pytest.mark.slow

DAYS = 4
TODAY = datetime.now(UTC).date()
FIRST, LAST = (str(TODAY - timedelta(days=days)) for days in (3, 1))
DATES = {"startAt": FIRST, "endAt": LAST}
HOME = {"type": "event", "event": "page", "resolved_event": "/"}
SIGNUP = {"type": "track", "event": "signup", "resolved_event": "signup"}
IN_FLOW = {"nodes_per_step": "6", "drop_off": "true"}
WIDE = "300"

Params = dict[str, str]
CASES: dict[str, tuple[str, str, Params]] = {
    "websites": ("", "/websites", {}),
    "metadata": ("", "/metadata", {}),
    "overview": ("--compare", "/overview", {**DATES, "compare": "previous_period"}),
    "timeseries": ("--interval day", "/timeseries", {**DATES, "interval": "day"}),
    "realtime": ("--payments 5", "/realtime", {"minutes": "30", "payments": "5"}),
    "realtime-map": ("", "/realtime/map", {}),
    **{
        path: ("--limit 5 --filter device=Desktop", f"/{path}",
               {**DATES, "limit": "5", "filter_device": "Desktop"})
        for path in PATH_OF
    },
    "pages": (
        "--fields visitors,pageviews --sort pageviews --compare-with previous_year",
        "/pages",
        {**DATES, "fields": "visitors,pageviews", "sort": "pageviews", "compare": "previous_year"},
    ),
    "breakdown": (
        "entry_page device --bots include", "/breakdown",
        {**DATES, "dimension": "entry_page,device", "bots": "include"},
    ),
    "goals": ("", "/goals", DATES),
    "visitors": ("--limit 3 --sort pageviews", "/visitors",
                 {**DATES, "limit": "3", "sort": "pageviews"}),
    "visitor": ("VISITOR", "/visitors/VISITOR", {}),
    "flow": ("--start-step / --end-step signup --end-mode mark --revenue", "/flow",
             {**DATES, **IN_FLOW, "start_step": json.dumps(HOME), "end_step": json.dumps(SIGNUP),
              "end_mode": "mark", "revenue": "true"}),
    "funnel": ("--step / --step signup --revenue", "/funnel",
               {**DATES, "steps": json.dumps([HOME, SIGNUP]), "revenue": "true"}),
    "retention": ("--min-users 1", "/retention", {**DATES, "min_users": "1"}),
}  # fmt: skip
"""Report → its options, and the path and parameters of the same question."""
WITHOUT_DATES = ("websites", "metadata", "realtime", "realtime-map", "visitor")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo website's last days, which no server has loaded yet."""
    folder = tmp_path_factory.mktemp("report") / "data"
    catalog = Catalog(folder)
    fill(catalog, folder, lambda: 0, now_ms, lambda _: None, days=DAYS)
    catalog.close()
    return folder


@pytest.fixture(scope="module")
def opened(folder: Path) -> str:
    """What a report prints while no server runs: it loads what the journal holds."""
    words = ("overview", "--compare", *dates("overview"), "--data", str(folder), "--json")
    code, text = run_forked(folder.with_name("opened"), *words)
    assert code == 0
    return text


@pytest.fixture(scope="module")
def server(folder: Path, opened: str) -> Iterator[RunningServer]:
    assert opened
    with running_server(folder) as server:
        now = [{"url": "https://demo.example/pricing", "visitorUid": "ann", "country": "AT"}]
        server.post("/api/v1/events", now, {"Authorization": f"Bearer {server.token('write')}"})
        reading = server.token("read")
        wait_until(lambda: server.get("/api/v1/realtime/map", reading), lambda got: got["data"])
        yield server


@pytest.fixture(scope="module")
def token(server: RunningServer) -> str:
    return server.token("read")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", WIDE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def run_forked(output: Path, *words: str, **further: str) -> tuple[int, str]:
    """The exit code and the output of a command in a process of its own."""
    process = Forked(["report", *words], environment(**further), output)
    code = process.wait(timeout=120)
    return code, output.read_text()


def dates(name: str) -> list[str]:
    return [] if name in WITHOUT_DATES else ["--start", FIRST, "--end", LAST]


def ask(server: RunningServer, token: str, name: str, accept: str = "application/json") -> str:
    """The body of REST's answer to the question of a case."""
    _, path, params = CASES[name]
    path = path.replace("VISITOR", visitor(server, token))
    request = urllib.request.Request(
        f"{server.url}/api/v1{path}?{urlencode(params)}",
        headers={"Authorization": f"Bearer {token}", "Accept": accept},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return str(reply.read().decode())


def visitor(server: RunningServer, token: str) -> str:
    rows = server.get("/api/v1/visitors?limit=1&sort=goals", token)["data"]
    return str(rows[0]["visitorId"])


def words_of(server: RunningServer, token: str, name: str) -> list[str]:
    words = CASES[name][0].replace("VISITOR", visitor(server, token)).split()
    return [name, *words, *dates(name)]


def say(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints, in this process."""
    app(list(words), result_action="return_value", exit_on_error=False)
    return capsys.readouterr().out


Ask = Callable[..., str]


@pytest.fixture
def report(server: RunningServer, token: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(name: str, *further: str) -> str:
        place = ["--url", server.url, "--token", token]
        return say(capsys, *words_of(server, token, name), *place, *further)

    return run


# JSON and CSV


def test_every_report_is_tried() -> None:
    commands = {name for name in app if not name.startswith("-")}
    assert commands == CASES.keys() | {"sources"}
    assert len(CASES) == sum(tool.kind == "report" for tool in TOOLS.values())


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", CASES)
def test_json_is_the_answer_of_rest(
    name: str, server: RunningServer, token: str, report: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):  # what is here right now may change between two questions
        wanted = ask(server, token, name)
        of_server = report(name, "--json")
        words = words_of(server, token, name)
        of_folder = say(capsys, *words, "--data", str(server.folder), "--json")
        if ask(server, token, name) == wanted:
            break
    assert of_server == of_folder == wanted + "\n"
    assert json.loads(wanted)["data"]


@pytest.mark.parametrize("name", ["overview", "countries", "flow", "visitors"])
def test_csv_is_that_of_rest(name: str, server: RunningServer, token: str, report: Ask) -> None:
    wanted = ask(server, token, name, "text/csv")
    assert report(name, "--csv") == wanted
    assert "\r\n" in wanted


def test_a_folder_without_a_server_is_opened(
    opened: str, server: RunningServer, token: str
) -> None:
    assert opened == ask(server, token, "overview") + "\n"


def test_the_request_can_be_shown(server: RunningServer, token: str, report: Ask) -> None:
    shown = report("pages", "--request").strip()
    request = urllib.request.Request(
        server.url + shown, headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.read().decode() == ask(server, token, "pages")


def test_thirty_days_are_the_default(
    server: RunningServer, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ("--url", server.url, "--token", token, "--request")
    [default, last, named] = (
        say(capsys, "goals", *words, *place)
        for words in ((), ("--last", "30d"), ("--period", "last_30_days"))
    )
    assert default == last == named
    assert say(capsys, "retention", *place).count("startAt") == 0


# Pictures


def cells(line: str) -> list[str]:
    return re.split(r"  +", line.strip())


def found(text: str, *wanted: str) -> bool:
    """Whether a line begins with the first text and has all others as cells."""
    lines = (cells(line) for line in text.splitlines())
    return any(
        line[0] == wanted[0] and not Counter(wanted[1:]) - Counter(line[1:]) for line in lines
    )


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}%"


def changed(value: float | None) -> str:
    return f"{value:+,.2f}%" if value else percent(value)


def share(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f}%"


def duration(value: float | None) -> str:
    if value is None:
        return "–"
    minutes, seconds = divmod(round(value), 60)
    if minutes >= 60:
        hours, minutes = divmod(minutes, 60)
        days, left = divmod(hours, 24)
        return f"{days}d {left:02d}h" if days else f"{hours}h {minutes:02d}m"
    return f"{minutes}m {seconds:02d}s" if minutes else f"{seconds}s"


def answer(server: RunningServer, token: str, name: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(ask(server, token, name))
    return decoded


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", [*PATH_OF, "goals"])
def test_a_list_has_the_numbers_of_its_rows(
    name: str, server: RunningServer, token: str, report: Ask
) -> None:
    text, body = report(name), answer(server, token, name)
    for row in body["data"]:
        wanted = [f"{row['visitors']:,}"]
        if "percentage" in row:
            wanted += [percent(row["percentage"]), f"{row['sessions']:,}", f"{row['revenue']:,.2f}"]
        for field in ("pageviews", "completions"):
            wanted += [f"{row[field]:,}"] if field in row else []
        if "compare" in row:
            change = row["compare"]["change"]["pageviews"]
            wanted.append(changed(change))
        assert found(text, row.get("name") or row["value"], *wanted), (row, text)


def test_several_lists_have_a_title_each(server: RunningServer, token: str, report: Ask) -> None:
    text, body = report("breakdown"), answer(server, token, "breakdown")
    for title, rows in zip(("Entry page", "Device"), body["data"].values(), strict=True):
        assert title in text.splitlines()
        assert all(found(text, row["value"], f"{row['visitors']:,}") for row in rows)


def test_the_overview_has_all_numbers(server: RunningServer, token: str, report: Ask) -> None:
    text, body = report("overview"), answer(server, token, "overview")
    for name, metric in METRICS.items():
        if name not in body["data"][0] or metric.unit == "text":
            continue
        values = []
        for value in (body["data"][0][name], body["compare"]["data"][0][name]):
            match metric.unit:
                case "money":
                    values.append(f"{value:,.2f}")
                case "percent":
                    values.append(percent(value))
                case "seconds":
                    values.append(duration(value))
                case _:
                    values.append(f"{value:,}" if isinstance(value, int) else f"{value:,.2f}")
        label = f"{metric.label} USD" if metric.unit == "money" else metric.label
        change = body["compare"]["change"][name]
        assert found(text, label, *values, changed(change)), label


def test_a_timeseries_has_a_row_for_each_day(
    server: RunningServer, token: str, report: Ask
) -> None:
    text, body = report("timeseries"), answer(server, token, "timeseries")
    for row in body["data"]:
        counts = [f"{row[name]:,}" for name in ("visitors", "sessions", "pageviews")]
        assert found(text, row["timestamp"][:10], *counts, f"{row['revenue']:,.2f}")
    totals = body["totals"]
    assert found(text, "Visitors", f"{totals['visitors']:,}")
    [course] = [line for line in text.splitlines() if line.startswith("Pageviews")]
    heights = ["▁▂▃▄▅▆▇█".index(each) for each in cells(course)[-1]]
    pageviews = [row["pageviews"] for row in body["data"]]
    assert heights == [round(each / max(pageviews) * 7) for each in pageviews]


def test_a_flow_adds_up_and_has_its_transitions(
    server: RunningServer, token: str, report: Ask
) -> None:
    text, body = report("flow"), answer(server, token, "flow")
    started = sum(row["transitions"] for row in body["data"] if row["step"] == 1)
    assert started == body["totals"]["paths"]
    heading = next(line for line in text.splitlines() if line.startswith("start"))
    steps = max(row["step"] for row in body["data"])
    assert cells(heading)[1::2] == [f"{started:,}"] * (steps + 1)
    for step in range(1, steps + 1):
        rows = [row for row in body["data"] if row["step"] == step]
        assert f"Transitions of step {step}: {sum(r['transitions'] for r in rows):,}" in text
        for row in sorted(rows, key=lambda row: -row["transitions"])[:6]:
            target = row["target"].replace("__END_MATCH__", " ✓").replace("__DROP_OFF__", "left")
            numbers = (f"{row['transitions']:,}", percent(row["percentage"]))
            assert found(text, row["source"], f"→ {target}", *numbers, f"{row['revenue']:,.2f}")
    totals = body["totals"]
    assert f"Reached the end {totals['reached_end']:,}" in text


def test_a_funnel_has_its_steps(server: RunningServer, token: str, report: Ask) -> None:
    text, body = report("funnel"), answer(server, token, "funnel")
    for row in body["data"]:
        assert found(
            text,
            f"{row['step']} {row['event']}",
            f"{row['users']:,}",
            share(row["conversion_from_start"]),
            share(row["dropoff_from_previous"]),
            duration(row["median_seconds_from_previous"]),
            f"{row['revenue']:,.2f}",
        )


def test_retention_has_a_row_for_each_week(server: RunningServer, token: str, report: Ask) -> None:
    text, body = report("retention"), answer(server, token, "retention")
    for row in body["data"][0]["user"]:
        weeks = [row[f"week_{week}"] for week in range(13)]
        shades = [share(each) for each in weeks if each is not None]
        plain = text.translate({ord(shade): None for shade in "░▒▓█"})
        assert found(plain, row["cohort_week"], f"{row['num_users']:,}", *shades)


def test_visitors_are_listed_and_told_apart(server: RunningServer, token: str, report: Ask) -> None:
    text, body = report("visitors"), answer(server, token, "visitors")
    for row in body["data"]:
        counts = [f"{row[name]:,}" for name in ("sessions", "pageviews", "goals")]
        assert found(text, row["visitorId"], *counts, f"{row['paid']:,.2f}", row["country"])
    assert body["pagination"]["next"] in text
    one, story = answer(server, token, "visitor")["data"], report("visitor")
    assert found(story, "Visitor", one["visitorId"])
    assert found(story, "Pageviews", f"{one['activity']['pageViewCount']:,}")
    assert found(story, "Paid", f"{one['revenue']['totalRevenue']:,.2f} USD")
    for event in one["activityTimeline"]:
        assert found(story, event["timestamp"][:16].replace("T", " "), event["type"])


def test_websites_and_who_is_here(server: RunningServer, token: str, report: Ask) -> None:
    [row] = answer(server, token, "websites")["data"]
    wanted = (row["id"], row["timezone"], row["trackingId"])
    assert found(report("websites"), row["domain"], *wanted)
    assert found(report("metadata"), "domain", row["domain"])
    now = report("realtime")
    [visitors] = re.findall(r"^(\d+) visitors? in the last 5 minutes$", now, re.MULTILINE)
    assert int(visitors) >= 1
    assert found(report("realtime-map"), "demo.example/pricing", "Austria", "Direct")


# Terminals


def on_terminal(*words: str, **further: str) -> str:
    """What a command writes to a terminal."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "footfall", "report", *words]
    process = subprocess.Popen(command, env=environment(**further), stdout=slave, close_fds=True)
    os.close(slave)
    parts = []
    try:
        while part := os.read(master, 65536):
            parts.append(part)
    except OSError:  # the other end is closed
        pass
    os.close(master)
    assert process.wait(timeout=60) == 0
    return b"".join(parts).decode()


def test_a_terminal_has_colours(server: RunningServer, token: str, report: Ask) -> None:
    known = {"FOOTFALL_TOKEN": token, "TERM": "xterm-256color", "COLUMNS": WIDE}
    words = ("overview", "--compare", *dates("overview"), "--url", server.url)
    coloured = on_terminal(*words, **known)
    assert "\x1b[1m" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured).replace("\r\n", "\n")
    assert plain == report("overview")


def test_watching_ends_with_ctrl_c(server: RunningServer, token: str, tmp_path: Path) -> None:
    words = ["report", "realtime", "--watch", "--every", "1", "--url", server.url]
    output = tmp_path / "frames"
    process = Forked(words, environment(FOOTFALL_TOKEN=token), output)
    wait_until(
        lambda: output.read_text() if output.exists() else "",
        lambda text: text.count("Realtime") == 2,
    )
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert "Traceback" not in output.read_text()


def test_a_reader_that_leaves_ends_the_command(server: RunningServer, token: str) -> None:
    command = [sys.executable, "-m", "footfall", "report", "pages", "--url", server.url]
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        command, env=environment(FOOTFALL_TOKEN=token),
        stdout=writing, stderr=subprocess.PIPE,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")


# Mistakes


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("pages --website demo.exampel", "--website 'demo.exampel' does not exist, or the token"
         " may not see it; did you mean demo.example?"),
        ("pages --filter contry=AT", "--filter 'contry' is not a dimension; did you mean country?"),
        ("pages --filter country", "--filter 'country' has no value"),
        ("pages --filter os=a --filter os=b", "--filter os is given twice"),
        ("pages --fields visiters", "--fields 'visiters' is not a number; did you mean visitors?"),
        ("pages --limit 5000", "--limit '5000' is not a whole number from 1 to 1000"),
        ("pages --limit 0", "--limit '0' is not a whole number from 1 to 1000"),
        ("pages --last 30q", "--last '30q' is not a period such as 30d"),
        ("pages --last 30d --period today", "choose the period with --last, with --period"),
        ("pages --start 2026-13-01", "--start '2026-13-01' is not a valid date"),
        ("pages --timezone Europe/Viena", "did you mean Europe/Vienna?"),
        ("overview --compare --compare-with previous_year", "--compare or --compare-with"),
        ("overview --compare-with 2026", "--compare-with '2026' is not one of"),
        ("breakdown", "DIMENSION is missing"),
        ("funnel --step /", "--step has 1 steps; give 2 to 10"),
        ("flow --start-step {x", "--start-step '{x' is not JSON"),
        ("pages --json --csv", "--json and --csv do not go together"),
        ("realtime --every 0", "--every 0 is not between 1 and 3600 seconds"),
        ("visitor zzz", "VISITOR: Visitor not found"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_flag(
    words: str, said: str, server: RunningServer, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--url", server.url, "--token", token]
    with pytest.raises(FootfallError) as raised:
        say(capsys, *words.split(), *place)
    assert said in raised.value.message


def test_a_server_that_is_not_one_or_a_wrong_token(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, said in (
        (["--url", "stats.example.com"], "is not an address"),
        (["--url", "https://stats.example.com"], "needs a token"),
        (["--url", "http://127.0.0.1:9", "--token", "flow_x"], "does not respond"),
        (["--url", server.url, "--token", "flow_x"], "footfall token create"),
        (["--url", server.url, "--token", "flow_ä"], "is not a token"),
        (["--token", "flow_x"], "--token goes with --url"),
        (["--url", server.url, "--data", "x"], "not both"),
        (["--data", "no/such/folder"], "there is no data in"),
    ):
        with pytest.raises(FootfallError) as raised:
            say(capsys, "pages", *place)
        assert said in raised.value.message


def test_the_exit_codes(tmp_path: Path) -> None:
    code, said = run_forked(tmp_path / "1", "pages", "--data", "no/such/folder")
    assert (code, said.count("\n")) == (1, 1)
    code, said = run_forked(tmp_path / "2", "pagse")
    assert code == 2
    assert 'Did you mean "pages"?' in said
