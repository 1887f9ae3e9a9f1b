"""`--min-score`: the exit code by the share of the requirements that passed, beside the gate's."""

from __future__ import annotations

from conformance.outcomes import ExitCode
from conformance.report.model import Report
from conformance.report.wording import counted

# Ends of a run in which nothing was decided wrongly, only not all of it well.
_DECIDED = (ExitCode.CONFORMANT, ExitCode.NONCONFORMANT, ExitCode.INCOMPLETE)


def code_by_score(report: Report, minimum: float) -> ExitCode:
    """Return 0 when `minimum` (0 to 1) is reached, else 1.

    A lost target, a fault of the harness, a stale expected failure and a run that was broken off
    keep their code.
    """
    if report.exit_code not in _DECIDED or report.broken_off:
        return report.exit_code
    return ExitCode.CONFORMANT if report.score.share >= minimum else ExitCode.NONCONFORMANT


def score_in_words(report: Report, minimum: float, code: ExitCode) -> str:
    """Return one line: the score, the causes, what was wanted, the exit code that follows."""
    causes = counted(report.score.causes or 0, "cause of failure", "causes of failure")
    return (
        f"score {report.score.share:.2f} ({report.score}; {causes}), --min-score {minimum:g}: "
        f"exit code {code.value}"
    )
