"""Known exceptions: they show and do not count, and they do not outlive their reason."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from conformance.outcomes import Outcome, UsageError
from conformance.requirements.scenarios import scenario_counts
from conformance.run.expected_failures import (
    ExpectedFailure,
    load_expected_failures,
    mark_expected_failures,
    stale_expected_failures,
)
from conformance.run.result import ScenarioResult, requirement_result
from tests.report.results_made import scenario

BY_ID = ExpectedFailure(id="AC-5", reason="fixed in 2.1")
BY_NAME = ExpectedFailure(scenario="a late link", reason="fixed in 2.1")
WRITTEN = {"AC-5": 1, "EC-4": 1, "a late link": 1}
LATE = scenario("a late link", Outcome.FAILED, "AC-5", "EC-4")
YESTERDAY = date.today() - timedelta(days=1)


def load(directory: Path, text: str) -> list[ExpectedFailure]:
    path = directory / "expected-failures.toml"
    path.write_text(text)
    return load_expected_failures(path)


def test_an_expected_failure_file(tmp_path: Path) -> None:
    text = """
        [[expected_failure]]
        id = "AC-5"
        reason = "fixed in 2.1"
        expires = 2031-01-31

        [[expected_failure]]
        scenario = "a late link"
        reason = "of old"
    """
    first, second = load(tmp_path, text)
    assert (first.id, first.expires) == ("AC-5", date(2031, 1, 31))
    assert (second.scenario, second.reason, second.expires) == ("a late link", "of old", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[expected_failure]]\nreason = "x"', "either `id` or `scenario`"),
        (
            '[[expected_failure]]\nid = "AC-1"\nscenario = "y"\nreason = "x"',
            "either `id` or `scenario`",
        ),
        ('[[expected_failure]]\nid = "AC-1"', "reason"),
        ('[[expected_failure]]\nid = "AC-1"\nreason = " "', "needs a `reason`"),
        ('[[expected_failure]]\nid = "AC-1"\nreason = "x"\nuntil = 1', "until"),
        ('[[expected_failure]]\nid = "AC-1"\nreason = "x"\nexpires = "soon"', "expires"),
        ("[[expected_failure]", "expected-failures.toml"),
    ],
)
def test_a_wrong_file(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        load(tmp_path, text)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("known", [BY_ID, BY_NAME, ExpectedFailure(id="EC-4", reason="x")])
def test_an_expected_failure_shows_and_does_not_count(known: ExpectedFailure) -> None:
    [marked] = mark_expected_failures([LATE], [known])
    assert marked.expected_failure == known.reason
    result = requirement_result("AC-5", "A link expires", True, [marked])
    assert (result.outcome, result.judged) == (Outcome.FAILED, Outcome.PASSED)
    assert stale_expected_failures([marked], [known], WRITTEN) == []


def test_another_failure_of_the_same_requirement_counts() -> None:
    other = scenario("a very late link", Outcome.FAILED, "AC-5")
    marked = mark_expected_failures([LATE, other], [BY_NAME])
    assert requirement_result("AC-5", "", True, marked).judged is Outcome.FAILED


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.CANT_TELL, Outcome.UNTESTED])
def test_only_failures_are_marked(outcome: Outcome) -> None:
    result = scenario("a late link", outcome, "AC-5")
    assert mark_expected_failures([result], [BY_ID]) == [result]


def test_an_expected_failure_that_nothing_fails_for_is_stale() -> None:
    passed = scenario("a late link", Outcome.PASSED, "AC-5")
    [sentence] = stale_expected_failures([passed], [BY_ID], WRITTEN)
    assert sentence == "the expected failure of AC-5 is no longer needed: nothing failed"


def test_an_expected_failure_that_names_nothing_is_stale() -> None:
    misspelt = ExpectedFailure(scenario="a latte", reason="x")
    [sentence] = stale_expected_failures([LATE], [misspelt], WRITTEN)
    assert sentence == "the expected failure of “a latte” matches no scenario"


PASSED = scenario("a late link", Outcome.PASSED, "AC-5")


@pytest.mark.parametrize("known", [BY_ID, BY_NAME])
@pytest.mark.parametrize(
    ("ran", "written"),
    [
        ([], 1),
        ([PASSED], 2),
        ([PASSED, scenario("a late link", Outcome.UNTESTED, "AC-5")], 2),
        ([PASSED, scenario("a late link", Outcome.CANT_TELL, "AC-5")], 2),
    ],
    ids=["not run", "a part was run", "a part is untested", "a part is not decided"],
)
def test_what_was_not_wholly_looked_at_is_not_stale(
    known: ExpectedFailure, ran: list[ScenarioResult], written: int
) -> None:
    assert stale_expected_failures(ran, [known], {known.subject: written}) == []


def test_the_features_say_how_many_scenarios_there_are() -> None:
    counts = scenario_counts()
    assert counts["AC-5"] > 0
    assert counts["a link is used twice"] == 1
    assert not any("<" in subject for subject in counts)


def test_an_expired_one_is_stale_and_covers_nothing() -> None:
    expired = ExpectedFailure(id="AC-5", reason="x", expires=YESTERDAY)
    assert mark_expected_failures([LATE], [expired])[0].expected_failure is None
    assert stale_expected_failures([LATE], [expired], WRITTEN) == [
        f"the expected failure of AC-5 expired on {YESTERDAY}"
    ]


def test_an_expected_failure_holds_on_its_last_day() -> None:
    today = ExpectedFailure(id="AC-5", reason="x", expires=date.today())
    assert mark_expected_failures([LATE], [today])[0].expected_failure == "x"


def test_the_older_name_is_still_read(tmp_path: Path) -> None:
    assert load(tmp_path, '[[pin]]\nid = "AC-5"\nreason = "fixed in 2.1"') == [BY_ID]
