"""When the clients of a pool connect, and what happens if one cannot, or breaks."""

from collections.abc import Callable
from threading import Thread
from typing import NoReturn

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from footfall.store.error import EngineError
from footfall.store.pool import Pool


class Client:
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Stuck(Client):
    """One that fails to close."""

    def close(self) -> None:
        super().close()
        raise ClickHouseError("stuck")


def connecting(*answers: Client | EngineError) -> Callable[[], Client]:
    """Connects these, one after the other, or fails."""
    left = list(answers)

    def connect() -> Client:
        answer = left.pop(0)
        if isinstance(answer, EngineError):
            raise answer
        return answer

    return connect


def fail() -> NoReturn:
    raise ClickHouseError("the query failed")


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
    pool = Pool([connecting(EngineError("no memory"), Client())])
    with pytest.raises(EngineError, match="no memory"), pool.client():
        pass
    with pool.client() as client:
        assert isinstance(client, Client)
    pool.close()


def test_a_client_that_is_connected_already_is_the_first_one_and_replaced_like_any_other() -> None:
    opened, further = Client(), Client()
    pool = Pool([connecting(further)], lambda _: False, opened)
    with pytest.raises(EngineError, match="the query failed"), pool.client():
        fail()
    assert opened.is_closed
    with pool.client() as client:
        assert client is further
    pool.close()


@pytest.mark.parametrize("kind", [Client, Stuck])
def test_a_client_that_is_not_clear_is_never_used_again(kind: type[Client]) -> None:
    unclear, further = kind(), Client()
    pool = Pool([connecting(unclear, further)], lambda _: False)
    with pytest.raises((EngineError, ClickHouseError)), pool.client():
        fail()
    assert unclear.is_closed
    with pool.client() as client:
        assert client is further
    pool.close()


def test_a_client_that_is_not_clear_is_not_used_again_if_no_other_can_connect() -> None:
    unclear, further = Client(), Client()
    connect = connecting(unclear, EngineError("no memory"), further)
    pool = Pool([connect], lambda _: False)
    with pytest.raises(EngineError, match="no memory"), pool.client():
        fail()
    assert unclear.is_closed
    with pool.client() as client:
        assert client is further
    pool.close()


def test_all_clients_are_closed_and_nobody_waits_even_if_one_fails_to_close() -> None:
    clients = [Client(), Stuck(), Client()]
    pool = Pool([connecting(client) for client in clients])
    errors: list[EngineError] = []

    def wait() -> None:
        try:
            with pool.client():
                pass
        except EngineError as error:
            errors.append(error)

    with pool.client(), pool.client(), pool.client():
        pass
    with pytest.raises(ClickHouseError, match="stuck"):
        pool.close()
    assert all(client.is_closed for client in clients)
    waiting = [Thread(target=wait, daemon=True) for _ in range(2)]
    for thread in waiting:
        thread.start()
        thread.join(10)
    assert [str(error) for error in errors] == ["the engine is closed"] * 2
