"""The HTML report as a document: from any stored report, small, escaped, without secrets."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.report.files import write_whole
from conformance.report.html_report import html_report
from conformance.report.json_report import read_report, report_schema
from tests.report.pages import reports_made as made

pytestmark = pytest.mark.run

ROOT = Path(__file__).resolve().parents[3]
STORED = ROOT / "tests" / "report" / "data" / "report-1.0.json"
_TOKEN = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")
_COOKIE = re.compile(r"auth_token=(?!&lt;cookie&gt;|<cookie>|[&;\s\"'\\]|$)")
_PASSWORD = re.compile(
    r"""(?:password|token)(?:\\?"|&#34;): ?(?:\\?"|&#34;)(?!<masked>|&lt;masked)"""
)


@pytest.mark.parametrize("make", [made.all_kinds, made.all_passed, made.as_large_as_a_full_run])
def test_the_made_reports_are_reports(make: Any) -> None:
    jsonschema.validate(make(), report_schema())


def test_a_report_stays_as_it_is() -> None:
    report = made.all_kinds()
    before = copy.deepcopy(report)
    assert made.page_of(report) == made.page_of(before)
    assert report == before


def test_a_report_of_the_first_schema_can_still_be_shown() -> None:
    stored = read_report(STORED)
    page = html_report(stored)
    assert all(f'id="{id_}"' in page for id_ in stored.requirements)


def test_members_that_nobody_knows_yet_are_no_trouble() -> None:
    report = made.all_kinds()
    report["weather"] = "fair"
    scenario = made.scenario_of(report, "AC-9")
    scenario["evidence"]["pictures"] = [1]
    scenario["evidence"]["measurements"].append({"what": "rain", "millimetres": [0.5, None]})
    scenario["evidence"]["mails"].append({"attachment": "none"})
    report["target"]["language"] = {"name": "Go"}
    page = made.page_of(report)
    assert "millimetres" in page
    assert "{&#34;name&#34;: &#34;Go&#34;}" in page


def test_an_interval_with_an_open_end_is_drawn_and_told() -> None:
    report = made.all_kinds()
    measurement = made.comparison(made.sample(9), made.sample(9), (None, 12.0))
    made.scenario_of(report, "AC-9")["evidence"]["measurements"] = [measurement]
    assert "the interval has an open end" in made.page_of(report)


def test_a_comparison_without_samples_still_shows_its_interval() -> None:
    report = made.all_kinds()
    measurement = made.comparison([], [], (-1.0, 2.0))
    made.scenario_of(report, "AC-9")["evidence"]["measurements"] = [measurement]
    page = made.page_of(report)
    assert "Difference of the medians" in page
    assert "Both distributions" not in page


def test_free_text_is_escaped_everywhere() -> None:
    page = made.page_of(made.hostile())
    assert page.count("&lt;script&gt;") > 50
    assert "<script>document" not in page
    assert "<img" not in page


def test_nothing_is_fetched_from_anywhere() -> None:
    page = made.page_of(made.all_kinds())
    loads = re.findall(r"<(?:link|script|img|iframe|source|use)\b[^>]*", page)
    assert [each for each in loads if re.search(r'(?:src|href)="(?!#|data:,")', each)] == []
    assert "url(" not in page
    assert "@import" not in page


def test_its_policy_lets_nothing_in() -> None:
    page = made.page_of(made.all_kinds())
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    assert re.search(r"\sstyle=\"|\son[a-z]+=\"", page) is None


def test_a_report_of_a_full_run_is_under_two_megabytes() -> None:
    report = made.as_large_as_a_full_run()
    assert len(report["scenarios"]) >= 150
    assert sum(len(each["evidence"].get("exchanges", ())) for each in report["scenarios"]) >= 600
    assert len(made.page_of(report).encode()) < 2_000_000


def test_what_no_file_can_hold_is_replaced(tmp_path: Path) -> None:
    report = made.all_kinds()
    made.scenario_of(report, "AC-4")["message"] = "lone \ud800 surrogate"
    write_whole(tmp_path / "made" / "report.html", made.page_of(report))
    assert "lone \ufffd surrogate" in (tmp_path / "made" / "report.html").read_text(
        encoding="utf-8"
    )
    assert [file.name for file in (tmp_path / "made").iterdir()] == ["report.html"]


def test_a_run_writes_it_and_shows_no_secret(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conformance", "run", "--quiet", "--report-dir", str(tmp_path)]
    only = [f"--only={id_}" for id_ in ("AC-3", "AC-8", "AC-10")]
    done = subprocess.run(
        [*command, *only], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 3, done.stderr
    report = (tmp_path / "report.json").read_text(encoding="utf-8")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    # There were secrets, and each kind of them is masked.
    for mask in ("<cookie>", "<token>", "<masked>", "…<64 hex characters>"):
        assert mask in report
        assert mask.replace("<", "&lt;").replace(">", "&gt;") in page
    for text in (report, page):
        assert _TOKEN.findall(text) == []
        assert _COOKIE.findall(text) == []
        assert _PASSWORD.findall(text) == []
        assert "eyJ" not in text
