"""Money on a real server: many requests at once, and a server that is killed meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from e2e.server import BASE, Answer, Server, running, wait_until

AT_ONCE = 50


def pay(server: Server, token: str, **body: object) -> tuple[int, Answer]:
    fields = {"amount": "10.00", "currency": "EUR", "transactionId": "t1"}
    return server.ask("POST", f"{BASE}/payments", token, fields | body)


def revenue(server: Server, token: str) -> tuple[float, float]:
    (row,) = server.get("/overview", token)["data"]
    return row["revenue"], row["refunded_revenue"]


def test_a_transaction_sent_50_times_at_once_is_recorded_once(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        website = server.website("shop.test", currency="EUR")
        token = server.token(website)
        page = [{"url": "http://shop.test/", "visitorUid": "ann", "sessionUid": "s1"}]
        assert server.ask("POST", f"{BASE}/events", token, page)[0] == 202
        with ThreadPoolExecutor(AT_ONCE) as threads:
            replies = threads.map(
                lambda n: pay(server, token, amount=n, sessionUid="s1"), range(1, AT_ONCE + 1)
            )
            answers = list(replies)
        assert Counter(status for status, _ in answers) == {200: 1, 409: AT_ONCE - 1}
        assert {answer["error"]["field"] for status, answer in answers if status == 409} == {
            "transactionId"
        }
        [posted] = [n for n, (status, _) in enumerate(answers, start=1) if status == 200]
        wait_until(lambda: revenue(server, token) == (posted, 0), "the one payment's revenue")
        (goal,) = [row for row in server.get("/goals", token)["data"] if row["name"] == "payment"]
        assert goal["completions"] == 1


def test_a_refund_sent_50_times_at_once_counts_once(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        token = server.token(server.website("shop.test", currency="EUR"))
        assert pay(server, token)[0] == 200
        refund = {"amount": 4, "isRefund": True, "refundId": "r1"}
        with ThreadPoolExecutor(AT_ONCE) as threads:
            replies = threads.map(lambda _: pay(server, token, **refund), range(AT_ONCE))
            messages = Counter(answer["data"][0]["message"] for _, answer in replies)
        assert messages == {
            "Refund recorded successfully": 1,
            "Refund was recorded before": AT_ONCE - 1,
        }
        wait_until(lambda: revenue(server, token) == (10, 4), "the one refund")


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        token = server.token(server.website("shop.test", currency="EUR"), "read", "write", "delete")
        for number in range(20):
            assert pay(server, token, transactionId=f"t{number}")[0] == 200
            goal = {"name": "signup", "idempotencyKey": str(number)}
            assert server.ask("POST", f"{BASE}/goals", token, goal)[0] == 200
        server.kill()
        server.start()
        wait_until(lambda: revenue(server, token) == (200, 0), "all that was answered")
        assert pay(server, token, transactionId="t7")[0] == 409
        assert server.ask("POST", f"{BASE}/goals", token, {"name": "signup", "idempotencyKey": "7"})
        server.wait_for_loading()
        completions = {
            row["name"]: row["completions"] for row in server.get("/goals", token)["data"]
        }
        assert completions == {"signup": 20, "payment": 20, "free_trial": 0}
        status, answer = server.ask("DELETE", f"{BASE}/payments?endAt=2100-01-01", token)
        assert (status, answer["data"][0]["deleted"]) == (200, 20)
        assert revenue(server, token) == (0, 0)
        server.kill()
        server.start()
        assert revenue(server, token) == (0, 0)
        assert pay(server, token, transactionId="t7")[0] == 200
