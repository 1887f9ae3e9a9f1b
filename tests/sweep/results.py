"""Results of candidates, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from conformance.outcomes import Outcome
from conformance.report.diagnosis import Likeness
from conformance.sweep.leaderboard import Leaderboard, Sweep, leaderboard
from conformance.sweep.result import CandidateOutcome, CandidateResult, Failure

ASKED = ("AC-1", "AC-2", "AC-7")
REUSED = Failure(("AC-2",), "a used link is presented", 'Then the answer is 400 "TOKEN_USED"')
LIMITLESS = Failure(("AC-7",), "a sixth request", "Then the answer is 429")


def result(
    name: str,
    outcome: str,
    passed: int,
    outcomes: dict[str, str] | None = None,
    *failures: Failure,
    fault: str = "",
    message: str = "",
) -> CandidateResult:
    return CandidateResult(
        name=name,
        target=f"{name}, the service",
        fingerprint=name,
        outcome=CandidateOutcome(outcome),
        message=message,
        passed=passed,
        asked=len(ASKED),
        outcomes={id_: Outcome(each) for id_, each in (outcomes or {}).items()},
        failures=failures,
        fault=Likeness(fault, f"what {fault} is", ("AC-2",), 0.9) if fault else None,
        cpu_seconds=10.0,
        wall_seconds=30.0,
        causes=len(failures),
        files=("report.html", "feedback.md") if outcomes else (),
    )


def of_all_kinds() -> list[CandidateResult]:
    passed = dict.fromkeys(ASKED, "passed")
    return [
        result("stops", "over_limit", 0, message="over its time limit of 600 s"),
        result(
            "reuses",
            "nonconformant",
            2,
            passed | {"AC-2": "failed"},
            REUSED,
            fault="reusable",
            message="AC-2 failed",
        ),
        result(
            "reuses|<b>more</b>",
            "nonconformant",
            1,
            {"AC-1": "passed", "AC-2": "failed", "AC-7": "failed"},
            REUSED,
            LIMITLESS,
            fault="reusable",
            message="AC-2, AC-7 failed",
        ),
        result("b-right", "conformant", 3, passed),
        result("a-right", "conformant", 3, passed),
        result(
            "fails-unasked", "nonconformant", 3, passed | {"EC-1": "failed"}, message="EC-1 failed"
        ),
        result(
            "blind",
            "incomplete",
            2,
            passed | {"AC-7": "cant_tell", "AC-2": "inapplicable"},
            message="AC-7 not decided",
        ),
        result("broken", "wrong_description", 0, message="broken.toml: is not TOML"),
        result("lost", "not_judged", 0, message="the target did not start"),
    ]


def board(
    results: list[CandidateResult] | None = None, kept: frozenset[str] = frozenset()
) -> Leaderboard:
    found = of_all_kinds() if results is None else results
    return leaderboard(
        found,
        Sweep(
            asked=ASKED,
            partial=False,
            started_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
            seconds=60.0,
            workers=4,
            cores=2,
            limits={"seconds": 600.0, "memory_mb": 2048, "disk_mb": 1024, "tasks": 1000},
            kept=kept,
            places={each.name: f"candidates/{number}" for number, each in enumerate(found)},
        ),
    )
