"""The leaderboard: every candidate of a sweep in one place, as `leaderboard.schema.json` says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance.outcomes import ExitCode, Outcome
from conformance.report.model import Score
from conformance.requirements.resources import version
from conformance.requirements.specification import load_specification, sort_key
from conformance.sweep.result import CandidateOutcome, CandidateResult

SCHEMA_VERSION = "1.1"
Leaderboard = Mapping[str, Any]

# Not decided is better than seen to fail.
_BEST_FIRST = (
    CandidateOutcome.CONFORMANT,
    CandidateOutcome.INCOMPLETE,
    CandidateOutcome.NONCONFORMANT,
    CandidateOutcome.OVER_LIMIT,
    CandidateOutcome.NOT_JUDGED,
    CandidateOutcome.WRONG_DESCRIPTION,
)
_UNDECIDED = (Outcome.CANT_TELL, Outcome.UNTESTED)
_JUDGED = (
    CandidateOutcome.CONFORMANT,
    CandidateOutcome.NONCONFORMANT,
    CandidateOutcome.INCOMPLETE,
)


@dataclass(frozen=True)
class Sweep:
    """How a sweep was done.

    `cores` is None where they are not known (a cluster). `kept` are the names of candidates whose
    result stems from an earlier sweep, `places` the folders of all by name, relative to the
    leaderboard.
    """

    asked: Sequence[str]
    partial: bool
    started_at: datetime
    seconds: float
    workers: int
    cores: int | None
    limits: Mapping[str, float]
    kept: frozenset[str]
    places: Mapping[str, str]


@lru_cache(maxsize=1)
def leaderboard_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `leaderboard.json`."""
    path = Path(__file__).with_name("leaderboard.schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def leaderboard(results: Sequence[CandidateResult], sweep: Sweep) -> Leaderboard:
    """Return the leaderboard of all results."""
    ranked = sorted(results, key=_standing)
    ranks = _ranks(ranked)
    return {
        "schema_version": SCHEMA_VERSION,
        "version": version(),
        "exit_code": sweep_exit_code(results).value,
        "asked": list(sweep.asked),
        "partial": sweep.partial,
        "started_at": sweep.started_at.astimezone(UTC).isoformat(timespec="seconds")[:-6] + "Z",
        "seconds": round(sweep.seconds, 1),
        "effort": _effort(results, sweep),
        "limits": dict(sweep.limits),
        "counts": {
            outcome.value: sum(each.outcome is outcome for each in results)
            for outcome in CandidateOutcome
        },
        "candidates": [_candidate(each, ranks[_standing(each)[:2]], sweep) for each in ranked],
        "requirements": [_requirement(id_, results) for id_ in _ids(results, sweep)],
        "faults": _faults(ranked),
        "failures": _failures(ranked),
    }


def sweep_exit_code(results: Sequence[CandidateResult]) -> ExitCode:
    """Return the exit code: that of the candidate that ended worst, ranked as in a single run."""
    outcomes = {each.outcome for each in results}
    if not outcomes <= set(_JUDGED):
        return ExitCode.HARNESS
    if CandidateOutcome.NONCONFORMANT in outcomes:
        return ExitCode.NONCONFORMANT
    if CandidateOutcome.INCOMPLETE in outcomes:
        return ExitCode.INCOMPLETE
    return ExitCode.CONFORMANT


def score(result: CandidateResult) -> float:
    """Return the share of the asked ids that passed: 0 to 1."""
    return Score(passed=result.passed, asked=result.asked).share


def _standing(result: CandidateResult) -> tuple[float, int, str]:
    return (-score(result), _BEST_FIRST.index(result.outcome), result.name)


def _ranks(ranked: Sequence[CandidateResult]) -> dict[tuple[float, int], int]:
    """Return the rank by score and outcome: 1 for the best; equal ones have the same."""
    ranks: dict[tuple[float, int], int] = {}
    for place, result in enumerate(ranked, 1):
        ranks.setdefault(_standing(result)[:2], place)
    return ranks


def _effort(results: Sequence[CandidateResult], sweep: Sweep) -> dict[str, Any]:
    fresh = [each for each in results if each.name not in sweep.kept]
    cpu = sum(each.cpu_seconds for each in fresh)
    room = sweep.seconds * (sweep.cores or 0)
    return {
        "workers": sweep.workers,
        "cores": sweep.cores,
        "judged": len(fresh),
        "kept": len(results) - len(fresh),
        "cpu_seconds": round(cpu, 1),
        "cpu_seconds_per_candidate": round(cpu / len(fresh), 1) if fresh else None,
        "cores_busy": round(min(cpu / room, 1.0), 3) if fresh and room else None,
    }


def _candidate(result: CandidateResult, rank: int, sweep: Sweep) -> dict[str, Any]:
    place = sweep.places[result.name]
    fault = result.fault
    return {
        "rank": rank,
        "name": result.name,
        "target": result.target,
        "outcome": result.outcome.value,
        "message": result.message,
        "score": {
            "passed": result.passed,
            "asked": result.asked,
            "share": round(score(result), 4),
            "causes": result.causes,
        },
        "failed": result.ids(Outcome.FAILED),
        "undecided": [id_ for id_ in result.ids(*_UNDECIDED) if id_ in sweep.asked],
        "fault": {"name": fault.name, "similarity": fault.similarity} if fault else None,
        "cpu_seconds": result.cpu_seconds,
        "wall_seconds": result.wall_seconds,
        "left_running": result.left_running,
        "kept": result.name in sweep.kept,
        "files": {name: f"{place}/{name}" for name in result.files},
    }


def _ids(results: Sequence[CandidateResult], sweep: Sweep) -> list[str]:
    """Return the asked ids, and what failed though nobody asked."""
    failed = {id_ for each in results for id_ in each.ids(Outcome.FAILED)}
    return sorted({*sweep.asked, *failed}, key=sort_key)


def _requirement(id_: str, results: Sequence[CandidateResult]) -> dict[str, Any]:
    found = [each.outcomes.get(id_) for each in results]
    counts = {
        "passed": found.count(Outcome.PASSED),
        "failed": found.count(Outcome.FAILED),
        "undecided": sum(each in _UNDECIDED for each in found),
        "inapplicable": found.count(Outcome.INAPPLICABLE),
        "not_judged": found.count(None),
    }
    concerned = len(found) - counts["inapplicable"]
    return {
        "id": id_,
        "sentence": load_specification().get(id_).sentence,
        **counts,
        "pass_rate": round(counts["passed"] / concerned, 4) if concerned else None,
    }


def _faults(ranked: Sequence[CandidateResult]) -> list[dict[str, Any]]:
    """Return the known faults that candidates look most like, the most frequent first."""
    names: dict[str, list[str]] = defaultdict(list)
    known = {}
    for result in ranked:
        if result.fault is not None:
            known[result.fault.name] = result.fault
            names[result.fault.name].append(result.name)
    return [
        {
            "name": name,
            "fault": known[name].fault,
            "ids": list(known[name].ids),
            "candidates": names[name],
        }
        for name in sorted(names, key=lambda name: (-len(names[name]), name))
    ]


def _failures(ranked: Sequence[CandidateResult]) -> list[dict[str, Any]]:
    """Return the scenarios that failed, each with its step, the most frequent first."""
    names: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for result in ranked:
        for each in result.failures:
            names[each.scenario, each.step, each.ids].append(result.name)
    return [
        {"ids": list(ids), "scenario": scenario, "step": step, "candidates": names[key]}
        for key in sorted(names, key=lambda key: (-len(names[key]), key))
        for scenario, step, ids in [key]
    ]
