"""Which API a command asks: flags over variables over the person's configuration file."""

import os
import stat
import sys
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import msgspec

from footfall.cli.remote import TOKEN_VARIABLE
from footfall.model.errors import BadRequest

PROFILE_VARIABLE = "FOOTFALL_PROFILE"


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server (`url`, `token`) or a data folder (`data`; None: as for every command)."""

    url: str | None = None
    token: str | None = None
    data: str | None = None
    website: str | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    profile: str | None = None
    profiles: dict[str, Target] = {}


def find_target(
    given: Mapping[str, str | None], environment: Mapping[str, str] = os.environ
) -> Target:
    """What the flags `url`, `token`, `data`, `website` and `profile` mean. Raises BadRequest."""
    flags = {name: given.get(name) for name in Target.__struct_fields__}
    if flags["url"] is not None and flags["data"] is not None:
        raise BadRequest("give --url or --data, not both")
    kept = _profile(given, environment)
    if flags["url"] not in (None, kept.url):
        kept = Target(website=kept.website)  # its token is not for another server
    elif flags["data"] is not None:
        kept = msgspec.structs.replace(kept, url=None)
    found = msgspec.structs.replace(
        kept, **{name: value for name, value in flags.items() if value is not None}
    )
    if flags["token"] is not None and found.url is None:
        raise BadRequest("--token goes with --url; a folder needs none")
    # one server's token is not sent to another: the profile was named together with its server
    is_profiles = given.get("profile") and found.token is not None and found.url == kept.url
    if flags["token"] is None and not is_profiles and (token := environment.get(TOKEN_VARIABLE)):
        found = msgspec.structs.replace(found, token=token)
    return found


def config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The configuration file of whoever runs the command, by the XDG rules."""
    folder = environment.get("XDG_CONFIG_HOME", "")
    # the specification says to ignore a relative path
    base = Path(folder) if folder.startswith("/") else Path.home() / ".config"
    return base / "footfall" / "config.toml"


def _profile(given: Mapping[str, str | None], environment: Mapping[str, str]) -> Target:
    """The connection of the file: the one that was asked for, or its default one."""
    asked = given.get("profile") or environment.get(PROFILE_VARIABLE)
    names_place = given.get("url") is not None or given.get("data") is not None
    if not asked and (names_place or environment.get("FOOTFALL_DATA")):
        return Target()
    path = config_file(environment)
    file = _read(path)
    name = asked or file.profile
    if not name:
        return Target()
    if name not in file.profiles:
        raise BadRequest(f"there is no profile {name!r} in {path}{_choices(name, file.profiles)}")
    found = file.profiles[name]
    if found.url is not None and found.data is not None:
        raise BadRequest(f"{path}: the profile {name!r} has url and data; leave out one of them")
    return found


def _choices(name: str, known: Mapping[str, Target]) -> str:
    close = get_close_matches(name, known, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it has {', '.join(known)}" if known else "; it has none"


def _read(path: Path) -> _File:
    try:
        text = path.read_text("utf-8")
        _warn_of_readers(path, text)
        return msgspec.convert(tomllib.loads(text), _File)
    except (FileNotFoundError, NotADirectoryError):
        return _File()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadRequest(f"{path}: {error}") from error


def _warn_of_readers(path: Path, text: str) -> None:
    """Say so if the file has tokens and other people on this machine can read it."""
    if "token" in text and stat.S_IMODE(path.stat().st_mode) & 0o077:
        message = f"footfall: other people on this machine can read {path}: run chmod 600 on it"
        print(message, file=sys.stderr)
