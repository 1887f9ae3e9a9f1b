"""What a sweep keeps of a candidate: `result.json`, and a row of the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter

from conformance.outcomes import ExitCode, Outcome
from conformance.report.diagnosis import Likeness
from conformance.report.model import Report
from conformance.report.safe_text import one_line
from conformance.report.wording import ids_in_words
from conformance.requirements.specification import sort_key
from conformance.sweep.order import Judged

_COMPLAINT = "magic-link-conformance: "
_MESSAGE_LIMIT = 300


class CandidateOutcome(StrEnum):
    """What a candidate ended with: a run's conclusion by the same word, or why there is none."""

    CONFORMANT = "conformant"
    NONCONFORMANT = "nonconformant"
    INCOMPLETE = "incomplete"
    OVER_LIMIT = "over_limit"
    NOT_JUDGED = "not_judged"
    WRONG_DESCRIPTION = "wrong_description"


@dataclass(frozen=True)
class Failure:
    """A scenario that failed, and the step that it failed at."""

    ids: tuple[str, ...]
    scenario: str
    step: str


@dataclass(frozen=True)
class CandidateResult:
    """How a candidate ended.

    `fingerprint` is a digest of the candidate's folder, the harness's version and the options.
    `passed` counts the `asked` ids that passed, `causes` those of all failures. `outcomes` has
    every id of the spec. `cpu_seconds` are those of the candidate, of its database and of the
    harness that judged it. `files` are the names of its reports.
    """

    name: str
    target: str
    fingerprint: str
    outcome: CandidateOutcome
    message: str
    passed: int
    asked: int
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    fault: Likeness | None = None
    causes: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    left_running: int = 0
    files: tuple[str, ...] = ()

    def ids(self, *outcomes: Outcome) -> list[str]:
        """Return the ids with one of these outcomes, in the order of reports."""
        return sorted(
            (id_ for id_, each in self.outcomes.items() if each in outcomes), key=sort_key
        )

    def as_json(self) -> str:
        """Return it as text; `read_result` reads it."""
        return _RESULT.dump_json(self, indent=2).decode() + "\n"


_RESULT = TypeAdapter(CandidateResult)


def read_result(text: str) -> CandidateResult:
    """Read what `as_json` returned. Raises ValueError for anything else."""
    return _RESULT.validate_json(text)


def refused(name: str, fingerprint: str, why: str, asked: Sequence[str]) -> CandidateResult:
    """Return the result of a candidate whose description cannot be used."""
    outcome = CandidateOutcome.WRONG_DESCRIPTION
    return CandidateResult(name, name, fingerprint, outcome, _line(why), 0, len(asked))


def result_of(
    name: str,
    fingerprint: str,
    judged: Judged,
    report: Report | None,
    asked: Sequence[str],
    files: tuple[str, ...] = (),
) -> CandidateResult:
    """Return the result of a candidate.

    `report` is its run's, None when there is none; `files` are the names of its reports.
    """
    outcome = _outcome(judged, report)
    return CandidateResult(
        name=name,
        target=one_line(report.target.get("name") or name, _MESSAGE_LIMIT) if report else name,
        fingerprint=fingerprint,
        outcome=outcome,
        message=_message(outcome, judged, report),
        passed=report.score.passed if report else 0,
        asked=len(asked),
        outcomes={id_: each.outcome for id_, each in report.requirements.items()} if report else {},
        failures=tuple(_failures(report)) if report else (),
        fault=next(iter(report.diagnosis), None) if report else None,
        causes=report.score.causes or 0 if report else 0,
        cpu_seconds=judged.cpu_seconds,
        wall_seconds=judged.wall_seconds,
        left_running=judged.left_running,
        files=files,
    )


def _outcome(judged: Judged, report: Report | None) -> CandidateOutcome:
    if judged.over:
        return CandidateOutcome.OVER_LIMIT
    if judged.exit_code == ExitCode.USAGE:
        return CandidateOutcome.WRONG_DESCRIPTION
    if report is None or judged.exit_code not in (0, 1, 3):
        return CandidateOutcome.NOT_JUDGED
    return CandidateOutcome(report.conclusion)


def _message(outcome: CandidateOutcome, judged: Judged, report: Report | None) -> str:
    """Return in a sentence why the candidate is not conformant, "" when it is."""
    if judged.over:
        return f"over {judged.over}"
    if report is None or outcome in (
        CandidateOutcome.NOT_JUDGED,
        CandidateOutcome.WRONG_DESCRIPTION,
    ):
        return _line(judged.trouble or _complaint(judged) or "the run ended without a report")
    if failed := [id_ for id_, e in report.requirements.items() if e.outcome is Outcome.FAILED]:
        return f"{ids_in_words(failed)} failed"
    if outcome is CandidateOutcome.CONFORMANT:
        return ""
    asked = [id_ for id_ in report.ids(Outcome.CANT_TELL, Outcome.UNTESTED) if id_ in report.asked]
    return f"{ids_in_words(asked)} not decided" if asked else "only a part was asked for"


def _complaint(judged: Judged) -> str:
    """Return what the run said on its last lines, from the sentence that is its own."""
    if judged.exit_code is None:
        return "the run was killed"
    return judged.files.get("output.txt", "").rpartition(_COMPLAINT)[2]


def _line(sentence: str) -> str:
    return one_line(sentence, _MESSAGE_LIMIT)


def _failures(report: Report) -> list[Failure]:
    return [
        Failure(each.ids, each.name, each.failing_step or "")
        for each in report.scenarios
        if each.outcome is Outcome.FAILED
    ]
