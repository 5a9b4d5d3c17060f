"""A website's gate: nobody reads while it is closed, and closing it waits for nobody."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from footfall.serve.gate import Gates


class Store:
    """Two values that are changed one after the other; a reader reads one after the other."""

    def __init__(self) -> None:
        self.gates = Gates()
        self.values = [0, 0]
        self.reads = 0

    def change(self) -> None:
        """In another thread, as deletes do."""
        with self.gates.closed(7):
            self.values[0] += 1
            self.values[1] += 1

    async def read(self, between: Callable[[], Awaitable[None]]) -> list[int]:
        async def work() -> list[int]:
            self.reads += 1
            first = self.values[0]
            if self.reads == 1:
                await between()
            return [first, self.values[1]]

        return await self.gates.read(7, work)


def test_who_reads_while_the_gate_closes_reads_again() -> None:
    store = Store()
    assert asyncio.run(store.read(lambda: asyncio.to_thread(store.change))) == [1, 1]
    assert store.reads == 2


def test_what_went_wrong_in_a_read_that_is_done_again_is_not_answered() -> None:
    store = Store()

    async def change_and_fail() -> None:
        await asyncio.to_thread(store.change)
        raise ValueError("a part went")

    assert asyncio.run(store.read(change_and_fail)) == [1, 1]


def test_an_error_with_an_open_gate_is_answered() -> None:
    store = Store()

    async def fail() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        asyncio.run(store.read(fail))
    assert store.reads == 1


def test_another_websites_readers_do_not_wait_and_do_not_read_again() -> None:
    store = Store()

    async def read_beside() -> int:
        with store.gates.closed(8):
            await store.read(lambda: asyncio.sleep(0))
        return store.reads

    assert asyncio.run(read_beside()) == 1


def test_readers_wait_while_the_gate_is_closed() -> None:
    store = Store()

    async def read_late() -> list[int]:
        with store.gates.closed(7):
            store.values[0] = 1
            reading = asyncio.create_task(store.read(lambda: asyncio.sleep(0)))
            await asyncio.sleep(0.01)
            assert store.reads == 0
            store.values[1] = 1
        return await reading

    assert asyncio.run(read_late()) == [1, 1]


def test_two_may_close_a_gate_and_it_opens_after_both() -> None:
    store = Store()

    async def read_late() -> int:
        with store.gates.closed(7):
            with store.gates.closed(7):
                reading = asyncio.create_task(store.read(lambda: asyncio.sleep(0)))
            await asyncio.sleep(0.01)
            assert store.reads == 0
        await reading
        return store.reads

    assert asyncio.run(read_late()) == 1
