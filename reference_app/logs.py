"""JSON log lines, one object a line, with at least `event`, `level` and `timestamp` (NFR-4).

What is logged of a person: their user id and their address's domain. Never a whole address, token
or cookie.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import structlog

from reference_app import clock
from reference_app.settings import SettingsError

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

    from reference_app.settings import Settings


def open_log(settings: Settings) -> TextIO:
    """Open LOG_FILE for appending, line by line; without it, return standard output.

    Raises SettingsError.
    """
    if settings.log_file is None:
        return sys.stdout
    try:
        return Path(settings.log_file).open("a", encoding="utf-8", buffering=1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no file name"
        raise SettingsError(f"LOG_FILE cannot be written: {reason}.") from None


def make_logger(stream: TextIO, level: str) -> FilteringBoundLogger:
    """Return a logger of its own: two applications in one process do not share it."""
    return cast(
        "FilteringBoundLogger",
        structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                _add_timestamp,
                # As text, since the structured form would carry local variables along.
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            cache_logger_on_first_use=True,
        ),
    )


def route_library_logs(log: FilteringBoundLogger) -> None:
    """Write the libraries' own log records (uvicorn's, the pool's) as the same JSON lines."""
    root = logging.getLogger()
    root.handlers = [_ToStructlog(log)]
    root.setLevel(logging.INFO)


def _add_timestamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = clock.now().isoformat()
    return event


class _ToStructlog(logging.Handler):
    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.log(
            record.levelno,
            "library_log",
            logger=record.name,
            message=record.getMessage(),
            exc_info=record.exc_info,
        )
