"""`compare OLD NEW`: what got better and worse, and an exit code that a gate can use."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from conformance.cli import main as cli
from conformance.cli.compare import as_json, as_markdown, as_text
from conformance.outcomes import Outcome
from conformance.report.comparison import Change, Comparison, Direction, compare
from conformance.report.json_report import as_json as as_json_report
from conformance.report.model import report_of
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import every_kind, failed, run, scenario, untested

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
def test_an_expected_failure_is_with_numbers(
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


CHANGES = (
    run(failed("AC-4"), scenario(PASSED, "AC-9", points=("wire",))),
    run(
        failed("AC-8", name="raw | <b>`token`</b>", message="a | `b` <i>"),
        untested("AC-5"),
        errors=(HarnessError("here", "broke | *x*"),),
        version="0.2.0",
    ),
)


def test_the_text_fits_80_columns_and_tells_the_worst_first() -> None:
    lines = as_text(compared(*CHANGES)).splitlines()
    titles = [line for line in lines if line and not line.startswith((" ", "note: "))]

    assert max(map(len, lines)) <= 80
    assert lines[0] == "note: the harness differs: 0.1.0, then 0.2.0"
    assert titles[:2] == ["Worse: requirements", "Better: requirements"]
    assert "  AC-8: passed, now failed" in lines
    assert "  AC-5: passed, now untested" in lines
    assert "  AC-4: failed, now passed" in lines
    assert lines[-1].startswith("worse: AC-5, AC-8; nonconformant; 9 of 10 -> 8 of 10")


def test_requirements_that_changed_alike_are_told_together() -> None:
    old = run(*(scenario(PASSED, f"AC-{number}") for number in range(1, 4)))
    new = run(*(scenario(UNTESTED, f"AC-{n}", message="needs clock") for n in range(1, 4)))

    expected = "Worse: requirements\n  AC-1 to AC-3: passed, now untested\n    needs clock\n"
    assert expected in as_text(compared(old, new))
    assert "| AC-1 to AC-3 | passed | untested | `needs clock` |" in as_markdown(compared(old, new))


def test_the_markdown_is_a_table_and_stays_text() -> None:
    text = as_markdown(compared(*CHANGES))
    html = str(MarkdownIt("commonmark").enable("table").render(text))

    assert text.startswith("## Magic link: regressions\n")
    assert "| AC-5 | passed | untested |" in text
    assert "<b>" not in html
    assert "<i>" not in html
    assert {row.count("<td") for row in html.split("<tr>")} == {0, 4}
    assert "no regression" in as_markdown(compared(run(), run()))


def test_the_json_holds_everything() -> None:
    shape = json.loads(as_json(compared(*CHANGES)))

    assert shape["regressed"] is True
    assert shape["scores"] == ["9 of 10", "8 of 10"]
    assert shape["requirements"][0] == {
        "name": "AC-4",
        "ids": ["AC-4"],
        "old": "failed",
        "new": "passed",
        "direction": "better",
        "reason": "",
    }
    members = {"remarks", "scenarios", "advisories", "seen_otherwise", "new", "gone", "errors"}
    assert members < set(shape)


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def call(*arguments: object) -> tuple[int, str, str]:
        given = ["magic-link-conformance", "compare", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", given)
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), *capsys.readouterr()

    return call


@pytest.fixture
def reports(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "old.json", tmp_path / "new.json"
    for path, result in zip(paths, (run(), run(failed("AC-4"))), strict=True):
        path.write_text(as_json_report(report_of(result)), encoding="utf-8")
    return paths


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_the_exit_code_tells_regressions(call: Call, reports: tuple[Path, Path], form: str) -> None:
    old, new = reports

    assert call(old, new, "--format", form)[0] == 1
    assert call(new, old, "--format", form)[0] == 0
    assert call(old, old, "--format", form)[0] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no report.json was found"),
        (b"\xff\xfe", "the file is not a report.json: "),
        (b"{", "the file is not a report.json: "),
        (b"[" * 100_000, "the file is not a report.json: "),
        (b"[]", "the file is not a report.json: [] is not of type 'object'"),
        (b"{}", "the file is not a report.json: "),
        (b'{"schema_version": "3.0"}', "the report has schema version 3.0; versions 1.x"),
    ],
)
def test_what_is_no_report_is_one_sentence(
    call: Call, reports: tuple[Path, Path], content: bytes | None, message: str
) -> None:
    old, new = reports
    new.unlink()
    if content is not None:
        new.write_bytes(content)
    code, out, err = call(old, new)

    assert (code, out) == (2, "")
    assert err.startswith(f"magic-link-conformance: {new}: {message}")
    assert err.count("\n") == 1


def test_a_broken_report_is_told_with_the_place(call: Call, reports: tuple[Path, Path]) -> None:
    old, new = reports
    report = json.loads(new.read_text("utf-8"))
    report["requirements"]["AC-4"]["outcome"] = "skipped"
    new.write_text(json.dumps(report), encoding="utf-8")

    code, _, err = call(old, new)
    assert code == 2
    assert (
        "the file is not a report.json: $.requirements['AC-4'].outcome: 'skipped' is not one of"
        in err
    )


@pytest.mark.parametrize("arguments", [[], ["one.json"], ["a", "b", "c"]])
def test_a_wrong_call_is_one_sentence(call: Call, arguments: list[str]) -> None:
    code, _, err = call(*arguments)

    assert code == 2
    assert err.count("\n") == 1
