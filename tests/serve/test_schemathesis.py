"""Random requests made from the OpenAPI document, valid and invalid, against a real server.

The seed is fixed; another one explores: FOOTFALL_SCHEMA_SEED=7 FOOTFALL_SCHEMA_EXAMPLES=200.
`make test` sends 4 requests to each of 25 operations, `make test-all` 6 to each of all.
"""

import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import schemathesis
from e2e.server import Server, running
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)
from selection import IS_ALL

from footfall.query.parse.visitor_list import (
    FLOW_LINK_PARAMS,
    FLOW_PART_PARAMS,
    FUNNEL_PART_PARAMS,
    FUNNEL_STEP_PARAMS,
)
from footfall.serve.openapi.document import openapi_document

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("FOOTFALL_SCHEMA_SEED", "1"))
EXAMPLES = int(os.environ.get("FOOTFALL_SCHEMA_EXAMPLES", "6" if IS_ALL else "4"))
DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
JSON_TEXTS = {
    each["name"]: each["example"]
    for each in DOCUMENT["components"]["parameters"].values()
    if "example" in each
}
"""Examples of the parameters that are JSON: their schema allows any text in their place."""
ALWAYS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
BATCHES = {"send_events", "v0_raw_events"}
"""Each event stands on its own here: a wrong one is counted in the answer."""

schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.config.generation.update(
    modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE], allow_extra_parameters=False
)
schema.config.checks.negative_data_rejection.expected_statuses = [
    *("400", "401", "403", "404", "413", "414")
]
schema.config.phases.coverage.enabled = False
schema.config.phases.examples.enabled = False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server") / "data"
    with running(folder, rate_limit_per_minute=1_000_000) as server:
        yield server


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    website = server.website("example.com", currency="EUR")
    return {
        "website": server.token(website, "read", "write", "delete", "collect"),
        "workspace": server.token(None, "read", "manage"),
    }


def make_consistent(case: Any) -> None:
    """Values that are each valid may still contradict one another: leave such combinations out."""
    query = case.query
    for name in ("websiteId", "domain", "compare", "match", "endAt", "dateFrom", "dateTo"):
        query.pop(name, None)
    for name, example in JSON_TEXTS.items():
        if name in query:
            query[name] = example
    if query.get("exclude", "").lstrip().startswith("["):
        query["exclude"] = '["/login"]'  # a JSON array, which a pattern cannot describe
    if case.path.startswith("/v0"):
        for name in ("startAt", "breakdown", "breakdown_top_n"):
            query.pop(name, None)
        query |= {"date_from": "2026-01-01", "date_to": "2026-12-31"}
    if case.path == "/timeseries":
        query.pop("startAt", None)
    if case.path == "/funnel":
        query.pop("breakdown", None)
        query.pop("breakdown_top_n", None)
    if case.path == "/visitors":
        ask_for_one_number(query)
    if case.method == "DELETE" and "{id}" not in case.path:
        query |= {"visitorId": "nobody"}


def ask_for_one_number(query: dict[str, Any]) -> None:
    """The people of a flow, of a funnel, or all: without the parameters of the others."""
    of_flow, of_funnel = {*FLOW_PART_PARAMS, *FLOW_LINK_PARAMS}, {*FUNNEL_PART_PARAMS, "dropped"}
    own = of_flow if "start_step" in query else of_funnel if "steps" in query else set()
    for name in {*of_flow, *of_funnel, *FUNNEL_STEP_PARAMS} - own:
        query.pop(name, None)
    if "flow_step" not in query:
        query.pop("flow_source", None)
        query.pop("flow_target", None)
    query.pop("cursor", None)  # it belongs to one order


@pytest.mark.sample(15)
@schema.parametrize()
@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_documented(case: Any, server: Server, tokens: Any) -> None:
    is_positive = case.meta.generation.mode is GenerationMode.POSITIVE
    checks = list(ALWAYS)
    is_own_call = case.operation.definition.raw["tags"] == ["access"]
    if is_own_call:
        pass  # what they answer depends on who is signed in: see test_route_access
    elif is_positive and case.method in ("GET", "DELETE"):
        make_consistent(case)
        checks.append(positive_data_acceptance)
    elif not is_positive and case.operation.definition.raw["operationId"] not in BATCHES:
        checks.append(negative_data_rejection)
    token = tokens["workspace" if case.path == "/workspaces" or is_own_call else "website"]
    base = server.url if case.path.startswith("/v0") else f"{server.url}/api/v1"
    case.call_and_validate(
        base_url=base, headers={"Authorization": f"Bearer {token}"}, checks=checks
    )
