"""The statistics behind the verdicts: pure functions of what was observed."""

from __future__ import annotations

from .equivalence import (
    Interval,
    Look,
    SequentialPlan,
    Verdict,
    judge,
    median_difference_interval,
)
from .headers import MINIMUM_GROUP, HeaderDifference, systematic_difference
from .percentile import Bound, PercentilePlan, Risk, enough, percentile_bound, samples_needed
from .summary import Summary, describe
from .tokens import token_findings

__all__ = [
    "MINIMUM_GROUP",
    "Bound",
    "HeaderDifference",
    "Interval",
    "Look",
    "PercentilePlan",
    "Risk",
    "SequentialPlan",
    "Summary",
    "Verdict",
    "describe",
    "enough",
    "judge",
    "median_difference_interval",
    "percentile_bound",
    "samples_needed",
    "systematic_difference",
    "token_findings",
]
