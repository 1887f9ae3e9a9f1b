"""Words that more than one report uses: groups of ids, the conclusion."""

from __future__ import annotations

import pytest

from conformance.report.model import report_of
from conformance.report.wording import conclusion_in_words, ids_in_words
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import failed, run, untested


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([], ""),
        (["AC-1"], "AC-1"),
        (["AC-2", "AC-1"], "AC-1, AC-2"),
        ([f"AC-{number}" for number in range(1, 11)], "AC-1 to AC-10"),
        (["EC-1", "AC-1", "AC-2", "AC-3", "AC-5", "FR-6"], "AC-1 to AC-3, AC-5, FR-6, EC-1"),
        (["AC-3", "FR-4", "NFR-5"], "AC-3, FR-4, NFR-5"),
    ],
)
def test_consecutive_ids_are_grouped(ids: list[str], words: str) -> None:
    assert ids_in_words(ids) == words


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (run(), "conformant: 10 of 10 asked requirements passed (AC-1 to AC-10)"),
        (
            run(asked=("AC-4",), partial=True),
            "incomplete: only a part of the scenarios was asked for; "
            "1 of 1 asked requirement passed (AC-4). "
            "Exit code 3: not everything that was asked about is decided.",
        ),
        (
            run(failed("AC-4"), untested("AC-5")),
            "nonconformant: AC-4 failed; AC-5 untested; 8 of 10 asked requirements passed "
            "(AC-1 to AC-3, AC-6 to AC-10). Exit code 1: a requirement failed.",
        ),
        (
            run(failed("AC-4", expected_failure="known")),
            "conformant: AC-4 failed (expected); 9 of 10 asked requirements passed "
            "(AC-1 to AC-3, AC-5 to AC-10)",
        ),
        (
            run(errors=(HarnessError("here", "broke"),)),
            "incomplete: 1 error of the run; 10 of 10 asked requirements passed (AC-1 to AC-10). "
            "Exit code 4: the target was lost or the harness failed.",
        ),
        (
            run(stale_expected_failures=("one", "two")),
            "conformant: 2 stale expected failures; 10 of 10 asked requirements passed "
            "(AC-1 to AC-10). Exit code 5: an expected failure is stale.",
        ),
    ],
)
def test_the_conclusion_has_its_reason(result: RunResult, words: str) -> None:
    assert conclusion_in_words(report_of(result)) == words
