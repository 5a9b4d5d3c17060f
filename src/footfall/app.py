"""The wiring: hit → row and question → answer, on one page.

PublicCollector ┐                     ┌ LoaderThread → Loader → Engine
ServerCollector ┼→ Enricher → Journal ┘
SdkCollector    ┘
web_app, v0_app → ask → Engine
"""

import asyncio
import shutil
from contextlib import suppress
from functools import partial
from random import Random

import structlog

from footfall.catalog import Catalog, Registry
from footfall.catalog.registry import DAY_MS, keep_salts
from footfall.clock import Clock, now_ms
from footfall.collect.address import ClientAddress
from footfall.collect.count import AddressShare, HitCounts
from footfall.collect.public import PublicCollector
from footfall.collect.recent import RecentHits
from footfall.collect.sdk import SdkCollector
from footfall.collect.server import ServerCollector
from footfall.config import Settings
from footfall.damage import DamageLog
from footfall.enrich import agent
from footfall.enrich.pipeline import Enricher
from footfall.journal.writer import Journal
from footfall.load.guard import guard_of
from footfall.load.inspection import Inspection
from footfall.load.loader import Loader
from footfall.load.opening import open_engine
from footfall.load.recount import recount
from footfall.load.refuse import check_refused
from footfall.load.reload import ReloadRequest
from footfall.load.thread import MUCH_BYTES, LoaderThread
from footfall.memory import release_memory
from footfall.model.errors import Unavailable
from footfall.model.record import encode_record
from footfall.money.connection import Connections
from footfall.money.ledger import Ledger
from footfall.money.rate import Rates
from footfall.money.service import PaymentService
from footfall.serve.app import web_app
from footfall.serve.dashboard import FOLDERS, Dashboard
from footfall.serve.deletions import Deletions
from footfall.serve.dispatcher import Dispatcher
from footfall.serve.health import Health
from footfall.serve.http.api import Api
from footfall.serve.http.browser import Browsers
from footfall.serve.http.people import KnownPeople
from footfall.serve.limit import OpenConnections, limits_of
from footfall.serve.mcp.endpoint import FOLDER as MCP_FOLDER
from footfall.serve.mcp.endpoint import McpEndpoint
from footfall.serve.rest.routing import Writing
from footfall.serve.restoring import Restoring
from footfall.serve.retention import Retention
from footfall.serve.static import TrackerScript
from footfall.serve.v0.app import v0_app
from footfall.store.engine import EngineError

COUNTS_EVERY_S = 1.0
HOUSEKEEPING_MS = 60_000
CLEARING_UP_MS = 10_000
WALKING_MS = 600_000
RECOUNT_AFTER_MS = 600_000  # when a server has just started, people look at its reports
STOP_TIMEOUT_S = 3.0
_FORWARDERS = ("127.0.0.1", "::1")

log = structlog.get_logger()


class Collecting:
    """Hit → journal: all parts of a collector process. Its `public` is an ASGI application."""

    def __init__(self, settings: Settings, clock: Clock, *, writer: str) -> None:
        """`writer` names this process's journal; two processes must not share one."""
        self.settings = settings
        self.clock = clock
        self.catalog = Catalog(settings.folder)
        self.registry = Registry(self.catalog, clock)
        self.journal = Journal(
            settings.folder / "journal" / writer,
            max_bytes=settings.journal_max_mb * 1024 * 1024,
            min_free_bytes=settings.min_free_disk_mb * 1024 * 1024,
        )
        self.address_share = AddressShare()
        self.recent = RecentHits(clock)
        self._counts = HitCounts("collector"), HitCounts("server"), HitCounts("connection")
        self._flushing: asyncio.Task[None] | None = None
        self.error = ""
        """Why no event can be accepted."""
        enricher = Enricher(geo_database=settings.geo_database)
        self.client_address = ClientAddress(settings.trusted_proxies)
        self.connections = OpenConnections(
            limits_of(settings), self.client_address.is_proxy, partial(self._counts[2].drop, 0)
        )
        self.public = PublicCollector(
            registry=self.registry,
            enricher=enricher,
            journal=self.journal,
            client_address=self.client_address,
            counts=self._counts[0],
            address_share=self.address_share,
            recent=self.recent,
            clock=clock,
        )
        self.server = ServerCollector(
            registry=self.registry,
            enricher=enricher,
            journal=self.journal,
            counts=self._counts[1],
            clock=clock,
        )
        self.sdk = SdkCollector(
            registry=self.registry,
            enricher=enricher,
            journal=self.journal,
            client_address=self.address_of_forwarded(),
            address_share=self.address_share,
            clock=clock,
        )

    def address_of_forwarded(self) -> ClientAddress:
        """As everywhere, but additional collectors on this machine are trusted too."""
        trusted = self.settings.trusted_proxies
        if trusted and self.settings.collectors > 1:
            return ClientAddress((*trusted, *_FORWARDERS))
        return self.client_address

    async def start(self) -> None:
        self._flushing = asyncio.create_task(self._flush_counts_often())
        self._reading_lists = asyncio.create_task(self._read_lists())

    async def _read_lists(self) -> None:
        """In the background: no report needs them, and a hit that comes earlier reads them too."""
        try:
            await asyncio.to_thread(agent.load)
        except Exception as error:  # the task's edge: it must not be silent
            self.error = f"the lists of browsers and bots cannot be read: {error}"
            log.exception("no event is accepted: the lists of browsers and bots cannot be read")

    async def flush(self) -> None:
        """Accept nothing more, and write everything that waits to disk."""
        if self._flushing:
            self._flushing.cancel()
            with suppress(asyncio.CancelledError):
                await self._flushing
        await self._flush_counts()
        await self.journal.close()

    async def _flush_counts_often(self) -> None:
        while True:
            await asyncio.sleep(COUNTS_EVERY_S)
            await self._flush_counts()

    async def _flush_counts(self) -> None:
        for counts in self._counts:
            if record := counts.take(self.clock()):
                try:
                    # shielded: other requests wait for the same commit
                    await asyncio.shield(self.journal.append(encode_record(record)))
                except Unavailable:
                    counts.give_back(record)


class Footfall:
    """A complete server: collecting, loading and reports in one process."""

    def __init__(self, settings: Settings, clock: Clock = now_ms) -> None:
        """Opens everything in `settings.data`, which the caller has locked."""
        self.settings = settings
        self.clock = clock
        self.collecting = Collecting(settings, clock, writer="collector-0")
        self.catalog = self.collecting.catalog
        self.registry = self.collecting.registry
        location = settings.store or str(settings.folder / "engine")
        self.engine = open_engine(
            location,
            settings.folder,
            DamageLog(settings.folder, clock),
            cache_bytes=settings.cache_mb * 1024 * 1024,
        )
        self.loader = Loader(
            self.engine,
            settings.folder,
            clock,
            self.catalog.profiles.set_many,
            guard_of(self.engine, settings.folder),
        )
        self.rates = Rates(settings.folder)
        self.ledger = Ledger(self.catalog)
        self.connections = Connections(self.catalog)
        self._started_at = clock()
        self._house_kept_at = 0
        self._day_kept = self._day_recounted = -1
        with suppress(Unavailable, OSError):  # the disk is full: `keep_house` does it later
            self._check_files()
            self._day_kept = self._started_at // DAY_MS
        self._reload_request = ReloadRequest(settings.folder)
        self._walked_at = 0
        self._random = Random()  # noqa: S311 - it chooses days that are counted again
        self.inspection = Inspection(self.engine, self.loader.keeper, self.loader.damage, clock)
        self._cleared_up_at = 0
        self._to_clear_up: list[str] = []
        self._loading = LoaderThread(self.loader, self.keep_house, self.inspection.turn)
        self.payment_service = PaymentService(
            ledger=self.ledger,
            profiles=self.catalog.profiles,
            registry=self.registry,
            journal=self.collecting.journal,
            rates=self.rates,
            clock=clock,
            catch_up=self._catch_up,
        )
        self.restoring = Restoring(
            catalog=self.catalog,
            payment_service=self.payment_service,
            engine=self.engine,
            inspection=self.inspection,
            damage=self.loader.damage,
            clock=clock,
            begun=lambda: self.deletions.deleter.files.all(),
        )
        self.tracker = TrackerScript(self.collecting.recent.note_script)
        api = self._api()
        self.health = Health(
            clock=clock,
            backlog_bytes=self.loader.backlog_bytes,
            loaded_at=lambda: self.loader.loaded_at,
            loading_error=lambda: (
                self._loading.error
                or self._missing_folder()
                or self.collecting.error
                or self.collecting.journal.error
            ),
            outcomes=lambda: self.loader.outcomes,
            damage=self.loader.damage,
            address_share=self.collecting.address_share.largest,
            has_room=self.has_room,
            open_connections=self.collecting.connections.__len__,
            tracker_is_built=self.tracker.is_built,
            unfinished=lambda: self.retention.unfinished(),
            unchecked_payments=self.restoring.failed,
            lanes=api.lanes.values(),
            cancelled=lambda: self.engine.canceller.cancelled,
            cache=self.engine.cache,
        )
        self.asgi = Dispatcher(
            settings,
            collect=self.collecting.public,
            tracker=self.tracker,
            other=web_app(api, health=self.health, writing=self._writing(api)),
            start=self.start,
            stop=self.stop,
        )
        self.asgi.mount("/v0", v0_app(api, self.collecting.sdk))
        self._mcp = McpEndpoint(api, self.asgi)
        self.asgi.mount(f"/{MCP_FOLDER}", self._mcp)
        dashboard = Dashboard(embedding_hosts=self._embedding_hosts)
        for folder in FOLDERS:
            self.asgi.mount(f"/{folder}", dashboard)

    def _api(self) -> Api:
        return Api(
            registry=self.registry,
            engine=self.engine,
            people=KnownPeople(self.catalog, self.ledger),
            browsers=Browsers(
                self.catalog,
                self.clock,
                self.collecting.address_of_forwarded(),
                public_url=self.settings.public_url,
            ),
            clock=self.clock,
            rate_limit_per_minute=self.settings.rate_limit_per_minute,
            viewers_see_visitors=self.settings.viewers_see_visitors,
        )

    def _embedding_hosts(self, slug: str) -> tuple[str, ...]:
        """Whose pages may embed a share link."""
        share = self.catalog.shares.find(slug, self.clock())
        return share.hosts if share else ()

    def _writing(self, api: Api) -> Writing:
        self.deletions = Deletions(
            folder=self.settings.folder,
            engine=self.engine,
            catalog=self.catalog,
            ledger=self.ledger,
            payment_service=self.payment_service,
            gates=api.gates,
            loader=self.loader,
            loading=self._loading,
            clock=self.clock,
            min_free_bytes=self.settings.min_free_disk_mb * 1024 * 1024,
        )
        self.retention = Retention(self.catalog, self.ledger, self.deletions, self.clock)
        return Writing(
            server_collector=self.collecting.server,
            journal=self.collecting.journal,
            connections=self.connections,
            payment_service=self.payment_service,
            deletions=self.deletions,
            recent=self.collecting.recent,
        )

    async def start(self) -> None:
        self._keeping_salts = asyncio.create_task(self._keep_salts_often())
        await self.collecting.start()
        await self.payment_service.start()
        self._loading.start()
        await self.deletions.finish()  # deletes that a crash interrupted
        self.restoring.start()
        await self.retention.start()

    async def stop(self) -> None:
        """Flush, load for a few seconds at most, and close. The journal keeps the rest."""
        self._keeping_salts.cancel()
        await self._mcp.stop()
        await self.restoring.stop()
        await self.retention.stop(STOP_TIMEOUT_S)
        await self.payment_service.close()
        await self.collecting.flush()
        await asyncio.to_thread(self._loading.stop, STOP_TIMEOUT_S)
        with suppress(EngineError):
            # otherwise a slow one would keep the process running for a minute
            self.engine.end_queries()
        if not self._loading.is_alive():
            self.engine.close()
        self.catalog.close()

    def has_room(self) -> bool:
        """Whether the disk has enough free space for collecting."""
        try:
            free = shutil.disk_usage(self.settings.folder).free
        except OSError:  # `_missing_folder` reports it
            return False
        return free >= self.settings.min_free_disk_mb * 1024 * 1024

    def _missing_folder(self) -> str:
        """A sentence if the data folder is no longer in its place, else ''."""
        if self.settings.folder.is_dir():
            return ""
        folder = self.settings.folder.absolute()
        return f"the data folder {folder} was moved or deleted: put it back and restart the server"

    async def _catch_up(self) -> None:
        await asyncio.wrap_future(self._loading.call(self.loader.catch_up))

    async def _keep_salts_often(self) -> None:
        """Runs independently of `keep_house`, which waits while nothing can be loaded."""
        while True:
            await asyncio.to_thread(self.keep_salts)
            await asyncio.sleep(HOUSEKEEPING_MS / 1000)

    def keep_salts(self) -> None:
        """Delete all salts except those of today and yesterday. If it fails, it is tried again in a
        minute."""
        try:
            keep_salts(self.catalog, self.clock())
        except Unavailable as error:
            log.error("old salts could not be deleted; it is tried again", error=error.message)

    def keep_house(self) -> None:
        """Check the catalog's files; free memory; mark sessions.

        Most of it is due at most once a minute. A request to reload rows is due at once. One table
        is cleared up, and some sessions are marked, at a time, so that loading continues in
        between.
        """
        if self._reload_request.is_made() and not self.loader.is_drafting:
            self._reload_request.answer(self.loader.reload_refused())
        self._keep_what_is_due()
        if self.loader.backlog_bytes() <= MUCH_BYTES and not self.loader.mark_some():
            self._walk_what_is_due()  # last: if it fails, everything else was done

    def _walk_what_is_due(self) -> None:
        now = self.clock()
        if abs(now - self._walked_at) >= WALKING_MS:
            self._walked_at = now  # also where it fails
            if self.loader.walk_some():
                self._walked_at = 0  # at once again

    def _keep_what_is_due(self) -> None:
        if self._to_clear_up:
            self.engine.clear_up(self._to_clear_up.pop())
        now = self.clock()
        if abs(now - self._cleared_up_at) >= CLEARING_UP_MS:
            self._to_clear_up = self.engine.tables_with_replaced_parts()
            self._cleared_up_at = now
        if abs(now - self._house_kept_at) < HOUSEKEEPING_MS:
            return
        self.engine.release_memory()
        release_memory()
        self._house_kept_at = now
        self.loader.look_for_doubts()
        self.catalog.keep_files(self.loader.damage)
        day = now // DAY_MS  # it is stored afterwards: what failed is due again in a minute
        if day != self._day_kept:
            self._check_files()
            self._day_kept = day
        if day != self._day_recounted and abs(now - self._started_at) >= RECOUNT_AFTER_MS:
            if recount(self.engine, self.loader.damage, self._random):
                self.loader.may_have_unmarked = True
            self._day_recounted = day

    def _check_files(self) -> None:
        """Report damage to files that are rarely read."""
        damage = self.loader.damage
        self.catalog.check_files(damage)
        self.connections.check_secrets(damage)
        self.catalog.totp.check_secrets(damage)
        self.rates.check_file(damage)
        check_refused(self.settings.folder / "refused.jsonl", damage)


class CollectorProcess:
    """An additional collector on the same port. It forwards reports to the server."""

    def __init__(self, settings: Settings, *, writer: str, server: str) -> None:
        """`server` is the address of the complete server."""
        from footfall.collect.forward import Forwarder  # its HTTP client is only needed here

        self.collecting = Collecting(settings, now_ms, writer=writer)
        self._forwarder = Forwarder(server, self.collecting.client_address)
        self.asgi = Dispatcher(
            settings,
            collect=self.collecting.public,
            tracker=TrackerScript(),
            other=self._forwarder,
            start=self.collecting.start,
            stop=self.stop,
        )

    async def stop(self) -> None:
        await self._forwarder.close()
        await self.collecting.flush()
        self.collecting.catalog.close()
