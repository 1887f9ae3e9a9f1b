"""Which scenarios a run has, and in which order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from conformance.run.collecting import in_groups, in_order, is_wanted
from conformance.run.options import RunOptions
from conformance.target.predefined import reference_in_process


def item(line: int, *tags: str) -> Any:
    """Return a scenario at that line of rain.feature, as pytest-bdd makes a test of it."""

    def test() -> None: ...

    feature: Any = SimpleNamespace(filename="/features/rain.feature")
    scenario_wrapper_template_registry[test] = SimpleNamespace(feature=feature, line_number=line)  # type: ignore[assignment]
    marks = [SimpleNamespace(args=(tag,)) for tag in tags]
    return SimpleNamespace(obj=test, nodeid=str(line), iter_markers=lambda _: marks)


def options(**given: Any) -> RunOptions:
    return RunOptions(reference_in_process("smtp"), ("AC-1",), **given)


@pytest.mark.parametrize(
    ("given", "tags", "wanted"),
    [
        ({}, ["AC-1"], True),
        ({"only": ("AC-1",)}, ["AC-1"], True),
        ({"only": ("AC-2",)}, ["AC-1"], False),
        ({"only": ("rain:3",)}, ["AC-1"], True),
        ({"only": ("rain:4",)}, ["AC-1"], False),
        ({"gate": True}, ["AC-1", "FR-3"], True),
        ({"gate": True}, ["FR-3"], False),
        ({}, ["advisory"], False),
        ({"advisories": True}, ["advisory"], True),
        ({"only": ("rain:3",)}, ["advisory"], True),
        ({}, ["AC-1", "exploration"], False),
        ({"only": ("rain:3",), "explore": 9}, ["AC-1", "exploration"], True),
    ],
)
def test_what_is_wanted(given: dict[str, Any], tags: list[str], wanted: bool) -> None:
    assert is_wanted(item(3, *tags), options(**given)) is wanted


def test_a_test_of_the_user_s_own_is_left_alone() -> None:
    own: Any = SimpleNamespace(obj=lambda: None, iter_markers=lambda _: [])
    assert is_wanted(own, options())


def test_what_failed_goes_first_and_what_judges_the_run_last() -> None:
    items = [item(1, "AC-1"), item(2, "AC-2"), item(3, "EC-1"), item(4, "FR-1", "whole-run")]
    first = options(first=("rain:3", "rain:4"))
    assert [each.nodeid for each in in_order(items, first)] == ["3", "1", "2", "4"]


def test_workers_claim_what_failed_first_with_what_shares_its_target() -> None:
    items = [item(1, "AC-1"), item(2, "AC-2", "slow"), item(3, "EC-1", "shares-x"), item(4, "AC-3")]
    items += [item(5, "EC-2", "shares-y"), item(6, "EC-3", "shares-y")]
    assert in_groups(items, options()) == [[2], [4, 5], [1], [0], [3]]
    assert in_groups(items, options(first=("rain:4", "rain:6"))) == [[4, 5], [3], [2], [1], [0]]
