"""How much each part does."""

import msgspec


class Size(msgspec.Struct, frozen=True, kw_only=True):
    collect_events: int  # at full rate
    paced_s: int  # seconds at a given rate
    report_events: int  # in the one website of reports, dashboard, memory and start
    flow_events: int  # in the website of flows; growth is from a fifth to twice of it
    rounds: int  # of each pair of queries
    disk_events: int
    memory_events: int
    memory_distinct: int
    memory_dashboards: int
    rest_s: int
    starts: int
    page_loads: int


FULL = Size(
    collect_events=100_000,
    paced_s=20,
    report_events=10_000_000,
    flow_events=5_000_000,
    rounds=5,
    disk_events=500_000,
    memory_events=200_000,
    memory_distinct=170_000,
    memory_dashboards=120,
    rest_s=30,
    starts=5,
    page_loads=20,
)
QUICK = Size(
    collect_events=16_000,
    paced_s=5,
    report_events=300_000,
    flow_events=150_000,
    rounds=5,
    disk_events=60_000,
    memory_events=20_000,
    memory_distinct=20_000,
    memory_dashboards=20,
    rest_s=10,
    starts=3,
    page_loads=5,
)
TINY = Size(
    collect_events=200,
    paced_s=1,
    report_events=3_000,
    flow_events=3_000,
    rounds=1,
    disk_events=500,
    memory_events=200,
    memory_distinct=200,
    memory_dashboards=1,
    rest_s=0,
    starts=1,
    page_loads=1,
)
SIZES = {"full": FULL, "quick": QUICK, "tiny": TINY}
