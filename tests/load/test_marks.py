"""Marks: what the loader writes, what is marked afterwards, and what a kill leaves."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from e2e.forked import run_script
from load.conftest import NOON
from load.deleting import delete_goals, purge
from load.marks import wrong_marks
from selection import IS_ALL

from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.doubt import doubt_loss, has_doubts
from footfall.load.inventory import read_inventory
from footfall.load.marking import find_unmarked, unmark_all
from footfall.load.recount import recount
from footfall.model.fact import Facts
from footfall.model.mark import LISTS
from footfall.store.schema import migrations

HOUR = 60
DAY = 24 * HOUR
MONTH = 40 * DAY
FIRST_SESSION = 1
LATER_COLUMNS = (
    *("gaps", "walk_at", "walk_type", "walk_label", "is_walked", "walk_ends_at"),
    "walk_prev_at",
)


def second(minute):
    return NOON // 1000 + minute * 60


def marks(store):
    """In order of the sessions' start."""
    return [mark for mark, _ in store.rows("prev_at, started_at", order="started_at, session_id")]


def mark_all(store):
    while store.loader.mark_some():
        pass


def test_a_session_says_when_the_visitors_session_before_it_began(store):
    store.load(store.event(0), store.event(HOUR), store.event(2 * HOUR, visitor_id=8))
    store.load(store.event(3 * HOUR))
    assert marks(store) == [FIRST_SESSION, second(0), FIRST_SESSION, second(HOUR)]


def marks_of(store, *keys):
    """The marks of a list, in order of the sessions' start."""
    return store.rows(f"prev_at - gaps[{LISTS.index(keys) + 1}]", order="started_at, session_id")


def test_a_session_says_when_the_last_one_with_the_same_country_began(store):
    for hour, country in enumerate(("AT", "DE", "DE", "AT")):
        store.load(store.event(hour * HOUR, facts=Facts(country=country, device="Mobile")))
    assert marks(store) == [FIRST_SESSION, second(0), second(HOUR), second(2 * HOUR)]
    assert marks_of(store, "country") == [
        [FIRST_SESSION],
        [FIRST_SESSION],
        [second(HOUR)],
        [second(0)],
    ]
    assert store.rows("gaps", order="started_at")[2] == [[0]], (
        "all values are those of the one before"
    )


def test_pages_that_a_session_gets_later_change_the_marks_of_their_lists(store):
    store.load(store.event(0, path="/a"), store.event(2 * HOUR, path="/a"))
    store.load(store.event(4 * HOUR, type="connect", path=""))
    assert marks_of(store, "entry_page")[2] == [FIRST_SESSION]
    store.load(store.event(4 * HOUR + 1, path="/a"))
    assert marks_of(store, "entry_page")[2] == [second(2 * HOUR)]
    store.load(store.event(2 * HOUR + 1, path="/b"))
    assert marks_of(store, "exit_page") == [[FIRST_SESSION], [FIRST_SESSION], [second(0)]]
    assert marks_of(store, "entry_page")[2] == [second(2 * HOUR)]
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_marks_of_lists_wait_for_the_other_month_too(store):
    """The engine shows the months of a batch one after the other."""
    at, de = Facts(country="AT"), Facts(country="DE")
    store.load(store.event(MONTH, facts=de))
    store.load(
        store.event(0, facts=at),
        store.event(MONTH + HOUR, facts=at),
        store.event(MONTH + 2 * HOUR, facts=at),
    )
    assert marks(store) == [FIRST_SESSION, 0, 0, second(MONTH + HOUR)]
    mark_all(store)
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_marks_wait_while_a_session_of_another_month_gets_another_page(store):
    """Until its month is stored, it has its old page, which must count with the old marks."""
    last_of_january = 30 * DAY + 11 * HOUR + 50
    store.load(store.event(-DAY, path="/b"), store.event(last_of_january, path="/a"))
    store.load(
        store.event(last_of_january + 25, path="/b"), store.event(31 * DAY + HOUR, path="/a")
    )
    assert marks(store)[-1] == 0
    mark_all(store)
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_a_purge_leaves_no_mark_of_a_list_that_names_what_is_gone(store):
    for day, country in enumerate(("AT", "DE", "AT")):
        store.load(store.event(day * DAY, facts=Facts(country=country)))
    purge(store.deleter, store.website_id, NOON + HOUR * 60_000)
    assert marks(store) == [FIRST_SESSION, second(DAY)]
    assert marks_of(store, "country") == [[FIRST_SESSION], [FIRST_SESSION]]
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_rows_of_a_version_without_marks_of_lists_are_marked_again(store):
    """As an upgrade finds them, or a spooled batch or a downgrade leaves them."""
    for hour, country in enumerate(("AT", "DE", "AT")):
        store.load(store.event(hour * HOUR, facts=Facts(country=country)))
    store.engine.command("ALTER TABLE sessions DROP INDEX ends")
    for column in LATER_COLUMNS:
        store.engine.command(f"ALTER TABLE sessions DROP COLUMN {column}")
    for (number, _), statement in migrations():
        if number >= 9:
            store.engine.command(statement)
    store.open()
    store.load(store.event(3 * HOUR, facts=Facts(country="DE")))
    assert marks_of(store, "country")[3] == [second(HOUR)]
    mark_all(store)
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_a_wrong_mark_of_a_list_is_found_when_visitors_are_counted_again(store):
    store.load(store.event(0), store.event(HOUR))
    mark_all(store)
    store.engine.command(
        "INSERT INTO sessions SELECT * REPLACE(arrayWithConstant("
        f"{len(LISTS)}, toUInt32(3 * 86400)) AS gaps) FROM sessions FINAL"
        f" WHERE website_id = {store.website_id} AND prev_at > {FIRST_SESSION}"
    )
    assert recount(store.engine, store.loader.damage, Random(1))
    assert has_doubts(store.engine)
    store.loader.look_for_doubts()
    mark_all(store)
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_a_late_session_changes_the_mark_of_the_next_one(store):
    store.load(store.event(0), store.event(5 * HOUR))
    store.load(store.event(2 * HOUR))
    assert marks(store) == [FIRST_SESSION, second(0), second(2 * HOUR)]
    store.load(store.event(-2 * HOUR))
    assert marks(store) == [FIRST_SESSION, second(-2 * HOUR), second(0), second(2 * HOUR)]


def test_bots_and_people_have_marks_of_their_own(store):
    store.load(store.event(0), store.event(HOUR, bot="user_agent"), store.event(2 * HOUR))
    store.load(store.event(3 * HOUR, bot="user_agent"))
    assert marks(store) == [FIRST_SESSION, FIRST_SESSION, second(0), second(HOUR)]


def test_a_session_without_counted_events_is_none_until_it_has_one_again(store):
    goal = {"type": "track", "name": "signup"}
    store.load(store.event(0, **goal), store.event(HOUR), store.event(2 * HOUR))
    assert delete_goals(store.deleter, store.website_id, GoalsToDelete(name="signup")) == 1
    mark_all(store)
    assert marks(store)[1:] == [FIRST_SESSION, second(HOUR)]
    store.load(store.event(1))
    assert marks(store) == [FIRST_SESSION, second(0), second(HOUR)]


def test_marks_between_months_of_one_batch_wait_until_both_are_stored(store):
    store.load(store.event(0), store.event(MONTH))
    assert marks(store) == [FIRST_SESSION, 0]
    mark_all(store)
    assert marks(store) == [FIRST_SESSION, second(0)]
    store.load(store.event(2 * MONTH))  # the months are those of two batches
    assert marks(store) == [FIRST_SESSION, second(0), second(MONTH)]


def test_sessions_of_an_earlier_version_are_marked_month_by_month_the_latest_first(store):
    for month in range(3):
        store.load(*(store.event(month * MONTH + n, visitor_id=n) for n in range(1, 8)))
    unmark_all(store.engine)
    store.open()
    seen = []
    while store.loader.mark_some():
        seen.append(find_unmarked(store.engine) and find_unmarked(store.engine).month)
        assert wrong_marks(store.engine, [store.website_id], may_be_unknown=True) == []
    assert seen == ["202602", "202601", None]
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_sessions_that_a_purge_removes_are_nobodys_session_before(store):
    store.load(store.event(0), store.event(3 * DAY), store.event(3 * DAY, visitor_id=8))
    purge(store.deleter, store.website_id, NOON + DAY * 60_000)
    assert marks(store) == [FIRST_SESSION, FIRST_SESSION]


def test_a_purge_that_is_given_up_leaves_no_wrong_marks(store):
    store.load(store.event(0), store.event(0, visitor_id=8), store.event(40 * DAY))
    store.load(store.event(80 * DAY), store.event(80 * DAY + 1, visitor_id=8))
    mark_all(store)
    steps = store.deleter.steps_to_purge(store.website_id, NOON + 60 * DAY * 60_000)
    while len(marks(store)) == 5:
        steps.pop(0)()
    assert len(marks(store)) == 3, "one month is gone, and the other one stays for good"
    store.deleter.forget_purged(store.website_id)
    mark_all(store)
    assert marks(store) == [FIRST_SESSION, second(40 * DAY), FIRST_SESSION]


def test_marks_are_right_while_a_purge_runs_and_after_one_that_was_killed(store):
    store.load(store.event(0), store.event(3 * DAY), store.event(0, visitor_id=8))
    before = NOON + DAY * 60_000
    steps = store.deleter.steps_to_purge(store.website_id, before)
    store.load(store.event(4 * DAY, visitor_id=8))  # a visitor whose session before is purged
    for step in steps:
        step()
    assert not recount(store.engine, store.loader.damage, Random(1))
    assert store.loader.damage.unseen() == []
    store.open()  # as after a kill
    purge(store.deleter, store.website_id, before)
    mark_all(store)
    assert marks(store) == [FIRST_SESSION, FIRST_SESSION]


def test_a_part_that_is_put_aside_while_loading_puts_marks_in_doubt_until_they_are_made_again(
    store,
):
    store.load(store.event(0), store.event(3 * DAY), store.event(3 * DAY, visitor_id=8))
    mark_all(store)
    doubt_loss(store.engine, ["visits"])
    assert not store.loader.mark_some()
    store.loader.look_for_doubts()
    mark_all(store)
    assert not has_doubts(store.engine)
    assert wrong_marks(store.engine, [store.website_id]) == []


def test_refused_sessions_put_all_marks_in_doubt_until_none_is_left(store):
    store.load(store.event(0), store.event(1e12))  # no such time
    refused = store.folder / "refused.jsonl"
    assert refused.exists()
    assert has_doubts(store.engine)
    store.load(store.event(HOUR))
    assert not store.loader.mark_some()
    assert has_doubts(store.engine)
    refused.unlink()
    mark_all(store)
    assert not has_doubts(store.engine)
    assert marks(store) == [FIRST_SESSION, second(0)]


def test_visits_that_were_lost_are_found_again(store):
    store.load(store.event(0))
    store.engine.command("TRUNCATE TABLE visits")
    doubt_loss(store.engine, ["visits"])
    store.open()
    mark_all(store)
    store.load(store.event(HOUR))
    assert marks(store) == [FIRST_SESSION, second(0)]


def test_a_wrong_mark_is_found_reported_and_made_again(store):
    store.load(store.event(0), store.event(10), store.event(3 * HOUR))
    store.load(store.event(5, visitor_id=8))
    mark_all(store)
    assert not recount(store.engine, store.loader.damage, Random(1))
    assert store.loader.damage.unseen() == []
    store.engine.command(
        "INSERT INTO sessions SELECT * REPLACE(version + 1000 AS version, 1 AS prev_at)"
        f" FROM (SELECT * FROM sessions FINAL WHERE website_id = {store.website_id})"
    )
    assert recount(store.engine, store.loader.damage, Random(1))
    assert "marks count 3 visitors, but there are 2" in store.loader.damage.unseen()[0].message
    assert has_doubts(store.engine)


@pytest.fixture(scope="module")
def made_again(tmp_path_factory):
    """A folder whose marks were made again, and what was printed about them."""
    folder = tmp_path_factory.mktemp("again") / "data"
    folder.mkdir()
    return folder, run(AGAIN, folder)


@pytest.fixture
def folder(made_again, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(made_again[0], tmp_path / "data", symlinks=True))


def test_marks_that_are_made_again_are_no_damage_to_the_folder(made_again):
    assert made_again[1].endswith("[]\n[]\n")


AGAIN = """
import sys
from pathlib import Path
from footfall.damage import DamageLog
from footfall.load.doubt import doubt
from footfall.load.loader import Loader
from footfall.load.opening import open_engine
from footfall.model.event import Event
from footfall.model.record import EventsRecord
from load.marks import wrong_marks

folder = Path(sys.argv[1])
for turn in range(3):
    damage = DamageLog(folder, lambda: 0)
    engine = open_engine(str(folder / "engine"), folder, damage, readers=1)
    loader = Loader(engine, folder, lambda: 0)
    for day in (0, 40, 80):
        at = 1_767_268_800_000 + (day + turn) * 86_400_000
        event = Event(website_id=1, type="page", path="/", visitor_id=1, occurred_at=at)
        loader.load_records([EventsRecord(received_at=0, via="server", events=[event])])
    if turn == 0:
        doubt(engine, "a test")
    while loader.mark_some():
        pass
    wrong = wrong_marks(engine, [1])
    engine.close()
print(wrong)
print(damage.unseen())
"""


KILLED_WHILE_OPENING = """
import os
from load import test_marks
from footfall.load import keeper

start_over = keeper.InventoryKeeper.start_over
def die(self):
    start_over(self)
    os._exit(9)
keeper.InventoryKeeper.start_over = die
exec(test_marks.OPEN)
"""
KILLED_WHILE_SETTLING = """
import os
from load import test_marks
from footfall.load import loader

drop_doubts = loader.drop_doubts
def die(work):
    drop_doubts(work)
    os._exit(9)
loader.drop_doubts = die
exec(test_marks.OPEN)
"""
OPEN = """
import json, sys
from pathlib import Path
from footfall.damage import DamageLog
from footfall.load.doubt import has_doubts
from footfall.load.loader import Loader
from footfall.load.opening import open_engine
from load.marks import wrong_marks

folder = Path(sys.argv[1])
damage = DamageLog(folder, lambda: 0)
engine = open_engine(str(folder / "engine"), folder, damage, readers=1)
loader = Loader(engine, folder, lambda: 0)
doubts = bool(has_doubts(engine))
while loader.mark_some():
    pass
print(json.dumps([doubts, wrong_marks(engine, [1]), [each.message for each in damage.unseen()]]))
engine.close()
"""
DOUBT = """
import sys
from pathlib import Path
from footfall.damage import DamageLog
from footfall.load.doubt import doubt
from footfall.load.keeper import InventoryKeeper
from footfall.load.opening import open_engine

folder = Path(sys.argv[1])
engine = open_engine(str(folder / "engine"), folder, DamageLog(folder, lambda: 0), readers=1)
doubt(engine, "a test")
InventoryKeeper(engine, folder).keep()
engine.close()
"""


def die(script, folder):
    killed = run_script(script, folder)
    assert killed.returncode == 9, killed.stderr


def test_a_start_that_is_killed_when_it_has_seen_a_loss_does_not_forget_it(folder):
    inventory = read_inventory(folder)
    for part in inventory.parts["sessions"]:
        if part.name.startswith("202601_"):
            shutil.rmtree(folder / "engine" / inventory.folder_of("sessions") / part.name)
    die(KILLED_WHILE_OPENING, folder)
    doubts, wrong, [lost] = json.loads(run(OPEN, folder).splitlines()[-1])
    assert (doubts, wrong) == (True, [])
    assert lost.startswith("sessions: about ")


def test_a_kill_when_doubts_are_settled_is_no_loss(folder):
    run(DOUBT, folder)
    die(KILLED_WHILE_SETTLING, folder)
    assert json.loads(run(OPEN, folder).splitlines()[-1]) == [False, [], []]


REBUILD = """
import sys
from pathlib import Path
from footfall.load import loader, marking
from footfall.store.engine import Engine

engine = Engine(sys.argv[1] + "/engine")
engine.migrate()
marks = loader.Loader(engine, Path(sys.argv[1]), lambda: 0)
loader.find_unmarked = lambda work: marking.find_unmarked(work, size=40)
print("begins", flush=True)
while marks.mark_some():
    pass
print("ends", flush=True)
engine.close()
"""
SHOP = """
import sys
from pathlib import Path
from footfall.load.loader import Loader
from footfall.load.marking import unmark_all
from footfall.model.event import Event
from footfall.model.record import EventsRecord
from footfall.store.engine import Engine

engine = Engine(sys.argv[1] + "/engine")
engine.migrate()
loader = Loader(engine, Path(sys.argv[1]), lambda: 0)
for first in range(0, 60, 10):
    events = [
        Event(website_id=1, type="page", path="/", visitor_id=1 + n * (day % 3 + 1),
              occurred_at=1_767_268_800_000 + day * 86_400_000 + n * 1000)
        for day in range(first, first + 10)
        for n in range(10)
    ]
    loader.load_records([EventsRecord(received_at=0, via="server", events=events)])
unmark_all(engine)
engine.close()
"""
CHECK = """
import sys
from footfall.store.engine import Engine
from load.marks import wrong_marks

engine = Engine(sys.argv[1] + "/engine")
wrong = wrong_marks(engine, [1], may_be_unknown=sys.argv[2] == "unfinished")
[[count]] = engine.query("SELECT countIf(prev_at = 0) FROM sessions FINAL").rows
print(count, wrong)
engine.close()
"""


def run(script, *words):
    ended = run_script(script, *words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_marking_that_is_killed_goes_on_where_it_was(tmp_path):
    run(SHOP, tmp_path)
    is_killed = False
    for delay in (0.05, 0.5) if IS_ALL else (0.05,):
        process = subprocess.Popen(
            [sys.executable, "-c", REBUILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "begins\n"
        time.sleep(delay)
        process.kill()
        is_killed |= "ends" not in process.communicate()[0]
        left, wrong = run(CHECK, tmp_path, "unfinished").split(maxsplit=1)
        assert wrong == "[]\n", left
    assert is_killed
    assert "ends" in run(REBUILD, tmp_path)
    assert run(CHECK, tmp_path, "complete") == "0 []\n"
