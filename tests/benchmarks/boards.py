"""What the leaderboard of a sweep costs as its candidates grow, with results made up here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conformance.outcomes import Outcome
from conformance.report.diagnosis import Likeness
from conformance.requirements.specification import load_specification
from conformance.sweep.candidates import DESCRIPTION, find_candidates
from conformance.sweep.leaderboard import Leaderboard, Sweep, leaderboard
from conformance.sweep.result import CandidateOutcome, CandidateResult, Failure
from conformance.sweep.store import LEADERBOARD_FILES, write_leaderboard
from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.result import Result

_COUNTS = (10, 100, 1_000)
_TRIES = 3
_WITHIN = 1.5
_FIND = "ms per candidate: finding it"
_MAKE = "ms per candidate: making the leaderboard"
_WRITE = "ms per candidate: writing it"


def run(
    postgres: EmbeddedPostgres | None, scratch: Path, counts: Sequence[int] = _COUNTS
) -> Result:
    """Find candidates, make the leaderboard of as many results, write it.

    Times are processor time, the shortest of some tries. The aims compare the two highest counts.
    """
    del postgres
    result = Result("leaderboard-growth")
    # Templates are compiled once.
    write_leaderboard(_board(_results(1)), scratch)
    for count in counts:
        _measure(result, count, scratch / str(count))
    fewer, more = list(result.figures)[-2:]
    for quantity in (_FIND, _MAKE, _WRITE):
        ratio = result.figures[more][quantity] / result.figures[fewer][quantity]
        result.ratios[f"{more} : {fewer}, {quantity}"] = ratio
        aim = f"{quantity}: at {more} at most {_WITHIN:g} times that at {fewer}"
        result.aims[aim] = ratio <= _WITHIN
    return result


def _measure(result: Result, count: int, place: Path) -> None:
    for number in range(count):
        candidate = place / "candidates" / f"candidate-{number:04}"
        candidate.mkdir(parents=True)
        (candidate / DESCRIPTION).touch()
    results = _results(count)
    board = _board(results)
    subject = f"{count:,} candidates"
    steps: dict[str, Callable[[], object]] = {
        _FIND: lambda: find_candidates([place / "candidates"], place / "out"),
        _MAKE: lambda: _board(results),
        _WRITE: lambda: write_leaderboard(board, place),
    }
    for quantity, step in steps.items():
        result.add(subject, quantity, 1000 * _shortest(step) / count)
    for name in LEADERBOARD_FILES:
        result.add(subject, f"KB of {name}", (place / name).stat().st_size / 1024)


def _shortest(step: Callable[[], object]) -> float:
    """Return processor seconds: what else the machine does makes a step longer, never shorter."""
    seconds = []
    for _ in range(_TRIES):
        began = time.process_time()
        step()
        seconds.append(time.process_time() - began)
    return min(seconds)


def _results(count: int) -> list[CandidateResult]:
    """Return results that fail one id each, all ids in turn, and now and then none."""
    failing = [*load_specification().requirements, None]
    return [
        _result(f"candidate-{number:04}", failing[number % len(failing)]) for number in range(count)
    ]


def _result(name: str, failed: str | None) -> CandidateResult:
    ids, gate = load_specification().requirements, load_specification().gate
    right = CandidateResult(
        name=name,
        target=f"{name}, a service",
        fingerprint=name,
        outcome=CandidateOutcome.CONFORMANT,
        message="",
        passed=len(gate),
        asked=len(gate),
        outcomes=dict.fromkeys(ids, Outcome.PASSED),
        cpu_seconds=10.0,
        wall_seconds=30.0,
        files=("report.json", "report.html", "junit.xml", "feedback.md", "output.txt"),
    )
    if failed is None:
        return right
    return replace(
        right,
        outcome=CandidateOutcome.NONCONFORMANT,
        message=f"{failed} failed",
        passed=len(gate) - (failed in gate),
        outcomes={**right.outcomes, failed: Outcome.FAILED},
        failures=(Failure((failed,), f"a scenario of {failed}", "Then it is there"),),
        fault=Likeness(f"lacks-{failed}", f"{failed} is missing", (failed,), 0.9),
    )


def _board(results: Sequence[CandidateResult]) -> Leaderboard:
    return leaderboard(
        results,
        Sweep(
            asked=load_specification().gate,
            partial=False,
            started_at=datetime.now(UTC),
            seconds=60.0,
            workers=6,
            cores=2,
            limits={"seconds": 600.0, "memory_mb": 2048, "disk_mb": 1024, "tasks": 1000},
            kept=frozenset(),
            places={each.name: f"candidates/{each.name}" for each in results},
        ),
    )
