"""`compare OLD NEW`: its text, Markdown and JSON, and an exit code that a gate can use."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from conformance.cli import main as cli
from conformance.cli.compare import as_json, as_markdown, as_text
from conformance.outcomes import Outcome
from conformance.report.comparison import Comparison, compare
from conformance.report.json_report import as_json as as_json_report
from conformance.report.model import report_of
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import failed, run, scenario, untested

PASSED, UNTESTED = Outcome.PASSED, Outcome.UNTESTED


def compared(old: RunResult, new: RunResult) -> Comparison:
    return compare(report_of(old), report_of(new))


CHANGES = (
    run(failed("AC-4"), scenario(PASSED, "AC-9", points=("wire",))),
    run(
        failed("AC-8", name="raw | <b>`token`</b>", message="a | `b` <i>"),
        untested("AC-5"),
        errors=(HarnessError("here", "broke | *x*"),),
        version="0.2.0",
    ),
)


def test_the_text_fits_80_columns_and_has_the_worst_first() -> None:
    lines = as_text(compared(*CHANGES)).splitlines()
    titles = [line for line in lines if line and not line.startswith((" ", "note: "))]

    assert max(map(len, lines)) <= 80
    assert lines[0] == "note: the harness differs: 0.1.0, then 0.2.0"
    assert titles[:2] == ["Worse: requirements", "Better: requirements"]
    assert "  AC-8: passed, now failed" in lines
    assert "  AC-5: passed, now untested" in lines
    assert "  AC-4: failed, now passed" in lines
    assert lines[-1].startswith("worse: AC-5, AC-8; nonconformant; 9 of 10 -> 8 of 10")


def test_requirements_that_changed_alike_are_listed_together() -> None:
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
def test_the_exit_code_shows_regressions(call: Call, reports: tuple[Path, Path], form: str) -> None:
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


def test_a_broken_report_is_named_with_the_place(call: Call, reports: tuple[Path, Path]) -> None:
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
