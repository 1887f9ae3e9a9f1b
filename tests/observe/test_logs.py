"""Levels of log lines, as the loggers of various stacks write them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.observe import logs as observed_logs
from conformance.observe.logs import LogLine, Logs
from conformance.observe.settings import LogPart
from conformance.outcomes import CantTell, Untested


def logs(directory: Path, part: LogPart | None = None) -> Logs:
    return Logs(directory / "app.log", part or LogPart())


def level(directory: Path, line: str, part: LogPart | None = None) -> str | None:
    log = logs(directory, part)
    log.path.write_text(line + "\n")
    [found] = log.since(0)
    return found.level


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # structlog, winston, zap, slog, logrus, log4j, Python, .NET
        ('{"level": "info", "event": "x"}', "info"),
        ('{"level":"WARN","msg":"x"}', "warn"),
        ('{"levelname": "WARNING"}', "warn"),
        ('{"severity": "ERROR"}', "error"),
        ('{"SeverityText": "x", "Level": "Information"}', "info"),
        ('{"log.level": "fatal"}', "error"),
        # pino and bunyan
        ('{"level":30,"msg":"an error that is none"}', "info"),
        ('{"level":40}', "warn"),
        ('{"level":50}', "error"),
        ('{"level":20}', "debug"),
        # plain text
        ("2030-01-01 12:00:00,000 INFO app: link sent", "info"),
        ("[WARNING] django.request: x", "warn"),
        ("time=12:00 level=error msg=x", "error"),
        ("WARN  c.e.Mail - x", "warn"),
        ("\x1b[32minfo\x1b[39m: x", "info"),
        ("[Nest] 12  - 01/01/2030, 12:00:00 PM     LOG [Auth] an error that is none", "info"),
        ("[Nest] 12  - 01/01/2030, 12:00:00 PM VERBOSE [Auth] x", "debug"),
        ("fail: App.Mail[0]", "error"),
        ("info: App.Mail[0]", "info"),
        ("[12:00:00 INF] x", "info"),
        ("12:00PM WRN x", "warn"),
        ("local.WARNING: x", "warn"),
        # Monolog, GELF, Nest and OpenTelemetry as JSON
        ('{"message":"an error that is none","level":200,"level_name":"INFO"}', "info"),
        ('{"short_message":"x","level":4}', "warn"),
        ('{"level":3}', "error"),
        ('{"level":"log","message":"x"}', "info"),
        ('{"severityText":"WARN"}', "warn"),
        # no level at all
        ("they fail: x", None),
        ("a log of verbose words", None),
        ("GET / 200", None),
        ("information_schema was read", None),
        ('{"event": "x"}', None),
        ('{"level": "loud"}', None),
        # runtimes that speak by themselves: Node, npm, Python, Ruby, the JVM
        ("(Use `node --trace-warnings ...` to show where the warning was created)", None),
        ("(node:7) Warning: Setting NODE_TLS_REJECT_UNAUTHORIZED to '0' is insecure.", None),
        ("(node:7) [DEP0040] DeprecationWarning: an error of somebody's", None),
        ("(Use `app --trace-deprecation ...` to show where the warning was created)", None),
        ("npm warn config production: use --omit=dev", None),
        ("/srv/app/main.py:12: UserWarning: an error of somebody's", None),
        ("/srv/app/main.rb:12: warning: method redefined", None),
        ("OpenJDK 64-Bit Server VM warning: Sharing is only supported for boot loader", None),
        ("Picked up JAVA_TOOL_OPTIONS: -Dlog.level=debug", None),
        ("INFO (node:7) is what we call it", "info"),
        ("{not json", None),
    ],
)
def test_a_level(tmp_path: Path, line: str, expected: str | None) -> None:
    assert level(tmp_path, line) == expected


def test_json_alone_is_believed_when_it_is_said_so(tmp_path: Path) -> None:
    line = '{"msg": "an ERROR message"}'
    assert level(tmp_path, line) == "error"
    assert level(tmp_path, line, LogPart(format="json")) is None


def test_a_key_of_ones_own(tmp_path: Path) -> None:
    line = '{"level": "info", "rank": "error"}'
    assert level(tmp_path, line, LogPart(level_key="rank")) == "error"


def test_text_is_text_even_in_braces(tmp_path: Path) -> None:
    assert level(tmp_path, '{"level": 50} WARN', LogPart(format="text")) == "warn"


def test_only_what_was_added_and_is_complete(tmp_path: Path) -> None:
    log = logs(tmp_path)
    assert log.mark() == 0
    log.path.write_text("INFO before\n")
    mark = log.mark()
    with log.path.open("a") as file:
        file.write("INFO after\n\nWARN half a li")
    assert log.since(mark) == [LogLine("INFO after", "info")]
    assert log.evidence.points == {"logs"}


def test_an_indented_line_continues_the_one_before(tmp_path: Path) -> None:
    log = logs(tmp_path)
    log.path.write_text("  lost\nfail: App.Mail[0]\n      mail not sent\nplain\n")
    assert [line.level for line in log.since(0)] == [None, "error", "error", None]


def test_a_log_that_is_not_there_yet(tmp_path: Path) -> None:
    assert logs(tmp_path).since(0) == []


def test_a_runtime_that_warns_does_not_make_a_log_with_levels(tmp_path: Path) -> None:
    log = logs(tmp_path)
    log.path.write_text(
        "(node:7) Warning: x\n    at work (app.js:1)\n"
        "(Use `node --trace-warnings ...` to show where the warning was created)\nok\n"
    )
    assert [line.level for line in log.since(0)] == [None] * 4


def test_waiting_ends_with_the_wanted_line_or_the_timeout(tmp_path: Path) -> None:
    log = logs(tmp_path)
    log.path.write_text("INFO one\nWARN two\n")
    assert len(log.wait_for(0, lambda line: line.level == "warn", timeout=60)) == 2
    assert len(log.wait_for(0, lambda line: line.level == "error", timeout=0)) == 2


def test_what_is_no_regular_file_is_no_log(tmp_path: Path) -> None:
    log = logs(tmp_path)
    os.mkfifo(log.path)
    with pytest.raises(Untested, match=r"needs logs: .* is not a regular file"):
        log.since(log.mark())
    log.path.unlink()
    log.path.mkdir()
    with pytest.raises(Untested, match="needs logs: "):
        log.since(log.mark())


def test_a_log_that_grows_without_end_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observed_logs, "MOST_BYTES", 1_000)
    log = logs(tmp_path)
    log.path.write_text("INFO before\n" * 1_000)
    mark = log.mark()
    with log.path.open("a") as file:
        file.write("INFO after\n" * 10)
    assert len(log.since(mark)) == 10
    with log.path.open("a") as file:
        file.write("x" * 1_000)
    with pytest.raises(CantTell, match="grew by more than 1,000 bytes"):
        log.wait_for(mark, lambda line: False, timeout=60)


def test_a_log_of_any_bytes_has_lines(tmp_path: Path) -> None:
    log = logs(tmp_path)
    log.path.write_bytes(b"\0\xff ERROR\n\xc3\n" + b"x" * 1_000_000 + b"\n")
    assert [line.level for line in log.since(0)] == ["error", None, None]


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = logs(tmp_path)
    log.path.write_text("INFO a long line before\n")
    mark = log.mark()
    log.path.write_text("WARN after\n")
    assert log.since(mark) == [LogLine("WARN after", "warn")]
