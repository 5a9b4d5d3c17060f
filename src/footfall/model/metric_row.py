"""Rows of metrics: structs whose fields come from the registry, each in both spellings."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from footfall.model.metric import BY_SPELLING, METRICS
from footfall.model.unit import METRIC_TYPES, Payload

Field = tuple[str, Any] | tuple[str, Any, Any]


class MetricRow(Payload, frozen=True, kw_only=True):
    """Metrics by name. What a caller asks for decides which of them a row has."""


def spellings(metrics: Iterable[str]) -> tuple[str, ...]:
    """The fields that show `metrics`, in order: all in snake_case, then those that differ in
    camelCase."""
    names = tuple(metrics)
    return tuple(dict.fromkeys((*names, *(METRICS[name].alias for name in names))))


def row_type(
    name: str,
    metrics: Iterable[str],
    *,
    base: type[MetricRow] = MetricRow,
    further: Sequence[Field] = (),
) -> Callable[..., Any]:
    """A struct that shows `metrics`, behind the fields of `base` and before `further` ones."""
    fields: list[Field] = [(each, _type_of(each)) for each in spellings(metrics)]
    return _define(name, [*fields, *further], base)


def documented_row_type(
    name: str,
    metrics: Iterable[str],
    *,
    base: type[MetricRow] = MetricRow,
    further: Sequence[Field] = (),
) -> Callable[..., Any]:
    """The struct that OpenAPI shows for all rows of `row_type`: any of its fields may be absent."""
    fields: list[Field] = [(each, _type_of(each) | UnsetType, UNSET) for each in spellings(metrics)]
    return _define(name, [*fields, *further], base)


def _type_of(spelling: str) -> Any:
    return METRIC_TYPES[BY_SPELLING[spelling].unit]


def _define(name: str, fields: Sequence[Field], base: type[MetricRow]) -> Callable[..., Any]:
    return msgspec.defstruct(name, fields, bases=(base,), frozen=True, kw_only=True)
