"""The units of numbers in answers. A number's JSON type follows from its unit.

Structs that are sent as JSON derive from `Payload`, which refuses, when a class is defined, a
number without a unit and a metric whose unit is not the registry's.
"""

import inspect
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta

from footfall.model.metric import BY_SPELLING, Unit

KEY = "x-unit"
"""The word of OpenAPI under which a schema names the unit."""

Count = Annotated[int, Meta(ge=0, extra_json_schema={KEY: "count"})]
Ratio = Annotated[float, Meta(extra_json_schema={KEY: "ratio"})]
Percent = Annotated[float, Meta(extra_json_schema={KEY: "percent"})]
Seconds = Annotated[float, Meta(extra_json_schema={KEY: "seconds"})]
Money = Annotated[float, Meta(extra_json_schema={KEY: "money"})]
CountOrMoney = Annotated[float, Meta(extra_json_schema={KEY: "count or money"})]
RatioOrMoney = Annotated[float, Meta(extra_json_schema={KEY: "ratio or money"})]
ExactSeconds = Annotated[Decimal, Meta(extra_json_schema={KEY: "seconds", "minimum": 0})]
ExactMoney = Annotated[Decimal, Meta(extra_json_schema={KEY: "money"})]
ExactRatio = Annotated[Decimal, Meta(extra_json_schema={KEY: "ratio"})]
Bytes = Annotated[int, Meta(ge=0, extra_json_schema={KEY: "bytes"})]
Milliseconds = Annotated[int, Meta(ge=0, extra_json_schema={KEY: "milliseconds"})]
Degrees = Annotated[float, Meta(extra_json_schema={KEY: "degrees"})]
Ordinal = Annotated[int, Meta(ge=0, extra_json_schema={KEY: "none"})]
"""A position or a status: a whole number without a unit."""

Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]

METRIC_TYPES: Mapping[Unit, Any] = {
    "count": Count,
    "percent": Percent,
    "seconds": Seconds,
    "money": Money,
    "count or money": CountOrMoney,
    "ratio or money": RatioOrMoney,
    "text": str,
}
"""The type of a metric's values in answers."""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent as JSON. Its fields' names, units and descriptions are those of OpenAPI."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, annotation in inspect.get_annotations(cls).items():
            _check_units(f"{cls.__name__}.{name}", name, annotation)


def unit_of(annotation: object) -> str | None:
    """The unit of a number's type, '' for a number without one, None for what is not a number."""
    return next(_units(annotation, ""), None)


def _check_units(shown: str, name: str, annotation: object) -> None:
    for unit in _units(annotation, ""):
        if not unit:
            raise TypeError(f"{shown}: a number needs a unit; use a type of footfall.model.unit")
    metric = BY_SPELLING.get(name)
    unit_found = unit_of(annotation)
    if metric is not None and unit_found not in (None, metric.unit):
        raise TypeError(
            f"{shown} is declared as {unit_found}, but the metric {metric.name} is {metric.unit}"
        )


def _units(annotation: object, unit: str) -> Iterator[str]:
    """The units of all numbers in a type; '' for one without."""
    if get_origin(annotation) is Annotated:
        annotation, *metas = get_args(annotation)
        for meta in metas:
            if isinstance(meta, Meta):
                unit = (meta.extra_json_schema or {}).get(KEY, unit)
    if annotation in (int, float, Decimal):
        yield unit
    for part in get_args(annotation):
        yield from _units(part, unit)
