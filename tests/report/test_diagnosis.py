"""A failed run is likened to the known fault that shows the same picture."""

from __future__ import annotations

from dataclasses import replace

from conformance.outcomes import Outcome
from conformance.report.diagnosis import KnownFault, diagnose, known_faults
from conformance.report.model import report_of
from conformance.run.result import ScenarioResult, StepResult
from tests.report.test_report_examples import failed, run

REUSED = "a link is used twice"
RACED = "sixteen at once"
EXPIRED = "a link is used 16 minutes later"
STEP = 'Then the answer is 400 with the error "TOKEN_USED"'

REUSABLE = KnownFault(
    "reusable", "A token works for ever.", ("AC-4",), {REUSED: STEP, RACED: "Then one"}
)
RACE = KnownFault("race", "Read, then written.", ("EC-8",), {RACED: "Then one"})
LATE = KnownFault("late", "Nothing expires.", ("AC-5",), {EXPIRED: "Then refused"})
KNOWN = (REUSABLE, RACE, LATE)


def scenario(name: str, outcome: Outcome, step: str = STEP) -> ScenarioResult:
    keyword, _, text = step.partition(" ")
    steps = (StepResult(keyword, text, "failed" if outcome is Outcome.FAILED else "passed"),)
    return ScenarioResult(name, "f", "r", "f.feature", 1, ("AC-4",), outcome, steps=steps)


def names(*scenarios: ScenarioResult) -> list[str]:
    return [each.name for each in diagnose(scenarios, KNOWN)]


def test_the_same_picture_is_the_same_fault() -> None:
    (best, *_) = diagnose(
        (scenario(REUSED, Outcome.FAILED), scenario(RACED, Outcome.FAILED, "Then one")), KNOWN
    )
    assert (best.name, best.similarity) == ("reusable", 1.0)
    assert best.fault == "A token works for ever."


def test_a_part_of_the_picture_ranks_by_what_both_show() -> None:
    found = names(
        scenario(REUSED, Outcome.PASSED),
        scenario(RACED, Outcome.FAILED, "Then one"),
        scenario(EXPIRED, Outcome.PASSED),
    )
    assert found[0] == "race"
    assert "late" not in found


def test_what_the_run_did_not_decide_does_not_count() -> None:
    undecided = scenario(RACED, Outcome.UNTESTED)
    (best, *_) = diagnose((scenario(REUSED, Outcome.FAILED), undecided), KNOWN)
    assert (best.name, best.similarity) == ("reusable", 1.0)


def test_another_step_is_less_alike() -> None:
    here = diagnose((scenario(EXPIRED, Outcome.FAILED, "Then refused"),), KNOWN)
    elsewhere = diagnose((scenario(EXPIRED, Outcome.FAILED, "Then a row is there"),), KNOWN)
    assert here[0].similarity > elsewhere[0].similarity


def test_nothing_failed_and_nothing_alike_have_no_diagnosis() -> None:
    assert names(scenario(REUSED, Outcome.PASSED)) == []
    assert names(scenario("something nobody knows", Outcome.FAILED)) == []


def test_every_known_fault_is_recognised_by_its_own_picture() -> None:
    faults = known_faults()
    assert len(faults) >= 80
    for fault in faults:
        picture = tuple(
            scenario(name, Outcome.FAILED, step) for name, step in fault.picture.items()
        )
        passed = {name for other in faults for name in other.picture} - fault.picture.keys()
        found = diagnose((*picture, *(scenario(name, Outcome.PASSED) for name in passed)))
        twins = [each.name for each in faults if each.picture == fault.picture]
        if len(twins) > 2:
            assert not {each.name for each in found} & {*twins}
        else:
            assert found[0].similarity == 1.0 / len(twins)
            assert found[0].name in twins


def test_faults_that_are_equally_alike_share_the_likeness() -> None:
    twin = replace(RACE, name="twin", fault="Locked in one process only.")
    picture = (scenario(RACED, Outcome.FAILED, "Then one"), scenario(EXPIRED, Outcome.PASSED))
    alone = diagnose(picture, (RACE, LATE))
    assert [(each.name, each.similarity) for each in alone] == [("race", 1.0)]
    shared = diagnose(picture, (RACE, twin, LATE))
    assert [(each.name, each.similarity) for each in shared] == [("race", 0.5), ("twin", 0.5)]
    # Any of three says too little.
    assert diagnose(picture, (RACE, twin, replace(twin, name="third"))) == ()


def test_a_part_of_a_run_has_no_diagnosis() -> None:
    whole = report_of(run(failed("AC-4"), requirements=()))
    fault = known_faults()[0]
    picture = [scenario(name, Outcome.FAILED, step) for name, step in fault.picture.items()]
    shown = run(*picture)
    assert report_of(shown).diagnosis
    assert report_of(replace(shown, partial=True)).diagnosis == ()
    assert whole.diagnosis == ()
