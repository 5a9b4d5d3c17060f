"""The checks of `footfall doctor`: each returns ok, warn or fail, and one sentence."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from importlib import resources
from pathlib import Path
from random import Random
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from footfall.catalog import Catalog
from footfall.cli.live import Store, find_server, open_store
from footfall.clock import Clock
from footfall.config import Settings
from footfall.damage import DamageLog
from footfall.enrich.place import Geo
from footfall.journal.reader import FINISHED, ONE_OFF_PREFIX, unread_bytes
from footfall.journal.segment import writer_folders, writer_lock
from footfall.load.deletion import DeletionFiles
from footfall.load.lock import data_lock, is_server_waiting
from footfall.load.spool import Spool
from footfall.model.errors import Conflict, FootfallError
from footfall.model.website import Website

MINUTE_MS = 60_000
DAY_MS = 86_400_000
BUILT_AFTER_AT = 1_767_225_600_000
"""2026-01-01. A clock that shows an earlier time is wrong."""
LATE_AFTER_BYTES = 64 * 1024 * 1024
SHARE_OF_ONE_ADDRESS = 0.5
ENOUGH_HITS = 100
SILENT_AFTER_DAYS = 2
YEAR_DAYS = 365
TRIES = 3

_MB = 1024 * 1024
_A_BUG = "report this as a bug. A running server finds it within days, too, and repairs it"
T = TypeVar("T")


class Check(msgspec.Struct, frozen=True):
    name: str
    status: Literal["ok", "warn", "fail"]
    message: str


def check_all(settings: Settings, clock: Clock, *, deep: bool = False) -> list[Check]:
    """All checks that apply to this data folder. They change no stored data."""
    checks = [check_tracker(), check_places(settings), check_clock(clock())]
    folder = settings.folder
    if not (folder / "catalog.sqlite").exists():
        return [_check_beginning(folder), *checks]
    checks = [check_folder(folder), check_disk(settings), *checks]
    try:
        checks += _check_running(settings, clock, deep=deep)
    except FootfallError as error:
        checks.append(Check("store", "fail", error.message))
    checks += [check_refused(folder), check_damage(folder, clock), check_deletions(folder)]
    return [*checks, *check_imports(folder)]


def _check_running(settings: Settings, clock: Clock, *, deep: bool) -> list[Check]:
    """The checks that need the store, through the running server or opened here."""
    server = find_server(settings.folder)
    if server is None and not _is_free(settings.folder):
        if not is_server_waiting(settings.folder):
            message = "an import is loading into the store: run this again when it has ended"
            return [Check("server", "warn", message)]
        message = (
            "another footfall process uses the folder and does not respond: it is starting or stuck"
        )
        return [Check("server", "fail", message)]
    checks: list[Check] = []
    if server is not None and server.trouble:
        message = f"the server at {server.url} {server.trouble}: see its log"
        return [Check("server", "fail", message)]
    if server is None:
        checks.append(Check("server", "ok", "not running; start it with `footfall serve`"))
        checks.append(check_backlog(_unread_bytes(settings.folder), is_loading=False))
    else:
        checks += check_server(server.health, server.url)
    with closing(Catalog(settings.folder)) as catalog:
        websites = catalog.websites()
        if not websites:
            message = "there is none yet: footfall website add example.com"
            return [*checks, Check("websites", "warn", message)]
        with open_store(settings, server, catalog, clock) as store:
            checks.append(Check("store", "ok", "the engine opens and responds"))
            for website in websites:
                checks += check_website(website, store, clock())
                if deep:
                    checks.append(check_visitors(website, store, clock()))
    return checks


def _check_beginning(folder: Path) -> Check:
    return Check(
        "data folder",
        "warn",
        f"{folder} is empty or missing: try `footfall demo`, or start with"
        " `footfall website add example.com` and `footfall serve`",
    )


def check_folder(folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        return Check("data folder", "fail", f"cannot write to {folder}: {reason}; check its owner")
    return Check("data folder", "ok", f"{folder} is writable")


def check_disk(settings: Settings) -> Check:
    free_mb = shutil.disk_usage(settings.folder).free // _MB
    least_mb = settings.min_free_disk_mb
    if free_mb < least_mb:
        message = f"{free_mb} MB are free, less than {least_mb}: hits are refused; make room"
        return Check("disk space", "fail", message)
    if free_mb < 4 * least_mb:
        message = f"only {free_mb} MB are free; below {least_mb} MB hits are refused: make room"
        return Check("disk space", "warn", message)
    return Check("disk space", "ok", f"{free_mb / 1024:,.1f} GB are free")


def check_clock(now: int) -> Check:
    """The system's clock and the time zones that reports need."""
    try:
        ZoneInfo("Europe/Vienna")
    except ZoneInfoNotFoundError:
        return Check("clock", "fail", "there is no time zone database: pip install tzdata")
    if now < BUILT_AFTER_AT:
        return Check("clock", "fail", "the clock is wrong by months or more: set the system's time")
    return Check("clock", "ok", "the time is plausible, and time zones are available")


def check_places(settings: Settings) -> Check:
    geo = Geo(settings.geo_database)
    if not geo.is_open:
        which = settings.geo_database or "the bundled country database"
        return Check("places", "warn", f"cannot read {which}: countries will be unknown")
    geo.close()
    return Check("places", "ok", "the country database can be read")


def check_tracker() -> Check:
    if (resources.files("footfall.serve") / "static" / "main.js").is_file():
        return Check("tracker", "ok", "the script is built")
    return Check("tracker", "fail", "the script is not built: install Footfall again")


def check_backlog(size: int, *, is_loading: bool) -> Check:
    text = f"{size / _MB:,.1f} MB are waiting to be loaded"
    if not size:
        return Check("journal", "ok", "everything is loaded")
    if not is_loading:
        return Check("journal", "ok", f"{text}; the next `footfall serve` loads them")
    if size > LATE_AFTER_BYTES:
        return Check("journal", "warn", f"{text}: loading does not keep up; see the server's log")
    return Check("journal", "ok", text)


class Health(msgspec.Struct):
    """The fields of GET /health that are used here."""

    status: str
    version: str = ""
    clock_ms: int = 0
    journal_backlog_bytes: int = 0
    loaded_at: int | None = None
    is_loading_failing: bool = False
    loading_error: str = ""
    most_hits_share: dict[str, float] = {}
    hits: dict[str, int] = {}
    unfinished_deletes: list[str] = []
    unchecked_payments: list[str] = []


def check_server(answer: dict[str, object], url: str) -> list[Check]:
    health = msgspec.convert(answer, Health)
    checks = [Check("server", "ok", f"version {health.version} responds at {url}")]
    if health.is_loading_failing:
        reason = health.loading_error or "see the server's log"
        checks.append(Check("loading", "fail", f"rows cannot be stored now: {reason}"))
    checks.append(check_backlog(health.journal_backlog_bytes, is_loading=True))
    for message in health.unfinished_deletes:
        checks.append(Check("deletes", "fail", f"{message}; the server retries every minute"))
    for message in health.unchecked_payments:
        checks.append(Check("payments", "fail", f"{message}; the server retries every minute"))
    if (health.loaded_at or 0) > health.clock_ms + MINUTE_MS:
        message = (
            "the clock has been set back since the last load: events may join the wrong sessions"
        )
        checks.append(Check("clock", "warn", message))
    share = health.most_hits_share.get("address_share", 0.0)
    hits = int(health.most_hits_share.get("hits", 0))
    if hits >= ENOUGH_HITS and share >= SHARE_OF_ONE_ADDRESS:
        message = (
            f"{share:.0%} of the last {hits} hits came from one address, probably your proxy's."
            " Make it send X-Forwarded-For, and add it to `trusted_proxies`"
        )
        checks.append(Check("proxy headers", "warn", message))
    else:
        checks.append(Check("proxy headers", "ok", "hits come from different addresses"))
    if unknown := health.hits.get("unknown_website", 0):
        message = (
            f"since the start, {unknown} hits had a tracking id that belongs to no website: compare"
            " the tag on your pages with `footfall website list`"
        )
        checks.append(Check("unknown website", "warn", message))
    return checks


def check_website(website: Website, store: Store, now: int) -> list[Check]:
    """When the last hit was, and which hits of the last 24 hours were dropped."""
    last_day = store.last_day_of_hits(website)
    today = store.today(website, now)
    if last_day is None:
        message = "no hit yet: put the tag on its pages, or send events from a server"
        seen = Check(website.domain, "warn", message)
    elif last_day < store.today(website, now - SILENT_AFTER_DAYS * DAY_MS):
        message = f"no hit since {last_day}: check that the tag is still on its pages"
        seen = Check(website.domain, "warn", message)
    else:
        when = "today" if last_day == today else last_day
        seen = Check(website.domain, "ok", f"last hit: {when}")
    dropped = store.dropped(website, now - DAY_MS)
    if not dropped:
        return [seen]
    parts = ", ".join(f"{hits:,} {reason}" for reason, hits in dropped.items())
    return [seen, Check(website.domain, "ok", f"not counted in the last 24 hours: {parts}")]


def check_visitors(website: Website, store: Store, now: int) -> Check:
    """Count the visitors of a random day, those of the last year, and the rows of the day's lists
    by marks and walks, and by sets and events. Today is chosen only if there is no other day,
    because somebody may visit meanwhile."""
    first, today = store.today(website, now - YEAR_DAYS * DAY_MS), store.today(website, now)
    days = sorted(store.visitors_by_day(website, first, today))
    if not days:
        return Check(website.domain, "ok", "there are no visitors to count again")
    days = [day for day in days if day != today] or days
    day = Random().choice(days)  # noqa: S311 - nobody has to be unable to guess it
    try:
        for period in ((day, day), (first, days[-1])):
            if counts := _differing(partial(store.visitors, website, *period)):
                fewest, most = sorted(counts)
                counted = f"from {period[0]} to {period[1]}, {fewest:,} or {most:,} visitors"
                return Check(website.domain, "fail", f"{counted} are counted: {_A_BUG}")
        if lists := _differing(partial(store.lists, website, day)):
            one, other = lists
            names = ", ".join(name for name in one if one[name] != other[name])
            message = f"two ways of counting give different rows for {day} in {names}: {_A_BUG}"
            return Check(website.domain, "fail", message)
    except _Changing:
        message = "visitors came while they were counted in two ways: run this again later"
        return Check(website.domain, "warn", message)
    message = f"the visitors of {day} and of the last year, and the lists of {day}, were counted"
    return Check(website.domain, "ok", f"{message} in two ways, with the same result")


class _Changing(Exception):
    """What is counted changes each time."""


def _differing(count: Callable[..., T]) -> tuple[T, T] | None:
    """The results by marks and by sets, if they differ while nothing comes in between. Raises
    _Changing."""
    for _ in range(TRIES):
        one, other = count(by_sets=False), count(by_sets=True)
        if one == other:
            return None
        if count(by_sets=False) == one:
            return one, other
    raise _Changing


def check_refused(folder: Path) -> Check:
    path = folder / "refused.jsonl"
    if not path.exists():
        return Check("refused rows", "ok", "none")
    with path.open("rb") as file:
        rows = sum(1 for _ in file)
    message = (
        f"{rows:,} rows could not be stored: `footfall refused` shows why, and `footfall refused"
        " reload` loads those that the store accepts now"
    )
    return Check("refused rows", "warn", message)


def check_damage(folder: Path, clock: Clock) -> Check:
    unseen = DamageLog(folder, clock).unseen()
    if not unseen:
        return Check("damage", "ok", "no damaged files were found")
    message = (
        f"{unseen[-1].file}: {unseen[-1].message}. `footfall damage` lists all {len(unseen)};"
        " check the disk, then acknowledge them with `footfall damage --seen`"
    )
    return Check("damage", "fail", message)


def check_deletions(folder: Path) -> Check:
    """Deletes that a kill or an error interrupted, also while no server runs."""
    begun = DeletionFiles(folder).all()
    if failed := [deletion for deletion in begun if deletion.error]:
        message = (
            f"{len(failed)} could not be finished: {failed[0].error}. The server retries every"
            " minute; see its log"
        )
        return Check("deletes", "fail", message)
    unfinished = [deletion for deletion in begun if deletion.what != "purge"]
    if unfinished and _is_free(folder):
        message = f"{len(unfinished)} were interrupted: start the server, which finishes them"
        return Check("deletes", "fail", message)
    return Check("deletes", "ok", "one is being done" if unfinished else "all were carried out")


def check_imports(folder: Path) -> Iterator[Check]:
    """Imports that were killed and not run again."""
    for writer in writer_folders(folder / "journal", ONE_OFF_PREFIX):
        with writer_lock(writer) as is_free:
            if is_free and not (writer / FINISHED).exists():
                message = "an import was interrupted: run it again to continue where it stopped"
                yield Check("import", "warn", message)
                return


def _is_free(folder: Path) -> bool:
    try:
        with data_lock(folder):
            return True
    except Conflict:
        return False


def _unread_bytes(folder: Path) -> int:
    spool = folder / "spool"
    batch = Spool(spool).read().batch if spool.exists() else None
    return unread_bytes(folder / "journal", batch.positions if batch else {})
