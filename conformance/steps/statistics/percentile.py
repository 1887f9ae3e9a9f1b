"""NFR-5: whether the 99th percentile is under a limit, by exact binomial bounds.

A sample is a response; `over` counts those that took longer than the limit. If the percentile were
over the limit, each response would exceed it with a chance of more than 1 - quantile, so few
exceedances in many responses speak against that, and many in few speak for it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from .binomial import at_least, at_most


class Bound(StrEnum):
    """What the responses so far say about the percentile."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


def chance_of_so_few(n: int, over: int, quantile: float = 0.99) -> float:
    """Return the chance of `over` or fewer of `n` if the quantile lay on the limit or above it.

    Raises ValueError unless 0 <= over <= n and 0 < quantile < 1, as its counterpart does.
    """
    _check(n, over, quantile)
    return at_most(over, n, 1 - quantile)


def chance_of_so_many(n: int, over: int, quantile: float = 0.99) -> float:
    """Return the chance of `over` or more of `n` if the quantile lay on the limit or below it."""
    _check(n, over, quantile)
    return at_least(over, n, 1 - quantile)


def enough(n: int, over: int, confidence: float = 0.95, quantile: float = 0.99) -> bool:
    """Return whether these responses show, with this confidence, the quantile under the limit."""
    return chance_of_so_few(n, over, quantile) <= 1 - confidence


def _check(n: int, over: int, quantile: float) -> None:
    if not 0 <= over <= n or not 0 < quantile < 1:
        raise ValueError(f"{over} over of {n} at quantile {quantile} is not a count of exceedances")


@cache
def samples_needed(over: int, confidence: float = 0.95, quantile: float = 0.99) -> int:
    """Return how many responses it takes to pass with this many over: 299, 473, 628, 773, ..."""

    def suffices(n: int) -> bool:
        return enough(n, over, confidence, quantile)

    high = 2 * over + 1
    while not suffices(high):
        high *= 2
    return bisect_left(range(high), True, lo=over, key=suffices)


@dataclass(frozen=True)
class PercentilePlan:
    """Judges a growing number of responses and stops at a bound.

    A pass needs `samples_needed(over)` responses. A failure is judged from the first number that
    can pass, so that one slow response among the first few proves nothing; it is called earlier
    only when no later response could change what that number will say. Each look has the stated
    confidence by itself. Over all looks of the default plan, a target whose percentile lies exactly
    on the limit passes with 11 % and fails with 11 %; one with 0.5 % over fails with 0.2 %, one
    with 3 % over passes with 0.01 %.
    """

    confidence: float = 0.95
    quantile: float = 0.99
    most_over: int = 3

    @property
    def first(self) -> int:
        """The fewest responses that can pass."""
        return samples_needed(0, self.confidence, self.quantile)

    @property
    def bound(self) -> int:
        """The number of responses after which an open question stays open (`cant_tell`)."""
        return samples_needed(self.most_over, self.confidence, self.quantile)

    def decide(self, n: int, over: int) -> Bound:
        """Judge `over` of `n` responses; UNDECIDED at `bound` or later is final."""
        if enough(n, over, self.confidence, self.quantile):
            return Bound.PASSED
        at_first = chance_of_so_many(max(n, self.first), over, self.quantile)
        if at_first <= 1 - self.confidence:
            return Bound.FAILED
        return Bound.UNDECIDED

    def next_look(self, n: int, over: int) -> int | None:
        """Return how many responses to have before asking again; None when there is no point.

        That is the number that passes if no other response is over, or `bound` where none does.
        """
        if n >= self.bound or self.decide(n, over) is not Bound.UNDECIDED:
            return None
        return min(samples_needed(over, self.confidence, self.quantile), self.bound)
