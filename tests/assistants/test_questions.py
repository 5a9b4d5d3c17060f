"""The 40 questions: each right call gives the fact, on the demo website at the questions' time."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from assistants.conftest import SITE, Place
from mcp import Client

from dashboard import demo_server
from evals.question import DAYS, NOW_MS, Question, fact_in, questions
from evals.score import ENOUGH, Choice, score, table
from footfall.serve.mcp.tool import TOOLS

ROOT = Path(__file__).parents[2]


def test_there_are_questions_about_every_tool() -> None:
    assert len(questions()) == len({question.id for question in questions()}) >= 40
    assert {call.tool for question in questions() for call in question.answers} == set(TOOLS)
    assert (demo_server.NOW_MS, demo_server.DAYS) == (NOW_MS, DAYS)


def test_every_right_call_gives_the_fact(place: Place) -> None:
    found: list[tuple[Question, str, Any]] = []

    async def work(client: Client) -> None:
        for question in questions():
            for call in question.answers:
                answer = await client.call_tool(call.tool, call.full_arguments())
                assert not answer.is_error, (question.id, call.tool, answer.content)
                fact = fact_in(answer.structured_content["result"], call.place)
                found.append((question, call.tool, fact))

    try:
        place.talk("http", work)
    finally:
        place.delete("/goals", **SITE, name="signup", startAt="2026-11-28", endAt="2026-11-28")
        place.delete("/payments", **SITE, transactionId="INV-2026-117")
    assert [(q.id, tool, fact) for q, tool, fact in found] == [
        (q.id, tool, q.fact) for q, tool, _ in found
    ]


def right() -> list[Choice]:
    return [
        Choice(each.id, each.answers[0].tool, each.answers[0].full_arguments(), str(each.fact))
        for each in questions()
    ]


def test_right_choices_are_all_right() -> None:
    marks = score(right())
    assert all(mark.is_right and mark.has_fact for mark in marks), table(marks)
    assert "right tool and arguments: 40 of 40" in table(marks)


@pytest.mark.parametrize(
    ("id", "tool", "arguments", "said"),
    [
        ("visitors", "get_realtime", {}, "instead of get_overview"),
        ("visitors", "get_overview", {"period": "last_30_days"}, "wrong startAt"),
        ("visitors", "get_overview", {"period": "last_7_days", "domain": "x"}, "wrong domain"),
        ("visitors", "get_overview", {"period": "last_7_days", "bots": "only"}, "wrong bots"),
        ("visitors", "get_overview", {"period": "last_7_days", "days": 7}, "wrong days"),
        ("states", "get_regions", {"period": "last_7_days"}, "wrong filter_country"),
        ("delete-goals", "delete_goals", {"name": "signup"}, "wrong endAt, startAt"),
        ("erase", "delete_visitor", {"visitorId": "another"}, "wrong visitorId"),
    ],
)
def test_wrong_choices_are_named(id: str, tool: str, arguments: Any, said: str) -> None:
    wrong = Choice(id, tool, {**SITE, **arguments})
    marks = score([wrong if choice.id == id else choice for choice in right()])
    assert said in table(marks)
    assert sum(mark.is_right for mark in marks) == 39


def test_the_same_call_in_other_words_is_right() -> None:
    dates = {"startAt": "2026-11-21", "endAt": "2026-11-27"}
    for id, tool, arguments in (
        ("visitors", "get_overview", {**dates, "fields": ["visitors"], "bots": "exclude"}),
        ("states", "get_regions", {**dates, "filter_country": "United States", "limit": 50}),
        ("landing", "get_breakdown", {**dates, "dimension": ["entry_page"]}),
        ("before-signup", "get_flow", {**dates, "direction": "backward",
                                       "start_step": {"type": "track", "event": "signup"}}),
        ("record-payment", "track_payment", {"amount": 49.0, "currency": "usd",
                                             "transactionId": "INV-2026-117"}),
    ):  # fmt: skip
        [mark] = [each for each in score([Choice(id, tool, {**SITE, **arguments})])
                  if each.question.id == id]  # fmt: skip
        assert mark.is_right, (id, mark.wrong)


def test_an_answer_in_words_is_searched_for_the_fact() -> None:
    for answer, is_right in (
        ("You had 1,582 visitors.", True),
        ("You had 1582.", True),
        ("You had 11,582 visitors or 1582.5", False),
        ("I do not know", False),
    ):
        choice = Choice("visitors", "get_overview", {**SITE, "period": "last_7_days"}, answer)
        [mark] = [each for each in score([choice]) if each.question.id == "visitors"]
        assert mark.has_fact == is_right, answer


def test_the_runner_prints_and_scores(tmp_path: Path) -> None:
    printed = run("questions", "--seed", "3")
    assert {msgspec.json.decode(line)["id"] for line in printed} == {
        each.id for each in questions()
    }
    shown = [msgspec.json.decode(line) for line in run("tools")]
    assert [tool["name"] for tool in shown] == list(TOOLS)
    assert all(tool.keys() == {"name", "title", "description", "inputSchema"} for tool in shown)
    file = tmp_path / "choices.jsonl"
    file.write_bytes(b"\n".join(msgspec.json.encode(choice) for choice in right()))
    assert run("score", str(file))[0] == "right tool: 40 of 40"


def run(*words: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "evals", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ran.stdout.splitlines()


@pytest.mark.parametrize(
    "file", sorted((ROOT / "evals").glob("choices-*.jsonl")), ids=lambda file: file.name
)
def test_recorded_choices_are_good_enough(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    marks = score(msgspec.json.decode(line, type=Choice) for line in lines)
    assert sum(mark.is_right_tool for mark in marks) >= ENOUGH, table(marks)
