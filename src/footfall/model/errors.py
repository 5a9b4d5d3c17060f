"""Everything that can go wrong for a caller, as one tree.

FootfallError
├── BadRequest      400  a parameter or field is wrong; names it
├── Unauthorized    401  no token, or not one of ours
├── Forbidden       403  the token may not do this
├── NotFound        404
├── Conflict        409
├── TooLarge        413
├── TooManyRequests 429  says when to try again
└── Unavailable     503  cannot take it now; says when to try again
"""


class FootfallError(Exception):
    """Base of all errors that a caller is shown. `message` is written for a person."""

    status = 500

    def __init__(self, message: str, *, field: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after_s = retry_after_s


class BadRequest(FootfallError):
    status = 400


class Unauthorized(FootfallError):
    status = 401


class Forbidden(FootfallError):
    status = 403


class NotFound(FootfallError):
    status = 404


class Conflict(FootfallError):
    status = 409


class TooLarge(FootfallError):
    status = 413


class TooManyRequests(FootfallError):
    status = 429


class Unavailable(FootfallError):
    status = 503
