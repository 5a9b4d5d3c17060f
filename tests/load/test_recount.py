"""When a server counts visitors again."""

from dataclasses import dataclass

from footfall.app import RECOUNT_AFTER_MS, Footfall
from footfall.config import Settings

NOON = 1_767_268_800_000


@dataclass
class Clock:
    now: int = NOON

    def __call__(self) -> int:
        return self.now


def test_visitors_are_counted_again_but_not_while_a_server_has_just_started(tmp_path):
    clock = Clock()
    server = Footfall(Settings(data=str(tmp_path / "data")), clock)
    try:
        # two sessions of one visitor, and each says that it is the first one
        server.engine.command(
            "INSERT INTO sessions (website_id, session_id, visitor_id, started_at, last_event_at,"
            " counted_events, prev_at)"
            " SELECT 1, number + 1, 7, at, at, 1, 1"
            f" FROM (SELECT number, toDateTime64({NOON // 1000} + number, 3) AS at FROM numbers(2))"
        )
        for _ in range(2):
            server.keep_house()
            clock.now += RECOUNT_AFTER_MS // 2
        assert server.loader.damage.unseen() == []
        server.keep_house()
        found = server.loader.damage.unseen()
        assert "marks count 2 visitors, but there are 1" in found[0].message
    finally:
        server.engine.close()
        server.catalog.close()
