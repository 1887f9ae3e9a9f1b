"""The table of the requirements has a row for each id of the spec, and names points that exist."""

from __future__ import annotations

import pytest

from conformance.outcomes import Point
from conformance.requirements.facts import (
    facts,
    missing_for,
    undecided_without,
    untested_without,
)
from conformance.requirements.specification import load_specification, sort_key


def test_each_requirement_has_a_row() -> None:
    assert list(facts()) == sorted(load_specification().requirements, key=sort_key)


@pytest.mark.parametrize("id_", facts())
def test_a_row_is_whole(id_: str) -> None:
    row = facts()[id_]
    assert len(row.look_at.split()) > 3
    assert Point.WIRE in row.needs


def test_the_gravest_come_first() -> None:
    assert facts()["AC-4"].gravity < facts()["AC-9"].gravity < facts()["AC-2"].gravity


@pytest.mark.parametrize("point", Point)
def test_a_missing_point_is_named_by_the_ids_that_need_it(point: Point) -> None:
    needed = untested_without(point) | undecided_without(point)
    assert {id_ for id_, points in missing_for([point]).items() if points} == needed
    assert all(points in {(), (point,)} for points in missing_for([point]).values())
