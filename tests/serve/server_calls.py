"""Sending goals and payments to the API as a server does, and reading its reports."""

from typing import Any

from footfall.model.website import Website

from .conftest import Api

Answer = dict[str, Any]


def page(visitor: str, **fields: Any) -> Answer:
    return {"url": "https://example.com/", "visitorUid": visitor, **fields}


class Shop:
    """A website that sends goals and payments, a token for that and one with every scope."""

    def __init__(self, api: Api, domain: str = "example.com", **settings: Any) -> None:
        self.api = api
        self.website: Website = api.website(domain, **{"currency": "EUR", **settings})
        self.token = api.token(self.website)
        self.all = api.token(self.website, "read", "write", "delete")

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
        """The answer to a POST, whatever it is."""
        return self.api.ask("POST", f"/api/v1/{path}", self.token, json=body, headers=headers or {})

    def accepted(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> Answer:
        """The row of a POST that is taken."""
        answer = self.post(path, headers, **body)
        assert answer.status_code == 200, answer.text
        [row] = answer.json()["data"]
        assert isinstance(row, dict)
        return row

    def pay(self, transaction: str, amount: object = "10", **more: Any) -> Answer:
        """The row of a payment, in euros if nothing else is said."""
        fields = {"amount": amount, "currency": "EUR", "transactionId": transaction}
        return self.accepted("payments", **(fields | more))

    def refused(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> tuple:
        """Status, field and message of a POST that is refused."""
        return refusal(self.post(path, headers, **body))

    def delete(self, path: str, **params: str) -> Answer:
        answer = self.api.ask("DELETE", f"/api/v1/{path}", self.all, params=params)
        assert answer.status_code == 200, answer.text
        [row] = answer.json()["data"]
        assert isinstance(row, dict)
        return row

    def rows(self, path: str) -> dict[str, Answer]:
        """A list's rows by value, everything loaded."""
        self.api.load()
        answer = self.api.get(f"/api/v1/{path}", self.all)
        assert answer.status_code == 200, answer.text
        return {row["value"]: row for row in answer.json()["data"]}

    def overview(self, **params: str) -> Answer:
        self.api.load()
        [row] = self.api.get("/api/v1/overview", self.all, params=params).json()["data"]
        assert isinstance(row, dict)
        return row

    def completions(self) -> dict[str, int]:
        """Of the goals that were ever completed."""
        found = {name: row["completions"] for name, row in self.rows("goals").items()}
        return {name: count for name, count in found.items() if count}


def refusal(answer: Any) -> tuple[int, str, str]:
    """Status, field and message of an answer, which must be an error."""
    error = answer.json()["error"]
    assert answer.status_code == error["code"]
    return answer.status_code, error.get("field", ""), error["message"]
