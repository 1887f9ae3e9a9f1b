"""The files of a run: `report.json` and `junit.xml` in the report directory."""

from __future__ import annotations

from pathlib import Path

from conformance.report.json_report import write_json
from conformance.report.junit import write_junit
from conformance.results import RunResult

REPORT_FILES = ("report.json", "junit.xml")


def write_reports(result: RunResult, directory: Path) -> None:
    """Write every report into `directory`, which is made when it is not there."""
    directory.mkdir(parents=True, exist_ok=True)
    write_json(result, directory / "report.json")
    write_junit(result, directory / "junit.xml")
