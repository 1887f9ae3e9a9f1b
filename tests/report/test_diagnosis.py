"""A failed run is likened to the known fault that shows the same picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.outcomes import Outcome
from conformance.report.diagnosis import KnownFault, Likeness, diagnose, known_faults, liken
from conformance.report.model import report_of
from conformance.report.symptom import Symptom
from conformance.run.result import ScenarioResult
from tests.report.test_report_examples import failed, failed_at, known_picture, run

REUSED = "a link is used twice"
RACED = "sixteen at once"
EXPIRED = "a link is used 16 minutes later"
TIMED = "strangers are answered in the same time"
ALSO = "what fails with each of them"
USED = Symptom('Then the answer is 400 with the error "TOKEN_USED"', "200 {}")
ONCE = Symptom("Then one", "200, 400")
LATE = Symptom("Then refused", "200 {}")
SLOWER = Symptom("Then the times are alike", "# ms", 0.3)
SO = Symptom("Then it is so", "none")

REUSABLE = KnownFault(
    "reusable", "A token works for ever.", ("AC-4",), {REUSED: USED, RACED: ONCE, ALSO: SO}
)
RACE = KnownFault("race", "Read, then written.", ("EC-8",), {RACED: ONCE, ALSO: SO})
ETERNAL = KnownFault("eternal", "Nothing expires.", ("AC-5",), {EXPIRED: LATE, ALSO: SO})
TELLS = KnownFault("tells", "Only users are mailed.", ("AC-9",), {TIMED: SLOWER, ALSO: SO})
KNOWN = (REUSABLE, RACE, ETERNAL, TELLS)


def scenario(
    name: str, outcome: Outcome, symptom: Symptom = USED, found: str | None = None
) -> ScenarioResult:
    stopped = (failed_at(symptom.step),) if outcome is Outcome.FAILED else ()
    result = failed("AC-4", name=name, steps=stopped, found=found or symptom.found)
    return replace(result, outcome=outcome)


def names(*scenarios: ScenarioResult) -> list[str]:
    return [each.name for each in likely(*scenarios)]


def likely(*scenarios: ScenarioResult, known: Sequence[KnownFault] = KNOWN) -> tuple[Likeness, ...]:
    return diagnose((*scenarios, scenario(ALSO, Outcome.FAILED, SO)), known)


def test_the_same_picture_is_the_same_fault() -> None:
    (best, *_) = likely(scenario(REUSED, Outcome.FAILED), scenario(RACED, Outcome.FAILED, ONCE))
    assert (best.name, best.similarity) == ("reusable", 1.0)
    assert best.fault == "A token works for ever."
    assert best.evidence == (
        f"3 of 3 failed scenarios fail in the same way with it, such as "
        f'"{REUSED}", which finds 200 {{}}'
    )


def test_a_part_of_the_picture_ranks_by_what_both_show() -> None:
    found = names(
        scenario(REUSED, Outcome.PASSED),
        scenario(RACED, Outcome.FAILED, ONCE),
        scenario(EXPIRED, Outcome.PASSED),
    )
    assert found[0] == "race"
    assert "eternal" not in found


def test_what_the_run_did_not_decide_does_not_count() -> None:
    undecided = scenario(RACED, Outcome.UNTESTED)
    (best, *_) = likely(scenario(REUSED, Outcome.FAILED), undecided)
    assert (best.name, best.similarity) == ("reusable", 1.0)


def test_another_step_is_not_alike() -> None:
    assert names(scenario(EXPIRED, Outcome.FAILED, LATE)) == ["eternal"]
    assert names(scenario(EXPIRED, Outcome.FAILED, replace(LATE, step="Then a row is there"))) == []


@pytest.mark.parametrize(
    ("name", "symptom", "found", "guessed"),
    [
        (EXPIRED, LATE, "200 {}", ["eternal"]),
        (EXPIRED, LATE, '410 {"error": "TOKEN_EXPIRED"}', []),
        (RACED, ONCE, "14 times 200, 2 times 400", ["race"]),
        (RACED, ONCE, "15 times 500", []),
        (TIMED, SLOWER, "220 ms", ["tells"]),
        (TIMED, SLOWER, "80 ms", []),
        (TIMED, SLOWER, "-220 ms", []),
    ],
)
def test_what_was_found_can_contradict_a_fault(
    name: str, symptom: Symptom, found: str, guessed: list[str]
) -> None:
    assert names(scenario(name, Outcome.FAILED, symptom, found)) == guessed


def test_one_contradiction_is_enough() -> None:
    reused, raced = scenario(REUSED, Outcome.FAILED), scenario(RACED, Outcome.FAILED, ONCE)
    other = scenario(RACED, Outcome.FAILED, ONCE, "16 times 500")

    assert names(reused, raced) == ["reusable"]
    assert names(reused, other) == []


def test_nothing_failed_and_nothing_alike_have_no_diagnosis() -> None:
    assert names(scenario(REUSED, Outcome.PASSED)) == []
    assert names(scenario("something nobody knows", Outcome.FAILED)) == []


def test_one_scenario_alone_says_too_little() -> None:
    race = replace(RACE, picture={RACED: ONCE})
    assert diagnose([scenario(RACED, Outcome.FAILED, ONCE)], (race, ETERNAL)) == ()


def test_every_known_fault_is_recognised_by_its_own_picture() -> None:
    faults = known_faults()
    assert len(faults) >= 100
    for fault in faults:
        found = liken(fault.picture, faults)
        twins = [each.name for each in faults if each.picture == fault.picture]
        if len(twins) > 1 or len(fault.picture) == 1:
            assert not found
        else:
            assert (found[0].name, found[0].similarity) == (fault.name, 1.0)


def test_faults_that_look_the_same_are_not_guessed() -> None:
    twin = replace(RACE, name="twin", fault="Locked in one process only.")
    raced = scenario(RACED, Outcome.FAILED, ONCE)

    assert [each.name for each in likely(raced, known=(RACE, ETERNAL))] == ["race"]
    assert likely(raced, known=(RACE, twin, ETERNAL)) == ()


def test_a_part_of_a_run_has_no_diagnosis() -> None:
    whole = report_of(run(failed("AC-4"), requirements=()))
    _, picture = known_picture()
    shown = run(*picture)
    assert report_of(shown).diagnosis
    assert report_of(replace(shown, partial=True)).diagnosis == ()
    assert whole.diagnosis == ()
