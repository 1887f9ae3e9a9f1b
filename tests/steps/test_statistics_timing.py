"""The interval of the difference of medians and the sequential test of AC-9."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import inf, isclose
from statistics import median

import pytest

from conformance.steps.statistics.equivalence import (
    Interval,
    Look,
    SequentialPlan,
    Verdict,
    judge,
    median_difference_interval,
)
from conformance.steps.statistics.summary import describe

Delay = Callable[[random.Random], float]

PLAN = SequentialPlan()


def quiet(rng: random.Random) -> float:
    return 0.150 * rng.uniform(0.8, 1.2) + 0.005 * rng.lognormvariate(0, 0.3)


def busy(rng: random.Random) -> float:
    spike = rng.uniform(0.020, 0.300) if rng.random() < 0.2 else 0.0
    return 0.150 * rng.uniform(0.8, 1.2) + 0.010 * rng.lognormvariate(0, 0.8) + spike


def two_modes(rng: random.Random) -> float:
    return rng.choice((0.1, 0.2)) * rng.uniform(0.95, 1.05)


def two_thirds_slow(rng: random.Random) -> float:
    return rng.choice((0.1, 0.2, 0.2)) * rng.uniform(0.95, 1.05)


def coarse_clock(rng: random.Random) -> float:
    return round(quiet(rng), 2)


def heavy_tail(rng: random.Random) -> float:
    return 0.100 + 0.005 * rng.paretovariate(0.8)


def run(a: Delay, b: Delay, leak: float, rng: random.Random, plan: SequentialPlan = PLAN) -> Look:
    known: list[float] = []
    unknown: list[float] = []
    for index, pairs in enumerate(plan.looks):
        while len(known) < pairs:
            known.append(a(rng) + leak)
            unknown.append(b(rng))
        look = judge(plan, index, known, unknown)
        if look.final:
            return look
    raise AssertionError("the last look is final")


def verdicts(a: Delay, b: Delay, leak: float, runs: int = 60) -> list[Verdict]:
    rng = random.Random(20)
    return [run(a, b, leak, rng).verdict for _ in range(runs)]


@pytest.mark.parametrize("noise", [quiet, busy, coarse_clock, heavy_tail])
@pytest.mark.parametrize("leak", [0.0, 0.020, -0.020])
def test_honest_targets_pass(noise: Delay, leak: float) -> None:
    assert set(verdicts(noise, noise, leak)) == {Verdict.WITHIN}


@pytest.mark.parametrize("noise", [quiet, busy, coarse_clock, heavy_tail])
@pytest.mark.parametrize("leak", [0.080, 0.120, 0.250, -0.080])
def test_leaking_targets_fail(noise: Delay, leak: float) -> None:
    assert set(verdicts(noise, noise, leak)) == {Verdict.OUTSIDE}


@pytest.mark.parametrize(("leak", "right"), [(0.030, Verdict.WITHIN), (0.070, Verdict.OUTSIDE)])
@pytest.mark.parametrize("noise", [quiet, busy])
def test_twenty_milliseconds_beside_the_margin_are_decided_and_rightly(
    noise: Delay, leak: float, right: Verdict
) -> None:
    found = verdicts(noise, noise, leak, runs=40)
    assert set(found) <= {right, Verdict.UNDECIDED}
    assert found.count(right) >= 39


@pytest.mark.parametrize("noise", [quiet, busy])
def test_a_difference_of_the_margin_hardly_ever_passes(noise: Delay) -> None:
    found = verdicts(noise, noise, 0.050)
    assert found.count(Verdict.WITHIN) <= 3
    assert found.count(Verdict.UNDECIDED) >= 54


def test_a_random_delay_in_place_of_the_work_fails() -> None:
    found = verdicts(busy, lambda rng: rng.uniform(0, 0.1), 0.0)
    assert set(found) == {Verdict.OUTSIDE}


def test_a_delay_drawn_from_a_learned_list_passes() -> None:
    def learned(rng: random.Random) -> float:
        return rng.choice(recent) + 0.005 * rng.lognormvariate(0, 0.3)

    recent = [0.150 * random.Random(seed).uniform(0.8, 1.2) for seed in range(20)]
    assert set(verdicts(quiet, learned, 0.0)) == {Verdict.WITHIN}


def test_the_same_two_modes_are_never_called_different() -> None:
    assert Verdict.OUTSIDE not in verdicts(two_modes, two_modes, 0.0)


def test_an_honest_quiet_target_is_decided_at_the_first_look() -> None:
    rng = random.Random(3)
    first = [run(quiet, quiet, 0.0, rng).pairs == PLAN.looks[0] for _ in range(100)]
    assert sum(first) >= 98


@pytest.mark.parametrize("n", [16, 25, 60])
@pytest.mark.parametrize(
    "noise", [quiet, busy, coarse_clock, heavy_tail, two_modes, two_thirds_slow]
)
def test_the_interval_keeps_its_confidence_for_any_shape(noise: Delay, n: int) -> None:
    rng = random.Random(n)
    missed = 0
    for _ in range(300):
        interval = median_difference_interval(
            [noise(rng) for _ in range(n)], [noise(rng) for _ in range(n)], 0.95, paired=True
        )
        missed += not interval.low <= 0 <= interval.high
    assert missed <= 25  # 15 expected at 5 %, and 25 or more less often than once in 100


def test_noise_that_pairs_share_shortens_the_interval() -> None:
    rng = random.Random(4)
    load = [rng.uniform(0, 0.5) for _ in range(60)]
    known = [quiet(rng) + shared for shared in load]
    unknown = [quiet(rng) + shared for shared in load]
    paired = median_difference_interval(known, unknown, 0.99, paired=True)
    apart = median_difference_interval(known, unknown, 0.99)
    assert paired.high - paired.low < 0.6 * (apart.high - apart.low)
    assert paired.low < 0 < paired.high


def test_unrelated_order_leaves_a_paired_interval_as_it_is() -> None:
    known = [float(k) for k in range(40)]
    unknown = known[::-1]
    assert median_difference_interval(known, unknown, 0.9, paired=True) == (
        median_difference_interval(known, unknown, 0.9)
    )


def test_the_interval_moves_and_turns_with_the_samples() -> None:
    rng = random.Random(5)
    a, b = [quiet(rng) for _ in range(31)], [busy(rng) for _ in range(24)]
    plain = median_difference_interval(a, b, 0.98)
    moved = median_difference_interval([x + 1 for x in a], b, 0.98)
    turned = median_difference_interval(b, a, 0.98)
    assert isclose(moved.low, plain.low + 1)
    assert isclose(moved.high, plain.high + 1)
    assert isclose(turned.low, -plain.high)
    assert isclose(turned.high, -plain.low)
    assert plain.low < median(a) - median(b) < plain.high


def test_more_confidence_is_a_wider_interval_until_the_range_is_spent() -> None:
    rng = random.Random(6)
    a, b = [quiet(rng) for _ in range(12)], [quiet(rng) for _ in range(12)]
    widths = []
    for confidence in (0.5, 0.8, 0.9, 0.99, 0.999):
        interval = median_difference_interval(a, b, confidence)
        widths.append(interval.high - interval.low)
    assert widths == sorted(widths)
    assert widths[-1] < inf
    beyond = median_difference_interval(a, b, 1 - 2**-11.5)
    assert (beyond.low, beyond.high) == (-inf, inf)
    assert beyond.against(0.05) is Verdict.UNDECIDED


def test_the_order_statistics_by_hand() -> None:
    # Ranks 1 and 6 of six cover the median with 1 - 2/64; b is constant and adds nothing.
    interval = median_difference_interval([1, 2, 3, 5, 8, 13], [0, 0, 0, 0, 0, 0], 1 - 2 / 64)
    assert isclose(interval.low, 1)
    assert isclose(interval.high, 13)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.049, 0.049, Verdict.WITHIN),
        (0.051, 0.2, Verdict.OUTSIDE),
        (-0.2, -0.051, Verdict.OUTSIDE),
        (-0.05, 0.04, Verdict.UNDECIDED),
        (0.05, 0.2, Verdict.UNDECIDED),
        (-0.2, 0.2, Verdict.UNDECIDED),
    ],
)
def test_an_interval_against_the_margin(low: float, high: float, verdict: Verdict) -> None:
    assert Interval(low, high, 0.99).against(0.05) is verdict


def test_the_error_is_split_across_the_looks() -> None:
    spent = sum(1 - PLAN.confidence(index) for index in range(len(PLAN.looks)))
    assert isclose(spent, PLAN.error)


def test_only_the_last_look_leaves_it_undecided_for_good() -> None:
    plan = SequentialPlan(looks=(2, 3))
    assert not judge(plan, 0, [1, 2], [1, 2]).final
    last = judge(plan, 1, [1, 2, 3], [1, 2, 3])
    assert last.final
    assert last.verdict is Verdict.UNDECIDED


def test_looking_at_another_time_than_planned_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 16 pairs, not 17 and 16"):
        judge(PLAN, 0, [0.1] * 17, [0.1] * 16)


@pytest.mark.parametrize("looks", [(), (0, 5), (5, 5), (9, 5)])
def test_a_plan_that_cannot_be_followed_is_refused(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="looks"):
        SequentialPlan(looks=looks)


@pytest.mark.parametrize(
    ("a", "b", "confidence"),
    [([], [1.0], 0.9), ([1.0], [inf], 0.9), ([1.0], [float("nan")], 0.9), ([1.0], [1.0], 1.0)],
)
def test_an_interval_of_nothing_is_refused(
    a: list[float], b: list[float], confidence: float
) -> None:
    with pytest.raises(ValueError, match=r"confidence|finite"):
        median_difference_interval(a, b, confidence)


def test_a_summary_counts_every_sample() -> None:
    summary = describe([*range(100, 0, -1), 1000])
    assert (summary.n, summary.minimum, summary.maximum) == (101, 1, 1000)
    assert (summary.p10, summary.median, summary.p90, summary.p99) == (11, 51, 91, 100)
    assert isclose(summary.mean, 6050 / 101)


def test_a_summary_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        describe([])
