"""A ClickHouse server in a process of its own: `python serve.py LIBRARY FOLDER PORT`.

The npm package's library has the whole of `clickhouse local`, which can listen as a server does. It
serves until its query ends, which is when the process is killed. The folder holds its config.xml.
"""

import ctypes
import signal
import sys

LISTEN = (
    "SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM system.numbers SETTINGS"
    " max_block_size = 1, function_sleep_max_microseconds_per_block = 10000000000,"
    " max_execution_time = 0 FORMAT Null"
)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main(library: str, folder: str, port: str) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    arguments = [
        "clickhouse-local",
        f"--config-file={folder}/config.xml",
        f"--path={folder}/data",
        "--listen_host=127.0.0.1",
        f"--http_port={port}",
        f"--query={LISTEN}",
    ]
    loaded = ctypes.CDLL(library)
    loaded.chdb_set_signal_handlers_enabled(0)
    encoded = [argument.encode() for argument in arguments]
    loaded.chdb_query_cmdline(len(encoded), (ctypes.c_char_p * len(encoded))(*encoded))


if __name__ == "__main__":
    main(*sys.argv[1:])
