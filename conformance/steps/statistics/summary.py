"""What is shown of a set of durations. No sample is ever left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True)
class Summary:
    """Durations in the samples' unit (seconds). Shown in reports; none of these is judged."""

    n: int
    median: float
    p10: float
    p90: float
    p99: float
    minimum: float
    maximum: float
    mean: float


def describe(samples: Sequence[float]) -> Summary:
    """Summarise every sample; raises ValueError when there is none."""
    if not samples:
        raise ValueError("no samples to describe")
    ordered = sorted(samples)
    return Summary(
        n=len(ordered),
        median=quantile(ordered, 0.5),
        p10=quantile(ordered, 0.1),
        p90=quantile(ordered, 0.9),
        p99=quantile(ordered, 0.99),
        minimum=ordered[0],
        maximum=ordered[-1],
        mean=fmean(ordered),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Interpolate linearly between the order statistics of a sorted sample (share 0 to 1)."""
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
