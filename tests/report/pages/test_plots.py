"""Where the marks of the plots stand."""

from __future__ import annotations

import pytest

from conformance.report.plots import comparison, latency
from tests.report.pages import reports_made as made


def test_the_band_is_fifty_milliseconds_to_each_side_of_zero() -> None:
    plot = comparison(made.comparison(made.sample(165), made.sample(161), (-14.0, 18.0)))
    assert plot is not None
    axis = plot.difference.axis
    assert 0 < axis.at(-50) < axis.at(-14) < axis.at(18) < axis.at(50) < 100
    assert axis.at(0) - axis.at(-50) == pytest.approx(axis.at(50) - axis.at(0))
    assert {-50, 0, 50} <= {*axis.marks}


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
    axis = plot.axis
    places = [axis.at(value) for value in (plot.limit, plot.median, plot.p99, *axis.marks)]
    assert all(0 <= place <= 100 for place in places)
    assert all(0 <= x <= 100 and 0 < share <= 1 for x, _, share in plot.bars)
    assert plot.over == sum(time > 200 for time in times)
    assert (axis.at(plot.p99) > axis.at(plot.limit)) is (plot.p99 > 200)
    assert 3 <= len(axis.marks) <= 12


@pytest.mark.parametrize(
    "other", [{}, {"what": "tokens looked at", "tokens": 299}, {"milliseconds": [1.0]}]
)
def test_other_measurements_have_no_plot(other: dict[str, object]) -> None:
    assert comparison(other) is None
    assert latency(other) is None
