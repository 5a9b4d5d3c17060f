"""Importing: every line once, whatever happens in between."""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from importing.accesslog.log import REAL, judge_plainly, made_log
from msgspec import structs
from new_catalog import open_catalog

from footfall.enrich.pipeline import STEPS, Enricher
from footfall.importing.accesslog.format import ACCESS_LOGS
from footfall.importing.importer import (
    CHUNK_ROWS,
    Importer,
    Summary,
    forget_runs,
    import_lock,
)
from footfall.importing.job import Watch
from footfall.importing.source import open_log
from footfall.journal.job import JobWriter
from footfall.journal.reader import read_tails
from footfall.journal.segment import segment_numbers, segment_path, writer_folders
from footfall.load.deletion import Deletion, DeletionFiles
from footfall.load.loader import Loader
from footfall.model.errors import BadRequest, Conflict, Unavailable
from footfall.model.event import DROP_REASONS, Event
from footfall.model.record import EventsRecord, decode_record
from footfall.model.website import Exclusions, Website
from footfall.store.engine import Engine

pytestmark = pytest.mark.slow

NOW = 1_795_300_000_000
LINES = 2_600
BOUNDS = {"max_bytes": 1 << 30, "min_free_bytes": 0}


class Killed(Exception):
    pass


class Place:
    """A data folder with one website and a log."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.catalog = open_catalog(folder)
        found = self.catalog.websites()
        self.website = found[0] if found else self._add()

    def _add(self) -> Website:
        return self.catalog.add_website("shop.example", now_ms=NOW)

    def run(
        self,
        watch: Watch | None = None,
        enricher: Enricher | None = None,
        format_name: str = "",
    ) -> Summary:
        importer = Importer(
            ACCESS_LOGS,
            self.catalog,
            self.folder,
            lambda: NOW,
            enricher=enricher or Enricher(),
            **BOUNDS,
        )
        with open_log(self.log) as log:
            return importer.run(log, self.website, watch or Watch(), format_name)

    def records(self) -> list[EventsRecord]:
        """Everything that imports have in the journal."""
        tails = read_tails(self.folder / "journal", {}, 1 << 30)
        records = [decode_record(record) for tail in tails for record in tail.records]
        assert all(isinstance(record, EventsRecord) for record in records)
        return [record for record in records if isinstance(record, EventsRecord)]

    def events(self) -> list[Event]:
        events = [event for record in self.records() for event in record.events]
        return sorted(events, key=lambda e: (e.occurred_at, e.visitor_id, e.path, e.bot))

    def outcomes(self) -> Counter[str]:
        counts = Counter("bot" if event.bot else "accepted" for event in self.events())
        for record in self.records():
            for website_id, reason, hits in record.counts:
                assert website_id == self.website.id
                counts[reason] += hits
        return counts


@pytest.fixture
def place(tmp_path: Path) -> Place:
    log = tmp_path / "access.log"
    log.write_bytes(made_log(LINES))
    return Place(tmp_path / "data", log)


def twin(place: Place, folder: Path) -> Place:
    """A copy of the data folder as it is: the same website, job and salts."""
    place.catalog.close()
    shutil.copytree(place.folder, folder)
    place.catalog = open_catalog(place.folder)
    return Place(folder, place.log)


def with_salts(place: Place) -> Place:
    """Make the job and its salts now, so that twins share them."""
    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(LINES)))
    shutil.rmtree(place.folder / "journal")
    job = place.catalog.import_jobs(place.website.id)[0]
    place.catalog.set_job_progress(job.id, 0, done=False, counts={})
    return place


def _digest(path: Path) -> str:
    with open_log(path) as log:
        return log.examine(lambda _: None).digest


def kill_at(lines: int):
    def appended(done: int) -> None:
        if done >= lines:
            raise Killed

    return appended


def test_the_counts_of_a_log_sum_to_its_lines(place: Place):
    summary = place.run()
    assert summary.lines == sum(summary.counts.values()) == LINES
    assert set(summary.counts) <= {"accepted", "bot", *DROP_REASONS}
    assert summary.lines_before == 0


def test_the_journal_holds_what_the_summary_says(place: Place):
    assert place.run().counts == dict(place.outcomes())


def test_the_same_content_again_adds_nothing(place: Place):
    first = place.run()
    events = place.events()
    again = place.run()
    assert place.events() == events
    assert (again.lines_added, again.counts) == (0, first.counts)


def test_the_same_content_in_another_file_adds_nothing(place: Place, tmp_path: Path):
    place.run()
    events = place.events()
    place.log = place.log.rename(tmp_path / "renamed.log")
    assert place.run().lines_added == 0
    assert place.events() == events


def test_the_same_content_for_another_website_is_another_import(place: Place):
    place.run()
    other = place.catalog.add_website("other.example", now_ms=NOW)
    place.website = other
    assert place.run().lines_added == LINES


@pytest.mark.parametrize("chunks", range(1, LINES // CHUNK_ROWS + 2))
def test_an_import_killed_after_any_chunk_continues_to_the_same_rows(
    place: Place, tmp_path: Path, chunks: int
):
    whole = twin(with_salts(place), tmp_path / "whole")
    summary = whole.run()
    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(chunks * CHUNK_ROWS if chunks < 6 else LINES)))
    resumed = place.run()
    assert resumed.lines_before == min(chunks * CHUNK_ROWS, LINES)
    assert resumed.counts == summary.counts == dict(place.outcomes())
    assert place.events() == whole.events()


@pytest.mark.parametrize("examined", [1, LINES])
def test_a_log_that_is_rotated_while_it_is_read_is_imported_under_its_own_content(
    place: Place, tmp_path: Path, examined: int
):
    rotated = tmp_path / "access.log.1"

    def rotate(done: int) -> None:
        if done >= examined and not rotated.exists():
            place.log.rename(rotated)
            place.log.write_bytes(made_log(LINES, seed=2))

    before = place.run(Watch(examined=rotate))
    assert before.lines_added == LINES
    assert rotated.exists()
    assert place.run().lines_added == LINES, "the new log is another one"
    place.log = rotated
    assert place.run().lines_added == 0, "and this one is imported already"


def test_what_a_removed_websites_killed_import_has_left_is_not_continued(place: Place):
    """A log is imported into the wrong website first."""
    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(3 * CHUNK_ROWS)))
    wrong = place.website
    place.catalog.remove_website(wrong.id, now_ms=NOW)
    place.catalog.forget_website(wrong.id)
    place.website = place.catalog.add_website("right.example", now_ms=NOW)
    summary = place.run()
    assert (summary.lines_before, summary.lines_added) == (0, LINES)


def test_after_a_reset_the_same_log_is_imported_from_its_beginning(place: Place):
    place.run()
    forget_runs(place.folder, place.catalog.import_jobs(place.website.id))
    place.catalog.forget_data(place.website.id)
    summary = place.run()  # before the loader has removed the earlier run's folder
    assert (summary.lines_before, summary.lines_added) == (0, LINES)


def test_an_import_killed_after_every_single_chunk_continues_each_time(
    place: Place, tmp_path: Path
):
    whole = twin(with_salts(place), tmp_path / "whole")
    whole.run()
    for done in range(CHUNK_ROWS, LINES, CHUNK_ROWS):
        with pytest.raises(Killed):
            place.run(Watch(appended=kill_at(done)))
    place.run()
    assert place.events() == whole.events()
    assert place.outcomes() == whole.outcomes()


def test_a_half_written_chunk_is_written_again_whole(place: Place, tmp_path: Path):
    whole = twin(with_salts(place), tmp_path / "whole")
    whole.run()
    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(2 * CHUNK_ROWS)))
    path = last_segment(place)
    path.write_bytes(path.read_bytes()[:-7])
    assert place.run().lines_before == CHUNK_ROWS
    assert place.events() == whole.events()
    assert place.outcomes() == whole.outcomes()


def last_segment(place: Place) -> Path:
    [folder] = writer_folders(place.folder / "journal")
    return segment_path(folder, segment_numbers(folder)[-1])


def test_salts_outlive_a_kill_and_are_gone_when_the_import_ends(place: Place):
    def salt() -> bytes:
        job = place.catalog.import_jobs(place.website.id)[0]
        return place.catalog.import_salt(job.id, "2025-07-01", 0)

    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(LINES)))
    before = salt()
    assert salt() == before
    place.run()
    assert salt() != before
    before = salt()
    place.run()  # an import that is done puts away what a kill at its very end has left
    assert salt() != before


def test_a_full_journal_is_waited_for(place: Place):
    importer = Importer(
        ACCESS_LOGS,
        place.catalog,
        place.folder,
        lambda: NOW,
        enricher=Enricher(),
        max_bytes=0,
        min_free_bytes=0,
    )
    asked: list[str] = []

    def give_up_later(error: Unavailable) -> None:
        asked.append(error.message)
        if len(asked) == 3:
            raise error

    with open_log(place.log) as log, pytest.raises(Unavailable):
        importer.run(log, place.website, Watch(unavailable=give_up_later))
    assert len(asked) == 3
    assert place.run().lines_before == 0


def test_two_imports_at_once_are_refused(place: Place):
    running = "an import or a reset is running"
    with import_lock(place.folder), pytest.raises(Conflict, match=running):
        place.run()


def test_what_an_unfinished_reset_would_delete_is_not_imported(place: Place):
    """A killed reset begins again with the next start, and deletes all that is there by then."""
    files = DeletionFiles(place.folder)
    reset = Deletion(number=1, website_id=place.website.id, what="website")
    files.write(reset)
    with pytest.raises(Conflict, match="A reset of this website is not finished"):
        place.run()
    assert place.events() == []
    # one that has deleted everything, one of another website, and a delete of something else
    files.write(structs.replace(reset, phase="swapped"))
    files.write(structs.replace(reset, number=2, website_id=place.website.id + 1))
    files.write(structs.replace(reset, number=3, what="events"))
    assert place.run().counts["accepted"] > 0


def test_exclusions_and_foreign_hosts_are_counted_by_their_reason(tmp_path: Path):
    log = tmp_path / "vhost.log"
    line = '{} {} - - [01/Jul/2025:10:00:00 +0000] "GET {} HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
    log.write_text(
        line.format("shop.example:443", "203.0.113.7", "/")
        + line.format("elsewhere.example:443", "203.0.113.7", "/")
        + line.format("shop.example:443", "203.0.113.9", "/")
        + line.format("shop.example:443", "203.0.113.7", "/admin/x")
    )
    place = Place(tmp_path / "data", log)
    exclusions = Exclusions(addresses=("203.0.113.9",), paths=("/admin/**",))
    place.website = place.catalog.update_website(place.website.id, exclusions=exclusions)
    counts = place.run().counts
    assert counts["foreign_hostname"] == 1
    assert counts["excluded_address"] == counts["excluded_path"] == 1


def test_a_line_from_the_future_is_invalid(tmp_path: Path):
    log = tmp_path / "future.log"
    log.write_text('203.0.113.7 - - [01/Jul/2090:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n')
    assert Place(tmp_path / "data", log).run().counts == {"invalid": 1}


def test_without_user_agents_people_are_recognized_by_their_address_for_a_day(tmp_path: Path):
    log = tmp_path / "common.log"
    line = '203.0.113.{} - - [0{}/Jul/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
    log.write_text(line.format(7, 1) + line.format(7, 1) + line.format(8, 1) + line.format(7, 2))
    place = Place(tmp_path / "data", log)
    assert place.run().counts == {"accepted": 4}
    assert len({event.visitor_id for event in place.events()}) == 3


def w3c_log(lines: int) -> str:
    fields = "#Fields: date time c-ip cs-method cs-uri-stem sc-status"
    other = "#Fields: sc-status cs-uri-stem cs-method c-ip date time"
    times = [f"2025-07-01 10:{n // 60:02}:{n % 60:02}" for n in range(lines)]
    first = [f"{time} 203.0.113.{n % 250} GET /a{n} 200" for n, time in enumerate(times)]
    second = [f"200 /b{n} GET 203.0.113.{n % 250} {time}" for n, time in enumerate(times)]
    return "\n".join([fields, *first, other, *second]) + "\n"


@pytest.mark.parametrize("killed_at", [CHUNK_ROWS, 2 * CHUNK_ROWS, 3 * CHUNK_ROWS])
def test_a_killed_import_of_a_log_with_directives_continues(tmp_path: Path, killed_at: int):
    log = tmp_path / "iis.log"
    log.write_text(w3c_log(900))
    place = Place(tmp_path / "data", log)
    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(killed_at)))
    summary = place.run()
    assert (summary.format, summary.lines, summary.lines_before) == ("w3c", 1_800, killed_at)
    assert summary.counts == {"accepted": 1_800} == dict(place.outcomes())
    assert len({event.path for event in place.events()}) == 1_800
    assert place.run().lines_added == 0


def test_a_log_that_an_earlier_version_took_without_reading_a_line_is_imported(tmp_path: Path):
    log = tmp_path / "iis.log"
    log.write_text(w3c_log(10))
    place = Place(tmp_path / "data", log)
    job = place.catalog.import_job(place.website.id, _digest(log))
    place.catalog.set_job_progress(job.id, 22, done=True, counts={"invalid": 22})
    summary = place.run()
    assert (summary.lines_added, summary.counts) == (20, {"accepted": 20})
    assert place.run().lines_added == 0
    assert len(place.events()) == 20


def test_a_log_that_an_earlier_version_imported_is_still_known(place: Place):
    job = place.catalog.import_job(place.website.id, _digest(place.log))
    counts = {"accepted": 2_000, "invalid": 600}
    place.catalog.set_job_progress(job.id, LINES, done=True, counts=counts)
    summary = place.run()
    assert (summary.lines_added, summary.counts) == (0, counts)
    assert place.events() == []


def test_a_log_all_of_whose_lines_are_from_the_future_counts_once(tmp_path: Path):
    log = tmp_path / "future.log"
    log.write_text('203.0.113.7 - - [01/Jul/2090:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n')
    place = Place(tmp_path / "data", log)
    assert place.run().unreadable == {"future": 1}
    assert place.run().lines_added == 0
    assert dict(place.outcomes()) == {"invalid": 1}


def test_a_log_that_cannot_be_read_leaves_no_job_and_no_journal(tmp_path: Path):
    log = tmp_path / "strange.log"
    log.write_text("nonsense\n" * 100)
    place = Place(tmp_path / "data", log)
    for name in ("", "combined"):
        with pytest.raises(BadRequest, match="none of 100 lines"):
            place.run(format_name=name)
    assert place.catalog.import_jobs(place.website.id) == []
    assert place.records() == []


def test_the_websites_own_name_in_front_is_not_a_visitor(tmp_path: Path):
    log = tmp_path / "vhost-only.log"
    line = '%s - - [01/Jul/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
    log.write_text(line % "shop.example" + line % "www.shop.example" + line % "pc1.shop.example")
    summary = Place(tmp_path / "data", log).run()
    assert summary.counts["invalid"] == 2
    assert summary.unreadable == {"client": 2}


def test_the_websites_own_host_is_not_a_referrer(tmp_path: Path):
    log = tmp_path / "own.log"
    line = (
        '203.0.113.7 - - [01/Jul/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "{}" "Mozilla/5.0"\n'
    )
    own = ("https://shop.example/a", "http://www.shop.example/b")
    log.write_text("".join(line.format(referrer) for referrer in own))
    place = Place(tmp_path / "data", log)
    place.run()
    assert {event.facts.referrer for event in place.events()} == {""}


def test_an_imported_return_from_a_payment_page_has_no_referrer(tmp_path: Path):
    log = tmp_path / "return.log"
    line = (
        '203.0.113.7 - - [01/Jul/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "{}" "Mozilla/5.0"\n'
    )
    sent = ("https://checkout.stripe.com/c/1", "https://pay.bank.example/", "https://blog.example/")
    log.write_text("".join(line.format(referrer) for referrer in sent))
    place = Place(tmp_path / "data", log)
    place.website = place.catalog.update_website(
        place.website.id, return_hostnames=("pay.bank.example",)
    )
    place.run()
    facts = [(event.facts.referrer, event.facts.channel) for event in place.events()]
    assert facts == [("", "Direct"), ("", "Direct"), ("blog.example", "Referral")]


def test_an_empty_log_is_not_an_error(tmp_path: Path):
    log = tmp_path / "empty.log"
    log.touch()
    place = Place(tmp_path / "data", log)
    assert (
        place.run()
        == place.run()
        == Summary(website="shop.example", lines=0, counts={}, lines_before=0)
    )


def load_all(place: Place, engine: Engine) -> Counter[str]:
    """Load what the journal holds; the ingestion table's numbers."""
    loader = Loader(engine, place.folder, lambda: NOW)
    while loader.step():
        pass
    found = engine.query("SELECT outcome, sum(hits) FROM ingestion GROUP BY outcome").rows
    return Counter(dict(found))


def test_a_killed_imports_chunk_is_known_after_a_server_has_loaded_it(place: Place):
    """The journal folder is where the next run learns of a chunk that the catalog missed."""
    with pytest.raises(Killed):
        place.run(Watch(appended=kill_at(CHUNK_ROWS)))
    engine = Engine(str(place.folder / "engine"))
    try:
        engine.migrate()
        assert load_all(place, engine).total() == CHUNK_ROWS
        summary = place.run()
        assert summary.lines_before == CHUNK_ROWS
        assert load_all(place, engine) == Counter(summary.counts)
        assert list((place.folder / "journal").iterdir()) == []
    finally:
        engine.close()


_SCRIPT = """
import os, sys
from pathlib import Path
from footfall.importing.accesslog.format import ACCESS_LOGS
from footfall.importing.importer import Importer
from footfall.importing.job import Watch
from footfall.importing.source import open_log
from footfall.catalog import Catalog
from footfall.enrich.pipeline import Enricher
folder, log, lines = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
catalog = Catalog(folder)
def appended(done):
    if done >= lines:
        os.kill(os.getpid(), 9)
bounds = {"max_bytes": 1 << 30, "min_free_bytes": 0}
clock = lambda: 1795300000000
importer = Importer(ACCESS_LOGS, catalog, folder, clock, enricher=Enricher(), **bounds)
with open_log(log) as opened:
    importer.run(opened, catalog.websites()[0], Watch(appended=appended))
"""


def test_a_process_killed_outright_leaves_nothing_that_stops_the_next(place: Place):
    command = [sys.executable, "-c", _SCRIPT, str(place.folder), str(place.log), "1000"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(command, env=environment, check=False, timeout=180)
    assert killed.returncode == -signal.SIGKILL
    summary = place.run()
    assert summary.lines_before == 1_000
    assert dict(place.outcomes()) == summary.counts


def test_a_job_that_still_writes_is_not_taken_over(place: Place):
    job = place.catalog.import_job(place.website.id, "abc")
    running = JobWriter(place.folder / "journal", str(job.id), **BOUNDS)
    running.append([EventsRecord(received_at=NOW, via="import", events=[], lines_done=1)])
    with pytest.raises(Conflict, match="right now"):
        JobWriter(place.folder / "journal", str(job.id), **BOUNDS).recover()
    running.close()
    assert JobWriter(place.folder / "journal", str(job.id), **BOUNDS).recover() == 1


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is not here")
def test_a_real_log_is_imported_whole_and_as_a_plain_count_says(tmp_path: Path):
    place = Place(tmp_path / "data", REAL)
    place.website = place.catalog.add_website("semicomplete.com", now_ms=NOW)
    summary = place.run()
    lines = REAL.read_text(errors="replace").splitlines()
    plain = Counter(map(judge_plainly, lines))
    counts = Counter(summary.counts)
    assert summary.lines == len(lines) == counts.total() == 10_000
    assert plain.pop("page") == counts.pop("accepted") + counts.pop("bot")
    assert plain == counts
    engine = Engine(str(place.folder / "engine"))
    try:
        engine.migrate()
        assert load_all(place, engine) == Counter(summary.counts)
        rows = "SELECT countIf(bot = ''), countIf(bot != '') FROM events"
        assert engine.query(rows).rows == [[summary.counts["accepted"], summary.counts["bot"]]]
    finally:
        engine.close()


def test_a_line_that_the_server_fails_to_process_is_counted_and_the_rest_imported(place: Place):
    def add_trouble(draft):
        if draft.page.path == "/trouble":
            raise ValueError(draft.hit.user_agent)

    line = '198.51.100.4 - - [10/Oct/2026:13:55:36 +0000] "GET {} HTTP/1.1" 200 9 "-" "{}"\n'
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0"
    paths = ("/", "/trouble", "/pricing")
    place.log.write_text("".join(line.format(path, agent) for path in paths))
    summary = place.run(enricher=Enricher(steps=(*STEPS, add_trouble)))
    assert summary.counts == {"accepted": 2, "internal_error": 1}
    assert place.outcomes() == {"accepted": 2, "internal_error": 1}
