"""From what ended a scenario to its result."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.outcomes import (
    CantTell,
    Failed,
    HarnessFault,
    Inapplicable,
    NoAnswer,
    Outcome,
    Point,
    TargetLost,
    Untested,
)
from conformance.requirements.tags import readings, requirement_ids
from conformance.run.result import HarnessError, ScenarioResult
from conformance.run.scenario import Recording

TOKEN = "0123456789abcdef" * 4


def step(kind: str, name: str) -> Any:
    return SimpleNamespace(type=kind, keyword=f"{kind.title()} ", name=name)


STEPS = [step("given", "a user"), step("when", "it rains"), step("then", "it is wet")]


def recording(reached: int, *tags: str) -> Recording:
    """Return the recording of a scenario that was stopped in its step number `reached`."""
    scenario = SimpleNamespace(
        name="rain",
        feature=SimpleNamespace(name="Weather", filename="/features/weather.feature"),
        rule=SimpleNamespace(name="Rain wets"),
        line_number=7,
        steps=STEPS,
    )
    made = Recording(scenario=scenario, tags=frozenset(tags or {"AC-1"}))
    for number, reached_step in enumerate(STEPS[:reached], 1):
        made.step_begins(reached_step)
        made.step_ends("failed" if number == reached else "passed")
    return made


def result(made: Recording, error: BaseException | None) -> ScenarioResult:
    found = made.result(error)
    assert isinstance(found, ScenarioResult)
    return found


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome.PASSED),
        (Failed("x"), Outcome.FAILED),
        (CantTell("x"), Outcome.CANT_TELL),
        (Untested(Point.MAILBOX, "x"), Outcome.UNTESTED),
        (Inapplicable("x"), Outcome.INAPPLICABLE),
    ],
)
def test_each_exception_is_an_outcome(error: Exception | None, outcome: Outcome) -> None:
    assert result(recording(3), error).outcome is outcome


@pytest.mark.parametrize(
    "error", [HarnessFault("x"), TargetLost("x"), AssertionError("x"), ValueError("x"), OSError()]
)
def test_every_other_exception_is_the_harness_s(error: Exception) -> None:
    found = recording(3).result(error)
    assert isinstance(found, HarnessError)
    assert found.where == "rain"


def test_the_harness_s_own_errors_need_no_class_name() -> None:
    found = recording(3).result(HarnessFault("no room"))
    foreign = recording(3).result(ValueError("no room"))
    assert isinstance(found, HarnessError)
    assert isinstance(foreign, HarnessError)
    assert (found.message, foreign.message) == ("no room", "ValueError: no room")


def test_what_was_done_within_a_step_stands_before_the_last_one() -> None:
    made = recording(3)
    made.evidence.within_step.append(("When", f"{TOKEN} is presented"))
    steps = result(made, Failed("x")).steps
    assert [f"{step.keyword} {step.text[:4]}" for step in steps] == [
        "Given a us",
        "When it r",
        "When 0123",
        "Then it i",
    ]
    assert TOKEN not in steps[2].text


def test_a_failure_before_the_event_is_no_failure_of_what_is_shown() -> None:
    found = result(recording(1), Failed("the mail", expected=1, found=0))
    assert found.outcome is Outcome.CANT_TELL
    assert found.message == "the scenario could not be set up: the mail: expected 1, found 0"


def test_a_failure_within_the_event_is_none_of_what_is_shown_either() -> None:
    found = result(recording(2), Failed("the status for a fresh token", expected=200, found=400))
    assert found.outcome is Outcome.CANT_TELL


def test_an_event_that_got_no_answer_is_a_failure() -> None:
    found = result(recording(2), NoAnswer("the answer", expected="one", found="cut off"))
    assert found.outcome is Outcome.FAILED


def test_a_doubt_about_the_clock_takes_a_failure_back() -> None:
    made = recording(3)
    made.scene = SimpleNamespace(doubts=lambda: ["limits.at seems to hold times"])  # type: ignore[assignment]
    found = result(made, Failed("expired", expected=400, found=200))
    assert found.outcome is Outcome.CANT_TELL
    assert "but limits.at seems to hold times" in found.message


def test_what_a_report_shows() -> None:
    tags = ("EC-4", "AC-5", "reading-9", "reading-14", "slow")
    found = result(recording(2, *tags), Failed("the answer", expected=400, found=f"200 {TOKEN}"))
    assert (found.feature, found.rule, found.path, found.line) == (
        "Weather",
        "Rain wets",
        "weather.feature",
        7,
    )
    assert (found.ids, found.readings) == (("AC-5", "EC-4"), (9, 14))
    assert [(s.keyword, s.text, s.outcome) for s in found.steps] == [
        ("Given", "a user", "passed"),
        ("When", "it rains", "failed"),
        ("Then", "it is wet", "skipped"),
    ]
    assert found.failing_step == "When it rains"
    assert found.expected == "400"


def test_no_secret_reaches_a_report() -> None:
    found = result(recording(3), Failed(f"token {TOKEN}", expected=400, found=TOKEN))
    assert TOKEN not in repr(found)


def test_the_missing_point_is_named() -> None:
    assert result(recording(1), Untested(Point.CLOCK, "none")).missing == "clock"


def test_tags_that_are_ids() -> None:
    tags = frozenset({"AC-10", "AC-2", "NFR-1", "FR-3", "EC-8", "AC-", "XAC-1", "reading-3"})
    assert requirement_ids(tags) == ("AC-2", "AC-10", "FR-3", "NFR-1", "EC-8")
    assert readings(tags) == (3,)
