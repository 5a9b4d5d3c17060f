"""A client of a ClickHouse server, which may be unavailable for a while."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from footfall.store.error import EngineError, StoreUnavailable, server_error

CONNECT_S = 5
ANSWER_S = 300
AGAIN_AFTER_S = 1.0
"""How often a connection is attempted while the server cannot be reached, for all callers
together."""

SETTINGS: Mapping[str, object] = {
    # settings that a user's profile may change, and that results and exactly-once depend on
    "async_insert": 0,
    "insert_deduplicate": 1,
    "input_format_allow_errors_num": 0,
    "input_format_allow_errors_ratio": 0,
    "join_use_nulls": 0,
    "group_by_use_nulls": 0,
    "transform_null_in": 0,
    "timeout_overflow_mode": "throw",
    "result_overflow_mode": "throw",
    "read_overflow_mode": "throw",
    "group_by_overflow_mode": "throw",
    "session_timezone": "UTC",
    "http_write_exception_in_output_format": 0,
}
ONE_BLOCK: Mapping[str, object] = {
    # otherwise a block before the one with a bad row would be stored
    "max_insert_block_size": 1_000_000_000,
    "min_insert_block_size_rows": 1_000_000_000,
    "min_insert_block_size_bytes": 0,
}

# we log its errors ourselves, once
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)


class ServerClient:
    """Connects when it is first used, and again after a connection failed. Raises EngineError."""

    def __init__(self, location: str, settings: Mapping[str, object]) -> None:
        self._location = location
        self._settings = {**SETTINGS, **settings}
        self._client: Any = None
        self._failed_at = -AGAIN_AFTER_S
        self._failure = StoreUnavailable()

    def raw_query(self, *words: Any, **options: Any) -> bytes:
        return bytes(self._run("raw_query", words, options))

    def raw_insert(self, *words: Any, settings: Mapping[str, object] = {}, **options: Any) -> None:
        self._run("raw_insert", words, {**options, "settings": {**ONE_BLOCK, **settings}})

    def command(self, *words: Any, **options: Any) -> None:
        self._run("command", words, options)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _run(self, name: str, words: Any, options: Any) -> Any:
        try:
            return getattr(self._connected(), name)(*words, **options)
        except (ClickHouseError, OSError) as error:
            raise self._noted(server_error(str(error))) from error

    def _connected(self) -> Any:
        if self._client is not None:
            return self._client
        if time.monotonic() - self._failed_at < AGAIN_AFTER_S:
            raise self._failure
        try:
            client: Any = clickhouse_connect.get_client(
                dsn=self._location,
                # the driver decides by the port, and sends the password unencrypted to any but 8443
                secure=self._location.startswith("https:"),
                settings=self._settings,
                autogenerate_session_id=False,
                connect_timeout=CONNECT_S,
                send_receive_timeout=ANSWER_S,
            )
        except (ClickHouseError, OSError) as error:
            raise self._noted(server_error(str(error))) from error
        except Exception as error:  # the driver raises anything if another program responds
            raise self._noted(server_error(f"not ClickHouse's: {error}")) from error
        client.http = _OnlyClickHouse(client.http)
        self._client = client
        return client

    def _noted(self, error: EngineError) -> EngineError:
        if isinstance(error, StoreUnavailable):
            self._failed_at, self._failure = time.monotonic(), error
            self.close()
        return error


class _OnlyClickHouse:
    """A pool of connections that accepts only ClickHouse's responses: a proxy that responds to an
    insert with its own page has not stored anything."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connections, name)

    def request(self, method: str, url: str, **options: Any) -> Any:
        answer = self._connections.request(method, url, **options)
        names = {name.lower() for name in answer.headers}
        if not {"x-clickhouse-query-id", "x-clickhouse-exception-code"} & names:
            answer.close()
            raise ClickHouseError(f"the answer with status {answer.status} is not ClickHouse's")
        return answer
