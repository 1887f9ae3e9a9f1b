"""Writing the reports: what an earlier run left is removed, and a full disk is named."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from conformance.outcomes import HarnessFault, UsageError
from conformance.report.files import PREVIOUS, REPORT_FILES, clear_reports, set_aside, write_reports
from conformance.report.model import report_of
from tests.report.test_report_examples import run


def test_reports_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    (tmp_path / "mine.txt").write_text("kept")
    clear_reports(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_report_of_the_run_before_is_kept_until_there_is_another(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("first")
    set_aside(tmp_path)
    set_aside(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [PREVIOUS]
    assert (tmp_path / PREVIOUS).read_text() == "first"


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"--report-dir: .*file: File exists"):
        clear_reports(tmp_path / "file")


def test_a_full_disk_is_named_and_nothing_half_written_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(self: Path, text: str, encoding: str) -> int:
        self.write_bytes(text[:10].encode(encoding))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", fill_up)
    with pytest.raises(HarnessFault) as fault:
        write_reports(report_of(run()), tmp_path)
    place = tmp_path / REPORT_FILES[0]
    assert str(fault.value) == f"the reports cannot be written: {place}: No space left on device"
    assert list(tmp_path.iterdir()) == []
