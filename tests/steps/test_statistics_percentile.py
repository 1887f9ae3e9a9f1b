"""The bound on a percentile (NFR-5)."""

from __future__ import annotations

from math import isclose

import pytest

from conformance.steps.statistics.percentile import (
    Bound,
    PercentilePlan,
    chance_of_so_few,
    chance_of_so_many,
    enough,
    samples_needed,
)

PLAN = PercentilePlan()


@pytest.mark.parametrize(("n", "over"), [(299, 0), (473, 1), (628, 2), (773, 3)])
def test_the_fewest_responses_that_pass(n: int, over: int) -> None:
    assert samples_needed(over) == n
    assert enough(n, over)
    assert not enough(n - 1, over)
    assert not enough(n, over + 1)
    assert PLAN.decide(n, over) is Bound.PASSED


def test_the_risks_are_exact() -> None:
    assert isclose(chance_of_so_few(299, 0), 0.99**299)
    assert chance_of_so_many(299, 0) == 1.0
    assert isclose(chance_of_so_many(2, 2, quantile=0.9), 0.01)
    assert isclose(chance_of_so_few(2, 2, quantile=0.9), 1.0)


def test_seven_over_in_299_fail_and_six_do_not() -> None:
    assert PLAN.decide(299, 7) is Bound.FAILED
    assert PLAN.decide(299, 6) is Bound.UNDECIDED
    assert PLAN.decide(299, 1) is Bound.UNDECIDED


def test_a_failure_that_nothing_can_undo_is_called_early() -> None:
    assert PLAN.decide(7, 7) is Bound.FAILED
    assert PLAN.decide(20, 7) is Bound.FAILED


@pytest.mark.parametrize(("n", "over"), [(1, 1), (3, 3), (20, 6), (298, 0)])
def test_the_first_few_decide_nothing(n: int, over: int) -> None:
    assert PLAN.decide(n, over) is Bound.UNDECIDED


@pytest.mark.parametrize(
    ("n", "over", "expected"),
    [
        (0, 0, 299),
        (298, 0, 299),
        (299, 1, 473),
        (473, 3, 773),
        (299, 5, 773),
        (299, 0, None),
        (299, 7, None),
        (773, 6, None),
    ],
)
def test_when_to_ask_again(n: int, over: int, expected: int | None) -> None:
    assert PLAN.next_look(n, over) == expected


def test_no_number_of_exceedances_both_passes_and_fails() -> None:
    for n in range(1, 800, 23):
        for over in range(min(n, 20)):
            assert chance_of_so_few(n, over) + chance_of_so_many(n, over) >= 1.0


def chance_of(bound: Bound, exceeding: float) -> float:
    """Follow the plan response by response, every history weighted by its exact chance."""
    open_histories = {0: 1.0}
    found = 0.0
    for n in range(1, PLAN.bound + 1):
        weights: dict[int, float] = {}
        for over, weight in open_histories.items():
            weights[over] = weights.get(over, 0.0) + weight * (1 - exceeding)
            weights[over + 1] = weights.get(over + 1, 0.0) + weight * exceeding
        decided = {over: PLAN.decide(n, over) for over in weights}
        found += sum(weights[over] for over in weights if decided[over] is bound)
        open_histories = {k: w for k, w in weights.items() if decided[k] is Bound.UNDECIDED}
    return found


def test_the_error_over_all_looks() -> None:
    assert chance_of(Bound.PASSED, 0.01) < 0.12
    assert chance_of(Bound.FAILED, 0.01) < 0.12
    assert chance_of(Bound.PASSED, 0.03) < 0.001
    assert chance_of(Bound.FAILED, 0.003) < 0.001


@pytest.mark.parametrize(("n", "over", "quantile"), [(5, 6, 0.99), (5, -1, 0.99), (5, 1, 1.0)])
def test_what_is_no_count_is_refused(n: int, over: int, quantile: float) -> None:
    with pytest.raises(ValueError, match="is not a count"):
        chance_of_so_few(n, over, quantile)
