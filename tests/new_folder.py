"""Data folders for tests: empty ones are copies of what the product has made on its first start.

That runs every migration, which takes the processor three times as long as to open what is there,
and hundreds of tests begin with it. The tests of migrations, of first starts and of damage still
begin with nothing.
"""

from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from e2e.forked import call_forked
from new_catalog import open_catalog

from footfall.clock import now_ms
from footfall.damage import DamageLog
from footfall.load.opening import open_engine
from footfall.store.engine import Engine


class Kept(NamedTuple):
    """What is written again of one path: a folder, a link or a file."""

    path: Path
    mode: int
    link: Path | None
    content: bytes | None


def add_tables(folder: Path) -> None:
    """Put empty tables into an empty folder of the embedded engine. While no engine is open in this
    process: it can have one at a time."""
    _write(_tables(), folder)


def begin_folder(folder: Path) -> None:
    """Give a data folder on which nothing has run yet what a server's first start makes."""
    if not any((folder / name).exists() for name in ("engine", "journal", "spool")):
        open_catalog(folder).close()
        _write(_store(), folder)


@cache
def _tables() -> list[Kept]:
    with TemporaryDirectory() as name:
        with closing(Engine(name)) as engine:
            engine.migrate()
        return _read(Path(name))


@cache
def _store() -> list[Kept]:
    """Made in another process, since an engine may be open in this one."""
    with TemporaryDirectory() as name:
        call_forked(_make_store, Path(name))
        return _read(Path(name))


def _make_store(folder: Path) -> None:
    open_engine(str(folder / "engine"), folder, DamageLog(folder, now_ms)).close()


def _read(folder: Path) -> list[Kept]:
    """All below a folder; folders come before what is in them."""
    return [_keep(path, folder) for path in sorted(folder.rglob("*"))]


def _keep(path: Path, folder: Path) -> Kept:
    is_link = path.is_symlink()
    return Kept(
        path.relative_to(folder),
        path.lstat().st_mode & 0o777,
        path.readlink() if is_link else None,
        path.read_bytes() if path.is_file() and not is_link else None,
    )


def _write(kept: list[Kept], folder: Path) -> None:
    for path, mode, link, content in kept:
        to = folder / path
        if link is not None:
            to.symlink_to(link)
            continue
        if content is None:
            to.mkdir()
        else:
            to.write_bytes(content)
        to.chmod(mode)
