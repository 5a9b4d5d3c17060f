"""A ClickHouse server in a process of its own: `python serve.py LIBRARY FOLDER PORT`.

The npm package's library has the whole of `clickhouse local`, which can listen as a server does. It
serves until its query ends, which is when the process is killed. The folder holds its config.xml.
"""

import ctypes
import os
import signal
import sys
import threading

LISTEN = (
    "SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM system.numbers SETTINGS"
    " max_block_size = 1, function_sleep_max_microseconds_per_block = 10000000000,"
    " max_execution_time = 0 FORMAT Null"
)


def die_with_parent() -> None:
    """End when the process that started this one has ended: the other end of our standard input is
    then closed. A signal at a parent's death would come when the parent's *thread* ends."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGKILL)


def main(library: str, folder: str, port: str) -> None:
    threading.Thread(target=die_with_parent, daemon=True).start()
    arguments = [
        "clickhouse-local",
        f"--config-file={folder}/config.xml",
        f"--path={folder}/data",
        "--listen_host=127.0.0.1",
        f"--http_port={port}",
        "--log-level=error",
        f"--query={LISTEN}",
    ]
    loaded = ctypes.CDLL(library)
    loaded.chdb_set_signal_handlers_enabled(0)
    encoded = [argument.encode() for argument in arguments]
    loaded.chdb_query_cmdline(len(encoded), (ctypes.c_char_p * len(encoded))(*encoded))


if __name__ == "__main__":
    main(*sys.argv[1:])
