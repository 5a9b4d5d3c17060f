"""Copies of a data folder open, also those made while the server runs, and those without links."""

import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cli.running import footfall
from e2e.senders import BROWSER, Sender, sending
from e2e.server import Server, running, wait_until
from e2e.test_durable import Shop

from footfall.store.engine import Engine

UA = {"User-Agent": BROWSER}


def run(*words: str, may_warn: bool = False) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"there is no `{words[0]}` on this machine")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert may_warn or done.returncode == 0, done.stderr


def copy_following_links(folder: Path, to: Path) -> None:
    run("cp", "-rL", str(folder), str(to), may_warn=True)  # files vanish while a server runs


def copy_plainly(folder: Path, to: Path) -> None:
    run("cp", "-a", str(folder), str(to), may_warn=True)


def copy_by_rsync(folder: Path, to: Path) -> None:
    run("rsync", "-a", f"{folder}/", f"{to}/", may_warn=True)


def copy_by_rsync_twice(folder: Path, to: Path) -> None:
    """As people do who want the second one to be short."""
    copy_by_rsync(folder, to)
    run("rsync", "-a", "--delete", f"{folder}/", f"{to}/", may_warn=True)


def copy_by_tar(folder: Path, to: Path) -> None:
    packed = to.with_suffix(".tar")
    run("tar", "-C", str(folder), "-cf", str(packed), ".", may_warn=True)
    to.mkdir()
    run("tar", "-C", str(to), "-xf", str(packed))


COPIES = [copy_following_links, copy_plainly, copy_by_rsync, copy_by_rsync_twice, copy_by_tar]


def stored(folder: Path) -> dict[str, int]:
    with closing(Engine(str(folder / "engine"))) as engine:
        return dict(engine.query("SELECT path, count() FROM events GROUP BY path").rows)


@pytest.mark.sample(1)
@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_a_stopped_folder_is_complete_and_sound(
    tmp_path: Path, copy: Callable[[Path, Path], None]
) -> None:
    folder, to = tmp_path / "data", tmp_path / "copy"
    with running(folder) as server:
        website = server.website("shop.test")
        for n in range(5):
            event = {"websiteId": website.tracking_id, "url": f"http://shop.test/{n}"}
            assert server.ask("POST", "/events", "", event, UA)[0] == 202
        server.wait_for_loading()
    copy(folder, to)
    with running(to) as server:
        token = server.token(website)
        assert server.ask("GET", "/health")[1]["status"] == "ok"
        assert server.get("/overview", token)["data"][0]["pageviews"] == 5
        event = {"websiteId": website.tracking_id, "url": "http://shop.test/5"}
        assert server.ask("POST", "/events", "", event, UA)[0] == 202
        server.wait_for_loading()
    assert stored(to) == {f"/{n}": 1 for n in range(6)}
    assert footfall("damage", data=to).stdout.strip() == "No damage was found."


def are_in_reports(shop: Shop, latest: list[str]) -> bool:
    """The latest path of each sender comes into reports after all others of that sender."""
    return all(shop.server.get("/pages", shop.token, search=path)["data"] for path in latest)


def latest_of(sender: Sender) -> str:
    return max(sender.acknowledged.copy(), key=lambda path: int(path.rpartition("/")[2]))


@pytest.mark.sample(1)
@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_made_while_the_server_works_opens_and_doubles_nothing(
    tmp_path: Path, copy: Callable[[Path, Path], None]
) -> None:
    folder, to = tmp_path / "data", tmp_path / "copy"
    with running(folder) as server:
        shop = Shop(server)
        with sending(*shop.senders):
            wait_until(lambda: all(sender.acknowledged for sender in shop.senders), "first pages")
            time.sleep(1)
            known = set().union(*(set(sender.acknowledged) for sender in shop.senders))
            latest = [latest_of(sender) for sender in shop.senders]
            wait_until(lambda: are_in_reports(shop, latest), "pages in reports")
            copy(folder, to)
        server.wait_for_loading()
    shop.check()
    copied = Server(to)
    copied.start()
    copied.wait_for_loading()
    health = copied.ask("GET", "/health")[1]
    assert health["status"] in ("ok", "damaged"), health
    assert copied.stop() == 0
    assert "Traceback" not in copied.logged()
    found = stored(to)
    assert {path for path, count in found.items() if count > 1} == set()
    sent = set().union(*(sender.sent for sender in shop.senders))
    assert found.keys() <= sent
    assert health["status"] == "damaged" or known <= found.keys(), "lost without a word"


@pytest.mark.parametrize("has_inventory", [True, False])
def test_no_second_copy_of_the_rows_remains_where_links_became_folders(
    tmp_path: Path, *, has_inventory: bool
) -> None:
    """No deletion would reach it."""
    folder, to = tmp_path / "data", tmp_path / "copy"
    with running(folder) as server:
        website = server.website("shop.test")
        event = {"websiteId": website.tracking_id, "url": "http://shop.test/0"}
        assert server.ask("POST", "/events", "", event, UA)[0] == 202
        server.wait_for_loading()
    copy_following_links(folder, to)
    for path in (to / "engine" / "data").glob("*/*"):
        assert not path.is_symlink()
    if not has_inventory:
        for path in to.glob("inventory*"):
            path.unlink()
        for path in (to / "spool").iterdir():
            path.unlink()
    with running(to) as server:
        server.wait_for_loading()
    assert (to / "engine" / "metadata" / "default").is_symlink()
    assert not [path for path in (to / "engine/data").glob("*/*") if not path.is_symlink()]
    assert stored(to) == {"/0": 1}
