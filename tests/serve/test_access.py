"""Who may ask what: tokens, scopes, selectors, the rate."""

import logging

import pytest
import structlog

from footfall.serve.rest.base import BASES

from .conftest import Api


def test_both_bases_answer_the_same(api: Api) -> None:
    website = api.website()
    token = api.token(website)
    answers = [api.get(f"{base}/metadata", token) for base in BASES]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic Zmxvdzpmb28="},
        {"Authorization": "Bearer flow_unknown"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Authorization": b"Bearer \xff\xfe"},
    ],
)
def test_without_a_known_token_there_is_no_answer(api: Api, headers: dict[str, str]) -> None:
    answer = api.get("/api/v1/websites", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    body = answer.json()
    message = body["message"]
    assert body == {
        "status": "error",
        "error": {"code": 401, "message": message},
        "statusCode": 401,
        "message": message,
    }


def test_the_scheme_is_read_in_any_case(api: Api) -> None:
    headers = {"Authorization": f"bearer {api.token()}"}
    assert api.get("/api/v1/websites", headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["token", "api_key", "access_token", "filter_page"])
def test_a_token_in_the_address_is_refused_and_never_logged(
    api: Api, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = api.token()
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        answer = api.get("/api/v1/websites", token, params={name: token})
    assert answer.status_code == 401
    assert "never in the address" in answer.json()["message"]
    assert token not in answer.text
    assert token not in str(logged)
    assert token not in "".join(r.getMessage() for r in caplog.records if r.name != "httpx2")


def test_a_campaign_that_begins_like_a_token_is_none(api: Api) -> None:
    params = {"filter_utm_campaign": "flow_spring_sale_2026_with_a_very_long_name"}
    answer = api.get("/api/v1/overview", api.token(api.website()), params=params)
    assert answer.status_code == 200


def test_a_workspace_token_needs_a_selector(api: Api) -> None:
    api.website()
    answer = api.get("/api/v1/overview", api.token())
    assert answer.status_code == 400
    assert answer.json()["message"] == "Website ID or domain is required"
    assert answer.json()["error"]["code"] == 400


def test_a_workspace_token_selects_by_id_tracking_id_or_domain(api: Api) -> None:
    api.website("other.example")
    website = api.website()
    token = api.token()
    for params in (
        {"websiteId": website.public_id},
        {"websiteId": website.public_id.upper()},
        {"websiteId": website.tracking_id},
        {"domain": "example.com"},
        {"domain": "www.Example.com"},
        {"websiteId": website.public_id, "domain": "example.com"},
    ):
        answer = api.get("/api/v1/metadata", token, params=params)
        assert answer.status_code == 200
        assert answer.json()["data"][0]["domain"] == "example.com"


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"websiteId": "00000000"}, 404),
        ({"domain": "nobody.example"}, 404),
        ({"domain": "x" * 5000}, 404),
        ({"websiteId": "' OR 1=1 --"}, 404),
        ({"domain": ["example.com", "other.example"]}, 400),
        ({"websiteId": "other.example", "domain": "example.com"}, 400),
    ],
)
def test_a_selector_that_names_no_single_website_is_refused(
    api: Api, params: dict[str, str], status: int
) -> None:
    api.website()
    api.website("other.example")
    assert api.get("/api/v1/overview", api.token(), params=params).status_code == status


def test_a_websites_token_needs_no_selector_and_may_name_its_own(api: Api) -> None:
    website = api.website()
    token = api.token(website)
    for params in ({}, {"websiteId": website.public_id}, {"domain": "example.com"}):
        assert api.get("/api/v1/realtime", token, params=params).status_code == 200


def test_a_websites_token_may_not_ask_about_another_known_or_not(api: Api) -> None:
    token = api.token(api.website())
    other = api.website("other.example")
    for params in ({"websiteId": other.public_id}, {"domain": "unknown.example"}):
        answer = api.get("/api/v1/realtime", token, params=params)
        assert answer.status_code == 403
        assert answer.json()["message"] == "This token is only for example.com"


def test_a_token_without_the_scope_is_refused(api: Api) -> None:
    website = api.website()
    collect, read = api.token(website, "collect"), api.token(website, "read")
    answer = api.get("/api/v1/overview", collect)
    assert answer.status_code == 403
    assert "'read'" in answer.json()["message"]
    for token in (collect, read):
        answer = api.ask("POST", "/api/v1/events", token, json=[])
        assert answer.status_code == 403
        assert "'write'" in answer.json()["message"]


def test_a_key_of_the_other_api_is_refused_with_that_reason(api: Api) -> None:
    token = api.token(api.website(), "read", kind="formo")
    assert api.get("/api/v1/overview", token).status_code == 403


def test_a_revoked_token_and_a_removed_websites_are_refused_at_once(api: Api) -> None:
    website = api.website()
    revoked, token = api.make_token(website)
    removed = api.token(website)
    assert api.get("/api/v1/realtime", revoked).status_code == 200
    api.catalog.revoke_token(token.id)
    api.now_ms += 1000
    assert api.get("/api/v1/realtime", revoked).status_code == 401
    api.catalog.remove_website(website.id, now_ms=api.now_ms)
    api.now_ms += 1000
    assert api.get("/api/v1/realtime", removed).status_code == 401


def test_every_report_answer_has_what_is_left_of_the_rate(tmp_path, engine) -> None:
    api = Api(tmp_path, engine, rate_limit_per_minute=3)
    website = api.website()
    token, other = api.token(website), api.token(website)
    asked = [
        api.get("/api/v1/realtime", token),
        api.get("/api/v1/overview?limit=0", token),
        api.get("/api/v1/realtime?domain=other.example", token),
        api.get("/api/v1/realtime", token),
    ]
    assert [answer.status_code for answer in asked] == [200, 400, 403, 429]
    for answer, left in zip(asked, "2100", strict=True):
        assert answer.headers["ratelimit-limit"] == "3"
        assert answer.headers["ratelimit-remaining"] == left
        assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
        assert answer.headers["ratelimit-policy"] == '"reports";q=3;w=60'
    assert 1 <= int(asked[-1].headers["retry-after"]) <= 60
    assert asked[-1].json()["statusCode"] == 429
    assert api.get("/api/v1/realtime", other).status_code == 200
    sent = api.ask("POST", "/api/v1/events", token, json=[])
    assert sent.status_code == 202
    assert "ratelimit-limit" not in sent.headers
    api.close()


def test_other_origins_get_no_cors_headers(api: Api) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = api.get("/api/v1/websites", api.token(), headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control-")]
