"""Deletes from the store in one call, for tests that need no gate and no server."""

from collections.abc import Sequence

from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.deleter import Deleter, Prepared
from footfall.load.deletion import Deletion


def delete_goals(deleter: Deleter, website_id: int, goals: GoalsToDelete) -> int:
    """Delete goal completions; returns how many."""
    return _carry_out(deleter, deleter.prepare_goals(website_id, goals))


def delete_payments(deleter: Deleter, website_id: int, movement_ids: Sequence[str]) -> int:
    """Delete movements of money and the goals that they recorded; returns how many movements."""
    return _carry_out(deleter, prepare_payments(deleter, website_id, movement_ids))


def delete_visitor(deleter: Deleter, website_id: int, visitor_id: int) -> int:
    """Delete a person, whose payments stay without them; returns how many events they had."""
    return _carry_out(deleter, prepare_visitor(deleter, website_id, visitor_id))


def prepare_payments(deleter: Deleter, website_id: int, movement_ids: Sequence[str]) -> Prepared:
    ids = list(movement_ids)
    return deleter.prepare(
        Deletion(number=0, website_id=website_id, what="payments", movement_ids=ids)
    )


def prepare_visitor(deleter: Deleter, website_id: int, visitor_id: int) -> Prepared:
    return deleter.prepare(
        Deletion(number=0, website_id=website_id, what="visitor", visitor_id=visitor_id)
    )


def remove_website(deleter: Deleter, website_id: int) -> None:
    """Remove all rows of a website."""
    for step in deleter.steps_to_remove(website_id):
        step()


def purge(deleter: Deleter, website_id: int, before_ms: int) -> None:
    """Remove a website's rows placed before a time."""
    for step in deleter.steps_to_purge(website_id, before_ms):
        step()
    deleter.forget_purged(website_id)


def _carry_out(deleter: Deleter, prepared: Prepared) -> int:
    try:
        found = deleter.finish(prepared)
    except BaseException:
        deleter.abandon(prepared)
        raise
    deleter.clean(prepared.deletion)
    return found
