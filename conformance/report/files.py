"""The files of a run in the report directory, by name in `REPORT_FILES`."""

from __future__ import annotations

from pathlib import Path

from conformance.report.badge import badge
from conformance.report.feedback import feedback
from conformance.report.html_report import write_html
from conformance.report.json_report import report_as_dict, write_json
from conformance.report.junit import write_junit
from conformance.report.reading import Report
from conformance.report.writing import write_whole
from conformance.run.result import RunResult

REPORT_FILES = ("report.json", "junit.xml", "report.html", "feedback.md", "badge.svg")


def write_reports(result: RunResult, directory: Path) -> Report:
    """Write every report into `directory`, which is made when it is not there.

    Returns what `report.json` holds.
    """
    directory.mkdir(parents=True, exist_ok=True)
    report = report_as_dict(result)
    write_json(report, directory / "report.json")
    write_junit(result, directory / "junit.xml")
    write_html(report, directory / "report.html")
    write_whole(directory / "feedback.md", feedback(report))
    write_whole(directory / "badge.svg", badge(report))
    return report
