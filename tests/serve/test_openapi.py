"""The OpenAPI document: valid, complete, and made from the registries."""

import msgspec
import pytest

from footfall.model.dimension import DIMENSIONS, FILTERS, PATH_OF
from footfall.model.metric import METRICS
from footfall.serve.rest.openapi import openapi_document
from footfall.serve.rest.route import REPORT_ROUTES

validator = pytest.importorskip(
    "openapi_spec_validator", reason="install openapi-spec-validator to check the document"
)


@pytest.fixture(scope="module")
def document():
    return msgspec.json.decode(msgspec.json.encode(openapi_document()))


def test_it_is_valid_openapi_3_1(document) -> None:
    validator.OpenAPIV31SpecValidator(document).validate()


def test_it_lists_every_path(document) -> None:
    expected = {f"/{path}" for path in PATH_OF} | {
        *("/websites", "/workspaces", "/metadata", "/overview", "/timeseries", "/realtime"),
        *("/realtime/map", "/goals", "/breakdown", "/ingestion", "/events"),
    }
    assert set(document["paths"]) == expected


def test_every_filtered_report_lists_every_filter(document) -> None:
    for route in REPORT_ROUTES:
        listed = {
            parameter["$ref"].rpartition("/")[2]
            for parameter in document["paths"][route.path]["get"]["parameters"]
        }
        assert {"websiteId", "domain"} <= listed
        filters = {f"filter_{name}" for name in FILTERS}
        assert filters <= listed if route.has_filters else not filters & listed


def test_every_dimension_can_be_chosen(document) -> None:
    schema = document["components"]["parameters"]["dimension"]["schema"]
    assert schema["items"]["enum"] == list(DIMENSIONS)


def test_every_number_has_its_rule(document) -> None:
    row = document["components"]["schemas"]["OverviewRow"]["properties"]
    for metric in METRICS.values():
        if metric.is_in_overview:
            assert row[metric.name]["description"] == row[metric.alias]["description"]
            assert row[metric.name]["description"] == metric.rule
