"""Known exceptions: they show and do not count, and they do not outlive their reason."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from conformance.outcomes import Outcome, UsageError
from conformance.run.expected_failures import Pin, apply_pins, load_pins, stale_pins
from conformance.run.result import requirement_result
from tests.report.results_made import scenario

BY_ID = Pin(id="AC-5", reason="fixed in 2.1")
BY_NAME = Pin(scenario="a late link", reason="fixed in 2.1")
LATE = scenario("a late link", Outcome.FAILED, "AC-5", "EC-4")
YESTERDAY = date.today() - timedelta(days=1)


def load(directory: Path, text: str) -> list[Pin]:
    path = directory / "pins.toml"
    path.write_text(text)
    return load_pins(path)


def test_a_pin_file(tmp_path: Path) -> None:
    text = """
        [[pin]]
        id = "AC-5"
        reason = "fixed in 2.1"
        expires = 2031-01-31

        [[pin]]
        scenario = "a late link"
        reason = "of old"
    """
    first, second = load(tmp_path, text)
    assert (first.id, first.expires) == ("AC-5", date(2031, 1, 31))
    assert (second.scenario, second.reason, second.expires) == ("a late link", "of old", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[pin]]\nreason = "x"', "either `id` or `scenario`"),
        ('[[pin]]\nid = "AC-1"\nscenario = "y"\nreason = "x"', "either `id` or `scenario`"),
        ('[[pin]]\nid = "AC-1"', "reason"),
        ('[[pin]]\nid = "AC-1"\nreason = " "', "a pin needs a reason"),
        ('[[pin]]\nid = "AC-1"\nreason = "x"\nuntil = 1', "until"),
        ('[[pin]]\nid = "AC-1"\nreason = "x"\nexpires = "soon"', "expires"),
        ("[[pin]", "pins.toml"),
    ],
)
def test_a_wrong_pin_file(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        load(tmp_path, text)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("pin", [BY_ID, BY_NAME, Pin(id="EC-4", reason="x")])
def test_a_pinned_failure_shows_and_does_not_count(pin: Pin) -> None:
    [pinned] = apply_pins([LATE], [pin])
    assert pinned.pin == pin.reason
    result = requirement_result("AC-5", "A link expires", True, [pinned])
    assert (result.outcome, result.judged) == (Outcome.FAILED, Outcome.PASSED)
    assert stale_pins([pinned], [pin]) == []


def test_another_failure_of_the_same_requirement_counts() -> None:
    other = scenario("a very late link", Outcome.FAILED, "AC-5")
    pinned = apply_pins([LATE, other], [BY_NAME])
    assert requirement_result("AC-5", "", True, pinned).judged is Outcome.FAILED


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.CANT_TELL, Outcome.UNTESTED])
def test_only_failures_are_pinned(outcome: Outcome) -> None:
    result = scenario("a late link", outcome, "AC-5")
    assert apply_pins([result], [BY_ID]) == [result]


def test_a_pin_that_nothing_fails_for_is_stale() -> None:
    [sentence] = stale_pins([scenario("a late link", Outcome.PASSED, "AC-5")], [BY_ID])
    assert sentence == "the pin for AC-5 is not needed any more: nothing of it fails"


def test_a_pin_that_names_nothing_is_stale() -> None:
    [sentence] = stale_pins([LATE], [Pin(scenario="a latte", reason="x")])
    assert sentence == "the pin for “a latte” names nothing that ran"


def test_an_expired_pin_is_stale_and_covers_nothing() -> None:
    expired = Pin(id="AC-5", reason="x", expires=YESTERDAY)
    assert apply_pins([LATE], [expired])[0].pin is None
    assert stale_pins([LATE], [expired]) == [f"the pin for AC-5 expired on {YESTERDAY}"]


def test_a_pin_holds_on_its_last_day() -> None:
    today = Pin(id="AC-5", reason="x", expires=date.today())
    assert apply_pins([LATE], [today])[0].pin == "x"
