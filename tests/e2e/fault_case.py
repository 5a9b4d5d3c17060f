"""One case of the fault matrix: a data folder, a damaged file, a server that starts on it."""

import errno
import itertools
import os
import random
import re
import shutil
import signal
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from e2e.fault_kind import FAULT_NAMES, KINDS, OF_FOLDERS, PART, TABLE, FaultName, Kind
from e2e.full_life import UA, Life, collector, kill_all, page, post
from e2e.server import BASE, Server, wait_until
from fault import FAULTS, Hit, replace_by_older

from footfall.journal.segment import encode_mark, read_frames, read_mark, segment_path
from footfall.load.inventory import read_inventory
from footfall.store.engine import Engine

When = Literal["before the start", "while it runs"]
WHENS: tuple[When, ...] = ("before the start", "while it runs")
NUMBERS = ("visitors", "sessions", "pageviews", "revenue")
Key = tuple[str, ...]  # website, report, row, number
Answers = dict[Key, float]
TABLES = "database = currentDatabase() AND notEmpty(data_paths)"
AFTER = "/after"
ACTIVE = "active AND database = currentDatabase() AND table != 'erased'"
SETTLED_AFTER_S = 20  # only where no damage is found, or payments are not restored


class Cell(NamedTuple):
    kind: Kind
    fault: FaultName
    when: When

    def __str__(self) -> str:
        return f"{self.kind.name}, {self.fault}, {self.when}"


class NotApplicable(Exception):
    """There is no such file, or no older copy of it that differs."""


class World(NamedTuple):
    """A life, the answers of a server on its undamaged folder, and the rows of each part."""

    life: Life
    truth: Answers
    truth_when_deleted: Answers
    paths_of_part: dict[str, set[str]]  # of the parts of events, by table folder and name
    active_parts: set[Path]  # below the data folder
    tables: dict[str, str]  # by the name of its folder

    @property
    def erased(self) -> str:
        """The folder's name of a table that is empty unless a delete is under way."""
        return next(folder for folder, table in self.tables.items() if table == "erased")


def cells() -> list[Cell]:
    """All cells of the matrix."""
    return [
        Cell(kind, fault, when)
        for kind in KINDS
        for fault in (OF_FOLDERS if kind.is_folder else FAULT_NAMES)
        for when in WHENS
        if when == "before the start" or kind.is_damaged_while_running
    ]


def look_at(life: Life, place: Path) -> World:
    """Ask the undamaged folders for the truth."""
    truths: list[Answers] = []
    for name in ("folder", "deleting"):
        folder = place / f"undamaged-{name}"
        shutil.copytree(getattr(life, name), folder, symlinks=True)
        server = Server(folder)
        start(server)
        truths.append(ask(server, life))
        report = health(server)
        assert report["status"] == "ok", report
        server.stop()
    copied = place / "rows"
    shutil.copytree(life.folder, copied, symlinks=True)
    with closing(Engine(str(copied / "engine"))) as engine:
        rows = engine.query("SELECT DISTINCT _part, path FROM events").rows
        parts = engine.query(f"SELECT path FROM system.parts WHERE {ACTIVE}").rows
        tables = engine.query(f"SELECT data_paths[1], name FROM system.tables WHERE {TABLES}").rows
    paths: dict[str, set[str]] = {}
    for part, path in rows:
        paths.setdefault(part, set()).add(path)
    known = {part.name for parts in read_inventory(life.folder).parts.values() for part in parts}
    active = {
        Path(path).relative_to(copied.resolve())
        for (path,) in parts
        if Path(path).name in known  # a merge since the newest batch is compared after the next one
    }
    folders = {Path(folder).name: table for folder, table in tables}
    return World(life, truths[0], truths[1], paths, active, folders)


def run_case(world: World, cell: Cell, place: Path, rng: random.Random) -> str:
    """Run one case in the empty folder `place`; answers which file was damaged and how. Raises
    AssertionError for what must not happen, and NotApplicable."""
    life = world.life
    folder = place / "data"
    shutil.copytree(life.deleting if cell.kind.is_deleting else life.folder, folder, symlinks=True)
    server = Server(folder)
    case = _Case(world, cell, server, rng)
    try:
        case.run()
    except AssertionError as error:
        raise AssertionError(f"{cell}: {case.damaged}: {error}") from None
    finally:
        if server.is_running():
            kill_all(server)
    return case.damaged


def _remove(folder: Path) -> None:
    """Remove a folder into which a server may be writing."""
    while True:
        try:
            shutil.rmtree(folder)
            return
        except FileNotFoundError:
            if not folder.exists():
                return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise


class _Case:
    def __init__(self, world: World, cell: Cell, server: Server, rng: random.Random) -> None:
        self.world, self.cell, self.server, self.rng = world, cell, server, rng
        self.kind = cell.kind
        self.damaged = ""
        self.truth = dict(world.truth_when_deleted if self.kind.is_deleting else world.truth)
        self.lost_paths: set[str] = set()
        self.lost_month = ""
        self._is_replaced = cell.when == "while it runs" and bool(cell.kind.replaced)

    def run(self) -> None:
        if self.cell.when == "while it runs":
            self._damage_a_running_server()
        else:
            self._damage(self._choose())
        if refusal := start(self.server):
            self._check_refusal(refusal)
            return
        self._settle()
        first = ask(self.server, self.world.life)
        report = health(self.server)
        self._check(first, report)
        more = live_on(self.server, self.world.life, first)
        after = ask(self.server, self.world.life)
        wrong = differences(after, more)
        assert not wrong, f"new events are not counted exactly: {wrong}"
        self.server.stop()
        refusal = start(self.server)
        assert not refusal, f"does not start a second time: {refusal}"
        self._settle()
        again = ask(self.server, self.world.life)
        wrong = differences(again, more)
        assert not wrong, f"other answers after a second start: {wrong}"
        second = health(self.server)["damage"]
        assert second == report["damage"], f"new damage at a second start: {second}"
        self.server.stop()

    def _settle(self) -> None:
        """Wait until every part of the store has been read, which goes on while the server runs."""
        is_quiet = self.cell.fault in self.kind.quiet or self._is_replaced
        give_up_at = time.monotonic() + (2 if is_quiet else SETTLED_AFTER_S)
        found = None
        while time.monotonic() < give_up_at:
            before, found = found, health(self.server)["damage"]
            if found and found == before and self._has_revenue():
                break
            time.sleep(1)

    def _has_revenue(self) -> bool:
        """Whether the payments that the store has lost are restored from the ledger."""
        if self.kind.loses not in ("rows", "anything"):
            return True
        answers = ask(self.server, self.world.life)
        return all(
            answers.get(key, 0) >= wanted
            for key, wanted in self.truth.items()
            if key[1] == "overview" and key[3] == "revenue"
        )

    def _check(self, answers: Answers, report: dict[str, object]) -> None:
        wrong = differences(answers, self.truth)
        more = {key: pair for key, pair in wrong.items() if pair[0] > pair[1]}
        assert not more, f"counted twice: {more}"
        beyond = {key: pair for key, pair in wrong.items() if not self._may_be_lost(key, pair)}
        assert not beyond, f"lost beyond the damage: {beyond}; health {report['status']}"
        if wrong:
            assert report["status"] != "ok", f"health is ok, and lost are {wrong}"
        if self.cell.fault not in self.kind.quiet and not self._is_replaced:
            assert report["status"] != "ok" or self._is_merged_away(), "health is ok"
        assert report["status"] in ("ok", "damaged"), f"health: {report}"

    def _is_merged_away(self) -> bool:
        """Whether the running server has merged the damaged part into a newer one before it was
        damaged, or from the rows that it had read. Then nothing is lost with it."""
        found = re.match(PART, self.damaged)
        if not found or not self.kind.is_active_part or self.cell.when == "before the start":
            return False
        part = Path(found[0])
        table = self.world.tables[part.parent.name]
        known = read_inventory(self.server.folder).parts.get(table, [])
        return part.name not in {one.name for one in known}

    def _may_be_lost(self, key: Key, pair: tuple[float, float]) -> bool:
        if self.kind.loses == "anything":
            return True
        _, name, row, number = key
        if self.kind.loses == "nothing":
            return False
        if name == "pages":
            return row in self.lost_paths
        if number == "revenue":
            return False  # the ledger has it
        if self.kind.loses == "rows":
            return name in ("overview", "goals") or row == self.lost_month
        if name == "goals":
            return False
        return pair[1] - pair[0] <= len(self.lost_paths) * 20

    def _check_refusal(self, text: str) -> None:
        assert self.kind.may_refuse, f"the server refuses to start: {text}"
        assert "Traceback" not in text, text
        assert len(text.strip().splitlines()) == 1, text

    def _choose(self) -> Path:
        """A file or folder of the kind."""
        folder = self.server.folder
        paths = [
            path
            for path in _all_below(folder)
            if self.kind.matches(path.relative_to(folder))
            and path.is_dir() == self.kind.is_folder
            and self.kind.has.encode() in _content(path)
            and self.world.erased not in path.parts
            and (not self.kind.is_active_part or self._is_active(path.relative_to(folder)))
        ]
        if not paths:
            raise NotApplicable
        groups: dict[Path, list[Path]] = {}  # small tables are chosen as often as large ones
        for path in paths:
            groups.setdefault(_table_of(path), []).append(path)
        return self.rng.choice(self.rng.choice(list(groups.values())))

    def _is_active(self, path: Path) -> bool:
        return not {path, path.parent}.isdisjoint(self.world.active_parts)

    def _damage(self, path: Path) -> None:
        folder = self.server.folder
        relative = path.relative_to(folder)
        self.damaged = relative.as_posix()
        self._expect_losses(path, relative, Hit(0, 1 << 60))
        before = _content(path)
        if self.cell.fault == "older copy":
            self._replace(path, relative)
        elif path.is_dir():
            _remove(path)
        else:
            is_kept_empty = self.kind.name == "catalog's log"  # after its pages are moved
            if not path.stat().st_size and (is_kept_empty or self.cell.fault != "delete"):
                raise NotApplicable
            hit = FAULTS[self.cell.fault](path, self.rng)
            self.damaged += f" {hit.start}-{hit.end}"
            if path.exists() and path.read_bytes() == before:
                raise NotApplicable  # the block was zero already
            self.lost_paths = set()
            path_before = path.with_name(f"{path.name}-before")
            path_before.write_bytes(before)
            self._expect_losses(path_before, relative, hit)
            path_before.unlink()

    def _expect_losses(self, path: Path, relative: Path, hit: Hit) -> None:
        name = relative.as_posix()
        if self.kind.loses == "records":
            for segment in sorted(path.rglob("*.log")) if path.is_dir() else [path]:
                self.lost_paths |= paths_in(segment, hit)
        elif self.kind.loses == "rows":
            part = re.match(PART, name)
            assert part
            part_name = part[0].rpartition("/")[2]
            self.lost_paths |= self.world.paths_of_part.get(part_name, set())
            self.lost_month = part_name[:6]

    def _replace(self, path: Path, relative: Path) -> None:
        older = self.world.life.older / relative
        if self.kind.name == "journal segment" or self.kind.name == "import segment":
            self._cut_at_a_record(path)
        elif self.kind.name == "journal mark":
            end = read_mark(path.parent, int(path.stem))
            assert end is not None
            path.write_bytes(encode_mark(self.rng.randrange(end)))
        elif older.exists() and _contents(older) != _contents(path):
            replace_by_older(path, older)
        else:
            others = self._others(path)
            if not others:
                raise NotApplicable
            replace_by_older(path, self.rng.choice(others))

    def _cut_at_a_record(self, path: Path) -> None:
        """A file to which is only appended: its older copy is its beginning."""
        frames = read_frames(path, 0, path.stat().st_size)
        end = self.rng.choice(frames.offsets)
        self.lost_paths = paths_in(path, Hit(end, frames.end))
        with path.open("r+b") as file:
            file.truncate(end)

    def _others(self, path: Path) -> list[Path]:
        """The same file of other parts of the table: what a confused disk writes here."""
        if "engine/store" not in path.as_posix() or path.is_dir():
            return []
        table = _table_of(path)
        found = [other for other in table.rglob(path.name) if _content(other) != _content(path)]
        return sorted(found)

    def _damage_a_running_server(self) -> None:
        assert not start(self.server)
        if self.kind.name == "journal segment":
            self._damage_an_unread_segment()
        else:
            self._damage_what_is_there()
        with suppress(AssertionError, OSError):  # an error is an answer, a wrong number is not
            answers = ask(self.server, self.world.life)
            more = {
                key: pair
                for key, pair in differences(answers, self.truth).items()
                if pair[0] > pair[1]
            }
            if more:
                self.damaged += f" counted twice while running: {more}"
        assert "counted twice" not in self.damaged
        kill_all(self.server)

    def _damage_what_is_there(self) -> None:
        for _ in range(5):
            with suppress(FileNotFoundError):  # a running server removes files
                self._damage(self._choose())
                return
        raise NotApplicable

    def _damage_an_unread_segment(self) -> None:
        shop = self.world.life.websites[0]
        folder = self.server.folder / "journal" / "collector-9"
        with collector(self.server.folder, "collector-9") as url:
            self.server.process.send_signal(signal.SIGSTOP)
            paths = [f"/running/{number}" for number in range(6)]
            for path in paths:
                assert post(url, page(shop, path)) == 202
            self._damage(segment_path(folder, 1))
            self.server.process.send_signal(signal.SIGCONT)
        for path in paths:
            for number in ("visitors", "sessions", "pageviews"):
                self.truth[shop.domain, "pages", path, number] = 1
        for name in ("overview", "months"):
            rows = [key for key in self.truth if key[:2] == (shop.domain, name)]
            newest = max(key[2] for key in rows)
            for number in ("visitors", "sessions", "pageviews"):
                self.truth[shop.domain, name, newest, number] += len(paths)


def start(server: Server) -> str:
    """Start, and wait until what was acknowledged is loaded and a delete is finished.

    Answers what the server says if it refuses to start, else ''."""
    server.begin()
    server.url = ""

    def is_up() -> bool:
        if server.process.poll() is not None:
            return True
        with suppress(AssertionError):
            server.url = server._find_url()
        return bool(server.url)

    wait_until(is_up, "start")
    if server.process.poll() is not None:
        text = server.log.read_bytes()[server._log_begin :].decode()
        return text or f"it ended with {server.process.returncode}"
    erasing = server.folder / "erasing"
    with suppress(AssertionError):
        server.wait_for_loading()
        wait_until(lambda: not any(erasing.glob("*.json")), "end of the delete", 20)
    return ""


def health(server: Server) -> dict[str, object]:
    return server.ask("GET", "/health")[1]


def ask(server: Server, life: Life) -> Answers:
    """What the reports answer about both websites."""
    answers: Answers = {}
    for website, token in zip(life.websites, life.tokens, strict=True):
        for name, path, row_name in (
            ("overview", "/overview", ""),
            ("pages", "/pages?limit=1000", "value"),
            ("goals", "/goals", "value"),
            ("months", "/timeseries?interval=month&startAt=2026-01-01", "timestamp"),
        ):
            status, answer = server.ask("GET", f"{BASE}{path}", token)
            if status in (401, 403, 404):
                continue  # a catalog that has lost the website or its token
            assert status == 200, f"{path}: {status} {answer}"
            for row in answer["data"]:
                label = str(row.get(row_name, "")) if row_name else ""
                label = label[:7].replace("-", "") if name == "months" else label
                for number in NUMBERS if name != "goals" else ("completions",):
                    if number in row:
                        answers[website.domain, name, label, number] = row[number]
    return answers


def differences(got: Answers, wanted: Answers) -> dict[Key, tuple[float, float]]:
    """Where two answers differ: what was got and what was wanted."""
    return {
        key: (got.get(key, 0), wanted.get(key, 0))
        for key in sorted({*got, *wanted})
        if got.get(key, 0) != wanted.get(key, 0)
    }


def live_on(server: Server, life: Life, before: Answers) -> Answers:
    """Send new page views and a payment; answers what the reports must answer then."""
    shop, token = life.websites[0], life.tokens[0]
    if (shop.domain, "overview", "", "visitors") not in before:
        return before  # the catalog does not know it any more
    for number in range(2):
        hit = page(shop, f"{AFTER}/{number}", visitorUid="after")
        status, answer = server.ask("POST", "/events", "", hit, UA)
        assert status == 202, f"a new event: {status} {answer}"
    sale = {"transactionId": "after", "amount": 7, "currency": "EUR"}
    status, answer = server.ask("POST", f"{BASE}/payments", token, sale)
    assert status == 200, f"a new payment: {status} {answer}"
    server.wait_for_loading()
    after = dict(before)
    for number in range(2):
        for name in ("visitors", "sessions", "pageviews"):
            after[shop.domain, "pages", f"{AFTER}/{number}", name] = 1
    month = max(key[2] for key in before if key[:2] == (shop.domain, "months"))
    for name, row in (("overview", ""), ("months", month)):
        for number, added in (("visitors", 1), ("sessions", 1), ("pageviews", 2), ("revenue", 7)):
            key = shop.domain, name, row, number
            after[key] = after.get(key, 0) + added
    key = shop.domain, "goals", "payment", "completions"
    after[key] = after.get(key, 0) + 1
    return after


def paths_in(segment: Path, hit: Hit) -> set[str]:
    """The pages in the records that a fault hit."""
    frames = read_frames(segment, 0, segment.stat().st_size)
    found: set[str] = set()
    for offset, record in zip(frames.offsets, frames.records, strict=True):
        if offset < hit.end and hit.start < offset + 8 + len(record):
            found |= {text.decode() for text in re.findall(rb"/(?:[a-z]+/)[a-z0-9/-]*", record)}
    return found


def _table_of(path: Path) -> Path:
    match = re.match(rf"(.*/{TABLE})(/.*)?$", path.as_posix())
    return Path(match[1]) if match else path.parent


def _contents(path: Path) -> dict[str, bytes]:
    """What a file, or each file in a folder, holds. A part of the same name is mostly the same."""
    found = [path, *_all_below(path)]
    return {below.relative_to(path).as_posix(): _content(below) for below in found}


def _content(path: Path) -> bytes:
    return b"" if path.is_dir() else path.read_bytes()


def _all_below(folder: Path) -> list[Path]:
    """Files and folders; a running server may remove some meanwhile."""
    found = [
        Path(parent, name) for parent, *names in os.walk(folder) for name in itertools.chain(*names)
    ]
    return sorted(found)
