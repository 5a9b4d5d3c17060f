"""Options that all commands share, and the catalog of a data folder."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import msgspec
from cyclopts import Parameter

from footfall.catalog import Catalog
from footfall.catalog.database import FILE_NAME
from footfall.catalog.registry import keep_salts
from footfall.clock import now_ms
from footfall.config import read_settings
from footfall.model.errors import NotFound, Unavailable

Data = Annotated[str | None, Parameter(name="--data", help="The data folder.")]
AsJson = Annotated[
    bool, Parameter(name="--json", negative=(), show_default=False, help="Print JSON.")
]


@contextmanager
def open_catalog(data: str | None, *, is_made: bool = False) -> Iterator[Catalog]:
    """The data folder's catalog, also while a server runs on it.

    Raises NotFound if the folder has none, unless `is_made` allows to create one: a mistyped folder
    should not become a data folder.
    """
    folder = read_settings({"data": data}).folder
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


def print_json(value: object) -> None:
    """One JSON document on standard output, for programs."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
