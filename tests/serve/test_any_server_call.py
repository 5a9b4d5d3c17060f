"""Whatever a body or a query holds, a write is taken or refused by name, and nothing is a 500."""

from urllib.parse import quote, urlencode

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.model.website import Website

from .conftest import Api
from .server_calls import page

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
KEY = st.sampled_from(("plan", "a-b", "Plan", "k" * 65)) | TEXT
UID = st.sampled_from(("anna", "nobody", "s1", "")) | TEXT
TIME = st.sampled_from(("2026-11-21T11:00:00Z", "2026-11-21", "0001-01-01T00:00:00+23:59", ""))
WHOSE = {
    "visitorUid": UID | JSON,
    "sessionUid": UID | JSON,
    "timestamp": TIME | JSON,
    "timezone": st.sampled_from(("Europe/Vienna", "Mars", "../etc")) | JSON,
    "idempotencyKey": st.sampled_from(("k1", "k2")) | JSON,
    "websiteId": st.just("nowhere") | JSON,
}
GOAL = st.fixed_dictionaries(
    {"name": st.sampled_from(("signup", "payment", "Sign up")) | JSON},
    optional={
        **WHOSE,
        "metadata": st.dictionaries(KEY, JSON, max_size=12) | JSON,
    },
)
AMOUNT = (
    st.sampled_from((0, 1, 29.99, "29.99", "1e3", -1, 1e300, 1e-300, "9" * 50, "٣", "-0"))
    | st.decimals(0, 100, places=2).map(str)
    | JSON
)
PAYMENT = st.fixed_dictionaries(
    {
        "amount": AMOUNT,
        "currency": st.sampled_from(("EUR", "usd", "JPY", "KWD", "AFN", "XAU", "€")) | JSON,
        "transactionId": st.sampled_from(("t1", "t2", "t 3")) | TEXT | JSON,
    },
    optional={
        **WHOSE,
        **dict.fromkeys(("email", "name", "customerId"), TEXT | JSON),
        **dict.fromkeys(("isRenewal", "isRefund"), st.booleans() | JSON),
        "refundId": st.sampled_from(("r1", "total:1")) | JSON,
        "rate": AMOUNT,
    },
)
NAMES = {
    *WHOSE,
    *("name", "amount", "currency", "transactionId", "email", "customerId", "isRenewal"),
    *("isRefund", "refundId", "rate", "metadata", "Idempotency-Key"),
}
STATUSES = {200, 400, 403, 404, 409}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    call=st.tuples(st.just("goals"), GOAL | JSON) | st.tuples(st.just("payments"), PAYMENT | JSON),
    key=st.sampled_from(("", "k1", "\x7f", "k" * 300)),
)
def test_any_server_call_is_taken_or_refused_by_name(
    api: Api, call: tuple[str, object], key: str
) -> None:
    path, body = call
    websites = api.catalog.websites()
    website = websites[0] if websites else _shop(api)
    headers = {"Idempotency-Key": key} if key else {}
    content = msgspec.json.encode(body)
    api.now_ms += 1000  # or the rate limit ends it
    answer = api.ask(
        "POST", f"/api/v1/{path}", api.token(website), content=content, headers=headers
    )
    assert answer.status_code in STATUSES, answer.text
    if answer.status_code == 400 and isinstance(body, dict):
        field = answer.json()["error"]["field"]
        assert field.partition(".")[0] in NAMES, answer.text
    api.load()
    assert ("load", "refused_by_engine") not in api.loader.outcomes


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(("goals", "payments", "visitors/anna"))
    | TEXT.map(lambda text: f"visitors/{quote(text, safe='')}"),
    query=st.lists(
        st.tuples(
            st.sampled_from(("visitorId", "name", "transactionId", "startAt", "endAt", "dryRun"))
            | TEXT,
            st.sampled_from(("anna", "signup", "t1", "2026-11-21", "true", "")) | TEXT,
        ),
        max_size=3,
    ),
)
def test_any_delete_is_done_or_refused(api: Api, path: str, query: list[tuple[str, str]]) -> None:
    websites = api.catalog.websites()
    website = websites[0] if websites else _shop(api)
    token = api.token(website, "delete")
    answer = api.ask("DELETE", f"/api/v1/{path}?{urlencode(query)}", token)
    assert answer.status_code in {*STATUSES, 405}, answer.text
    if answer.status_code == 200 and not path.startswith("visitors/"):
        assert {name for name, _ in query} - {"dryRun"}, "a delete without a filter"


def _shop(api: Api) -> Website:
    website = api.website(currency="EUR")
    api.send(website, page("anna", sessionUid="s1"))
    return website
