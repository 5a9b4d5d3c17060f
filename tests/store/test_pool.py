"""When the clients of a pool connect, and what happens if one cannot."""

import pytest

from footfall.store.error import EngineError
from footfall.store.pool import Pool


class Client:
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_clients_connect_when_they_are_needed() -> None:
    clients: list[Client] = []

    def connect() -> Client:
        clients.append(Client())
        return clients[-1]

    pool = Pool([connect] * 3)
    assert not clients
    with pool.client() as first, pool.client() as second:
        assert clients == [first, second]
    with pool.client() as again:
        assert again is first
    pool.close()
    assert [client.is_closed for client in clients] == [True, True]
    with pytest.raises(EngineError, match="closed"), pool.client():
        pass


def test_a_client_that_cannot_connect_leaves_its_place_to_the_next_attempt() -> None:
    answers: list[Client | EngineError] = [EngineError("no memory"), Client()]

    def connect() -> Client:
        answer = answers.pop(0)
        if isinstance(answer, EngineError):
            raise answer
        return answer

    pool = Pool([connect])
    with pytest.raises(EngineError, match="no memory"), pool.client():
        pass
    with pool.client() as client:
        assert isinstance(client, Client)
    pool.close()
