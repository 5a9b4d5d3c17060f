"""Where an address is: country, and region and city where the database has them."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb
import msgspec
import structlog

BUNDLED = Path(__file__).parent / "data" / "dbip-country.mmdb"
MAX_ADDRESS = 64  # characters, of any spelling of an IP address
_log = structlog.get_logger(__name__)


class Place(msgspec.Struct, frozen=True, gc=False):
    country: str = ""  # ISO 3166-1 alpha-2
    region: str = ""
    region_code: str = ""  # ISO 3166-2
    city: str = ""


NO_PLACE = Place()


class Geo:
    """Looks addresses up in an .mmdb file of countries or cities: DB-IP's, MaxMind's or
    ip-location-db's fields. Without a readable file every place is unknown."""

    def __init__(self, path: str = "") -> None:
        """Open `path`, or the bundled countries; if that fails, one warning is logged."""
        file = Path(path) if path else BUNDLED
        self._file = str(file)
        self._is_damaged = False
        self._reader: maxminddb.Reader | None = None
        try:
            self._reader = maxminddb.open_database(file)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            _log.warning("places are unknown: no geo database", file=str(file), error=str(error))
        self.place = lru_cache(maxsize=2048)(self._look_up)

    @property
    def is_open(self) -> bool:
        return self._reader is not None

    def close(self) -> None:
        self.place.cache_clear()
        if self._reader:
            self._reader.close()
            self._reader = None

    def _look_up(self, address: str) -> Place:
        if self._reader is None or not address:
            return NO_PLACE
        try:
            record = self._reader.get(address)
        except ValueError:  # an IPv6 address in a database of IPv4
            return NO_PLACE
        except maxminddb.InvalidDatabaseError:
            self._warn_of_damage()
            return NO_PLACE
        return read_record(record) if isinstance(record, dict) else NO_PLACE

    def _warn_of_damage(self) -> None:
        """Logged only once: addresses in the other parts of the file are still found."""
        if not self._is_damaged:
            self._is_damaged = True
            _log.warning("some places are unknown: the geo database is damaged", file=self._file)


def read_record(record: dict[str, Any]) -> Place:
    """A place from a database's record, whichever of the known layouts it has."""
    country = _code(record.get("country")) or _code(record.get("country_code"))
    if not country:
        country = _code(record.get("registered_country"))
    region, code = "", ""
    match record.get("subdivisions"):
        case [dict() as first, *_]:
            region, code = _name(first), _code(first)
        case _:
            region = _text(record.get("state1")) or _text(record.get("region"))
            code = _text(record.get("region_code"))
    if code and country and not code.startswith(f"{country}-"):
        code = f"{country}-{code}"
    return Place(country, region, code, _name(record.get("city")))


def _code(value: object) -> str:
    text = value.get("iso_code") if isinstance(value, dict) else value
    return _text(text).upper() if len(_text(text)) <= 3 else ""


def _name(value: object) -> str:
    if not isinstance(value, dict):
        return _text(value)
    names = value.get("names")
    if not isinstance(names, dict):
        return ""
    return _text(names.get("en") or next(iter(names.values()), ""))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
