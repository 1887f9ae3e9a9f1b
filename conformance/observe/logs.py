"""The target's log: the lines that a request adds, with their levels (NFR-4)."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.observe.evidence import Evidence
from conformance.observe.patterns import Pattern
from conformance.observe.reading import read_json
from conformance.observe.settings import LogPart
from conformance.outcomes import CantTell, Point, Untested

_LEVEL_KEYS = (
    "level",
    "levelname",
    "level_name",
    "severity",
    "severity_text",
    "severitytext",
    "lvl",
    "loglevel",
    "log_level",
    "log.level",
    "@l",
)
_WORDS = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warn": "warn",
    "warning": "warn",
    "error": "error",
    "err": "error",
    "fatal": "error",
    "critical": "error",
    "severe": "error",
    # Serilog, zerolog, charm
    "vrb": "debug",
    "dbg": "debug",
    "inf": "info",
    "wrn": "warn",
    "erro": "error",
    "ftl": "error",
}
# Levels that are ordinary words as well: in text they count only as their loggers write them.
_NAMES = _WORDS | {
    "verbose": "debug",
    "log": "info",
    "alert": "error",
    "emergency": "error",
    "trce": "debug",
    "dbug": "debug",
    "fail": "error",
    "crit": "error",
}
# syslog's (GELF's), pino's and bunyan's, Monolog's numbers.
_NUMBERS = {
    **dict.fromkeys((7, 10, 20, 100), "debug"),
    **dict.fromkeys((5, 6, 30, 200, 250), "info"),
    **dict.fromkeys((4, 40, 300), "warn"),
    **dict.fromkeys((0, 1, 2, 3, 50, 60, 400, 500, 550, 600), "error"),
}
# Nest writes LOG and VERBOSE, .NET's console "fail:" at the beginning of a line.
_WORD = re.compile(
    rf"\b({'|'.join(_WORDS)}|(?-i:LOG|VERBOSE))\b|^(trce|dbug|fail|crit):", re.IGNORECASE
)
# What the runtime says on standard error is not part of the target's log, whatever words are in it.
_RUNTIME = re.compile(
    r"\(node:\d+\) |\(Use `\S+ --trace-|npm (?:warn|notice|error) "
    r"|\S+\.py:\d+: \w*Warning: |\S+\.rb:\d+: warning: "
    r"|(?:OpenJDK|Java HotSpot\(TM\)) \S+ \S+ VM warning: |Picked up \w+: ",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_POLL_SECONDS = 0.02
# How much of what a scenario adds to the log is read.
MOST_BYTES = 16_000_000


@dataclass(frozen=True)
class LogLine:
    """One line; `level` is debug, info, warn, error, or None when it shows none.

    What a runtime (Node, Python, the JVM …) says by itself has none.
    """

    text: str
    level: str | None


class Logs:
    """A growing log file."""

    def __init__(self, path: Path, part: LogPart) -> None:
        self.path = path
        self.events = {
            str(name): Pattern(f"log.events.{name}", pattern)
            for name, pattern in part.events.items()
        }
        self.evidence = Evidence()
        self._part = part

    def mark(self) -> int:
        """Return the place in the log from which `since` reads: its length in bytes."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def since(self, mark: int) -> list[LogLine]:
        """Return the complete lines that were added after `mark`.

        Raises `Untested` when the log cannot be read, `CantTell` when more than `MOST_BYTES` were
        added.
        """
        self.evidence.points.add(Point.LOGS)
        added = self._read(mark)
        if len(added) > MOST_BYTES:
            raise CantTell(
                f"{self.path.name} grew by more than {MOST_BYTES:,} bytes during the scenario"
            )
        complete, _, _ = added.rpartition(b"\n")
        lines = complete.decode("utf-8", errors="replace").splitlines()
        return self._with_levels(line for line in lines if line.strip())

    def _read(self, mark: int) -> bytes:
        try:
            with open(self.path, "rb", opener=_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise Untested(Point.LOGS, f"{self.path} is not a regular file")
                # A log that was truncated or replaced is read from its beginning.
                file.seek(mark if mark <= status.st_size else 0)
                return file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise Untested(Point.LOGS, f"{self.path}: {error.strerror}") from error

    def wait_for(
        self, mark: int, wanted: Callable[[LogLine], bool], timeout: float = 3.0
    ) -> list[LogLine]:
        """Return the lines after `mark` as soon as one is `wanted`, or at the timeout.

        A log may be written a moment after the answer that it is about. `timeout` is in seconds.
        """
        deadline = time.monotonic() + timeout
        lines: list[LogLine] = []
        size = -1
        while True:
            if (grown := self.mark()) != size:
                size, lines = grown, self.since(mark)
                if any(map(wanted, lines)):
                    return lines
            if time.monotonic() > deadline:
                return lines
            time.sleep(_POLL_SECONDS)

    def _with_levels(self, lines: Iterable[str]) -> list[LogLine]:
        """Return the lines; one that is indented and shows no level continues the one before."""
        found: list[LogLine] = []
        for line in lines:
            level = self._level(line)
            if level is None and line[0].isspace() and found:
                level = found[-1].level
            found.append(LogLine(line, level))
        return found

    def _level(self, line: str) -> str | None:
        if self._part.format != "text" and line.lstrip().startswith("{"):
            found = self._json_level(line)
            if found is not None or self._part.format == "json":
                return found
        plain = _COLOUR.sub("", line)
        word = None if _RUNTIME.match(plain) else _WORD.search(plain)
        return _NAMES[(word[1] or word[2]).lower()] if word else None

    def _json_level(self, line: str) -> str | None:
        record = read_json(line)
        if not isinstance(record, dict):
            return None
        keys = (self._part.level_key,) if self._part.level_key else _LEVEL_KEYS
        folded = {key.lower(): value for key, value in record.items()}
        values = (folded.get(key.lower()) for key in keys)
        return next((level for value in values if (level := _level_of(value))), None)


def _without_waiting(path: str, flags: int) -> int:
    # Opening a named pipe would otherwise block until somebody writes to it.
    return os.open(path, flags | os.O_NONBLOCK)


def _level_of(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return _NUMBERS.get(value)
    return _NAMES.get(value.lower()) if isinstance(value, str) else None
