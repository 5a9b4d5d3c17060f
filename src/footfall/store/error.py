"""What can go wrong in the engine."""

import re

_CODES_OF_REFUSED_ROWS = frozenset(
    {
        6,  # cannot parse text
        26,  # cannot parse quoted string
        27,  # cannot parse input
        33,  # cannot read all data
        38,  # cannot parse date
        41,  # cannot parse datetime
        53,  # type mismatch
        69,  # argument out of bound
        70,  # cannot convert type
        72,  # cannot parse number
        117,  # incorrect data
        131,  # too large string size
        321,  # value is out of range of data type
        407,  # decimal overflow
        691,  # unknown element of enum
    }
)
DAMAGE_CODES = frozenset(
    {
        32,  # attempt to read after the end
        33,  # cannot read all data
        40,  # checksum does not match
        74,  # cannot read from file
        76,  # cannot open file
        79,  # incorrect file name
        107,  # file does not exist
        226,  # no file in a part
        228,  # bad size of a file in a part
        246,  # corrupted data
        271,  # cannot decompress
        432,  # unknown codec
        481,  # system call failed
    }
)
"""Errors of the engine that only a damaged file causes, not a statement of ours."""
_UNAVAILABLE = {
    201: "the user's quota is used up",
    202: "it runs too many queries at once",
    203: "it has no free connection",
    209: "it does not answer in time",
    210: "it does not answer in time",
    236: "it is stopping",
    242: "the table may only be read",
    243: "its disk is full",
    373: "the session is locked",
    745: "it is overloaded",
}
_FORBIDDEN = {
    81: "the database of its address does not exist; create it there with CREATE DATABASE",
    164: "the user of its address may only read",
    192: "it does not know the user of its address",
    193: "it rejects the password of its address",
    194: "it wants a password, and its address has none",
    452: "the user of its address may not change a setting that Footfall needs",
    497: "the user of its address lacks a right",
    516: "it rejects the user or the password of its address",
}
"""Codes of a server's errors that are about neither rows nor statements, and what they mean: those
that pass without help, and those that a person must fix."""
NEEDED_RIGHTS = (
    "SELECT, INSERT, ALTER, CREATE TABLE, DROP TABLE, TRUNCATE ON DATABASE.*",
    "SELECT ON system.*",
    "TABLE ENGINE ON *",
)
"""The rights that a user needs, with the database's name instead of DATABASE."""
_NEEDED_RIGHT = re.compile(r"necessary to have the grant (.+?)[.] \(ACCESS_DENIED\)")


class EngineError(Exception):
    """The engine refused or failed. The message is for logs, not for clients."""

    @property
    def code(self) -> int:
        """The engine's number for the error, 0 if there is none."""
        return error_code(str(self))

    @property
    def reason(self) -> str:
        """What went wrong, without any value of a row or a query."""
        names = re.findall(r"\(([A-Z][A-Z0-9_]+)\)", str(self))
        if not self.code:
            return "the engine failed; the log has the details"
        return f"code {self.code}" + (f", {names[-1]}" if names else "")


class RowsRefused(EngineError):
    """The engine cannot read or store a row of an inserted block."""


class QueryCancelled(EngineError):
    """The request's client has disconnected, or its request was abandoned."""


class StoreUnavailable(EngineError):
    """A ClickHouse server that cannot be used now: it is down or full, or rejects us. The
    message is a sentence without a value, an address or a password."""

    @property
    def reason(self) -> str:
        return str(self)


class StoreForbidden(StoreUnavailable):
    """A ClickHouse server that rejects our user, or denies a right. Like StoreUnavailable,
    but waiting does not help."""


def error_code(message: str) -> int:
    """The engine's number of an error, 0 if the message names none."""
    found = re.search(r"Code: (\d+)", message)
    return int(found[1]) if found else 0


def plain_reason(message: str) -> str:
    """The reason in an error of the engine, without the exception's name, version and trace."""
    found = re.findall(r"DB::\w*Exception: (?!Waited job|Load job)(.+?)(?:: While|\n|$)", message)
    return (found[-1] if found else message).split(" (version")[0].strip()[:400]


def engine_error(message: str) -> EngineError:
    """The error of the embedded engine with this message."""
    error = EngineError(message)
    return RowsRefused(message) if error.code in _CODES_OF_REFUSED_ROWS else error


def server_error(message: str) -> EngineError:
    """The error of a server with this message of the driver."""
    error = engine_error(message)
    if meaning := _FORBIDDEN.get(error.code):
        right = _NEEDED_RIGHT.search(message)
        if right:
            grants = "; ".join(f"GRANT {needed} TO USER" for needed in NEEDED_RIGHTS)
            meaning = f"{meaning}: {right[1]}. It needs all of these: {grants}"
        return StoreForbidden(_sentence(meaning, error))
    if meaning := _UNAVAILABLE.get(error.code):
        return StoreUnavailable(_sentence(meaning, error))
    if not error.code:
        return StoreUnavailable(_sentence(_cause(message), error))
    return error


def _sentence(meaning: str, error: EngineError) -> str:
    number = f" ({error.reason})" if error.code else ""
    return f"the ClickHouse server cannot be used: {meaning}{number}"


def _cause(message: str) -> str:
    causes = {
        "not ClickHouse's": "another program answers at its address, such as a proxy",
        "Unexpected response": "another program answers at its address, such as a proxy",
        "HTTP status": "another program answers at its address, such as a proxy",
        "CERTIFICATE_VERIFY_FAILED": "its certificate cannot be verified",
        "SSL": "a TLS connection cannot be made",
        "Connection refused": "nothing listens at its address",
        "resolve": "its name cannot be resolved",
        "timed out": "it does not answer in time",
    }
    return next((text for sign, text in causes.items() if sign in message), "it cannot be reached")
