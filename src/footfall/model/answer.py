"""What the answers of all reports share: the envelope, pagination, amounts by currency."""

from typing import Annotated, Generic, TypeVar

from msgspec import UNSET, Meta, UnsetType

from footfall.model.unit import Count, Money, Ordinal, Payload

Row = TypeVar("Row")
Totals = TypeVar("Totals")


class Answer(Payload, frozen=True, kw_only=True, tag_field="status", tag="success", rename="camel"):
    """An answer of the web analytics API: its envelope begins with `"status":"success"`."""


class ErrorDetail(Payload, frozen=True, kw_only=True):
    """What went wrong."""

    code: Annotated[Ordinal, Meta(description="The HTTP status")]
    message: Annotated[str, Meta(description="What is wrong and what is right")]
    field: Annotated[str | UnsetType, Meta(description="The parameter or field that is wrong")] = (
        UNSET
    )


class Error(Payload, frozen=True, kw_only=True, tag_field="status", tag="error", rename="camel"):
    """An error of the web analytics API, in the form of old and of new clients at once."""

    error: ErrorDetail
    status_code: Ordinal
    message: str
    request_id: Annotated[
        str | UnsetType, Meta(description="The log has more under this number")
    ] = UNSET


def error_of(status: int, message: str, *, field: str = "", request_id: str = "") -> Error:
    """The error with a status and a message, which it has twice: for old and for new clients."""
    return Error(
        error=ErrorDetail(code=status, message=message, field=field or UNSET),
        status_code=status,
        message=message,
        request_id=request_id or UNSET,
    )


class Pagination(Payload, frozen=True):
    """Which part of all rows an answer shows."""

    limit: Count
    offset: Count
    total: Annotated[Count, Meta(description="Rows before limit and offset")]


class RowsAnswer(Answer, Generic[Row], frozen=True, kw_only=True):
    """Rows, and how many there are where an answer shows a part of them."""

    data: list[Row]
    pagination: Pagination | UnsetType = UNSET


class TotalledAnswer(RowsAnswer[Row], Generic[Row, Totals], frozen=True, kw_only=True):
    """Rows, and numbers of the whole report if they are asked for."""

    totals: Totals | UnsetType = UNSET


class Amount(Payload, frozen=True, kw_only=True):
    """Money in a currency."""

    currency: str
    amount: Money


Unconverted = Annotated[
    list[Amount], Meta(description="Payments for whose currency no rate is known, not in any sum")
]
