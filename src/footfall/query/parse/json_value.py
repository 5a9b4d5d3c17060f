"""JSON inside a parameter, read piece by piece; each piece knows its place in it."""

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.json_text import MALFORMED
from footfall.model.number import plain_number

MAX_TEXT = 2048
"""Characters of a name, path or value."""
_SHOWN = 64


class Piece(msgspec.Struct, frozen=True):
    """A value inside a parameter's JSON; None where there is none.

    `field` is the parameter with the dotted way to the value, as in `start_step.filters.0.value`.
    """

    field: str
    value: object

    @property
    def is_missing(self) -> bool:
        return self.value is None

    def refusal(self, said: str) -> BadRequest:
        """The error that names this place and the value found there."""
        return BadRequest(f"{self.field} {shown_value(self.value)} {said}", field=self.field)

    def check_object(self, example: str) -> None:
        """Raises BadRequest showing the example if it is not a JSON object."""
        if not isinstance(self.value, dict):
            raise self.refusal(f"is not a JSON object; write {example}")

    def get(self, *spellings: str) -> "Piece":
        """The member of an object by any of its names; null counts as missing. Raises BadRequest if
        two of them differ."""
        members = self.value if isinstance(self.value, dict) else {}
        given = {name: members[name] for name in spellings if members.get(name) is not None}
        name = next(iter(given), spellings[0])
        if any(value != given[name] for value in given.values()):
            raise BadRequest(
                f"{self.field} has {' and '.join(given)}, and they differ; give one of them",
                field=f"{self.field}.{name}",
            )
        return Piece(f"{self.field}.{name}", given.get(name))

    def items(self, most: int, what: str) -> list["Piece"]:
        """The members of an array, none where it is missing. Raises BadRequest for more."""
        if self.is_missing:
            return []
        if not isinstance(self.value, list):
            raise self.refusal(f"is not a JSON array of {what}")
        if len(self.value) > most:
            raise BadRequest(
                f"{self.field} has {len(self.value)} {what}; at most {most}", field=self.field
            )
        return [Piece(f"{self.field}.{at}", value) for at, value in enumerate(self.value)]

    def text(self, what: str, most: int = MAX_TEXT) -> str:
        """A text, '' where it is missing. Raises BadRequest saying `what` belongs here."""
        if self.is_missing:
            return ""
        if not isinstance(self.value, str):
            raise self.refusal(f"is not a text; give {what}")
        return check_text(self.value, self.field, most)

    def scalar_text(self) -> str:
        """A text, or the JSON text of a number, true or false, as properties are stored."""
        if isinstance(self.value, bool | int | float):
            number = plain_number(self.value)
            return check_text(msgspec.json.encode(number).decode(), self.field, MAX_TEXT)
        if self.is_missing or not isinstance(self.value, str):
            raise self.refusal("is not a valid value; give a text, a number, true or false")
        return self.text("a value")


def read_json(text: str | None, field: str, example: str) -> Piece:
    """A parameter's JSON, None inside for a missing one. Raises BadRequest showing an example."""
    if text is None:
        return Piece(field, None)
    try:
        return Piece(field, msgspec.json.decode(text))
    except MALFORMED as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise BadRequest(
            f"{field} {text[:_SHOWN]!r} is not valid JSON ({why}); write {example}", field=field
        ) from error


def check_text(text: str, field: str, most: int) -> str:
    """The text itself. Raises BadRequest if it is longer than `most` or contains a NUL."""
    if len(text) > most:
        raise BadRequest(
            f"{field} {text[:_SHOWN]!r}… is {len(text)} characters long; at most {most}",
            field=field,
        )
    if "\0" in text:
        raise BadRequest(f"{field} {text[:_SHOWN]!r} contains a NUL character", field=field)
    return text


def shown_value(value: object) -> str:
    """A decoded JSON value for a message, cut to 64 characters; lists and objects by kind."""
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return "(an array)" if isinstance(value, list) else "(an object)"
    if isinstance(value, str):
        return repr(value[:_SHOWN])
    return msgspec.json.encode(value).decode()[:_SHOWN]
