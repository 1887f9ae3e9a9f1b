"""A change of any outcome between runs is told, and so is a run that was not conformant."""

from __future__ import annotations

from tests.mutants.harness_run import HarnessRun, Scenario
from tests.stability.runs import Series, outcomes_of


def run(outcome: str, conclusion: str = "conformant", errors: tuple[str, ...] = ()) -> HarnessRun:
    return HarnessRun(
        conclusion=conclusion,
        outcomes={"AC-9": outcome},
        judged=frozenset({"AC-9"}),
        scenarios=(Scenario("alike", frozenset({"AC-9"}), outcome, "", ""),),
        errors=errors,
        seconds=1.0,
    )


def series(*runs: HarnessRun) -> Series:
    return Series("reference", tuple(outcomes_of(each) for each in runs), (1.0,) * len(runs))


def test_runs_that_are_alike_have_no_changes() -> None:
    found = series(run("passed"), run("passed"))
    assert found.changes() == []
    assert found.not_conformant() == []


def test_an_outcome_that_changed_is_told_with_its_counts() -> None:
    found = series(run("passed"), run("cant_tell", "incomplete"), run("passed"))
    assert found.changes() == [
        "reference: the run: conformant 2 times, incomplete 1 times",
        "reference: AC-9: passed 2 times, cant_tell 1 times",
        "reference: scenario: alike: passed 2 times, cant_tell 1 times",
    ]
    assert found.not_conformant() == ["reference: run 2 was incomplete"]


def test_an_error_in_one_run_is_a_change() -> None:
    found = series(run("passed"), run("passed", errors=("lost",)))
    assert found.changes() == ["reference: error: lost: absent 1 times, there 1 times"]
