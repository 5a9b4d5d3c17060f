"""Logging: one line per event on stderr, for people and programs."""

import logging
import sys

import structlog


def configure_logging(level: str = "info") -> None:
    """Write key=value lines to stderr; stdout is for what a command prints. Tracebacks do not show
    variables, which may contain a token."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
