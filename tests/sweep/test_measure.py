"""The measure of a sweep notices a leaderboard that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sweep.measure import complaints

MUTANT = "token-reusable"


def row(target: str, outcome: str, *failed: str, name: str = "", message: str = "") -> Any:
    return {
        "name": name or target,
        "target": target,
        "outcome": outcome,
        "failed": list(failed),
        "message": message,
    }


HANGS = row("x", "over_limit", name="0-hostile/hangs", message="over its time limit of 300 s")


@pytest.mark.parametrize(
    "right",
    [
        row("reference", "conformant"),
        row("reference", "incomplete"),
        row(MUTANT, "nonconformant", "AC-4"),
        HANGS,
    ],
)
def test_a_row_that_is_right_is_not_complained_of(right: Any) -> None:
    assert list(complaints(right)) == []


@pytest.mark.parametrize(
    ("wrong", "should"),
    [
        (row("reference", "nonconformant", "AC-1"), "it should be conformant"),
        (row("reference", "over_limit"), "it should be conformant"),
        (row(MUTANT, "conformant"), "one of AC-4, EC-5 should"),
        (row(MUTANT, "nonconformant", "AC-4", "NFR-2"), "only AC-4, "),
        ({**HANGS, "message": "over its memory limit"}, "it should be over its time limit"),
    ],
)
def test_a_row_that_is_wrong_is_complained_of(wrong: Any, should: str) -> None:
    [told] = complaints(wrong)
    assert should in told


def test_of_a_part_it_is_no_wonder_when_nothing_fails() -> None:
    assert list(complaints(row(MUTANT, "incomplete"), partial=True)) == []
