"""`--min-score`: the exit code by the share that passed; what was not judged keeps its own."""

from __future__ import annotations

import pytest

from conformance.outcomes import ExitCode
from conformance.report.model import report_of
from conformance.report.score import code_by_score, score_in_words
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import failed, run, untested


@pytest.mark.parametrize(
    ("result", "minimum", "code"),
    [
        (run(), 1.0, ExitCode.CONFORMANT),
        (run(failed("AC-4")), 0.9, ExitCode.CONFORMANT),
        (run(failed("AC-4")), 0.91, ExitCode.NONCONFORMANT),
        (run(untested("AC-5")), 0.9, ExitCode.CONFORMANT),
        (run(untested("AC-5")), 1.0, ExitCode.NONCONFORMANT),
        (run(errors=(HarnessError("a", "b"),)), 0.0, ExitCode.HARNESS),
        (run(untested("AC-5"), broken_off="the time limit"), 0.5, ExitCode.INCOMPLETE),
        (run(stale_expected_failures=("one",)), 0.5, ExitCode.STALE_EXPECTED_FAILURE),
    ],
)
def test_the_exit_code(result: RunResult, minimum: float, code: ExitCode) -> None:
    report = report_of(result)
    assert code_by_score(report, minimum) is code
    assert score_in_words(report, minimum, code).endswith(f"exit code {code.value}")


def test_the_line() -> None:
    assert score_in_words(report_of(run(failed("AC-4"))), 0.8, ExitCode.CONFORMANT) == (
        "score 0.90 (9 of 10 asked requirements passed; 1 cause of failure), --min-score 0.8: "
        "exit code 0"
    )
