"""The registries hang together."""

from footfall.model.dimension import DIMENSIONS, PATH_OF
from footfall.model.metric import BY_SPELLING, METRICS


def test_every_metric_has_a_rule_and_two_spellings() -> None:
    for metric in METRICS.values():
        assert metric.rule.endswith(".")
        assert BY_SPELLING[metric.alias] is BY_SPELLING[metric.name] is metric
    assert METRICS["avg_session_duration"].alias == "avgSessionDuration"


def test_every_dimension_has_a_rule_and_every_path_a_dimension() -> None:
    assert all(dimension.rule.endswith(".") for dimension in DIMENSIONS.values())
    assert set(PATH_OF.values()) <= set(DIMENSIONS)
