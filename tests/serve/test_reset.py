"""POST /websites/{id}/reset: everything that a website has received goes, and nothing else."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from footfall.catalog.access_table import ACCESS_OF_WEBSITE
from footfall.catalog.table import AUDIT, DATA_OF_WEBSITE, METADATA, PAYMENT_CONNECTIONS, TOKENS
from footfall.importing.importer import import_lock
from footfall.load.deleter import Prepared
from footfall.load.deletion import Deletion, DeletionFiles
from footfall.model.payment import Dispute, TrialStart
from footfall.money.connection import Connections, WebhookEvent

from .browsing import Browser, signed_in
from .conftest import Api
from .server_calls import Answer, Shop, page, refusal
from .test_failing_deletes import broken, health, rename_table

RUNNING = "an import or a reset is running on this data folder; wait until it ends"
STAYS = {AUDIT, PAYMENT_CONNECTIONS, TOKENS, *ACCESS_OF_WEBSITE}
REPORTS = (
    "overview?parts=true",
    "timeseries?startAt=2026-02-01&endAt=2026-03-31",
    "breakdown?dimension=page,channel,country,device,event",
    "goals",
    "ingestion",
    "retention?startAt=2026-02-01&endAt=2026-03-31",
)


@pytest.fixture
def shops(api: Api) -> tuple[Shop, Shop]:
    """Two websites with something in every table."""
    shops = Shop(api), Shop(api, "other.example")
    for shop in shops:
        fill(shop)
        connect(shop)
    return shops


def fill(shop: Shop) -> None:
    """Visits, a person, goals, payments, refunds, a bot, hits that are refused, an import."""
    domain, api = shop.website.domain, shop.api
    url = f"https://{domain}"
    for month in ("02", "03"):
        at = f"2026-{month}-03T12:00:00Z"
        api.send(
            shop.website,
            page("anna", url=f"{url}/", timestamp=at, eventId=f"a{month}", country="AT"),
            page("bert", url=f"{url}/x", timestamp=at, eventId=f"b{month}", country="DE"),
            page("bot", url=f"{url}/", timestamp=at, userAgent="Googlebot/2.1"),
            page("anna", url="https://foreign.example/", timestamp=at),
        )
        shop.accepted("goals", name="signup", visitorUid="anna", timestamp=at)
        paid = {"visitorUid": "anna", "timestamp": at, "subscriptionId": "sub"}
        shop.pay(f"t{month}", email="anna@example.com", name="Anna", **paid)
    shop.accepted(
        "payments",
        transactionId="t02",
        amount="4",
        currency="EUR",
        isRefund=True,
        refundId="r1",
        timestamp="2026-03-04T00:00:00Z",
    )
    api.ledger.set_dispute(
        Dispute(
            website_id=shop.website.id,
            transaction_id="t03",
            dispute_id="d1",
            status="open",
            amount=Decimal(1),
            currency="USD",
            occurred_at=api.now_ms,
            provider="stripe",
        )
    )
    api.ledger.add_trial(
        TrialStart(
            website_id=shop.website.id,
            subscription_id="s2",
            occurred_at=api.now_ms,
            provider="stripe",
        )
    )
    event = [{"type": "page", "channel": "web", "version": "1"}]
    key = api.token(shop.website, "read", "write")
    api.ask("POST", "/v0/raw_events", key, json=event)
    job = api.catalog.import_job(shop.website.id, "digest")
    api.catalog.import_salt(job.id, "2026-02-03", api.now_ms)
    api.catalog.set_job_progress(job.id, 5, done=True)
    api.load()


def connect(shop: Shop) -> None:
    """A provider whose webhook brought a payment that nobody is known for."""
    connections = Connections(shop.api.catalog)
    connections.add(shop.website.id, "stripe", "whsec_secret_of_the_shop", now_ms=shop.api.now_ms)
    connections.remember(
        WebhookEvent(
            website_id=shop.website.id,
            provider="stripe",
            event_id="evt_1",
            received_at=shop.api.now_ms,
            outcome="refused",
            type="charge",
            transaction_id="t1",
            amount=None,
            currency="EUR",
        )
    )


def reset(browser: Browser, shop: Shop, **body: object) -> Any:
    return browser.ask("POST", f"/websites/{shop.website.public_id}/reset", json=body)


def rows_of(shop: Shop) -> dict[str, list[Any]]:
    """Everything that is stored with the website's id: in the store, and in the catalog."""
    engine, website_id = shop.api.parts.engine, shop.website.id
    with_website = (
        "SELECT name, if(engine LIKE '%_MergeTree', 'FINAL', '') FROM system.tables WHERE"
        " database = currentDatabase() AND name IN (SELECT table FROM system.columns WHERE"
        " database = currentDatabase() AND name = 'website_id')"
    )
    found: dict[str, list[Any]] = {}
    for name, final in engine.query(with_website).rows:
        # a receipt that is there twice counts as the newest one
        rows = "DISTINCT *" if name == "event_ids" else "*"
        wanted = f"SELECT {rows} FROM {name} {final} WHERE website_id = {website_id}"
        found[f"store: {name}"] = sorted(map(str, engine.query(wanted).rows))
    with shop.api.catalog.database.connect() as connection:
        for table in METADATA.tables.values():
            if "website_id" in table.c:
                theirs = select(table).where(table.c.website_id == website_id)
                found[table.name] = sorted(map(str, connection.execute(theirs)))
    return found


def reports(shop: Shop) -> list[Answer]:
    answers = [shop.api.get(f"/api/v1/{path}", shop.all) for path in REPORTS]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


def test_everything_received_goes_and_the_other_website_keeps_all(
    api: Api, shops: tuple[Shop, Shop]
) -> None:
    shop, other = shops
    admin = signed_in(api, "admin")
    before, others = rows_of(shop), rows_of(other)
    first = reports(shop)
    filled = {name for name, rows in before.items() if rows}
    of_data = {name for name in before if name.startswith("store: ")}
    of_data |= {table.name for table in DATA_OF_WEBSITE} - {"outbox"}
    assert of_data - filled == set(), "the test has to fill every table"
    expected = {
        "events": len(before["store: events"]),
        "sessions": len(before["store: sessions"]),
        "payments": 2,
        "people": 1,
    }
    asked = reset(admin, shop, dryRun=True).json()["data"]
    assert asked == expected | {"dryRun": True}
    assert {**rows_of(shop), "audit": []} == {**before, "audit": []}
    assert reset(admin, shop, domain="example.com").json()["data"] == expected | {"dryRun": False}
    left = rows_of(shop)
    stays = {table.name for table in STAYS}
    assert {name: rows for name, rows in left.items() if rows and name not in stays} == {}
    for name in stays - {"audit"}:
        assert left[name] == before[name]
    assert rows_of(other) == others
    assert shop.overview()["sessions"] == 0
    assert api.get("/api/v1/visitors", shop.all).json()["data"] == []
    # what came once may come again, and counts as it did at first
    fill(shop)
    assert reports(shop) == first
    assert rows_of(other) == others


def test_what_arrives_meanwhile_goes_and_is_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first pass of the drafts somebody comes, and somebody pays."""
    shop, admin = Shop(api), signed_in(api, "admin")
    api.send(shop.website, page("anna"))
    deleter, loop = api.deletions.deleter, api.run(_running_loop())
    prepare, key = deleter.prepare, {"Authorization": f"Bearer {shop.all}"}

    async def come() -> None:
        transport = httpx2.ASGITransport(app=api.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            paid = {"transactionId": "t9", "amount": "5", "currency": "EUR", "visitorUid": "bert"}
            for path, body in (("events", [page("bert")]), ("payments", paid)):
                answer = await client.post(f"/api/v1/{path}", json=body, headers=key)
                assert answer.status_code in (200, 202), answer.text

    def prepare_then_come(deletion: Deletion) -> Prepared:
        prepared = prepare(deletion)
        asyncio.run_coroutine_threadsafe(come(), loop).result(10)
        return prepared

    monkeypatch.setattr(deleter, "prepare", prepare_then_come)
    done = reset(admin, shop, domain="example.com").json()["data"]
    assert shop.overview()["sessions"] == 0
    assert (done["sessions"], done["payments"]) == (2, 1)
    assert done["events"] == 3  # two pages, and the payment's goal
    counts = {name: done[name] for name in ("events", "sessions", "payments", "people")}
    assert api.catalog.audit.list(limit=1)[0].counts == counts


async def _running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_it_is_written_down_who_did_it(api: Api, shops: tuple[Shop, Shop]) -> None:
    admin = signed_in(api, "admin")
    reset(admin, shops[0], dryRun=True)
    reset(admin, shops[0], domain="example.com")
    done, asked, *_ = api.catalog.audit.list(limit=10)
    assert (asked.action, done.action) == ("delete all data (dry run)", "delete all data")
    assert (done.counts["payments"], done.counts["people"]) == (2, 1)
    assert done.counts == asked.counts
    assert done.website_id == shops[0].website.id
    assert done.actor.startswith("user usr_")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "domain"),
        ({"domain": ""}, "domain"),
        ({"domain": "other.example"}, "domain"),
        ({"domain": "EXAMPLE.com"}, "domain"),
        ({"domain": "example.com", "dry_run": True}, "dry_run"),
        ({"domain": "example.com", "dryRun": "perhaps"}, "dryRun"),
    ],
)
def test_what_does_not_name_the_website_deletes_nothing(
    api: Api, body: dict[str, object], field: str
) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    status, named, _ = refusal(reset(signed_in(api, "admin"), shop, **body))
    assert (status, named) == (400, field)
    assert shop.overview()["sessions"] == 1


def test_a_visit_goes_on_as_a_new_one(api: Api) -> None:
    """What the loader remembers of open sessions goes too."""
    shop, other = Shop(api), Shop(api, "other.example")
    for each in (shop, other):
        api.send(each.website, page("anna", url=f"https://{each.website.domain}/first"))
    reset(signed_in(api, "admin"), shop, domain="example.com")
    api.now_ms += 60_000
    for each in (shop, other):
        api.send(each.website, page("anna", url=f"https://{each.website.domain}/second"))
    entries = [list(each.rows("breakdown?dimension=entry_page")) for each in (shop, other)]
    assert entries == [["/second"], ["/first"]]
    assert [each.overview()["pageviews"] for each in (shop, other)] == [1, 2]


def test_the_first_visit_is_waited_for_again(api: Api) -> None:
    shop, admin = Shop(api), signed_in(api, "admin")
    api.send(shop.website, page("anna"))
    status = f"/websites/{shop.website.public_id}/setup"
    assert admin.get(status).json()["data"]["firstVisitAt"]
    reset(admin, shop, domain="example.com")
    assert admin.get(status).json()["data"]["firstVisitAt"] is None


def test_an_import_that_runs_stops_it(api: Api, tmp_path: Path) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    admin = signed_in(api, "admin")
    # with a table missing, nothing could be prepared: the import is looked for before that
    with import_lock(tmp_path), broken(api, "visits"):
        status, _, message = refusal(reset(admin, shop, domain="example.com"))
    assert (status, message) == (409, RUNNING)
    assert shop.overview()["sessions"] == 1
    assert health(api) == ("ok", [])


def test_an_import_that_runs_stops_one_that_was_killed(api: Api, tmp_path: Path) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    files = DeletionFiles(tmp_path)
    files.write(Deletion(number=7, website_id=shop.website.id, what="website"))
    with import_lock(tmp_path):
        api.run(api.deletions.resume())
        assert shop.overview()["sessions"] == 1
        [begun] = health(api)[1]
        assert RUNNING in begun
    api.run(api.deletions.resume())
    assert shop.overview()["sessions"] == 0
    assert (files.all(), health(api)) == ([], ("ok", []))


def test_what_fails_has_changed_nothing_and_is_carried_out_later(
    api: Api, tmp_path: Path, shops: tuple[Shop, Shop]
) -> None:
    shop, other = shops
    admin = signed_in(api, "admin")
    before, others = rows_of(shop), rows_of(other)
    with broken(api, "visits"):
        assert reset(admin, shop, domain="example.com").status_code == 503
    assert rows_of(shop) == before
    rename_table(tmp_path, "webhook_events", "hidden")
    assert reset(admin, shop, domain="example.com").status_code == 503
    rename_table(tmp_path, "hidden", "webhook_events")
    assert rows_of(shop) == before
    [begun] = DeletionFiles(tmp_path).all()
    assert (begun.what, begun.phase) == ("website", "waiting")
    assert health(api)[0] != "ok"
    api.run(api.deletions.resume())
    assert shop.overview()["sessions"] == 0
    assert rows_of(other) == others
    assert api.catalog.audit.list(limit=1)[0].action == "delete all data (killed)"
    assert DeletionFiles(tmp_path).all() == []


def test_what_came_after_a_kill_stays(api: Api, tmp_path: Path) -> None:
    """The server was killed between the swap and the end, and people paid before it noticed."""
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    reset(signed_in(api, "admin"), shop, domain="example.com")
    files = DeletionFiles(tmp_path)
    fill(shop)
    after = rows_of(shop)
    files.write(Deletion(number=7, website_id=shop.website.id, what="website", phase="swapped"))
    api.run(api.deletions.finish())
    api.run(api.deletions.resume())
    assert {**rows_of(shop), "audit": []} == {**after, "audit": []}
    assert files.all() == []


def test_a_count_that_fails_deletes_nothing_now_and_nothing_later(
    api: Api, tmp_path: Path, shops: tuple[Shop, Shop]
) -> None:
    """The answer cannot say how much went. It must not go in the background all the same."""
    shop, admin = shops[0], signed_in(api, "admin")
    before = rows_of(shop)
    rename_table(tmp_path, "profiles", "hidden")
    status, _, message = refusal(reset(admin, shop, domain="example.com"))
    rename_table(tmp_path, "hidden", "profiles")
    assert (status, message.partition(":")[0]) == (503, "the catalog cannot be used now")
    assert DeletionFiles(tmp_path).all() == []
    api.run(api.deletions.resume())
    assert rows_of(shop) == before
    done = reset(admin, shop, domain="example.com").json()["data"]
    assert done["events"] == len(before["store: events"])
    assert shop.overview()["sessions"] == 0
