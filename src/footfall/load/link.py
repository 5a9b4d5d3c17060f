"""Links in the engine's folder that a copy has turned into folders (`cp -rL`)."""

import shutil
from pathlib import Path
from uuid import uuid4

import structlog

log = structlog.get_logger()


def restore_links(home: Path, known_link: str) -> None:
    """Restore links that a copy has turned into folders. Raises OSError.

    `metadata/default` points to the folder in `store` that has the tables' definitions. The links
    in `data` only point to tables in `store`, so their copies are removed: no delete would reach
    them.
    """
    definitions = home / "metadata" / "default"
    if definitions.is_dir() and not definitions.is_symlink():
        _link_definitions(home, definitions, known_link)
    for copy in (home / "data").glob("*/*"):
        if copy.is_dir() and not copy.is_symlink():
            shutil.rmtree(copy)


def _link_definitions(home: Path, copied: Path, known_link: str) -> None:
    """Keep the engine's own folder, and add what only its copy contains."""
    target = _find_definitions(home, copied, known_link)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in copied.iterdir():
        if not (target / path.name).exists():
            path.rename(target / path.name)
    shutil.rmtree(copied)
    copied.symlink_to(Path("..") / target.relative_to(home))
    log.warning("a copy in the engine's folder became a link again", link=str(copied))


def _find_definitions(home: Path, copied: Path, known_link: str) -> Path:
    found = sorted({path.parent for path in (home / "store").glob("*/*/*.sql")})
    if known_link:
        known = home / "store" / Path(known_link).parent.name / Path(known_link).name
        if known in found or not found:
            return known
    if found:
        names = {path.name for path in copied.iterdir()}
        return max(found, key=lambda folder: len(names & {path.name for path in folder.iterdir()}))
    name = str(uuid4())
    return home / "store" / name[:3] / name
