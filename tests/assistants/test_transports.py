"""Every tool over streamable HTTP and over stdio: its structured content fits the schema that it
declares, and is what REST answers to the same query."""

from typing import Any

import jsonschema
import pytest
from assistants.conftest import SITE, TRANSPORTS, WRITTEN_TO, Place
from mcp import Client
from mcp_types import TextContent
from selection import some_of

from footfall.model.dimension import PATH_OF
from footfall.serve.mcp.schema import input_schema
from footfall.serve.mcp.tool import TOOLS

DATES = {"startAt": "2026-11-21", "endAt": "2026-11-27"}
HOME = {"type": "event", "event": "page", "resolved_event": "/"}
SIGNUP = {"type": "track", "event": "signup", "resolved_event": "signup"}
THERE = {"domain": WRITTEN_TO}
Answer = dict[str, Any]

READS: dict[str, tuple[Answer, str]] = {
    "list_websites": ({}, "/websites"),
    "get_metadata": (SITE, "/metadata"),
    "get_overview": ({**SITE, **DATES, "compare": "previous_period"}, "/overview"),
    "get_timeseries": ({**SITE, **DATES, "fields": ["visitors", "revenue"]}, "/timeseries"),
    "get_realtime": (SITE, "/realtime"),
    "get_realtime_map": ({**SITE, "include_personal_data": True}, "/realtime/map"),
    **{
        f"get_{path.replace('-', '_')}": ({**SITE, **DATES, "limit": 5}, f"/{path}")
        for path in PATH_OF
    },
    "get_breakdown": ({**SITE, **DATES, "dimension": ["exit_page", "language"]}, "/breakdown"),
    "get_goals": ({**SITE, **DATES, "filter_device": "Mobile"}, "/goals"),
    "list_visitors": (
        {**SITE, **DATES, "limit": 20, "include_personal_data": True},
        "/visitors",
    ),
    "get_flow": (
        {**SITE, **DATES, "start_step": HOME, "max_steps": 3, "revenue": True},
        "/flow",
    ),
    "get_funnel": ({**SITE, **DATES, "steps": [HOME, SIGNUP]}, "/funnel"),
    "get_retention": ({**SITE, "min_users": 1}, "/retention"),
}
"""The tools whose answer is that of one report: arguments and path."""
ELSEWHERE = {
    *("get_visitor", "explain_number", "why_not_counted", "track_goal", "track_payment"),
    *("delete_goals", "delete_payments", "delete_visitor"),
}
"""They have tests of their own below."""


class Talk:
    """A client's calls, each of which is checked against the schemas that the server declares."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.called: set[str] = set()

    async def begin(self) -> "Talk":
        listed = (await self.client.list_tools()).tools
        self.tools = {tool.name: tool for tool in listed}
        return self

    async def call(self, name: str, /, **arguments: Any) -> Answer:
        """What the tool has found."""
        tool = self.tools[name]
        jsonschema.validate(arguments, tool.input_schema)
        found = await self.client.call_tool(name, arguments)
        assert not found.is_error, found.content
        content: Answer = found.structured_content
        jsonschema.validate(content, tool.output_schema)
        assert content["notice"]
        self.called.add(name)
        result: Answer = content["result"]
        return result

    async def refuse(self, name: str, /, **arguments: Any) -> str:
        found = await self.client.call_tool(name, arguments)
        assert found.is_error, found
        assert isinstance(found.content[0], TextContent)
        return found.content[0].text


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_tool_answers_as_rest_does(place: Place, transport: str) -> None:
    """Of the tools that are one report, `make test` calls some over both transports."""
    reads = dict(some_of(READS.items(), 9))

    async def work(client: Client) -> set[str]:
        talk = await Talk(client).begin()
        assert list(talk.tools) == list(TOOLS)
        for name, (arguments, path) in reads.items():
            given = {key: each for key, each in arguments.items() if not key.startswith("include")}
            assert await talk.call(name, **arguments) == place.rest(path, **given), name
        await read_further(talk, place)
        await write_and_delete(talk, place, transport)
        return talk.called

    assert place.talk(transport, work) == reads.keys() | ELSEWHERE
    assert READS.keys() | ELSEWHERE == set(TOOLS)


async def read_further(talk: Talk, place: Place) -> None:
    """The reading tools whose answer is not that of one report."""
    listed = place.rest("/visitors", **SITE, **DATES, limit=1)["data"]
    someone = listed[0]["visitorId"]
    story = {**SITE, "visitorId": someone, "include": ["sessions", "events"]}
    whole = await talk.call("get_visitor", **story, include_personal_data=True)
    assert whole == place.rest(f"/visitors/{someone}", **SITE, include=["sessions", "events"])
    explained = await talk.call("explain_number", **SITE, **DATES, metric="bounce_rate")
    asked = {**SITE, **DATES, "fields": "bounce_rate", "parts": "true"}
    assert explained["overview"] == place.rest("/overview", **asked)
    why = await talk.call("why_not_counted", **SITE, **DATES)
    assert why["ingestion"] == place.rest("/ingestion", **SITE, **DATES)
    assert why["quarantine"]["data"] == place.rest("/v0/quarantine", **SITE)["data"]


async def write_and_delete(talk: Talk, place: Place, transport: str) -> None:
    """Record a goal and a payment of a visitor of this transport's, and delete all of it."""
    visitor, goal, payment = f"{transport}-visitor", f"goal_{transport}", f"payment_{transport}"
    page = {"url": f"https://{WRITTEN_TO}/", "visitorUid": visitor}
    place.send(page)
    await talk.call("track_goal", **THERE, name=goal, visitorUid=visitor)
    paid = {"amount": 12.5, "currency": "EUR", "transactionId": payment, "visitorUid": visitor}
    await talk.call("track_payment", **THERE, **paid)
    for tool, filters in (
        ("delete_goals", {"name": goal}),
        ("delete_payments", {"transactionId": payment}),
        ("delete_visitor", {"visitorId": visitor}),
    ):
        first = await talk.call(tool, **THERE, **filters)
        assert first["outcome"] == "confirmation_required", tool
        assert first["filters"] == filters
        if tool == "delete_goals":  # nothing has been deleted yet
            assert completions(place, goal) == 1
        if tool == "delete_payments":
            assert place.rest("/overview", **THERE)["data"][0]["revenue"] >= 12.5
        code = first["confirmationCode"]
        second = await talk.call(tool, **THERE, **filters, confirmationCode=code)
        assert (second["outcome"], second["count"]) == ("deleted", first["count"])
        again = await talk.refuse(tool, **THERE, **filters, confirmationCode=code)
        assert "not valid" in again
    assert completions(place, goal) == 0
    assert place.rest("/overview", **THERE)["data"][0]["revenue"] == 0
    assert payment not in str(place.rest("/visitors", **THERE))


def completions(place: Place, goal: str) -> int:
    rows = place.rest("/goals", **THERE)["data"]
    return sum(row["completions"] for row in rows if row["name"] == goal)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_errors_are_sentences_over_both(place: Place, transport: str) -> None:
    reader = place.demo.token

    async def work(client: Client) -> None:
        talk = await Talk(client).begin()
        assert "Call list_websites" in await talk.refuse("get_overview", domain="none.example")
        assert "did you mean period?" in await talk.refuse("get_pages", **SITE, perid="today")
        assert "lacks the scope" in await talk.refuse("delete_goals", **SITE, name="signup")
        assert "lacks the scope" in await talk.refuse("track_goal", **SITE, name="signup")

    place.talk(transport, work, reader)


def test_the_list_of_tools_fits_into_a_context(place: Place) -> None:
    async def size(client: Client) -> tuple[int, int]:
        listed = (await client.list_tools()).tools
        whole = sum(len(tool.model_dump_json(by_alias=True, exclude_none=True)) for tool in listed)
        without = [tool.model_copy(update={"output_schema": None}) for tool in listed]
        shown = sum(len(tool.model_dump_json(by_alias=True, exclude_none=True)) for tool in without)
        return whole, shown

    whole, shown = place.talk("http", size)
    assert whole < 135_000
    assert shown < 100_000, "what a program shows to its model, without output schemas"


def test_a_schema_refuses_what_its_tool_never_answers(place: Place) -> None:
    """The outlines of answers are short, but not so short that everything fits."""

    async def work(client: Client) -> None:
        talk = await Talk(client).begin()
        found = await client.call_tool("get_pages", {**SITE, **DATES})
        schema = talk.tools["get_pages"].output_schema
        for change in (
            {"result": {}},
            {"notice": None},
            {"result": {**found.structured_content["result"], "data": [{"visitors": 1}]}},
            {"result": {**found.structured_content["result"], "data": [{"value": 1}]}},
            {"result": {**found.structured_content["result"], "totals": 3}},
        ):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({**found.structured_content, **change}, schema)

    place.talk("http", work)


def test_arguments_are_in_one_spelling() -> None:
    for tool in TOOLS.values():
        text = str(input_schema(tool))
        assert "The same as" not in text, tool.name
        assert "'null'" not in text, tool.name
