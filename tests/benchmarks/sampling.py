"""How many pairs AC-9 takes, against the best sequential test there can be.

Simulated: a target whose answers take the mail provider's delay (150 ms ± 20 %, uniform), and the
same plus a leak for the other group. Wald's sequential probability ratio test has the smallest
expected number of pairs of all tests of its error. It has to know the distribution, though, and
only tells two given differences apart (0 and the margin); AC-9's test knows neither.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import mean

from conformance.steps.statistics.equivalence import SequentialPlan, Verdict, judge
from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.result import Result

_TRIALS = 2_000
_DELAY, _JITTER = 0.150, 0.2
_LEAKS_MS = (0, 20, 80, 150)
_PAIRS, _RIGHT, _BEST = "pairs (mean)", "decided rightly (%)", "best possible (pairs)"


def run(postgres: EmbeddedPostgres | None, scratch: Path, trials: int = _TRIALS) -> Result:
    """Simulate; no server is needed."""
    del postgres, scratch
    plan, chance = SequentialPlan(), random.Random(1)
    result = Result("AC-9: expected number of pairs")
    for leak in _LEAKS_MS:
        right = Verdict.OUTSIDE if leak / 1000 > plan.margin else Verdict.WITHIN
        taken = [_trial(plan, leak / 1000, chance) for _ in range(trials)]
        subject = f"leak of {leak} ms"
        result.add(subject, _PAIRS, mean(pairs for _, pairs in taken))
        result.add(subject, _RIGHT, 100 * mean(verdict is right for verdict, _ in taken))
    best = _best_possible(plan)
    for leak in (0, 150):
        result.add(f"leak of {leak} ms", _BEST, best)
    result.ratios["pairs without a leak : best possible"] = (
        result.figures["leak of 0 ms"][_PAIRS] / best
    )
    return result


def _trial(plan: SequentialPlan, leak: float, chance: random.Random) -> tuple[Verdict, int]:
    known: list[float] = []
    others: list[float] = []
    for index, pairs in enumerate(plan.looks):
        while len(known) < pairs:
            known.append(_draw(chance))
            others.append(_draw(chance) + leak)
        look = judge(plan, index, known, others)
        if look.final:
            return look.verdict, pairs
    raise AssertionError("the last look is final")


def _draw(chance: random.Random) -> float:
    return _DELAY * chance.uniform(1 - _JITTER, 1 + _JITTER)


def _best_possible(plan: SequentialPlan) -> float:
    """Return Wald's expected number of pairs with no difference, for normal noise of this spread.

    Both errors are half of the plan's. At least one pair is needed in any case.
    """
    error = plan.error / 2
    spread = 2 * _DELAY * _JITTER / math.sqrt(12)
    information = plan.margin**2 / (2 * 2 * spread**2)
    evidence = (1 - error) * math.log((1 - error) / error) + error * math.log(error / (1 - error))
    return max(1.0, evidence / information)
