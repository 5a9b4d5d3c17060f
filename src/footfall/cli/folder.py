"""Options that all commands share, and the catalog of a data folder."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from footfall.catalog import Catalog
from footfall.catalog.database import FILE_NAME
from footfall.catalog.registry import keep_salts
from footfall.clock import now_ms
from footfall.config import Settings, read_settings
from footfall.model.errors import Forbidden, NotFound, Unavailable

Data = Annotated[str | None, Parameter(name="--data", help="The data folder.")]
SERVER_FILE = "server.json"
"""Where a running server writes its address, in the data folder."""
AsJson = Annotated[
    bool, Parameter(name="--json", negative=(), show_default=False, help="Print JSON.")
]


def settings_of(data: str | None) -> Settings:
    """The settings of a command that uses a data folder. Raises Forbidden for root where the folder
    is another user's: it would leave files there that this user's server cannot read or replace."""
    settings = read_settings({"data": data})
    if os.geteuid() == 0:
        _refuse_root(settings.folder)
    return settings


def _refuse_root(folder: Path) -> None:
    """The user of a running server counts first: it may use a folder that someone else copied."""
    for name in (SERVER_FILE, FILE_NAME):
        with suppress(FileNotFoundError):
            owner = _user_name((folder / name).stat().st_uid)
            if owner == "root":
                return
            raise Forbidden(
                f"{folder} is used by the user {owner}, and files that root creates there would"
                f" stop the server: run the command as {owner}, as in `sudo -u {owner} footfall …`"
            )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"  # as sudo writes it


@contextmanager
def open_catalog(data: str | None, *, is_made: bool = False) -> Iterator[Catalog]:
    """The data folder's catalog, also while a server runs on it.

    Raises NotFound if the folder has none, unless `is_made` allows to create one: a mistyped folder
    should not become a data folder.
    """
    folder = settings_of(data).folder
    if not is_made and not (folder / FILE_NAME).exists():
        raise NotFound(
            f"there is no data in {folder}: pass the data folder with --data,"
            " or start with `footfall website add DOMAIN`"
        )
    catalog = Catalog(folder)
    with suppress(Unavailable):  # the next command, or the server, tries again
        keep_salts(catalog, now_ms())
    try:
        yield catalog
    finally:
        catalog.close()


def note_change(
    catalog: Catalog, action: str, *, website_id: int | None = None, **filters: str
) -> None:
    """Write what a command has changed into the audit log."""
    catalog.audit.add(website_id, "cli", action, filters=filters, counts={}, now_ms=now_ms())


def print_json(value: object) -> None:
    """One JSON document on standard output, for programs."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
