"""Exact probabilities of counts: the binomial tails and Fisher's test."""

from __future__ import annotations

from math import comb, exp, lgamma, log, log1p


def _log_mass(successes: int, trials: int, probability: float) -> float:
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return ways + successes * log(probability) + (trials - successes) * log1p(-probability)


def at_most(successes: int, trials: int, probability: float) -> float:
    """Return the chance of no more than `successes` in `trials` (0 < probability < 1)."""
    masses = (exp(_log_mass(k, trials, probability)) for k in range(min(successes, trials) + 1))
    return min(1.0, sum(masses))


def at_least(successes: int, trials: int, probability: float) -> float:
    """Return the chance of `successes` or more in `trials` (0 < probability < 1)."""
    return max(0.0, 1 - at_most(successes - 1, trials, probability))


def upper_bound(successes: int, trials: int, probability: float) -> float:
    """Return Chernoff's bound on the chance of a count at least this far to this side of its mean.

    Never less than the exact tail, and one line for any size: `exp(-n · KL(k/n ‖ p))`.
    """
    share = successes / trials
    divergence = 0.0
    if share > 0:
        divergence += share * log(share / probability)
    if share < 1:
        divergence += (1 - share) * log((1 - share) / (1 - probability))
    return exp(-trials * divergence)


def fisher_exact(in_first: int, first: int, in_second: int, second: int) -> float:
    """Return the two-sided chance of a split at least this uneven, if the groups do not matter.

    `in_first` of `first` responses show a trait, and `in_second` of `second`.
    """
    shown = in_first + in_second
    ways = {
        k: comb(first, k) * comb(second, shown - k)
        for k in range(max(0, shown - second), min(first, shown) + 1)
    }
    observed = ways[in_first]
    return sum(way for way in ways.values() if way <= observed) / comb(first + second, shown)
