"""The unit of a number decides its JSON type, and a wrong declaration fails when it is defined."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta, UnsetType

from footfall.model.metric import METRICS
from footfall.model.metric_row import row_type
from footfall.model.unit import (
    KEY,
    METRIC_TYPES,
    Count,
    CountOrMoney,
    Money,
    Payload,
    Percent,
    Ratio,
    RatioOrMoney,
    Seconds,
    unit_of,
)
from footfall.query import figure


def define(name: str, annotation: Any) -> None:
    msgspec.defstruct("Row", [(name, annotation)], bases=(Payload,), frozen=True, kw_only=True)


def test_a_units_json_type() -> None:
    types = {"count": "integer", "ratio": "number", "percent": "number", "seconds": "number"}
    types |= {"money": "number", "count or money": "number", "ratio or money": "number"}
    for unit in (Count, Ratio, Percent, Seconds, Money, CountOrMoney, RatioOrMoney):
        schema = msgspec.json.schema(unit)
        assert schema["type"] == types[schema[KEY]]
        assert unit_of(unit) == schema[KEY]


def test_every_metric_has_the_type_of_its_unit() -> None:
    for metric in METRICS.values():
        assert unit_of(METRIC_TYPES[metric.unit]) == (
            None if metric.unit == "text" else metric.unit
        )


@pytest.mark.parametrize(
    ("name", "annotation"),
    [
        ("conversion_rate", Count),
        ("bounceRate", Count | None),
        ("bounce_rate", Annotated[Ratio | UnsetType, Meta(description="As a ratio")]),
        ("revenue", Count),
        ("visitors", Percent),
        ("avg_session_duration", Money),
        ("kpi_value", Count),
    ],
)
def test_a_metric_cannot_be_declared_with_another_unit(name: str, annotation: Any) -> None:
    with pytest.raises(TypeError, match=rf"Row\.{name} is declared as .*, but the metric"):
        define(name, annotation)


def test_a_ratio_cannot_be_declared_as_an_integer_in_a_class_either() -> None:
    with pytest.raises(TypeError, match="declared as count, but the metric conversion_rate"):

        class _Row(Payload):
            conversion_rate: Count


@pytest.mark.parametrize(
    "annotation", [int, float, Decimal, int | None, list[float], dict[str, int], float | str]
)
def test_a_number_needs_a_unit(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"Row\.anything: a number needs a unit"):
        define("anything", annotation)


def test_other_types_need_no_unit() -> None:
    for annotation in (str, bool, list[str], dict[str, Count], str | None, Count | None):
        define("anything", annotation)


def test_a_formula_that_does_not_give_the_declared_unit_is_refused() -> None:
    formula = figure.Formula("count", ("bounces",), lambda figures: figures.bounces, "bounces")
    with pytest.raises(TypeError, match="bounce_rate is declared as percent, but worked out as"):
        figure.check_units({"bounce_rate": formula})


def test_a_rows_fields_are_those_asked_for_in_their_order() -> None:
    row = row_type("Row", ("revenue", "bounce_rate"))(revenue=1, bounce_rate=2, bounceRate=2)
    assert msgspec.json.encode(row) == b'{"revenue":1,"bounce_rate":2,"bounceRate":2}'
