"""soak: hours of mixed work on one server. Do its size and speed stay the same, and are all
numbers right?

    python -m bench.soak --minutes 120

The work continues at a moderate rate in three threads (collecting, reports, everything else), each
request over a connection of its own thread. Every few seconds a line goes into `soak.csv`: memory,
backlog, disk, threads, open files, errors, and the latency of each kind of request since the line
before. In the end the reports are compared with what was acknowledged, `soak.svg` is drawn, and
the exit code says whether everything was right.
"""

import argparse
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from bench.curve import draw
from bench.result import console, machine
from bench.sample import Sampler, growth
from bench.soak_check import check
from bench.soak_work import KINDS, Ledger, Soaked, Work, open_websites

MAX_GROWTH = 1.05
_CHECK_TIMEOUT_S = 300


def main() -> None:
    options = _read_options()
    folder, out = Path(options.data).resolve(), Path(options.out).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    console.print(machine())
    soaked = Soaked(folder, open_websites(folder))
    soaked.start()
    try:
        problems = _soak(soaked, options, out)
    finally:
        soaked.stop()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    for problem in problems:
        console.print(f"[red]wrong[/] {problem}")
    if problems:
        sys.exit(1)
    console.print("every number is right")


def _soak(soaked: Soaked, options: argparse.Namespace, out: Path) -> list[str]:
    """Work, sample, check and draw. Returns what is wrong."""
    ledger = Ledger()
    seconds = options.minutes * 60
    sampler = Sampler(soaked, ledger, out / "soak.csv", [kind.name for kind in KINDS])
    ends_at = time.monotonic() + seconds
    lanes = [
        threading.Thread(target=_work, args=(lane, soaked, ledger, ends_at, options), daemon=True)
        for lane in ("collect", "report", "rest")
    ]
    for lane in lanes:
        lane.start()
    next_kill = time.monotonic() + options.kill_every * 60
    while time.monotonic() < ends_at:
        time.sleep(min(options.sample_every, max(0.0, ends_at - time.monotonic())))
        ledger.run("sample", sampler.sample)
        if options.kill_every and time.monotonic() >= next_kill:
            next_kill = time.monotonic() + options.kill_every * 60
            soaked.kill()
            ledger.kills += 1
    for lane in lanes:
        lane.join(_CHECK_TIMEOUT_S)
    soaked.wait_until_loaded()
    problems = [f"{name}: {text}" for name, text in ledger.problems] + check(soaked, ledger)
    time.sleep(options.rest)
    sampler.sample()
    draw(out / "soak.csv", out / "soak.svg")
    grown = growth(out / "soak.csv")
    console.print(f"{ledger.summary()}\nsecond half: {grown:.3f} × (aim: ≤ {MAX_GROWTH})")
    if grown > MAX_GROWTH and options.minutes >= 10:  # a server that has just started still grows
        problems.append(f"anonymous memory grew {grown:.3f} × in the second half")
    return problems


def _work(
    lane: str, soaked: Soaked, ledger: Ledger, ends_at: float, options: argparse.Namespace
) -> None:
    """Do one lane's kinds of work, each when it is due, until the time is over."""
    work = Work(soaked, ledger, Random(f"{options.seed} {lane}"))
    kinds = [kind for kind in KINDS if kind.lane == lane]
    due = {
        kind.name: time.monotonic() + kind.every_s / options.rate * work.random.random()
        for kind in kinds
    }
    while True:
        kind = min(kinds, key=lambda kind: due[kind.name])
        if due[kind.name] >= ends_at:
            return
        time.sleep(max(0.0, due[kind.name] - time.monotonic()))
        ledger.run(kind.name, _bound(kind.do, work))
        # late work is not made up for: a queue of it would measure itself
        due[kind.name] = max(due[kind.name] + kind.every_s / options.rate, time.monotonic())


def _bound(do: Callable[[Work], None], work: Work) -> Callable[[], None]:
    return lambda: do(work)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=120, help="how long to work")
    add("--rate", type=float, default=1, help="times as much work as usual")
    add("--seed", type=int, default=1)
    add("--sample-every", type=float, default=10, help="seconds between two lines of the CSV")
    add("--rest", type=float, default=75, help="seconds without work before the last line")
    add("--kill-every", type=float, default=0, help="minutes between two kill -9; 0: none")
    add("--data", default=".footfall-bench/soak-data", help="data folder; emptied first")
    add("--out", default=".footfall-bench/soak", help="folder for soak.csv and soak.svg")
    add("--keep", action="store_true", help="keep the data folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
