"""The judgement of mutants: only the declared ids, at the declared step, count as a kill."""

from __future__ import annotations

import pytest

from tests.mutants.harness_run import HarnessRun, Scenario
from tests.mutants.model import Mutant
from tests.mutants.verdict import Catch, judge

MUTANT = Mutant(
    name="late",
    fault="Late.",
    violates=frozenset({"AC-5", "FR-8"}),
    falls_with=frozenset({"EC-4"}),
    failing_step="TOKEN_EXPIRED",
    incident="",
    alter=lambda change: None,
)
JUDGED = frozenset({"AC-1", "AC-5", "FR-8", "EC-4", "NFR-1"})


def run(
    *failed: str,
    step: str = 'Then the answer is 400 with the error "TOKEN_EXPIRED"',
    judged: frozenset[str] = JUDGED,
    errors: tuple[str, ...] = (),
) -> HarnessRun:
    return HarnessRun(
        conclusion="nonconformant",
        outcomes={id_: "failed" if id_ in failed else "passed" for id_ in JUDGED},
        judged=judged,
        scenarios=(Scenario("one", frozenset(failed), "failed", step, ""),),
        errors=errors,
        seconds=1.0,
    )


@pytest.mark.parametrize("failed", [("AC-5", "FR-8"), ("AC-5", "FR-8", "EC-4")])
def test_a_mutant_that_fails_as_declared_is_killed(failed: tuple[str, ...]) -> None:
    assert judge(MUTANT, run(*failed)).catch is Catch.KILLED


def test_a_mutant_that_fails_nothing_of_its_own_has_survived() -> None:
    assert judge(MUTANT, run("EC-4")).catch is Catch.SURVIVED


def test_without_scenarios_of_its_ids_it_is_not_judged_yet() -> None:
    found = judge(MUTANT, run(judged=frozenset({"AC-1"})))
    assert found.catch is Catch.NOT_JUDGED


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (run("AC-5"), "not caught: FR-8"),
        (run("AC-5", "FR-8", "AC-1"), "also failed: AC-1"),
        (run("AC-5", "FR-8", "NFR-1"), "also failed: NFR-1"),
        (run("AC-5", "FR-8", step="When it is late"), "fails elsewhere: one: When it is late"),
        (run("AC-5", "FR-8", errors=("lost",)), "error of the run: lost"),
    ],
)
def test_a_mutant_that_fails_otherwise_is_misjudged(found: HarnessRun, complaint: str) -> None:
    verdict = judge(MUTANT, found)
    assert verdict.catch is Catch.MISJUDGED
    assert verdict.complaints == (complaint,)
