"""AC-9: a sequential test of equivalence: the difference of two medians against ±50 ms.

The statistic is the difference of the sample medians. Its interval is the MOVER combination of one
interval per median (Newcombe 1998; Zou and Donner 2008), and each of those is the interpolated
order-statistic interval of Hettmansperger and Sheather (1986). It assumes no shape of delays:
in simulation it kept its confidence with ties, spikes, heavy tails and two modes, where the shorter
Price-Bonett interval missed the truth in over a third of the trials at a stated one per cent. The
Hodges-Lehmann shift is another quantity: it equals the difference of the medians only where both
samples have the same shape.

Pairs measured side by side share the noise of the machine. How much the two medians share is seen
in how often both members of a pair lie on the same side of their medians; what is certain of that
shortens the interval (MOVER's term for correlated estimates). It never lengthens it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from math import comb, inf, isfinite, isinf, sqrt
from statistics import median


class Verdict(StrEnum):
    """What an interval says about the margin."""

    WITHIN = "within"
    OUTSIDE = "outside"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Interval:
    """A confidence interval, in seconds; both ends are infinite when the samples are too few."""

    low: float
    high: float
    confidence: float

    def against(self, margin: float) -> Verdict:
        """Compare with ±`margin`: wholly inside, wholly outside on one side, or neither."""
        if -margin < self.low and self.high < margin:
            return Verdict.WITHIN
        if self.low > margin or self.high < -margin:
            return Verdict.OUTSIDE
        return Verdict.UNDECIDED


@dataclass(frozen=True)
class SequentialPlan:
    """After how many pairs to look, and the chance of a wrong verdict over all looks together.

    `margin` is in seconds. `error` is two-sided and shared out in proportion to the pairs of each
    look, so that the early looks, where luck is cheap, decide only what is plain. The chance that
    a true difference of exactly the margin reads as within is at most half of it.
    """

    looks: tuple[int, ...] = (16, 24, 36, 54, 80, 120, 180)
    margin: float = 0.050
    error: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be followed (ValueError)."""
        if not self.looks or self.looks[0] < 1 or any(b <= a for a, b in pairwise(self.looks)):
            raise ValueError(f"looks must be positive and rising, not {self.looks}")
        if self.margin <= 0 or not 0 < self.error < 1:
            raise ValueError("margin must be positive, and error between 0 and 1")

    def confidence(self, look_index: int) -> float:
        """Return the confidence of the interval at this look."""
        return 1 - self.error * self.looks[look_index] / sum(self.looks)

    def is_last(self, look_index: int) -> bool:
        """Return whether an undecided look stays undecided (outcome `cant_tell`)."""
        return look_index >= len(self.looks) - 1


@dataclass(frozen=True)
class Look:
    """One look at the pairs taken so far; `difference` is median(a) - median(b) in seconds."""

    verdict: Verdict
    interval: Interval
    difference: float
    pairs: int
    final: bool


def median_difference_interval(
    a: Sequence[float], b: Sequence[float], confidence: float, *, paired: bool = False
) -> Interval:
    """Return the confidence interval of median(a) - median(b), in the samples' unit (seconds).

    `paired` says that a[i] and b[i] were measured side by side. Raises ValueError for an empty
    sample, a duration that is not finite, pairs of unequal number, or a confidence outside 0..1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    if not a or not b or not all(map(isfinite, (*a, *b))):
        raise ValueError("both samples need finite durations")
    a_low, a_high = _distances(a, confidence)
    b_low, b_high = _distances(b, confidence)
    shared = _shared_noise(a, b) if paired else 0.0
    difference = median(a) - median(b)
    return Interval(
        low=difference - _combined(a_low, b_high, shared),
        high=difference + _combined(a_high, b_low, shared),
        confidence=confidence,
    )


def judge(plan: SequentialPlan, look_index: int, a: Sequence[float], b: Sequence[float]) -> Look:
    """Judge the pairs of one look; `a` and `b` hold every sample so far, none left out.

    Raises ValueError when the samples are not the number of pairs that the plan names here, since
    looking at other times than planned voids its error.
    """
    pairs = plan.looks[look_index]
    if len(a) != pairs or len(b) != pairs:
        raise ValueError(f"look {look_index} takes {pairs} pairs, not {len(a)} and {len(b)}")
    interval = median_difference_interval(a, b, plan.confidence(look_index), paired=True)
    verdict = interval.against(plan.margin)
    final = verdict is not Verdict.UNDECIDED or plan.is_last(look_index)
    return Look(verdict, interval, median(a) - median(b), pairs, final)


def _combined(one: float, other: float, correlation: float) -> float:
    """Combine two distances from an estimate to its bound as standard errors combine."""
    if isinf(one) or isinf(other):
        return inf
    return sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))


def _shared_noise(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the correlation of the medians (0..1), less the standard error of its estimate.

    Asymptotically it is the quadrant correlation: the share of pairs whose members lie on the same
    side of their medians, minus the share of those on opposite sides.
    """
    a_median, b_median = median(a), median(b)
    products = [(x - a_median) * (y - b_median) for x, y in zip(a, b, strict=True)]
    same, opposite = sum(p > 0 for p in products), sum(p < 0 for p in products)
    return max(0.0, (same - opposite) / len(products) - 1 / sqrt(len(products)))


def _distances(samples: Sequence[float], confidence: float) -> tuple[float, float]:
    """Return how far below and above the sample median the bounds of the median lie.

    Each is interpolated between the two order-statistic intervals that enclose the confidence.
    """
    n = len(samples)
    rank, weight = _rank_and_weight(n, confidence)
    if rank == 0:
        return inf, inf
    ordered = sorted(samples)
    low = ordered[rank - 1] + weight * (ordered[rank] - ordered[rank - 1])
    high = ordered[n - rank] - weight * (ordered[n - rank] - ordered[n - rank - 1])
    middle = median(ordered)
    return middle - low, high - middle


@cache
def _rank_and_weight(n: int, confidence: float) -> tuple[int, float]:
    """Return the widest fitting rank, counted from both ends, and the weight of the next one in.

    Rank 0 says that even the range of n samples does not reach the confidence.
    """
    rank = 0
    while rank < n // 2 and _coverage(n, rank + 1) >= confidence:
        rank += 1
    if rank == 0:
        return 0, 0.0
    outer, inner = _coverage(n, rank), _coverage(n, rank + 1)
    share = (outer - confidence) / (outer - inner)
    return rank, (n - rank) * share / (rank + (n - 2 * rank) * share)


def _coverage(n: int, rank: int) -> float:
    """Return the chance that the median lies between the rank-th smallest and rank-th largest."""
    outside = sum(comb(n, k) for k in range(rank))
    return 1 - 2 * outside / (1 << n)
