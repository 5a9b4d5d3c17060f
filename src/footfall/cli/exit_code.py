"""The exit codes of all commands."""

import signal

DONE, FAILED, MISUSED = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
UNREAD = 128 + signal.SIGPIPE

EXIT_CODES = {
    DONE: "Done.",
    FAILED: "Refused or failed. Standard error says why. `footfall doctor`: something is wrong.",
    MISUSED: "Not understood: an unknown command or option, or one without its value.",
    int(INTERRUPTED): "Ended by Ctrl-C.",
    int(UNREAD): "Nobody reads the output any more, as after `| head`.",
}
