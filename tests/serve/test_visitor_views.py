"""Who may see single visitors, and that each view by a member is in the audit log."""

from .browsing import signed_in
from .conftest import Api

PATHS = ("/visitors", "/visitors/ann", "/visitors/ann/export")


def send_ann(api: Api) -> None:
    api.send(api.website(), {"url": "https://example.com/", "visitorUid": "ann"})


def test_single_visitors_are_for_admins(api: Api) -> None:
    send_ann(api)
    for role, status in (("viewer", 403), ("admin", 200), ("owner", 200)):
        browser = signed_in(api, role)
        for path in PATHS:
            assert browser.get(f"{path}?domain=example.com").status_code == status, role


def test_a_setting_shows_them_to_viewers(tmp_path, engine) -> None:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path, engine, viewers_see_visitors=True)
    send_ann(api)
    viewer = signed_in(api, "viewer")
    assert {viewer.get(f"{path}?domain=example.com").status_code for path in PATHS} == {200}
    assert viewer.ask("DELETE", "/visitors/ann?domain=example.com").status_code == 403
    api.close()


def test_each_view_of_a_member_is_logged_without_the_visitors_id(api: Api) -> None:
    send_ann(api)
    admin = signed_in(api, "admin")
    for path in (*PATHS, "/visitors/nobody"):
        admin.get(f"{path}?domain=example.com")
    api.get("/api/v1/visitors/ann?domain=example.com", api.token())
    newest, before, *rest = api.catalog.audit.list()
    assert (newest.action, before.action) == ("export visitor", "view visitor")
    assert newest.filters == before.filters
    assert newest.filters["id"].startswith("person ")
    assert newest.actor.startswith("user usr_")
    assert not [entry for entry in rest if "visitor" in entry.action]


def test_a_view_of_an_answer_that_the_browser_has_already_is_logged_too(api: Api) -> None:
    send_ann(api)
    admin = signed_in(api, "admin")
    first = admin.get("/visitors/ann?domain=example.com")
    again = admin.ask(
        "GET",
        "/visitors/ann?domain=example.com",
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304
    actions = [entry.action for entry in api.catalog.audit.list()]
    assert actions.count("view visitor") == 2
