"""All settings, read once: flags over FOOTFALL_* variables over a TOML file over the defaults."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from footfall.model.errors import BadRequest

_Count = Annotated[int, Meta(ge=0)]
_Some = Annotated[int, Meta(ge=1)]
_Path = Annotated[str, Meta(pattern=r"^/[^?#\s]*[^/?#\s]$")]  # of a URL: /js/main.js


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of a server. Unset ones keep these defaults."""

    data: str = "footfall-data"  # the data folder
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    collectors: Annotated[int, Meta(ge=1, le=64)] = (
        1  # processes that receive events on the port; 1: all in one process
    )
    store: str = ""  # URL of a ClickHouse server; '' for the embedded engine
    public_url: str = ""  # where people reach it, as in https://stats.example.com; '' if unknown
    trusted_proxies: tuple[str, ...] = ()  # addresses or networks; (): private ranges, see docs
    tracker_path: _Path = "/js/main.js"
    events_path: _Path = "/events"
    geo_database: str = ""  # an .mmdb of your own, instead of the bundled country data
    rate_limit_per_minute: _Count = 600  # report requests per token
    viewers_see_visitors: bool = False  # single visitors, whom otherwise only admins see
    cache_mb: _Count = 16  # memory for what reports read last and what has not changed; 0: none
    journal_max_mb: _Count = 4096  # acknowledged but not yet loaded; beyond it events get a 503
    min_free_disk_mb: _Count = 256
    max_connections: _Some = 4000  # beyond it new ones get a 503
    max_connections_per_address: _Some = 500  # not for proxies, whose clients share one address
    request_timeout_s: _Some = 60  # for a complete request, from its first byte to its last
    min_bytes_per_s: _Some = 500  # slower requests and responses are cut off after 10 seconds
    idle_timeout_s: _Some = 30  # between two requests, and before the first one
    log_level: str = "info"

    @property
    def folder(self) -> Path:
        return Path(self.data)


def read_settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
    file: str | None = None,
) -> Settings:
    """Merge the sources. `flags` has None, or no entry, for flags that were not given.

    The TOML file is `file`, else FOOTFALL_CONFIG, else none. Raises BadRequest naming the setting.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    names = Settings.__struct_fields__
    from_environment = {
        name: environment[f"FOOTFALL_{name.upper()}"]
        for name in names
        if f"FOOTFALL_{name.upper()}" in environment
    }
    merged: dict[str, Any] = _read_file(file or environment.get("FOOTFALL_CONFIG"))
    unknown = sorted(set(merged) - set(names))
    if unknown:
        raise BadRequest(f"unknown setting {unknown[0]!r}; known: {', '.join(names)}")
    merged |= from_environment | given
    if isinstance(proxies := merged.get("trusted_proxies"), str):
        merged["trusted_proxies"] = [part.strip() for part in proxies.split(",") if part.strip()]
    try:
        settings = msgspec.convert(merged, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"invalid setting: {error}") from error
    if settings.public_url and not _is_origin(settings.public_url):
        raise BadRequest(
            f"the setting public_url {settings.public_url!r} is not an address such as"
            " https://stats.example.com: leave out path, query and fragment"
        )
    if settings.store and not _is_address(settings.store):
        # its value may contain a password
        raise BadRequest(
            "the setting store is not the URL of a ClickHouse server, such as"
            " https://user:password@host:8443/database; leave it out for the embedded engine"
        )
    return settings


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is not a number
        return False


def _is_origin(text: str) -> bool:
    parts = urlsplit(text) if _is_address(text) else None
    return parts is not None and text == f"{parts.scheme}://{parts.netloc}" and "@" not in text


def _read_file(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        return tomllib.loads(Path(path).read_text())
    except OSError as error:
        raise BadRequest(f"cannot read the settings file {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadRequest(f"the settings file {path} is not TOML: {error}") from error
