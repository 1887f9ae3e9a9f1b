"""What got better and worse from one report to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.cli.compare import as_text
from conformance.outcomes import Outcome
from conformance.report.comparison import Change, Comparison, Direction, compare
from conformance.report.model import report_of
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import every_kind, failed, run, scenario

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
UNTESTED, CANT_TELL = Outcome.UNTESTED, Outcome.CANT_TELL
INAPPLICABLE = Outcome.INAPPLICABLE
WORSE, BETTER, CHANGED = Direction.WORSE, Direction.BETTER, Direction.CHANGED


def compared(old: RunResult, new: RunResult) -> Comparison:
    return compare(report_of(old), report_of(new))


def ended(outcome: Outcome, **changes: Any) -> RunResult:
    """Return a run in which AC-4 ended so."""
    return run(scenario(outcome, "AC-4", **{"name": "twice", "message": "why", **changes}))


def requirement(found: Comparison) -> Change:
    (change,) = found.requirements
    return change


def test_nothing_changed() -> None:
    found = compared(every_kind(), every_kind())

    assert not found.regressed
    assert as_text(found) == ("nothing got worse; nonconformant; 5 of 10 asked requirements passed")


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        (PASSED, FAILED, WORSE),
        (PASSED, UNTESTED, WORSE),
        (PASSED, CANT_TELL, WORSE),
        (INAPPLICABLE, FAILED, WORSE),
        (INAPPLICABLE, UNTESTED, WORSE),
        (UNTESTED, FAILED, WORSE),
        (CANT_TELL, FAILED, WORSE),
        (FAILED, PASSED, BETTER),
        (UNTESTED, PASSED, BETTER),
        (CANT_TELL, PASSED, BETTER),
        (FAILED, UNTESTED, CHANGED),
        (FAILED, CANT_TELL, CHANGED),
        (FAILED, INAPPLICABLE, CHANGED),
        (UNTESTED, CANT_TELL, CHANGED),
        (CANT_TELL, UNTESTED, CHANGED),
        (PASSED, INAPPLICABLE, CHANGED),
        (INAPPLICABLE, PASSED, CHANGED),
    ],
)
def test_which_way_an_outcome_went(old: Outcome, new: Outcome, direction: Direction) -> None:
    found = compared(ended(old), ended(new))
    change = requirement(found)

    assert (change.name, change.old, change.new) == ("AC-4", old, new)
    assert change.direction is direction
    assert [each.direction for each in found.scenarios] == [direction]
    assert found.regressed is (direction is WORSE)


def test_the_reason_is_the_new_one() -> None:
    assert requirement(compared(ended(PASSED), ended(FAILED, message="new"))).reason == "new"


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        (ended(PASSED), ended(FAILED, expected_failure="known"), CHANGED),
        (ended(FAILED, expected_failure="known"), ended(FAILED), CHANGED),
        (ended(FAILED), ended(FAILED, expected_failure="known"), CHANGED),
        (ended(FAILED, expected_failure="known"), ended(PASSED), BETTER),
    ],
)
def test_an_expected_failure_is_distinguished(
    old: RunResult, new: RunResult, direction: Direction
) -> None:
    found = compared(old, new)

    assert requirement(found).direction is direction
    assert "failed, expected" in (requirement(found).old, requirement(found).new)
    assert not found.regressed


def test_a_further_failure_of_what_failed_already_is_a_regression() -> None:
    one, other = failed("AC-4", name="one"), failed("AC-4", name="other")
    passed = scenario(PASSED, "AC-4", name="other")
    found = compared(run(one, passed), run(one, other))

    assert found.requirements == ()
    assert [each.name for each in found.scenarios] == ["other"]
    assert found.regressed


def test_a_requirement_that_was_not_looked_at_any_more_is_a_regression() -> None:
    whole = run()
    rest = [each for each in whole.requirements if each.id != "AC-4"]
    found = compared(whole, replace(whole, requirements=tuple(rest)))

    assert requirement(found).new == UNTESTED
    assert found.gone == ("an example that passed",)
    assert found.regressed


def test_lines_may_move_and_examples_may_share_a_name() -> None:
    def rows(line: int, second: Outcome) -> RunResult:
        given = {"name": "row", "line": line, "message": "x"}
        return run(scenario(PASSED, "AC-4", **given), scenario(second, "AC-4", **given))

    assert compared(rows(1, PASSED), rows(50, PASSED)) == compared(run(), run())
    assert [each.new for each in compared(rows(1, PASSED), rows(2, FAILED)).scenarios] == [FAILED]


def test_new_and_removed_scenarios_are_named_and_are_no_regressions() -> None:
    found = compared(ended(PASSED, name="before"), ended(PASSED, name="after"))

    assert (found.new, found.gone) == (("after",), ("before",))
    assert not found.regressed


def test_other_points_of_observation_are_told_and_are_no_regression() -> None:
    found = compared(
        ended(PASSED, points=("wire", "clock: frozen")), ended(PASSED, points=("wire", "database"))
    )
    (seen,) = found.seen_otherwise

    assert (seen.id, seen.gained, seen.lost) == ("AC-4", ("database",), ("clock: frozen",))
    assert not found.regressed
    assert "AC-4 (passed): + database, - clock: frozen" in as_text(found)


def test_advisories_are_told_and_decide_nothing() -> None:
    found = compared(
        run(scenario(PASSED, "EC-2", advisory=True, name="advice")),
        run(failed("EC-2", advisory=True, name="advice")),
    )

    assert [each.direction for each in found.advisories] == [WORSE]
    assert not found.regressed


def test_an_error_of_the_new_run_is_a_regression() -> None:
    broken = run(errors=(HarnessError("closing", "it did not stop"),))

    assert compared(run(), broken).errors == ("closing: it did not stop",)
    assert compared(run(), broken).regressed
    assert not compared(broken, broken).regressed
    assert not compared(broken, run()).regressed


@pytest.mark.parametrize(
    ("new", "remark"),
    [
        (run(target={"name": "another"}), "the targets differ: the reference, then another"),
        (
            run(target={"name": "the reference", "clock": "aged"}),
            "clock: nothing, then aged",
        ),
        (
            run(asked=("AC-1", "NFR-5")),
            "other requirements were asked about: newly NFR-5; no longer AC-2, AC-3, AC-4, AC-5, "
            "AC-6, AC-7, AC-8, AC-9, AC-10",
        ),
        (run(version="9"), "the harness differs: 0.1.0, then 9"),
        (
            run(partial=True),
            "the new run left scenarios out by choice: what it left out is untested",
        ),
    ],
)
def test_what_makes_two_reports_hard_to_compare_is_said(new: RunResult, remark: str) -> None:
    assert remark in compared(run(), new).remarks
    assert compared(run(), run()).remarks == ()


def test_findings_are_followed_by_their_ids() -> None:
    used, expired = failed("AC-4", message="used"), failed("AC-5", message="expired")
    mended = scenario(PASSED, "AC-4", name=used.name, path=used.path)
    found = compared(run(used, expired), run(mended, expired, failed("AC-8", message="raw")))

    assert [each.ids for each in found.findings.gone] == [("AC-4",)]
    assert [each.ids for each in found.findings.left] == [("AC-5",)]
    assert [each.ids for each in found.findings.new] == [("AC-8",)]
    assert "Findings that are mended\n  AC-4: used" in as_text(found)


def test_a_finding_that_was_not_looked_for_is_not_gone() -> None:
    found = compared(run(failed("AC-4", name="twice")), run(partial=True))

    assert found.findings.gone == ()
