"""Catalogs for tests: empty ones are copies of one that the product has made.

A new catalog runs every migration, which takes thirty times as long as opening one that is there,
and thousands of tests begin with one. The tests of `catalog/`, and each server that is started on
an empty folder, still make theirs.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from footfall.catalog import Catalog


def open_catalog(folder: Path) -> Catalog:
    """The catalog of a data folder, whether there is one yet or not."""
    if not any(folder.glob("catalog.*")):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in _files().items():
            path = folder / name
            path.touch(mode=0o600)
            path.write_bytes(content)
    return Catalog(folder)


@cache
def _files() -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        Catalog(Path(folder)).close()
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}
