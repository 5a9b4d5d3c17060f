"""The whole fault matrix: `make faults`, or `python -m e2e.fault_matrix [WORDS]` for some cells.

`FOOTFALL_FAULT_SEED` repeats a run; `FOOTFALL_FAULT_CASES` says how many cases a cell has (1).
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from e2e.fault_case import WHENS, Cell, NotApplicable, When, World, cells, look_at, run_case
from e2e.fault_kind import FAULT_NAMES, FaultName
from e2e.full_life import live

SEED = os.environ.get("FOOTFALL_FAULT_SEED") or str(time.time_ns() % 1_000_000)
CASES = int(os.environ.get("FOOTFALL_FAULT_CASES", "1"))


class Matrix:
    def __init__(self, world: World, place: Path) -> None:
        self.world, self.place = world, place
        self.done: Counter[tuple[str, FaultName, When]] = Counter()
        self.failed: list[str] = []

    def run(self, cell: Cell, number: int) -> None:
        chance = random.Random(f"{SEED}-{cell}-{number}")
        with tempfile.TemporaryDirectory(dir=self.place) as place:
            try:
                damaged = run_case(self.world, cell, Path(place), chance)
            except NotApplicable:
                print(f"none    {cell}", flush=True)
                return
            except Exception as error:
                self.failed.append(f"{type(error).__name__} {error}")
                print(f"FAILED  {cell}: {error}", flush=True)
            else:
                print(f"passed  {cell}: {damaged}", flush=True)
        self.done[cell.kind.name, cell.fault, cell.when] += 1

    def print_table(self) -> None:
        """Cases of each kind of file, by fault: before the start + while it runs."""
        names = [name for name, _, _ in self.done]
        print(f"\n{'':32}" + "".join(f"{fault:>15}" for fault in FAULT_NAMES))
        for name in dict.fromkeys(sorted(names, key=names.index)):
            row = f"{name:32}"
            for fault in FAULT_NAMES:
                counts = [self.done[name, fault, when] for when in WHENS]
                row += f"{' + '.join(map(str, counts)):>15}"
            print(row)
        print(
            f"\n{sum(self.done.values())} cases in {len(self.done)} cells,"
            f" {len(self.failed)} failed. FOOTFALL_FAULT_SEED={SEED}"
        )


def main(words: list[str]) -> int:
    """Exit code 1 if a case failed."""
    print(f"FOOTFALL_FAULT_SEED={SEED}")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        matrix = Matrix(look_at(live(place), place), place)
        chosen = [cell for cell in cells() if all(word in str(cell) for word in words)]
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(matrix.run, cell, n) for cell in chosen for n in range(CASES)]
        for job in jobs:
            job.result()
    matrix.print_table()
    print("\n".join(matrix.failed))
    return int(bool(matrix.failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
