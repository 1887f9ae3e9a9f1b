"""Where the marks of a report's plots are: two distributions (AC-9, EC-2), one latency (NFR-5).

Positions are percentages of the plot's width, so that it fits any screen without scaling its text;
heights are pixels. Templates draw what these functions place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from conformance.steps.statistics.summary import quantile

# AC-9: the times are alike when they are within 50 ms.
MARGIN_MS = 50
_DOT_BINS = 72
_DOT_STEP = 7.0
_STRIP_HEIGHT = 64.0
_BARS = 36
_NICE = (1, 2, 5, 10)
_TICKS = 5


@dataclass(frozen=True)
class Axis:
    """An axis with its round `marks`, all from `low` to `high`."""

    low: float
    high: float
    marks: Sequence[float]
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Return where a value is, in percent of the plot's width."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return round(100 * (value - low) / (high - low), 2)


@dataclass(frozen=True)
class Strip:
    """One sample as stacked dots, (percent, pixels above the strip's foot); its numbers in ms."""

    name: str
    dots: tuple[tuple[float, float], ...]
    n: int
    median: float
    p10: float
    p90: float


@dataclass(frozen=True)
class Difference:
    """The difference of the medians and its interval, in ms, beside the band of ±50 ms.

    `low` and `high` are None where the samples are too few to bound that side.
    """

    value: float
    low: float | None
    high: float | None
    confidence: float
    axis: Axis


@dataclass(frozen=True)
class Comparison:
    """Answers for two groups; without the samples there are no `strips`, and no axis for them."""

    groups: str
    strips: tuple[Strip, ...]
    axis: Axis | None
    difference: Difference
    verdict: str
    pairs: int


@dataclass(frozen=True)
class Latency:
    """Times of answers on a logarithmic axis; bars are (percent, percent wide, share of 1)."""

    bars: tuple[tuple[float, float, float], ...]
    axis: Axis
    limit: float
    median: float
    p99: float
    longest: float
    n: int
    over: int


def comparison(measurement: Mapping[str, Any]) -> Comparison | None:
    """Return the plot of a comparison of two groups, or None for another measurement."""
    value, interval = measurement.get("difference_of_medians_ms"), measurement.get("interval_ms")
    if value is None or not isinstance(interval, Sequence) or len(interval) != 2:
        return None
    samples = [_numbers(measurement.get(key)) for key in ("registered_ms", "others_ms")]
    groups = str(measurement.get("what", "")).removeprefix("seconds to answer, ")
    names = ("registered users", groups.rpartition(" against ")[2])
    axis: Axis | None = None
    strips: tuple[Strip, ...] = ()
    if all(samples):
        axis = _linear(min(map(min, samples)), max(map(max, samples)))
        strips = tuple(
            _strip(name or "the others", sample, axis)
            for name, sample in zip(names, samples, strict=True)
        )
    return Comparison(
        groups=groups,
        strips=strips,
        axis=axis,
        difference=_difference(value, interval, measurement.get("confidence") or 0.0),
        verdict=str(measurement.get("verdict", "")),
        pairs=int(measurement.get("pairs", 0)),
    )


def latency(measurement: Mapping[str, Any]) -> Latency | None:
    """Return the plot of times against a limit, or None for another measurement."""
    times, limit = _numbers(measurement.get("milliseconds")), measurement.get("limit_ms")
    if not times or not limit:
        return None
    ordered = sorted(max(time, 0.1) for time in times)
    # The limit is well inside, whatever the times are.
    low = _decade_below(min(ordered[0], limit * 0.4))
    high = _decade_above(max(ordered[-1], limit * 1.25))
    axis = Axis(low, high, _marks(low, high), logarithmic=True)
    return Latency(
        bars=_bars(list(map(axis.at, ordered))),
        axis=axis,
        limit=limit,
        median=quantile(ordered, 0.5),
        p99=quantile(ordered, 0.99),
        longest=ordered[-1],
        n=len(ordered),
        over=sum(time > limit for time in times),
    )


def _numbers(values: object) -> list[float]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return []
    return [float(value) for value in values if isinstance(value, (int, float))]


def _strip(name: str, sample: Sequence[float], axis: Axis) -> Strip:
    places = list(map(axis.at, sample))
    bins = Counter(_bin(place) for place in places)
    step = min(_DOT_STEP, _STRIP_HEIGHT / max(bins.values()))
    levels: Counter[int] = Counter()
    dots = []
    for place in sorted(places):
        column = _bin(place)
        dots.append((round((column + 0.5) * 100 / _DOT_BINS, 2), round(levels[column] * step, 1)))
        levels[column] += 1
    ordered = sorted(sample)
    return Strip(
        name=name,
        dots=tuple(dots),
        n=len(ordered),
        median=median(ordered),
        p10=quantile(ordered, 0.1),
        p90=quantile(ordered, 0.9),
    )


def _bin(place: float) -> int:
    return min(int(place * _DOT_BINS / 100), _DOT_BINS - 1)


def _difference(value: float, interval: Sequence[float | None], confidence: float) -> Difference:
    low, high = interval
    known = [abs(each) for each in (value, low, high) if each is not None]
    reach = max(MARGIN_MS * 1.6, max(known) * 1.15)
    return Difference(value, low, high, confidence, _linear(-reach, reach))


def _linear(lowest: float, highest: float) -> Axis:
    """Return a linear axis with about five round marks."""
    rough = max(highest - lowest, 1.0) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough)
    low, high = math.floor(lowest / step) * step, math.ceil(highest / step + 1e-9) * step
    return Axis(low, high, [low + step * n for n in range(round((high - low) / step) + 1)])


def _bars(places: Sequence[float]) -> tuple[tuple[float, float, float], ...]:
    width = 100 / _BARS
    counts = Counter(min(int(place / width), _BARS - 1) for place in places)
    most = max(counts.values())
    return tuple(
        (round(column * width, 2), round(width * 0.86, 2), round(count / most, 4))
        for column, count in sorted(counts.items())
    )


def _marks(low: float, high: float) -> list[float]:
    """Return the round numbers (1, 2, 5, 10, …) from low to high; tens only when they are many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for nice in ((1, 2, 5), (1,)):
        marks = [
            digit * 10.0**power
            for power in range(first, last + 1)
            for digit in nice
            if low * 0.999 <= digit * 10.0**power <= high * 1.001
        ]
        if len(marks) <= 8:
            break
    return marks


def _decade_below(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(nice * power for nice in _NICE if nice * power <= value * 1.0001)


def _decade_above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return min(nice * power for nice in _NICE if nice * power >= value * 0.9999)
