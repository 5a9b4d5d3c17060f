"""`footfall demo`: a server with a demo website, to try Footfall within a minute."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.app import Footfall
from footfall.catalog.registry import DAY_MS
from footfall.catalog.table import WORKSPACE
from footfall.cli.serve import OnExit, run_server
from footfall.cli.user import sign_in_link
from footfall.config import read_settings
from footfall.demo.fill import fill
from footfall.demo.live import LiveTraffic
from footfall.demo.page import CONTENT_SECURITY_POLICY, demo_file
from footfall.model.member import Member
from footfall.model.website import Website

console = Console(stderr=True, highlight=False)
DEMO_EMAIL = "demo@example.com"


def demo(
    *,
    data: Annotated[str, Parameter(help="Folder for the demo's data.")] = "footfall-demo",
    host: Annotated[str | None, Parameter(help="Address to listen on.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on.")] = None,
    days: Annotated[int, Parameter(help="Days of traffic to make at the first start.")] = 90,
) -> None:
    """Run a demo website with 90 days of made-up traffic.

    Visitors come and go while it runs. Run it again on another day to add the traffic since then.
    Ctrl-C stops it. To start over, remove the data folder.
    """
    settings = read_settings({"data": data, "host": host, "port": port})
    run_server(settings, greet=lambda server, address: _fill_and_greet(server, address, days))


def _fill_and_greet(server: Footfall, address: str, days: int) -> OnExit:
    with Progress(
        TextColumn("Making the demo website's traffic"),
        BarColumn(),
        TaskProgressColumn(),
        console=console,
        transient=True,
    ) as progress:
        bar = progress.add_task("fill", total=1.0)
        website = fill(
            server.catalog,
            server.settings.folder,
            server.loader.step,
            server.clock,
            lambda share: progress.update(bar, completed=share),
            days=days,
        )
    server.registry.refresh()
    server.asgi.mount("/demo", _pages(website, server.settings.tracker_path))
    _print(server, website, address)
    traffic = LiveTraffic(server.catalog, server.settings.folder, website, server.clock)
    traffic.start()
    return traffic.stop


def _token(server: Footfall, website: Website) -> str:
    """The demo's token, the same at every start. So its secret is stored, unlike others."""
    kept = server.settings.folder / "demo-token"
    if kept.exists() and server.registry.token(secret := kept.read_text()):
        return secret
    secret, _ = server.catalog.add_token(
        website_id=website.id, scopes=("read", "write"), now_ms=server.clock()
    )
    kept.touch(mode=0o600)
    kept.write_text(secret)
    return secret


def _owner(server: Footfall) -> Member:
    users = server.catalog.users
    if not users.has_owner():
        users.add(
            DEMO_EMAIL,
            "Demo",
            None,
            "owner",
            workspace_id=WORKSPACE,
            now_ms=server.clock(),
            is_first=True,
        )
    return next(each for each in users.members(WORKSPACE) if each.role == "owner")


def _pages(website: Website, tracker_path: str) -> ASGIApp:
    async def serve_page(scope: Scope, _receive: Receive, send: Send) -> None:
        file = demo_file(scope["path"].removeprefix("/demo"), website, tracker_path)
        headers = [
            (b"content-type", file.content_type.encode()),
            (b"content-length", b"%d" % len(file.body)),
            (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else file.body
        await send({"type": "http.response.body", "body": body})

    return serve_page


def _command() -> str:
    """This program, as the same terminal finds it: `make run` puts it on no PATH."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m footfall"
    found = shutil.which("footfall")
    is_found = found is not None and program.exists() and program.samefile(found)
    return "footfall" if is_found else shlex.quote(sys.argv[0])


_FLOW = 'start_step={"type":"event","event":"page","resolved_event":"/app"}'


def _print(server: Footfall, website: Website, address: str) -> None:
    """How to see it. The link opens the dashboard signed in: once, and only on this machine."""
    owner, secret, data = _owner(server), _token(server, website), server.settings.data
    link = sign_in_link(server.catalog, owner, address, lives_ms=DAY_MS, is_local=True)
    further = f"{_command()} user link {shlex.quote(owner.user.email)} --data {shlex.quote(data)}"
    base = f"{address}/api/v1"
    ask = f'  curl -H "Authorization: Bearer {secret}"'
    console.print(
        "\n[bold]Footfall's demo is running.[/] Ctrl-C stops it.\n\n"
        f"  Dashboard  {link}\n"
        f"             opens it signed in, once; for another link: {escape(further)}\n"
        f"  Demo page  [link={address}/demo]{address}/demo[/]  open it and click around\n"
        f"  API        {base}  ({address}/llms.txt describes it)\n"
        f"  Website    {escape(website.domain)}\n"
        f"  Token      {secret}\n\n"
        "Try:\n",
        soft_wrap=True,  # a link in two lines cannot be clicked
    )
    for question in ("overview", "realtime", '"breakdown?dimension=channel,page&limit=5"'):
        url = f'"{base}/{question[1:]}' if question.startswith('"') else f"{base}/{question}"
        print(f"{ask} {url}")
    print(f"{ask} -G {base}/flow -d nodes_per_step=4 --data-urlencode '{_FLOW}'", flush=True)
