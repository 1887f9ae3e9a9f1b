"""What an earlier run tells the next one: `--last-failed` and `--failed-first`."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli.earlier_run import earlier_run, since_then
from conformance.outcomes import Outcome, UsageError
from conformance.report.files import set_aside, write_reports
from conformance.report.model import Report, report_of
from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.tags import WHOLE_RUN
from conformance.run.result import ScenarioResult
from tests.report.test_report_examples import failed, run, scenario

ORDINARY, OTHER = [each for each in read_scenarios() if not each.by_choice][:2]
WHOLE = next(each for each in read_scenarios() if WHOLE_RUN in each.tags)


def at(
    written: WrittenScenario, outcome: Outcome = Outcome.FAILED, **more: object
) -> ScenarioResult:
    return scenario(outcome, "AC-4", path=written.path, line=written.line, **more)


def report(*scenarios: ScenarioResult) -> Report:
    return report_of(run(*scenarios, target={"name": "x", "seed": 7}))


def test_it_is_what_failed_and_the_seed(tmp_path: Path) -> None:
    known = at(OTHER, expected_failure="known")
    write_reports(report(at(ORDINARY), known, at(WHOLE)), tmp_path)
    earlier = earlier_run(tmp_path)
    assert earlier.failed == (ORDINARY.selector, WHOLE.selector)
    assert earlier.part == earlier.failed
    assert earlier.seed == 7


@pytest.mark.parametrize("scenarios", [[], [at(WHOLE)]], ids=["nothing", "the whole run"])
def test_where_a_part_shows_nothing_everything_runs(
    scenarios: list[ScenarioResult], tmp_path: Path
) -> None:
    write_reports(report(*scenarios), tmp_path)
    assert earlier_run(tmp_path).part == ()


def test_a_run_without_a_report_does_not_make_it_forget(tmp_path: Path) -> None:
    write_reports(report(at(ORDINARY)), tmp_path)
    set_aside(tmp_path)
    assert earlier_run(tmp_path).failed == (ORDINARY.selector,)


def test_without_a_report_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no report of an earlier run is there.*: run once"):
        earlier_run(tmp_path)


def test_a_scenario_that_is_gone_is_named(tmp_path: Path) -> None:
    write_reports(report(failed("AC-4", path="gone.feature", line=3)), tmp_path)
    with pytest.raises(UsageError, match=r'features have changed.* at "gone:3"'):
        earlier_run(tmp_path)


def test_what_became_of_them_is_one_line() -> None:
    # Two rows of an outline count as the worse one.
    now = report(at(ORDINARY, Outcome.PASSED), at(OTHER, Outcome.PASSED), at(OTHER))
    before = (ORDINARY.selector, OTHER.selector, WHOLE.selector)
    told = since_then(now, before)
    assert told == "3 scenarios had failed before, and now: 1 passed, 1 failed, 1 not run"
