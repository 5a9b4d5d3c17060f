"""Numbers as people read them, by the unit that the registry gives them."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.text import Text

from footfall.model.metric import BY_SPELLING, Metric
from footfall.model.money import minor_digits

NOTHING = "–"
_LABELS = {"percentage": "Share", "completions": "Completions"}


def metrics_of(row: Mapping[str, Any]) -> list[str]:
    """The names of a row's numbers in snake_case, each once."""
    found = (_name(key) for key, value in row.items() if _is_number(key, value))
    return list(dict.fromkeys(found))


def _name(key: str) -> str:
    metric = BY_SPELLING.get(key)
    return key if metric is None else metric.name


def _is_number(key: str, value: Any) -> bool:
    metric = BY_SPELLING.get(key)
    if metric is not None:
        return metric.unit != "text"
    return key in _LABELS and not isinstance(value, str)


def value_of(row: Mapping[str, Any], name: str) -> Any:
    """A number of a row under either of its names; None if it is not there."""
    if name in row:
        return row[name]
    metric = BY_SPELLING.get(name)
    return None if metric is None else row.get(metric.alias)


def label_of(name: str) -> str:
    metric = BY_SPELLING.get(name)
    return _LABELS.get(name, name) if metric is None else metric.label


def is_money(name: str) -> bool:
    metric = BY_SPELLING.get(name)
    return metric is not None and metric.unit == "money"


def shown(name: str, value: Any, currency: str) -> str:
    """The value of a metric."""
    metric = BY_SPELLING.get(name)
    if value is None:
        return NOTHING
    match metric.unit if metric else "percent" if name == "percentage" else "count":
        case "money":
            return money(value, currency)
        case "percent":
            return percent(value)
        case "seconds":
            return duration(value)
    return count(value)


def count(value: float | None) -> str:
    """A whole number, or one with two decimals."""
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def money(value: float, currency: str) -> str:
    digits = minor_digits(currency) if currency else 2
    return f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.2f}%"


def share(value: float | None) -> str:
    """A share between 0 and 1."""
    return NOTHING if value is None else f"{value * 100:.1f}%"


def duration(seconds: float | None) -> str:
    """45s, 2m 05s, 3h 07m, 4d 02h."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    for size, unit, smaller, name in ((86_400, "d", 3600, "h"), (3600, "h", 60, "m")):
        if whole >= size:
            return f"{whole // size}{unit} {whole % size // smaller:02d}{name}"
    return f"{whole // 60}m {whole % 60:02d}s"


def change(name: str, value: float | None) -> Text:
    """A change in percent: green where it is good news, red where it is bad."""
    if value is None:
        return Text(NOTHING, "dim")
    metric: Metric | None = BY_SPELLING.get(name)
    better = metric.better if metric else "higher"
    is_good = (value > 0) == (better == "higher")
    style = "dim" if value == 0 or better == "neither" else "green" if is_good else "red"
    return Text(f"{value:+,.2f}%" if value else percent(value), style)


def scaled(values: Iterable[Any]) -> list[float]:
    """The values as shares of the largest one."""
    numbers = [max(float(value or 0), 0.0) for value in values]
    most = max(numbers, default=0.0)
    return [number / most if most else 0.0 for number in numbers]
