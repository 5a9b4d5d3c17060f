"""The fair queue: tokens take turns, and neither a token nor a website has all places."""

import random

import pytest

from footfall.model.errors import Unavailable
from footfall.serve.http.fair import FairQueue, Limits, Share

LIMITS = Limits(
    running=4,
    running_per_website=3,
    running_per_token=2,
    waiting=12,
    waiting_per_website=8,
    waiting_per_token=5,
    retry_after_s=7,
)


def queue_of(*shares: tuple[str, int], **limits: int) -> FairQueue[int]:
    """Requests 0, 1, 2 … of a token about a website, all waiting."""
    queue: FairQueue[int] = FairQueue(Limits(**{**_fields(LIMITS), **limits}))
    for number, share in enumerate(shares):
        queue.join(number, Share(*share))
    return queue


def _fields(limits: Limits) -> dict[str, int]:
    return {name: getattr(limits, name) for name in limits.__struct_fields__}


def take_all(queue: FairQueue[int]) -> list[int]:
    taken = []
    while (item := queue.take()) is not None:
        taken.append(item)
    return taken


def test_a_token_runs_fewer_requests_than_there_are_places() -> None:
    queue = queue_of(*[("a", 1)] * 5)
    assert take_all(queue) == [0, 1]


def test_a_website_runs_fewer_requests_than_there_are_places_whatever_the_tokens() -> None:
    queue = queue_of(("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 2))
    assert take_all(queue) == [0, 1, 2, 4]


def test_a_token_of_all_websites_gets_no_more_than_another_one() -> None:
    queue = queue_of(("a", 1), ("a", 2), ("a", 3), ("b", 4))
    assert sorted(take_all(queue)) == [0, 1, 3]


def test_tokens_take_turns_however_many_requests_each_of_them_has_waiting() -> None:
    queue = queue_of(*[("a", 1)] * 5, ("b", 2), ("c", 3), running=1)
    order = []
    while (item := queue.take()) is not None:
        order.append(item)
        queue.leave(item)
    assert order == [0, 5, 6, 1, 2, 3, 4]


def test_a_tokens_requests_keep_their_order() -> None:
    queue = queue_of(*[("a", 1)] * 5, running_per_token=1)
    order = []
    while (item := queue.take()) is not None:
        order.append(item)
        queue.leave(item)
    assert order == [0, 1, 2, 3, 4]


def test_a_request_about_a_busy_website_does_not_hold_up_its_token() -> None:
    queue = queue_of(("x", 1), ("y", 1), ("z", 1), ("a", 1), ("a", 2))
    assert take_all(queue) == [0, 1, 2, 4]


def test_a_place_goes_to_the_next_one_when_it_is_given_up() -> None:
    queue = queue_of(*[("a", 1)] * 3)
    take_all(queue)
    queue.leave(1)
    assert take_all(queue) == [2]


def test_a_request_that_left_while_it_waited_never_gets_a_place() -> None:
    queue = queue_of(*[("a", 1)] * 4)
    queue.leave(2)
    taken = take_all(queue)
    queue.leave(0)
    assert taken + take_all(queue) == [0, 1, 3]
    assert queue.waiting == 0


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ([("a", n) for n in range(8)], "5 requests of this token are waiting already"),
        (
            [(name, 1) for name in "abcdef" for _ in range(2)],
            "8 requests about this website are waiting already",
        ),
        (
            [(f"{n}", n // 4) for n in range(17)],
            "The server is busy: 12 requests are waiting already",
        ),
    ],
)
def test_the_request_after_the_bound_is_refused_at_once_and_says_what_to_do(shares, reason) -> None:
    queue = queue_of()
    *others, last = enumerate(shares)
    for number, share in others:
        queue.join(number, Share(*share))
        take_all(queue)
    with pytest.raises(Unavailable) as caught:
        queue.join(last[0], Share(*last[1]))
    assert caught.value.message.startswith(reason)
    assert "Wait 7 s and send this request again" in caught.value.message
    assert caught.value.retry_after_s == 7
    assert queue.refused == 1


def test_a_full_queue_of_one_token_refuses_no_other_token() -> None:
    queue = queue_of()
    for number in range(7):
        queue.join(number, Share("a", 1))
        take_all(queue)
    queue.join(7, Share("b", 2))
    assert take_all(queue) == [7]


def test_whoever_can_run_at_once_is_not_refused_because_others_wait() -> None:
    queue = queue_of(("a", 1), ("a", 1), ("a", 1), ("a", 1), waiting=2)
    assert take_all(queue) == [0, 1]
    with pytest.raises(Unavailable):
        queue.join(4, Share("a", 2))
    queue.join(5, Share("b", 2))
    assert take_all(queue) == [5]


def test_no_limit_is_ever_exceeded_and_nobody_is_forgotten() -> None:
    chance = random.Random(9)
    for _ in range(200):
        queue, inside = queue_of(), {}
        taken: set[int] = set()
        for number in range(60):
            share = Share(chance.choice("abcd"), chance.randrange(3))
            try:
                queue.join(number, share)
                inside[number] = share
            except Unavailable:
                pass
            taken |= set(take_all(queue))
            running = [inside[item] for item in taken]
            assert len(running) <= LIMITS.running
            for one in running:
                assert sum(o.token_id == one.token_id for o in running) <= LIMITS.running_per_token
                same = sum(o.website_id == one.website_id for o in running)
                assert same <= LIMITS.running_per_website
            for item in [item for item in inside if chance.random() < 0.2]:
                queue.leave(item)
                del inside[item]
                taken.discard(item)
        while inside:
            taken |= set(take_all(queue))
            assert taken, "someone waits though there is a place"
            for item in taken:
                queue.leave(item)
                del inside[item]
            taken = set()
        assert (queue.running, queue.waiting) == (0, 0)
