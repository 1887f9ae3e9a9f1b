"""`magic-link-conformance docs`: what it writes, what it leaves alone, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.report.json_report import report_from
from conformance.report.site.writing import Page, render_docs, write_docs
from tests.place import REPOSITORY
from tests.report.pages import reports_made
from tests.report.pages.docs_made import PAGES

pytestmark = pytest.mark.run


def _docs(*arguments: str, cwd: Path, path: Path = REPOSITORY) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "docs", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_it_writes_the_pages_and_says_which(tmp_path: Path) -> None:
    code, out, err = _docs("--out", "deep/site", cwd=tmp_path)
    assert (code, err) == (0, "")
    site = tmp_path / "deep" / "site"
    assert sorted(each.name for each in site.iterdir()) == sorted(PAGES)
    assert [line.strip() for line in out.splitlines()[1:]] == [
        str(Path("deep/site") / name) for name in PAGES
    ]


def test_from_a_wheel_it_writes_the_same_pages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code, _, err = _docs("--out", "site", cwd=tmp_path, path=tmp_path / "installed")
    assert (code, err) == (0, "")
    written = {each.name: each.read_text() for each in (tmp_path / "site").iterdir()}
    assert written == render_docs()


def test_older_pages_are_overwritten_and_other_files_left_alone(tmp_path: Path) -> None:
    write_docs(tmp_path, report_from(reports_made.all_kinds()))
    other = tmp_path / "notes.html"
    other.write_text("mine")
    before = (tmp_path / "index.html").read_text()
    write_docs(tmp_path)
    assert (tmp_path / "index.html").read_text() != before
    assert other.read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*PAGES, "notes.html"])


def test_a_page_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "glossary.html").write_text("mine")
    code, out, err = _docs("--out", ".", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err == (
        "magic-link-conformance: glossary.html: the file is not one of these pages and is not "
        "overwritten; name another directory\n"
    )
    assert [each.name for each in tmp_path.iterdir()] == ["glossary.html"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda report: report.unlink(), "no report.json was found"),
        (lambda report: report.write_text("{"), "not a report.json"),
        (lambda report: report.write_text("[]"), "not a report.json"),
        (lambda report: report.write_bytes(b"\xff\xfe"), "not a report.json"),
        (lambda report: (report.unlink(), report.mkdir()), "Is a directory"),
        (lambda report: report.write_text('{"schema_version": "3.0"}'), "version 3.0"),
    ],
    ids=["missing", "no JSON", "a list", "no text", "a directory", "of another version"],
)
def test_what_is_no_report_is_refused_before_anything_is_written(
    spoil: Callable[[Path], object], message: str, tmp_path: Path
) -> None:
    report, out = tmp_path / "report.json", tmp_path / "site"
    report.write_text(json.dumps(reports_made.all_passed()))
    spoil(report)
    with pytest.raises(UsageError, match=message) as refused:
        cli(["docs", "--out", str(out), "--report", str(report)], standalone_mode=False)
    assert "\n" not in str(refused.value)
    assert not out.exists()


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.write_text("mine")
    with pytest.raises(UsageError, match="the pages cannot be written there"):
        cli(["docs", "--out", str(out)], standalone_mode=False)
    assert out.read_text() == "mine"


def test_further_pages_stand_in_the_navigation(tmp_path: Path) -> None:
    extra = Page("kill-matrix.html", "Kill matrix", "docs/page.html")
    write_docs(tmp_path, extra=[extra])
    for name in (*PAGES, "kill-matrix.html"):
        assert '<a href="kill-matrix.html"' in (tmp_path / name).read_text()


def test_the_same_input_gives_the_same_pages() -> None:
    report = report_from(reports_made.all_kinds())
    assert render_docs(report) == render_docs(report)
