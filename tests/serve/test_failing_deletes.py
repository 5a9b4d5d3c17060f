"""A delete that cannot be carried out is answered and reported, and holds up nothing else."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert

from footfall.catalog.database import writing
from footfall.catalog.table import WORKSPACE, WORKSPACES
from footfall.journal.job import JobWriter
from footfall.journal.segment import writer_folders
from footfall.load.deletion import Deletion, DeletionFiles
from footfall.load.inspection import Inspection
from footfall.model.errors import Unavailable
from footfall.model.record import EventsRecord
from footfall.serve.restoring import Restoring
from footfall.serve.retention import EVERY_MS, Retention

from .conftest import Api
from .server_calls import Shop, page, refusal


@contextmanager
def broken(api: Api, table: str) -> Iterator[None]:
    """A table that the engine does not have for a while."""
    api.parts.engine.command(f"RENAME TABLE {table} TO hidden")
    try:
        yield
    finally:
        api.parts.engine.command(f"RENAME TABLE hidden TO {table}")


@pytest.fixture
def shops(api: Api) -> tuple[Shop, Shop]:
    """Two websites with one visitor each, who has a goal and a payment."""
    shops = Shop(api), Shop(api, "other.example")
    for shop in shops:
        visit = page("anna") | {"url": f"https://{shop.website.domain}/"}
        api.send(shop.website, visit)
        shop.accepted("goals", name="signup", visitorUid="anna")
        shop.pay("t1", visitorUid="anna")
    api.load()
    return shops


def health(api: Api) -> tuple[str, list[str]]:
    report = api.get("/health").json()
    return report["status"], report["unfinished_deletes"]


def test_a_delete_that_fails_is_a_503_and_changes_nothing(
    api: Api, shops: tuple[Shop, Shop]
) -> None:
    shop, other = shops
    with broken(api, "sessions"):
        answer = api.ask("DELETE", "/api/v1/goals?name=signup", shop.all)
        status, _, message = refusal(answer)
        assert (status, message) == (
            503,
            "The delete could not be carried out, and nothing was deleted: see the server's log,"
            " and send it again",
        )
        assert int(answer.headers["Retry-After"]) > 0
        shop.pay("t2")
    assert other.delete("payments", transactionId="t1")["deleted"] == 1
    status, [message] = health(api)
    assert status == "unfinished"
    assert message.startswith("a delete of example.com failed")
    assert "footfall_unfinished_deletes 1.0" in api.get("/metrics").text
    assert shop.completions() == {"signup": 1, "payment": 2}
    assert shop.delete("goals", name="signup")["deleted"] == 1
    assert health(api) == ("ok", [])


def test_a_delete_that_fails_before_it_has_begun_is_not_remembered(
    api: Api, shops: tuple[Shop, Shop], tmp_path: Path
) -> None:
    """Its number may become that of another one, which it says nothing about."""
    refused = tmp_path / "refused.jsonl"
    refused.mkdir()  # it fails after its drafts are written, and before its file
    assert api.ask("DELETE", "/api/v1/goals?name=signup", shops[0].all).status_code == 503
    assert DeletionFiles(tmp_path).all() == []
    assert api.deletions._runner.errors == {}
    refused.rmdir()
    assert shops[0].delete("goals", name="signup")["deleted"] == 1
    assert health(api) == ("ok", [])


def test_an_interrupted_delete_that_fails_again_holds_up_no_other_and_no_payment(
    api: Api, shops: tuple[Shop, Shop], tmp_path: Path
) -> None:
    shop, other = shops
    visitor = shop.api.get("/api/v1/visitors/anna", shop.all).json()["data"]["visitorId"]
    files = DeletionFiles(tmp_path)
    files.write(
        Deletion(
            number=1,
            website_id=shop.website.id,
            what="visitor",
            visitor_id=int(visitor, 16),
            actor="token a…",
        )
    )
    files.write(
        Deletion(
            number=2,
            website_id=other.website.id,
            what="payments",
            transaction_ids=["t1"],
            movement_ids=["t1"],
        )
    )
    with broken(api, "visits"):
        api.run(api.deletions.resume())
        assert [begun.number for begun in files.all()] == [1]
        status, [message] = health(api)
        assert status == "unfinished"
        assert message.startswith(f"delete visitor of website {shop.website.public_id} has begun")
        assert "visits" in message
        assert other.delete("goals", name="signup")["deleted"] == 1
        shop.pay("t2")
        assert shop.refused("payments", transactionId="t2", amount=1, currency="EUR")[0] == 409
    assert other.completions() == {}
    api.run(api.deletions.resume())
    assert health(api) == ("ok", [])
    assert api.get("/api/v1/visitors/anna", shop.all).status_code == 404
    assert shop.overview()["revenue"] == 20
    [entry] = api.catalog.audit.list(shop.website.id)
    assert (entry.action, entry.actor) == ("delete visitor (killed)", "token a…")


def test_a_delete_that_was_finished_while_another_had_its_turn_is_not_done_once_more(
    api: Api, shops: tuple[Shop, Shop], tmp_path: Path
) -> None:
    """What is stored under the same names since then stays."""
    shop, other = shops
    files = DeletionFiles(tmp_path)
    ids = {"transaction_ids": ["t1"], "movement_ids": ["t1"]}
    first, second = (
        Deletion(number=number, website_id=each.website.id, what="payments", **ids)
        for number, each in ((1, shop), (2, other))
    )
    files.write(first)
    files.write(second)

    async def resume() -> None:
        async with api.payment_service.changing:
            resuming = asyncio.create_task(api.deletions.resume())
            while len(api.deletions.unfinished()) == 2:
                await asyncio.sleep(0.01)
            files.remove(second)
        await resuming

    api.run(resume())
    assert files.all() == []
    assert (shop.overview()["revenue"], other.overview()["revenue"]) == (0, 10)


def test_deletes_are_in_the_audit_log_of_their_websites_workspace(api: Api, tmp_path: Path) -> None:
    with writing(api.catalog.database) as connection:
        connection.execute(insert(WORKSPACES).values(id="other", name="Other"))
    shop = Shop(api, workspace_id="other")
    shop.delete("goals", name="signup")
    begun = Deletion(number=9, website_id=shop.website.id, what="payments", transaction_ids=["t1"])
    DeletionFiles(tmp_path).write(begun)
    api.run(api.deletions.resume())
    actions = [entry.action for entry in api.catalog.audit.list(workspace_id="other")]
    assert actions == ["delete payments (killed)", "delete goals"]
    assert api.catalog.audit.list(workspace_id=WORKSPACE) == []


def test_payments_of_a_delete_that_is_not_finished_are_not_restored(
    api: Api, shops: tuple[Shop, Shop], tmp_path: Path
) -> None:
    """The store has deleted them already, and the ledger has not. Those of others are."""
    shop, other = shops
    files = DeletionFiles(tmp_path)
    ids = {"transaction_ids": ["t1"], "movement_ids": ["t1"]}
    begun = Deletion(number=1, website_id=shop.website.id, what="payments", **ids)
    begun.phase = "swapped"
    files.write(begun)
    of_shops = f"website_id IN ({shop.website.id}, {other.website.id})"
    api.parts.engine.command(f"DELETE FROM payments WHERE {of_shops}")
    engine, damage = api.parts.engine, api.loader.damage
    restoring = Restoring(
        catalog=api.catalog,
        payment_service=api.payment_service,
        engine=engine,
        inspection=Inspection(engine, api.loader.keeper, damage, api.clock),
        damage=damage,
        clock=api.clock,
        begun=files.all,
    )
    with pytest.raises(Unavailable):
        api.run(restoring.restore())
    api.load()
    assert (shop.overview()["revenue"], other.overview()["revenue"]) == (0, 10)
    [message] = restoring.failed()
    assert message.startswith("payments of example.com could not be compared with the ledger: ")
    api.run(api.deletions.resume())
    api.run(restoring.restore())
    assert restoring.failed() == []
    api.load()
    assert (shop.overview()["revenue"], other.overview()["revenue"]) == (0, 10)


def rename_table(folder: Path, name: str, to: str) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.execute(f"ALTER TABLE {name} RENAME TO {to}")
        connection.commit()


def test_retention_continues_after_a_time_when_the_catalog_could_not_be_read(
    api: Api, tmp_path: Path
) -> None:
    retention = Retention(api.catalog, api.ledger, api.deletions, api.clock)
    rename_table(tmp_path, "websites", "hidden")
    api.run(retention.keep())
    [message] = retention.unfinished()
    assert message.startswith("old data could not be removed: the catalog cannot be used now")
    rename_table(tmp_path, "hidden", "websites")
    api.now_ms += EVERY_MS
    api.run(retention.keep())
    assert retention.unfinished() == []


def removed(api: Api, shop: Shop) -> Retention:
    """The retention, when it is time to remove the rows of a shop that was removed."""
    api.catalog.remove_website(shop.website.id, now_ms=api.now_ms)
    api.now_ms += EVERY_MS
    return Retention(api.catalog, api.ledger, api.deletions, api.clock)


def rows_of(api: Api, shop: Shop) -> int:
    counted = "SELECT count() FROM events WHERE website_id = {id:UInt32}"
    [[rows]] = api.parts.engine.query(counted, {"id": shop.website.id}).rows
    return int(rows)


def test_rows_of_a_removed_website_that_were_not_loaded_yet_go_too(api: Api) -> None:
    shop = Shop(api)
    sent = api.ask("POST", "/api/v1/events", api.token(shop.website), json=[page("anna")])
    assert sent.status_code == 202  # it is in the journal alone
    retention = removed(api, shop)
    api.run(retention.keep())
    api.load()
    assert rows_of(api, shop) == 0
    assert retention.unfinished() == []
    assert api.catalog.removed_websites(api.now_ms) == []


def test_what_is_left_of_a_removed_website_on_the_disk_goes_after_a_failure(
    api: Api, shops: tuple[Shop, Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retention = removed(api, shops[0])
    with monkeypatch.context() as patch:
        patch.setattr("footfall.store.engine._CLEARINGS", 0)
        api.run(retention.keep())
    [message] = retention.unfinished()
    assert "deleted are still on the disk" in message
    assert rows_of(api, shops[0]) == 0
    assert in_journal(tmp_path, "signup")
    api.now_ms += EVERY_MS
    api.run(retention.keep())
    assert retention.unfinished() == []
    assert not in_journal(tmp_path, "signup")
    assert not DeletionFiles(tmp_path).is_removal_unfinished()


def in_journal(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.glob("journal/*/*.log"))


def test_what_killed_imports_have_left_goes_with_their_website(api: Api, tmp_path: Path) -> None:
    shop = Shop(api)
    job = api.catalog.import_job(shop.website.id, "digest")
    writer = JobWriter(tmp_path / "journal", str(job.id), max_bytes=1 << 30, min_free_bytes=0)
    record = EventsRecord(received_at=api.now_ms, via="import", events=[], lines_done=1)
    writer.append([record])
    writer.close()
    [folder] = writer_folders(tmp_path / "journal", f"import-{job.id}-")
    retention = removed(api, shop)
    api.run(retention.keep())
    assert retention.unfinished() == []
    api.load()
    assert not folder.exists()
