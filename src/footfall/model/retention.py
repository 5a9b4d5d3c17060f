"""The question about retention: how many of those who came in one week return later."""

from typing import Literal, get_args

from footfall.model.question import Asked
from footfall.model.step import Condition

IdType = Literal["anonymous_id", "address"]
ID_TYPES: tuple[str, ...] = get_args(IdType)

DEFAULT_COHORTS, MAX_COHORTS = 12, 52
DEFAULT_MIN_USERS, MAX_MIN_USERS = 10, 1_000_000
LAST_WEEK = 12
DAYS = (7, 30, 90)


class RetentionQuestion(Asked, frozen=True, kw_only=True):
    """`period` bounds the first event of those who make a cohort.

    `event_type` and `event_name` ('': any) say which counted events are a return.
    """

    conditions: tuple[Condition, ...] = ()  # on each event
    id_type: IdType = "anonymous_id"
    event_type: str = ""
    event_name: str = ""
    min_users: int = DEFAULT_MIN_USERS
    limit: int = DEFAULT_COHORTS
