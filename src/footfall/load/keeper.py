"""Keeping the inventory of the embedded engine up to date."""

import shutil
from pathlib import Path

import msgspec

from footfall.journal.reader import Positions
from footfall.load.inventory import (
    Inventory,
    read_inventory,
    take_appended,
    take_detached,
    take_files,
    take_link,
    take_parts,
    take_replaced,
    write_inventory,
)
from footfall.store.engine import Engine


class InventoryKeeper:
    """Writes the inventory after everything that changes the engine's folder.

    It does nothing for a server, which manages its own files. For one thread.
    """

    def __init__(self, engine: Engine, folder: Path, known: Inventory | None = None) -> None:
        """`folder` is the data folder. `known` is its inventory; without it the file is read."""
        self._engine = engine
        self._folder = folder
        self._home = engine.folder
        self.inventory = known or read_inventory(folder)
        self._is_cleaning = False

    def begin_change(self) -> None:
        """Note that months or definitions are about to change. Raises OSError."""
        if self._home and not self.inventory.is_changing:
            self.inventory.is_changing = True
            write_inventory(self._folder, self.inventory)

    def begin_cleaning(self) -> None:
        """Note that definitions are about to change while loading continues. Raises OSError."""
        self._is_cleaning = True
        self.begin_change()

    def end_cleaning(self) -> None:
        """Note that the definitions are as before. Raises as `keep`."""
        self._is_cleaning = False
        self.keep(ends=True)

    def keep(
        self, number: int | None = None, positions: Positions | None = None, *, ends: bool = False
    ) -> None:
        """Write down what the engine contains now, and its newest batch, unless neither has
        changed. `ends`: the change that began is complete. Raises EngineError, OSError."""
        if self._home is None:
            return
        before = self.inventory
        is_changing = self._is_cleaning or (before.is_changing and not ends)
        if before.is_changing or not before.files:
            before = msgspec.structs.replace(before, files=take_files(self._home))
        parts = take_parts(self._engine, before)
        self.inventory = Inventory(
            number=before.number if number is None else number,
            positions=before.positions if positions is None else positions,
            is_changing=is_changing,
            link=before.link or take_link(self._home),
            files=before.files,
            appended=take_appended(self._home, before),
            parts=parts,
            replaced=take_replaced(self._home, before, parts),
            detached=before.detached,
        )
        write_inventory(self._folder, self.inventory)

    def start_over(self) -> None:
        """Make what exists now the new inventory, without comparing. Raises as `keep`."""
        if self._home is None:
            return
        self.inventory = msgspec.structs.replace(
            self.inventory, files={}, appended={}, link="", detached=take_detached(self._engine)
        )
        self.keep()

    def note_detached(self) -> None:
        """Note that parts were detached and reported. Raises as `keep`."""
        self.inventory.detached = take_detached(self._engine)
        self.keep()

    def drop_detached(self) -> None:
        """Delete the detached parts, because it is unknown whose data they contain. Raises
        EngineError, OSError."""
        if self._home and take_detached(self._engine):
            for folder in self._home.glob("store/*/*/detached"):
                for part in folder.iterdir():
                    shutil.rmtree(part) if part.is_dir() else part.unlink()
            self.note_detached()
