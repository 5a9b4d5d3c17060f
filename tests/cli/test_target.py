"""Which API a command asks: flags, variables, and the person's configuration file."""

from pathlib import Path

import pytest

from footfall.cli.target import Target, config_file, find_target
from footfall.model.errors import BadRequest

FILE = """\
profile = "work"

[profiles.work]
url = "https://stats.example.com"
token = "flow_work"
website = "example.com"

[profiles.home]
data = "/srv/data"
"""


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    write(tmp_path, FILE)
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "footfall" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


WORK = Target(url="https://stats.example.com", token="flow_work", website="example.com")


def test_without_anything_it_is_the_data_folder(tmp_path: Path) -> None:
    assert find_target({}, {"XDG_CONFIG_HOME": str(tmp_path)}) == Target()


def test_the_file_has_a_default_and_others(variables: dict[str, str]) -> None:
    assert find_target({}, variables) == WORK
    assert find_target({"profile": "home"}, variables) == Target(data="/srv/data")
    assert find_target({}, {**variables, "FOOTFALL_PROFILE": "home"}) == Target(data="/srv/data")
    assert find_target({"profile": "work"}, {**variables, "FOOTFALL_PROFILE": "home"}) == WORK


def test_flags_and_variables_win(variables: dict[str, str]) -> None:
    assert find_target({"website": "other.example"}, variables).website == "other.example"
    assert find_target({"data": "here"}, variables) == Target(data="here")
    url = "http://127.0.0.1:8000"
    with_variable = {**variables, "FOOTFALL_TOKEN": "flow_v"}
    assert find_target({"url": url}, variables) == Target(url=url)
    assert find_target({"url": url}, with_variable) == Target(url=url, token="flow_v")
    assert find_target({}, with_variable).token == "flow_v"
    given = {"url": url, "token": "flow_f", "profile": "work"}
    assert find_target(given, with_variable) == Target(
        url=url, token="flow_f", website="example.com"
    )
    assert find_target({"profile": "home", "url": url}, variables) == Target(url=url)
    assert find_target({}, {**variables, "FOOTFALL_DATA": "there"}) == Target()


def test_a_token_is_not_sent_to_another_server(variables: dict[str, str]) -> None:
    given = {"profile": "work", "url": "https://other.example"}
    assert find_target(given, variables).token is None


def test_a_profile_that_is_named_uses_its_own_token(variables: dict[str, str]) -> None:
    """The variable may hold the token of another server."""
    with_variable = {**variables, "FOOTFALL_TOKEN": "flow_v"}
    work = {"profile": "work"}
    assert find_target(work, with_variable) == WORK
    assert find_target({**work, "url": WORK.url}, with_variable) == WORK
    assert find_target({**work, "token": "flow_f"}, with_variable).token == "flow_f"
    # unless it has none, or another server is asked
    assert find_target({**work, "url": "https://x.example"}, with_variable).token == "flow_v"
    without = FILE.replace('token = "flow_work"', "")
    write(Path(variables["XDG_CONFIG_HOME"]), without)
    assert find_target(work, with_variable).token == "flow_v"


@pytest.mark.parametrize(
    ("text", "flags", "said"),
    [
        (FILE, {"profile": "wrok"}, "there is no profile 'wrok' in .*; did you mean work?"),
        (FILE, {"profile": "x"}, "it has work, home"),
        ("profile = 1", {}, "config.toml: Expected `str"),
        ("[profiles.a]\nurll = 'x'", {}, "config.toml: Object contains unknown field `urll`"),
        ("profile = ", {}, "config.toml: Invalid value"),
        ("profile = 'a'\n[profiles.a]\nurl = 'x'\ndata = 'y'", {}, "has url and data"),
        (FILE, {"url": "x", "data": "y"}, "--url or --data, not both"),
        (FILE, {"data": "y", "token": "t"}, "--token goes with --url"),
    ],
)
def test_mistakes_are_named(text: str, flags: dict[str, str], said: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    with pytest.raises(BadRequest, match=said):
        find_target(flags, {"XDG_CONFIG_HOME": str(tmp_path)})


def test_a_file_that_others_can_read_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = {"XDG_CONFIG_HOME": str(tmp_path)}
    path = write(tmp_path, FILE, 0o644)
    find_target({}, variables)
    assert f"can read {path}: run chmod 600 on it" in capsys.readouterr().err
    for text, mode in ((FILE, 0o600), ("[profiles.home]\ndata = 'x'", 0o644)):
        write(tmp_path, text, mode)
        find_target({}, variables)
        assert capsys.readouterr().err == ""


def test_the_file_is_where_xdg_says() -> None:
    assert config_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/footfall/config.toml")
    for relative in ("", "x"):
        found = config_file({"XDG_CONFIG_HOME": relative})
        assert found == Path.home() / ".config" / "footfall" / "config.toml"
