"""The store as `doctor` sees it: through the running server, or opened here."""

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from footfall.catalog import Catalog
from footfall.cli.folder import SERVER_FILE
from footfall.clock import Clock, now_ms
from footfall.config import Settings
from footfall.damage import DamageLog
from footfall.load.guard import guard_of
from footfall.load.inspection import inspect_all
from footfall.load.lock import data_lock
from footfall.load.opening import open_engine
from footfall.model.errors import FootfallError
from footfall.model.json_text import MALFORMED
from footfall.model.website import Website
from footfall.query.ask import ask
from footfall.store.engine import Engine, EngineError

TIMEOUT_S = 5
REPORT_TIMEOUT_S = 60
TOKEN_LIVES_MS = 600_000
EVERYTHING = "!no host has this name"
"""A filter that every session passes: filtered reports use neither marks nor walks."""
LISTED = ("page", "entry_page", "referrer", "country", "city", "browser", "device")
NOT_DROPPED = frozenset({"accepted", "bot"})
FROM_VISITORS = frozenset({"collector", "server"})


class Server(msgspec.Struct, frozen=True):
    """A running server and its response to /health."""

    url: str
    health: dict[str, Any]
    trouble: str = ""  # why it has no useful response


class _State(msgspec.Struct):
    url: str


def find_server(folder: Path) -> Server | None:
    """The server that runs on a data folder; None if none responds."""
    try:
        state = msgspec.json.decode((folder / SERVER_FILE).read_bytes(), type=_State)
    except (OSError, *MALFORMED):
        return None
    try:
        return Server(state.url, _get(f"{state.url}/health"))
    except urllib.error.HTTPError as error:
        return _failing(state.url, error)
    except (OSError, *MALFORMED):
        return None


def _failing(url: str, error: urllib.error.HTTPError) -> Server:
    """A failing server: its /health has the same fields as a healthy one's, with another status."""
    try:
        return Server(url, msgspec.json.decode(error.read(), type=dict[str, Any]))
    except (OSError, *MALFORMED):
        return Server(url, {}, f"responds to /health with {error.code}")


class Ask(Protocol):
    def __call__(self, report: str, website: Website, params: Mapping[str, str]) -> dict[str, Any]:
        """The `data` and `totals` of a report about the website."""


class Store:
    """What reports say: what became of hits, and how many visitors there were."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def last_day_of_hits(self, website: Website) -> str | None:
        """The website's local date of the last hit by a visitor or a backend; None for never."""
        rows = self._ask("ingestion", website, {"limit": "1000"})["data"]
        days = [
            row["date"]
            for row in rows
            if row["outcome"] in NOT_DROPPED and row["via"] in FROM_VISITORS
        ]
        return max(days, default=None)

    def dropped(self, website: Website, since: int) -> dict[str, int]:
        """Hits left out since a time (ms since 1970), by reason."""
        start = datetime.fromtimestamp(since / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        totals = self._ask("ingestion", website, {"startAt": start})["totals"]
        return {reason: hits for reason, hits in totals.items() if reason not in NOT_DROPPED}

    def visitors_by_day(self, website: Website, first: str, last: str) -> dict[str, int]:
        """The visitors of each local day that has any."""
        params = {"startAt": first, "endAt": last, "interval": "day", "fields": "visitors"}
        rows = self._ask("timeseries", website, params)["data"]
        return {row["timestamp"][:10]: row["visitors"] for row in rows if row["visitors"]}

    def visitors(self, website: Website, first: str, last: str, *, by_sets: bool) -> int:
        """The visitors from one day to another, counted by marks or by sets of visitors."""
        params = {"startAt": first, "endAt": last, "fields": "visitors"} | _by(by_sets)
        [row] = self._ask("overview", website, params)["data"]
        return int(row["visitors"])

    def lists(self, website: Website, day: str, *, by_sets: bool) -> dict[str, list[object]]:
        """The rows of a day by dimension, counted by marks and walks, or by sets and events."""
        asked = {"dimension": ",".join(LISTED), "fields": "visitors,sessions,pageviews"}
        params = {"startAt": day, "endAt": day, "limit": "1000", **asked} | _by(by_sets)
        found: dict[str, list[object]] = self._ask("breakdown", website, params)["data"]
        return found

    def today(self, website: Website, now: int) -> str:
        """The website's local date."""
        return datetime.fromtimestamp(now / 1000, ZoneInfo(website.timezone)).date().isoformat()


def _by(by_sets: bool) -> dict[str, str]:
    return {"filter_hostname": EVERYTHING} if by_sets else {}


@contextmanager
def open_store(
    settings: Settings, server: Server | None, catalog: Catalog, clock: Clock
) -> Iterator[Store]:
    """The store behind a running server, or opened here. Raises FootfallError."""
    if server is None:
        with _open_here(settings) as store:
            yield store
        return
    secret, token = catalog.add_token(
        website_id=None, scopes={"read"}, expires_at=clock() + TOKEN_LIVES_MS, now_ms=clock()
    )
    try:
        yield Store(_by_server(server.url, secret))
    finally:
        catalog.revoke_token(token.id)


@contextmanager
def _open_here(settings: Settings) -> Iterator[Store]:
    try:
        with data_lock(settings.folder):
            location = settings.store or str(settings.folder / "engine")
            damage = DamageLog(settings.folder, now_ms)
            with closing(open_engine(location, settings.folder, damage, readers=1)) as engine:
                if guard := guard_of(engine, settings.folder):
                    guard.open()
                inspect_all(engine, settings.folder, damage)
                yield Store(by_engine(engine))
    except (EngineError, OSError) as error:
        raise FootfallError(f"the engine does not open or respond: {error}") from error


def by_engine(engine: Engine) -> Ask:
    """Reports of an engine that is open in this process."""

    def ask_engine(report: str, website: Website, params: Mapping[str, str]) -> dict[str, Any]:
        answer = ask(report, list(params.items()), website, now_ms(), engine)
        found: dict[str, Any] = msgspec.to_builtins(answer)
        return found

    return ask_engine


def _by_server(url: str, secret: str) -> Ask:
    def ask_server(report: str, website: Website, params: Mapping[str, str]) -> dict[str, Any]:
        query = urlencode({"websiteId": website.public_id, **params})
        try:
            return _get(f"{url}/api/v1/{report}?{query}", secret)
        except OSError as error:
            raise FootfallError(f"the server does not respond to a report: {error}") from error

    return ask_server


def _get(url: str, secret: str = "") -> dict[str, Any]:
    """A JSON object by GET. Raises OSError."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    # the URL is the one that the server wrote to the data folder, and no text of a user's
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    # no proxy from the environment: the server is on this machine
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=REPORT_TIMEOUT_S if secret else TIMEOUT_S) as reply:
        return msgspec.json.decode(reply.read(), type=dict[str, Any])
