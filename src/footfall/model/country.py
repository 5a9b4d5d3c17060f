"""Countries: ISO 3166-1 alpha-2 codes, English names as people use them, rough places.

The table is country.tsv, made by scripts/countries.mjs.
"""

from importlib import resources


def _read_rows() -> list[list[str]]:
    table = resources.files("footfall.model").joinpath("country.tsv").read_text("utf-8")
    return [line.split("\t") for line in table.splitlines()[1:]]


_ROWS = _read_rows()
_NAME_OF: dict[str, str] = {row[0]: row[1] for row in _ROWS}
_CODE_OF: dict[str, str] = {
    name.casefold(): row[0]
    for row in _ROWS
    for name in (row[0], row[1], *row[2].split("|"))
    if name
}
_PLACE_OF: dict[str, tuple[float, float]] = {
    row[0]: (float(row[3]), float(row[4])) for row in _ROWS
}

COUNTRY_CODES: tuple[str, ...] = tuple(_NAME_OF)


def country_name(code: str) -> str:
    """The English name of an upper-case ISO code; a code that is not known is its own name."""
    return _NAME_OF.get(code, code)


def country_code(name_or_code: str) -> str | None:
    """The ISO code for a code or an English name in any case; None for what is no country."""
    return _CODE_OF.get(name_or_code.strip().casefold())


def country_place(code: str) -> tuple[float, float] | None:
    """A rough (latitude, longitude) in degrees in the middle of the country; None if not known."""
    return _PLACE_OF.get(code)
