"""Countries: ISO 3166-1 codes, English names as people use them, rough places.

The table is country.tsv, made by scripts/countries.mjs.
"""

import re
import unicodedata
from importlib import resources

from footfall.model.remember import remember


def _read_rows() -> list[list[str]]:
    table = resources.files("footfall.model").joinpath("country.tsv").read_text("utf-8")
    return [line.split("\t") for line in table.splitlines()[1:]]


_ROWS = _read_rows()
_NAME_OF: dict[str, str] = {row[0]: row[3] for row in _ROWS}
_PLACE_OF: dict[str, tuple[float, float]] = {
    row[0]: (float(row[5]), float(row[6])) for row in _ROWS
}
_NOT_IN_WORDS = re.compile("['’‘ʼʹ`´.\u0300-\u036f]")  # accents, apostrophes, the dots of U.S.
_SMALL_WORDS = frozenset({"and", "of", "the"})
_FORMS_OF_STATE = frozenset(
    (
        *("commonwealth", "federal", "federation", "federative", "grand", "duchy", "independent"),
        *("islamic", "kingdom", "people", "peoples", "principality", "republic", "state", "states"),
        *("sultanate", "union", "united", "hashemite", "plurinational", "socialist", "democratic"),
    )
)

COUNTRY_CODES: tuple[str, ...] = tuple(_NAME_OF)


def country_name(code: str) -> str:
    """The English name of an upper-case ISO code; a code that is not known is its own name."""
    return _NAME_OF.get(code, code)


@remember(1024)
def country_code(text: str) -> str | None:
    """The alpha-2 code for an ISO 3166-1 code (AT, AUT, 040) or an English name, or None.

    Case, accents, punctuation and word order make no difference, so ISO's own names are found
    as well: "Tanzania, United Republic of", "Gambia (the)". A full name such as "Federal Republic
    of Germany" is found by the words that remain without the form of state.
    """
    code = _CODE_OF_CODE.get(text.strip().upper())
    if code:
        return code
    words = _words(text)
    return _CODE_OF_WORDS.get(words) or _CODE_OF_WORDS.get(words - _FORMS_OF_STATE)


def _words(text: str) -> frozenset[str]:
    """What distinguishes a name: its words in lower case, without accents and punctuation."""
    plain = _NOT_IN_WORDS.sub("", unicodedata.normalize("NFD", text)).casefold()
    words = re.findall(r"[^\W_]+", plain)
    return frozenset("saint" if word == "st" else word for word in words) - _SMALL_WORDS


_CODE_OF_CODE: dict[str, str] = {code: row[0] for row in _ROWS for code in row[:3] if code}
_CODE_OF_WORDS: dict[frozenset[str], str] = {
    _words(name): row[0] for row in _ROWS for name in (row[3], *row[4].split("|")) if name
}


def country_place(code: str) -> tuple[float, float] | None:
    """A rough (latitude, longitude) in degrees in the middle of the country; None if not known."""
    return _PLACE_OF.get(code)
