"""A whole API on real parts: catalog, engine, journal, loader, collector."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from new_catalog import open_catalog

from footfall.catalog import Registry
from footfall.collect.address import ClientAddress
from footfall.collect.count import AddressShare, HitCounts
from footfall.collect.public import PublicCollector
from footfall.collect.recent import RecentHits
from footfall.collect.sdk import SdkCollector
from footfall.collect.server import ServerCollector
from footfall.enrich.pipeline import Enricher
from footfall.journal.writer import Journal
from footfall.load.loader import Loader
from footfall.model.record import encode_record
from footfall.model.website import Token, Website
from footfall.money.connection import Connections
from footfall.money.ledger import Ledger
from footfall.money.rate import Rates
from footfall.money.service import PaymentService
from footfall.serve.app import web_app
from footfall.serve.deletions import Deletions
from footfall.serve.health import Health
from footfall.serve.http.api import Api as Parts
from footfall.serve.http.browser import Browsers
from footfall.serve.http.people import KnownPeople
from footfall.serve.limit import Limits
from footfall.serve.rest.routing import Writing
from footfall.serve.v0.app import v0_app
from footfall.store.engine import Engine

T = TypeVar("T")
CACHE_BYTES = 16 * 1024 * 1024  # as a server has by default, so that no test gets an old answer
LIMITS = Limits(
    connections=10,
    connections_per_address=10,
    request_timeout_s=60,
    min_bytes_per_s=1,
    idle_timeout_s=60,
)
"""Of the connections of a server that a test starts itself."""
NOON = 1_795_262_400_000  # 2026-11-21 12:00 UTC


@cache
def enricher() -> Enricher:
    """One for all tests: its lists are long and never change."""
    return Enricher()


class AtOnce:
    """In the place of the loader's thread: here the tests themselves load."""

    def call(self, job: Callable[[], T]) -> "Future[T]":
        done: Future[T] = Future()
        done.set_result(job())
        return done


class Api:
    """The API of a fresh data folder, asked over HTTP without a socket."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        *,
        rate_limit_per_minute: int = 600,
        journal_max_bytes: int = 2**30,
        with_enricher: Enricher | None = None,
        public_url: str = "",
        viewers_see_visitors: bool = False,
    ) -> None:
        enriching = with_enricher or enricher()
        self.now_ms = NOON
        self.catalog = open_catalog(folder)
        self.ledger = Ledger(self.catalog)
        self.registry = Registry(self.catalog, self.clock)
        self.loader = Loader(engine, folder, self.clock, self.catalog.profiles.set_many)
        self.loading_error = ""
        self.loading_fails: Exception | None = None
        self._loop = asyncio.Runner()
        self._counts = HitCounts("server"), HitCounts("collector")
        self._journal = self.run(self._open_journal(folder, journal_max_bytes))
        self.parts = Parts(
            registry=self.registry,
            engine=engine,
            people=KnownPeople(self.catalog, self.ledger),
            browsers=Browsers(self.catalog, self.clock, ClientAddress(()), public_url=public_url),
            clock=self.clock,
            rate_limit_per_minute=rate_limit_per_minute,
            viewers_see_visitors=viewers_see_visitors,
        )
        self.recent = RecentHits(self.clock)
        self.public = PublicCollector(
            registry=self.registry,
            enricher=enriching,
            journal=self._journal,
            client_address=ClientAddress(()),
            counts=self._counts[1],
            address_share=AddressShare(),
            recent=self.recent,
            clock=self.clock,
        )
        self.v0 = v0_app(
            self.parts,
            SdkCollector(
                registry=self.registry,
                enricher=enriching,
                journal=self._journal,
                client_address=ClientAddress(()),
                address_share=AddressShare(),
                clock=self.clock,
            ),
        )
        self.app = web_app(
            self.parts,
            health=self._health(),
            writing=self._writing(engine, folder, enriching),
        )

    def _writing(self, engine: Engine, folder: Path, enriching: Enricher) -> Writing:
        collector = ServerCollector(
            registry=self.registry,
            enricher=enriching,
            journal=self._journal,
            counts=self._counts[0],
            clock=self.clock,
        )
        self.payment_service = PaymentService(
            ledger=self.ledger,
            profiles=self.catalog.profiles,
            registry=self.registry,
            journal=self._journal,
            rates=Rates(folder),
            clock=self.clock,
            catch_up=self.catch_up,
        )
        self.deletions = Deletions(
            folder=folder,
            engine=engine,
            catalog=self.catalog,
            ledger=self.ledger,
            payment_service=self.payment_service,
            gates=self.parts.gates,
            loader=self.loader,
            loading=AtOnce(),
            clock=self.clock,
        )
        return Writing(
            server_collector=collector,
            journal=self._journal,
            connections=Connections(self.catalog),
            payment_service=self.payment_service,
            deletions=self.deletions,
            recent=self.recent,
        )

    async def catch_up(self) -> None:
        if self.loading_fails:
            raise self.loading_fails
        self.loader.catch_up()

    def clock(self) -> int:
        return self.now_ms

    def close(self) -> None:
        self.run(self._journal.close())
        self._loop.close()
        self.catalog.close()

    def website(self, domain: str = "example.com", **settings: Any) -> Website:
        return self.catalog.add_website(domain, now_ms=NOON, **settings)

    def token(self, website: Website | None = None, *scopes: str, kind: str = "flow") -> str:
        return self.make_token(website, *scopes, kind=kind)[0]

    def make_token(
        self, website: Website | None = None, *scopes: str, kind: str = "flow"
    ) -> tuple[str, Token]:
        return self.catalog.add_token(
            website_id=website.id if website else None,
            scopes=scopes or ("read", "write"),
            kind=kind,
            now_ms=NOON,
        )

    def get(self, path: str, token: str | None = None, **options: Any) -> httpx2.Response:
        return self.ask("GET", path, token, **options)

    def ask(
        self, method: str, path: str, token: str | None = None, **options: Any
    ) -> httpx2.Response:
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.run(self._ask(method, path, headers=headers, **options))

    def send(self, website: Website, *events: dict[str, Any]) -> None:
        """Send events and load them."""
        answer = self.ask("POST", "/api/v1/events", self.token(website), json=list(events))
        assert answer.status_code == 202, answer.text
        self.load()

    def load(self) -> None:
        for counts in self._counts:
            if record := counts.take(self.now_ms):
                self.run(self._append(encode_record(record)))
        while self.loader.step():
            pass

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run(work)

    async def _ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        # What is unexpected must come back as an answer, as from a real server.
        app = self.v0 if path.startswith("/v0") else self.app
        if path.partition("?")[0] == "/events":
            app = self.public
        transport = httpx2.ASGITransport(
            app=app,
            raise_app_exceptions=False,
            client=(options.pop("peer", "127.0.0.1"), 123),
        )
        base_url = options.pop("base_url", "http://test")
        async with httpx2.AsyncClient(transport=transport, base_url=base_url) as client:
            return await client.request(method, path, **options)

    async def _append(self, record: bytes) -> None:
        await self._journal.append(record)

    async def _open_journal(self, folder: Path, max_bytes: int) -> Journal:
        return Journal(folder / "journal" / "test", max_bytes=max_bytes, min_free_bytes=0)

    def _health(self) -> Health:
        return Health(
            clock=self.clock,
            backlog_bytes=self.loader.backlog_bytes,
            loaded_at=lambda: self.loader.loaded_at,
            loading_error=lambda: self.loading_error,
            outcomes=lambda: self.loader.outcomes,
            damage=self.loader.damage,
            address_share=lambda: (0.0, 0),
            has_room=lambda: True,
            open_connections=lambda: 0,
            tracker_is_built=True,
            unfinished=lambda: self.deletions.unfinished(),
            lanes=self.parts.lanes.values(),
            cancelled=lambda: self.parts.engine.canceller.cancelled,
            cache=self.parts.engine.cache,
        )


@pytest.fixture(scope="module")
def engine(location: str) -> Iterator[Engine]:
    engine = Engine(location, cache_bytes=CACHE_BYTES)
    engine.migrate()
    yield engine
    engine.close()


@pytest.fixture
def api(tmp_path: Path, engine: Engine) -> Iterator[Api]:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path, engine)
    api.loader.damage.mark_seen()  # this folder knows nothing of other tests' rows
    yield api
    api.close()
