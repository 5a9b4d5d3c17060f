"""`footfall user`: accounts, links and lost passwords, from the terminal."""

import json
import subprocess
import sys
from pathlib import Path

from cli.running import forked_footfall as footfall

from footfall.catalog import Catalog
from footfall.catalog.table import WORKSPACE
from footfall.clock import now_ms

PASSWORD = "correct horse battery"


def give_password(*words: str, data: Path, password: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "footfall", "user", *words, "--password-stdin"]
    return subprocess.run(
        [*command, "--data", str(data)],
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_users_are_made_listed_let_in_and_deleted(folder: Path) -> None:
    setup = footfall("user", "link", data=folder)
    assert "http://127.0.0.1:8000/setup#code=" in setup.stdout
    made = footfall("user", "create", "ann@example.com", "--role", "owner", "--json", data=folder)
    row = json.loads(made.stdout)
    assert (row["role"], row["hasPassword"]) == ("owner", False)
    [_, code] = row["link"].split("http://127.0.0.1:8000/signin#code=")
    with_password = give_password("create", "bea@example.com", data=folder, password=PASSWORD)
    assert "is viewer now" in with_password.stdout
    catalog = Catalog(folder)
    now = now_ms()
    assert catalog.codes.use("link", code, is_local=False, now_ms=now) == row["id"]
    assert catalog.users.check("bea@example.com", PASSWORD)
    changed = give_password(
        "password", "BEA@example.com", data=folder, password="another long password"
    )
    assert changed.returncode == 0, changed.stderr
    assert not catalog.users.check("bea@example.com", PASSWORD)
    listed = json.loads(footfall("user", "list", "--json", data=folder).stdout)
    assert [each["email"] for each in listed] == ["ann@example.com", "bea@example.com"]
    assert footfall("user", "delete", "bea@example.com", data=folder).returncode == 0
    last = footfall("user", "delete", "ann@example.com", data=folder)
    assert (last.returncode, "last owner" in last.stderr) == (1, True)
    assert [each.user.email for each in catalog.users.members(WORKSPACE)] == ["ann@example.com"]
    audit = footfall("audit", "--json", data=folder).stdout
    assert "remove member" in audit
    assert "example.com" not in audit
    catalog.close()


def test_mistakes_are_named(folder: Path) -> None:
    for words, message in (
        (("create", "ann"), "not an e-mail address"),
        (("create", "ann@example.com", "--role", "boss"), "owner, admin, viewer"),
        (("link", "nobody@example.com"), "there is no user"),
        (("password", "nobody@example.com"), "there is no user"),
    ):
        done = footfall("user", *words, data=folder)
        assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    short = give_password("create", "ann@example.com", data=folder, password="short")
    assert (short.returncode, "10 to 256" in short.stderr) == (1, True)
