"""What GitHub Actions gets: a summary, outputs, and annotations that nothing can break out of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
from markdown_it import MarkdownIt

from conformance.report.github import error_lines, summary, without_commands, write_for_github
from conformance.report.model import report_of
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import TOKEN, every_kind, failed, in_letters, run

JOB = {"GITHUB_ACTIONS": "true"}
NASTY = "100%, a: b\r\n::error::x | `code` ``` <img src=x onerror=y> [l](http://x) @all"


def lines(result: RunResult) -> list[str]:
    return error_lines(report_of(result), JOB)


def page(result: RunResult) -> str:
    return summary(report_of(result))


def html(result: RunResult) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(page(result)))


def test_elsewhere_there_are_no_annotations() -> None:
    report = report_of(every_kind())

    assert error_lines(report, {}) == []
    assert error_lines(report, {"GITHUB_ACTIONS": "false"}) == []


def test_a_failure_points_to_its_feature() -> None:
    (line,) = lines(run(failed("AC-4", "EC-5", path="error_states.feature", line=9)))

    assert line == (
        "::error file=features/error_states.feature,line=9,"
        "title=AC-4%2C EC-5 failed%3A an example that failed"
        "::the status of the answer: expected 400, found 200"
    )


def test_nothing_that_is_printed_meanwhile_is_a_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with without_commands(JOB):
        click.echo("::error::from the target")
    begun, said, ended = capsys.readouterr().out.splitlines()
    mark = begun.removeprefix("::stop-commands::")

    assert re.fullmatch(r"[0-9a-f]{32}", mark)
    assert (said, ended) == ("::error::from the target", f"::{mark}::")
    with without_commands({}):
        click.echo("as ever")
    assert capsys.readouterr().out == "as ever\n"


def test_what_would_end_an_annotation_is_escaped() -> None:
    changes = {"name": NASTY, "message": NASTY}
    annotations = lines(run(failed("AC-4", **changes), errors=(HarnessError(NASTY, NASTY),)))

    assert len(annotations) == 2
    for line in annotations:
        assert "\n" not in line
        assert "\r" not in line
        assert re.search(r"%(?!25|0A|0D|3A|2C)", line) is None
        properties, _, message = line.removeprefix("::error ").partition("::")
        assert "100%25" in message
        assert ":" not in properties
    names = annotations[0].removeprefix("::error ").partition("::")[0].split(",")
    assert [each.partition("=")[0] for each in names] == ["file", "line", "title"]


def test_expected_failures_and_advisories_are_no_errors() -> None:
    assert lines(run(failed("AC-4", expected_failure="known"), failed("EC-2", advisory=True))) == []


def test_no_more_annotations_than_github_shows() -> None:
    many = [failed("AC-4", message=in_letters(number)) for number in range(30)]

    assert len(lines(run(*many))) == 10


def test_the_summary_tells_conclusion_score_and_every_asked_requirement() -> None:
    shown = page(every_kind())

    assert shown.startswith("## Magic link: nonconformant, 5 of 10\n")
    assert "exit code 4" in shown
    for id_ in (f"AC-{number}" for number in range(1, 11)):
        assert f"\n| {id_} | " in shown
    assert "\n| EC-5 | failed | " in shown
    assert "\n| EC-1 | " not in shown
    assert "| AC-7 | failed, expected |" in shown
    for outcome in ("passed", "inapplicable", "untested", "cant_tell"):
        assert f" | {outcome} | " in shown


def test_the_summary_tells_each_failure_errors_and_stale_expected_failures() -> None:
    shown = page(every_kind())

    assert "- **AC-4, EC-5**: an example that failed" in shown
    assert '  - step: `Then the answer is 400 with the error "TOKEN_USED"`' in shown
    assert "  - expected: `400`\n  - found: `200`" in shown
    assert "- `closing: the database did not stop`" in shown
    assert "- `the expected failure of AC-1 is no longer needed: nothing failed`" in shown


def test_a_conformant_run_has_nothing_that_failed() -> None:
    shown = page(run())

    assert "conformant, 10 of 10" in shown
    assert "failed" not in shown.lower()


def test_what_a_target_answers_stays_text() -> None:
    changes = {"name": NASTY, "message": NASTY, "expected": NASTY, "found": NASTY}
    shown = html(
        run(failed("AC-4", **changes), errors=(HarnessError(NASTY, NASTY),), target={"name": NASTY})
    )

    assert "<img" not in shown
    assert "<a " not in shown
    assert "&lt;img" in shown
    assert shown.count("<h3>") == 2
    rows = [row.count("<td") for row in shown.split("<tr>")]
    assert set(rows) == {0, 4}


def test_the_summary_is_bounded() -> None:
    many = [failed("AC-4", message=f"{in_letters(number)} {'x' * 9_000}") for number in range(40)]
    shown = page(run(*many, errors=tuple(HarnessError("here", "y" * 9_000) for _ in range(30))))

    assert len(shown) < 60_000
    assert "And 20 more findings" in shown


def outputs(text: str) -> dict[str, str]:
    """Read what GitHub reads: NAME<<MARK, the value, MARK."""
    found = re.findall(r"^(\w[\w-]*)<<(\S+)\n(.*?)\n\2\n", text, re.MULTILINE | re.DOTALL)
    return {name: value for name, _, value in found}


def test_summary_and_outputs_go_where_the_job_says(tmp_path: Path) -> None:
    page, values = tmp_path / "summary.md", tmp_path / "output"
    page.write_text("# before\n")
    environment = {"GITHUB_STEP_SUMMARY": str(page), "GITHUB_OUTPUT": str(values)}
    report = report_of(every_kind())

    assert write_for_github(report, Path("out\nconclusion=conformant"), environment) == []
    assert page.read_text().startswith("# before\n## Magic link: nonconformant")
    assert outputs(values.read_text()) == {
        "conclusion": "nonconformant",
        "score": "5/10",
        "report": "out\nconclusion=conformant",
    }


def test_without_the_variables_nothing_is_written(tmp_path: Path) -> None:
    environment = {"GITHUB_STEP_SUMMARY": "", **JOB}

    assert write_for_github(report_of(run()), tmp_path / "report.json", environment) == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    environment: dict[str, Any] = {"GITHUB_STEP_SUMMARY": str(tmp_path)}
    complaints = write_for_github(report_of(run()), tmp_path / "report.json", environment)

    assert complaints == [f"GITHUB_STEP_SUMMARY: {tmp_path}: Is a directory"]


def test_secrets_are_masked() -> None:
    result = run(failed("AC-4", name=TOKEN, message=TOKEN, expected=TOKEN, found=TOKEN))

    assert TOKEN not in page(result) + "".join(lines(result))
