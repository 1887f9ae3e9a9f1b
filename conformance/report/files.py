"""The files of a run in the report directory; a further format is one more line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from conformance.report.badge import badge
from conformance.report.feedback import feedback
from conformance.report.html_report import html_report
from conformance.report.json_report import as_json
from conformance.report.junit import junit
from conformance.report.model import Report

FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {
        "report.json": as_json,
        "junit.xml": junit,
        "report.html": html_report,
        "feedback.md": feedback,
        "badge.svg": badge,
    }
)
REPORT_FILES = tuple(FORMATS)


def write_reports(report: Report, directory: Path) -> None:
    """Write every report into `directory`, which is made when it is not there."""
    for name, text_of in FORMATS.items():
        write_whole(directory / name, text_of(report))


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one move: the file is either whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
