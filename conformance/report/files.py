"""The files of a run in the report directory; a further format is one more line in `FORMATS`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from conformance.outcomes import HarnessFault, UsageError
from conformance.report.badge import badge
from conformance.report.feedback import feedback
from conformance.report.feedback_json import feedback_json
from conformance.report.html_report import html_report
from conformance.report.json_report import as_json
from conformance.report.junit import junit
from conformance.report.model import Report

REPORT = "report.json"
# The report of the run before, for `compare` and `run --last-failed`.
PREVIOUS = "previous-report.json"
FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {
        REPORT: as_json,
        "junit.xml": junit,
        "report.html": html_report,
        "feedback.md": feedback,
        "feedback.json": feedback_json,
        "badge.svg": badge,
    }
)
REPORT_FILES = tuple(FORMATS)


def set_aside(directory: Path) -> None:
    """Keep the report of an earlier run as the previous one. Raises `UsageError`."""
    try:
        (directory / REPORT).replace(directory / PREVIOUS)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"--report-dir: {directory}: {error.strerror}") from error


def clear_reports(directory: Path) -> None:
    """Make the directory and remove the reports of an earlier run: they must not pass for new ones.

    Raises `UsageError` for a directory that cannot be written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in REPORT_FILES:
            (directory / name).unlink(missing_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        raise UsageError(f"--report-dir: {directory}: {error.strerror}") from error


def write_reports(report: Report, directory: Path) -> None:
    """Write every report into `directory`. Raises `HarnessFault`, of a full disk for example."""
    for name, text_of in FORMATS.items():
        try:
            write_whole(directory / name, text_of(report))
        except OSError as error:
            reason = f"{directory / name}: {error.strerror}"
            raise HarnessFault(f"the reports cannot be written: {reason}") from error


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one move: the file is either whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
