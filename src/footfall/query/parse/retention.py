"""Parameters → RetentionQuestion."""

import msgspec

from footfall.model.event import EVENT_TYPES
from footfall.model.question import Asked
from footfall.model.retention import (
    DEFAULT_COHORTS,
    DEFAULT_MIN_USERS,
    ID_TYPES,
    MAX_COHORTS,
    MAX_MIN_USERS,
    RetentionQuestion,
)
from footfall.query.parse.condition import CONDITION_PARAMS, read_conditions
from footfall.query.parse.given import Params, parse_choice, parse_optional, single_values
from footfall.query.parse.json_value import MAX_TEXT, check_text

RETENTION_PARAMS = (
    *CONDITION_PARAMS,
    "id_type",
    "event_type",
    "event_name",
    "min_users",
    "limit",
)


def parse_retention(params: Params, asked: Asked) -> RetentionQuestion:
    """The question that a request's own parameters ask, beside what `asked` says. Others are
    ignored. Raises BadRequest naming the parameter and the way into its JSON."""
    given = single_values(params, RETENTION_PARAMS)
    has_type = "event_type" in given
    return RetentionQuestion(
        **msgspec.structs.asdict(asked),
        conditions=read_conditions(given),
        id_type=parse_choice(given, "id_type", ID_TYPES, "anonymous_id"),
        event_type=parse_choice(given, "event_type", EVENT_TYPES, "") if has_type else "",
        event_name=check_text(given.get("event_name", ""), "event_name", MAX_TEXT),
        min_users=parse_optional(given, "min_users", DEFAULT_MIN_USERS, 1, MAX_MIN_USERS),
        limit=cohort_weeks(params),
    )


def cohort_weeks(params: Params) -> int:
    """How many weekly cohorts are asked for, which is also how many weeks are looked at where no
    dates are given. Raises BadRequest."""
    given = single_values(params, ("limit",))
    return parse_optional(given, "limit", DEFAULT_COHORTS, 1, MAX_COHORTS)
