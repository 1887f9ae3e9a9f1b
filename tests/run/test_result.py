"""Requirements and the run, made from scenarios."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from conformance.outcomes import Conclusion, Outcome
from conformance.run.conclusion import Findings
from conformance.run.events import ScenarioEnded
from conformance.run.result import (
    HarnessError,
    RunResult,
    StepResult,
    requirement_result,
    scenarios_of,
)
from tests.report.results_made import scenario

PASSED = scenario("right away", Outcome.PASSED, "AC-2", "FR-6", points=("wire", "mailbox"))
FAILED = scenario("later", Outcome.FAILED, "AC-2", message="401", points=("wire", "clock: aged"))
ADVISORY = scenario("in capitals", Outcome.FAILED, "AC-2", advisory=True)


def run(*errors: HarnessError, outcome: Outcome = Outcome.PASSED) -> RunResult:
    only = scenario("right away", outcome, "AC-2", "FR-6")
    return RunResult(
        target={},
        asked=("AC-2",),
        partial=False,
        requirements=tuple(
            requirement_result(id_, "", id_ == "AC-2", [only]) for id_ in ("AC-2", "FR-6")
        ),
        advisories=(ADVISORY,),
        errors=errors,
        stale_expected_failures=(),
        started_at=datetime.now(UTC),
        seconds=1.0,
        version="1",
    )


def test_a_requirement_says_why_it_is_what_it_is() -> None:
    result = requirement_result("AC-2", "The link logs in", True, [PASSED, FAILED])
    assert (result.outcome, result.reason) == (Outcome.FAILED, "401")
    assert result.points == ("clock: aged", "mailbox", "wire")


def test_a_requirement_that_nothing_ran_for() -> None:
    result = requirement_result("AC-2", "The link logs in", True, [])
    assert (result.outcome, result.judged) == (Outcome.UNTESTED, Outcome.UNTESTED)
    assert result.reason == "no scenario of it ran"


def test_a_requirement_that_was_not_wholly_looked_at_is_not_passed() -> None:
    result = requirement_result("AC-2", "The link logs in", True, [PASSED], 3)
    assert (result.outcome, result.judged) == (Outcome.UNTESTED, Outcome.UNTESTED)
    assert result.reason == "2 of 3 scenarios were not run"
    assert requirement_result("AC-2", "", True, [PASSED], 1).outcome is Outcome.PASSED


def test_a_failure_counts_whatever_else_was_not_run() -> None:
    result = requirement_result("AC-2", "The link logs in", True, [PASSED, FAILED], 3)
    assert (result.outcome, result.judged) == (Outcome.FAILED, Outcome.FAILED)
    assert result.reason == "401"
    expected = replace(FAILED, expected_failure="known")
    assert requirement_result("AC-2", "", True, [expected], 3).judged is Outcome.UNTESTED


def test_advisories_judge_no_requirement() -> None:
    assert scenarios_of("AC-2", [PASSED, ADVISORY]) == [PASSED]


def test_the_step_that_stopped_a_scenario() -> None:
    steps = (StepResult("Given", "a user", "passed"), StepResult("Then", "it works", "failed"))
    assert scenario("x", Outcome.FAILED, steps=steps).failing_step == "Then it works"
    assert scenario("x", Outcome.PASSED, steps=steps[:1]).failing_step is None


def test_a_scenario_of_two_requirements_is_listed_once() -> None:
    assert [one.name for one in run().scenarios] == ["right away"]


def test_whoever_hears_of_a_run_hears_of_the_worst_that_any_worker_found() -> None:
    heard = Findings()
    of_the_run = Findings(heard.handle)
    for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.PASSED):
        of_the_run.handle(ScenarioEnded(0, scenario("no token anywhere", outcome, "NFR-1")))
    assert [each.outcome for each in heard.results] == [Outcome.FAILED]


def test_an_error_takes_the_green_away_and_never_a_failure() -> None:
    error = HarnessError("somewhere", "something")
    assert run().conclusion is Conclusion.CONFORMANT
    assert run(error).conclusion is Conclusion.INCOMPLETE
    assert run(error, outcome=Outcome.FAILED).conclusion is Conclusion.NONCONFORMANT
