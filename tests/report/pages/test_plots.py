"""Where the marks of the plots stand."""

from __future__ import annotations

import pytest

from conformance.report.plots import comparison, latency, signed
from tests.report.pages import reports_made as made


def test_the_band_is_fifty_milliseconds_to_each_side_of_zero() -> None:
    plot = comparison(made.comparison(made.sample(165), made.sample(161), (-14.0, 18.0)))
    assert plot is not None
    difference = plot.difference
    assert difference.band_from < difference.low_at < difference.high_at < difference.band_to
    assert difference.zero_at - difference.band_from == pytest.approx(
        difference.band_to - difference.zero_at
    )
    marks = {tick.label: tick.at for tick in difference.ticks}
    assert marks["50"] == pytest.approx(difference.band_to)
    assert marks["0"] == pytest.approx(difference.zero_at)


def test_every_sample_is_a_dot_and_dots_of_one_column_are_stacked() -> None:
    plot = comparison(made.comparison([10.0] * 5 + [20.0], [10.0] * 200, (-1.0, 1.0)))
    assert plot is not None
    few, many = plot.strips
    assert len(few.dots) == 6
    assert len(many.dots) == 200
    assert len(set(few.dots)) == 6
    assert max(height for _, height in many.dots) <= 64
    assert few.name == "registered users"
    assert many.name == "addresses nobody registered"


def test_equal_samples_have_an_axis() -> None:
    plot = comparison(made.comparison([10.0], [10.0], (-1.0, 1.0)))
    assert plot is not None
    assert all(0 <= place <= 100 for strip in plot.strips for place, _ in strip.dots)


@pytest.mark.parametrize("times", [[5.0, 6.0, 7.0], [1900.0, 2500.0], [0.0, 0.01], [200.0]])
def test_latencies_and_the_limit_lie_on_the_axis(times: list[float]) -> None:
    plot = latency(made.latency(times))
    assert plot is not None
    places = [plot.limit_at, plot.median_at, plot.p99_at, *(tick.at for tick in plot.ticks)]
    assert all(0 <= place <= 100 for place in places)
    assert all(0 <= x <= 100 and 0 < share <= 1 for x, _, share in plot.bars)
    assert plot.over == sum(time > 200 for time in times)
    assert (plot.p99_at > plot.limit_at) is (plot.p99 > 200)
    assert 3 <= len(plot.ticks) <= 12


@pytest.mark.parametrize(
    "other", [{}, {"what": "tokens looked at", "tokens": 299}, {"milliseconds": [1.0]}]
)
def test_other_measurements_have_no_plot(other: dict[str, object]) -> None:
    assert comparison(other) is None
    assert latency(other) is None


def test_numbers_have_a_true_minus_sign() -> None:
    assert signed(-50.0) == "\u221250"
    assert signed(0.5) == "0.5"
