"""A SELECT, its bound values, and the stacking of several tables' numbers."""

from collections.abc import Mapping, Sequence
from textwrap import indent

import msgspec

from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.store.rows import Reads


class Statement(msgspec.Struct, frozen=True):
    """`reads`: the rows that decide its answer, None if they are not known."""

    text: str
    values: dict[str, object]
    reads: Reads | None = None


class Values:
    """Collects the values of a statement while its text is written, and which rows it reads."""

    def __init__(self) -> None:
        self.bound: dict[str, object] = {}
        self._placeholders: dict[str, str] = {}
        self._website_id: int | None = None
        self._until_ms = START_OF_TIME
        self._further: tuple[str, dict[str, object]] | None = None

    def read(self, website_id: int, until_ms: int) -> None:
        """Note that it reads a website's rows before an instant."""
        assert self._website_id in (None, website_id)
        self._website_id = website_id
        self._until_ms = max(self._until_ms, until_ms)

    def read_until(self, further: Statement) -> None:
        """Note that it also reads rows up to the time (ms) that `further` answers."""
        assert self._further is None or self._further == (further.text, further.values)
        self._further = further.text, further.values

    def bind(self, kind: str, value: object) -> str:
        """The placeholder for `value` of the engine's type `kind`; equal ones share it."""
        key = f"{kind} {value!r}"
        if key not in self._placeholders:
            name = f"v{len(self.bound)}"
            self.bound[name] = value
            self._placeholders[key] = f"{{{name}:{kind}}}"
        return self._placeholders[key]

    def statement(self, text: str) -> Statement:
        return Statement(text, self.bound, self._reads())

    def _reads(self) -> Reads | None:
        if self._website_id is None:
            return None
        has_end = self._until_ms < END_OF_TIME
        return Reads(self._website_id, self._until_ms if has_end else None, self._further)


_COUNT = "toUInt64(0)"
_MONEY = "toDecimal128(0, 4)"


class Part(msgspec.Struct, frozen=True):
    """One table's part: key and measure columns by name, each an expression.

    Measures have the names of the fields of `query.figure.Figures`. They are counts, `duration` and
    `engaged` sums of milliseconds, and those that end in `_revenue` sums of money.
    """

    source: str  # FROM … WHERE …
    keys: Mapping[str, str]
    measures: Mapping[str, str]
    group_by: str = ""


def stack(keys: Sequence[str], measures: Sequence[str], parts: Sequence[Part]) -> str:
    """One row per key with the measures of all parts; measures that a part does not have are zero.

    A key may have rows in one part only: revenue without visitors, visitors without revenue.
    """
    columns = [*keys, *(f"sum({name}_) AS {name}" for name in measures)]
    inner = "\nUNION ALL\n".join(_select(part, keys, measures) for part in parts)
    text = f"SELECT {', '.join(columns)}\nFROM (\n{indent(inner, '    ')}\n)"
    return f"{text}\nGROUP BY {', '.join(keys)}" if keys else text


def _select(part: Part, keys: Sequence[str], measures: Sequence[str]) -> str:
    columns = [f"{part.keys[key]} AS {key}" if part.keys[key] != key else key for key in keys]
    columns += [f"{part.measures.get(name) or _zero(name)} AS {name}_" for name in measures]
    text = "SELECT\n    " + ",\n    ".join(columns) + f"\n{part.source}"
    return f"{text}\n{part.group_by}" if part.group_by else text


def _zero(measure: str) -> str:
    """The engine adds up a column only if its parts have one type."""
    return _MONEY if measure.endswith("_revenue") else _COUNT
