"""What `--only` names: requirements by their id, scenarios by their place."""

from __future__ import annotations

import pytest

from conformance.outcomes import UsageError
from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.selection import ids_of_part, known_part, scenarios_of_part


@pytest.fixture(scope="module")
def scenario() -> WrittenScenario:
    """Return a scenario that shows more than one requirement."""
    return next(each for each in read_scenarios() if len(each.ids) > 1)


@pytest.mark.parametrize("form", ["{}:{}", "{}.feature:{}", "features/{}.feature:{}"])
def test_a_scenario_is_named_by_file_and_line(scenario: WrittenScenario, form: str) -> None:
    file, _, line = scenario.selector.rpartition(":")
    assert known_part([form.format(file, line)]) == (scenario.selector,)


def test_ids_and_scenarios_go_together(scenario: WrittenScenario) -> None:
    part = known_part([f"ec-1, {scenario.selector}", "AC-2", scenario.selector])
    assert part == ("AC-2", "EC-1", scenario.selector)
    assert scenarios_of_part(part) == [scenario]
    assert {"AC-2", "EC-1", *scenario.ids} == {*ids_of_part(part)}


def test_a_line_where_none_begins_tells_where_they_do(scenario: WrittenScenario) -> None:
    file = scenario.selector.rpartition(":")[0]
    with pytest.raises(UsageError) as error:
        known_part([f"{file}:100000"])
    assert f'no scenario begins at "{file}:100000"; there are {file}:' in str(error.value)


def test_an_unknown_file_tells_which_there_are() -> None:
    with pytest.raises(UsageError, match=r'at "nothing:1"; the features are .*happy_path'):
        known_part(["nothing:1"])
