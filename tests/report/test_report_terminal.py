"""What is printed is legible at 80 columns without colour, literal, short, and keeps secrets."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from conformance.outcomes import Outcome
from conformance.report.html_report import html_report
from conformance.report.model import report_of
from conformance.report.safe_text import one_line
from conformance.report.terminal import print_durations, print_intentions, print_result
from conformance.report.wording import conclusion_in_words
from conformance.requirements.specification import load_specification
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import (
    JWT,
    TOKEN,
    every_kind,
    failed,
    in_letters,
    run,
    scenario,
    untested,
)

HUGE = "word " * 5_000 + "x" * 20_000 + "字" * 5_000


def printed(
    result: RunResult, width: int = 80, report_dir: Path | None = Path("out"), **options: Any
) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, _environ={}, **options)
    print_result(report_of(result), console, report_dir=report_dir)
    return stream.getvalue().splitlines()


def row(lines: list[str], id_: str) -> str:
    (found,) = (line for line in lines if line.startswith(f"{id_} "))
    return found


def test_the_last_line_is_the_conclusion_with_its_reason() -> None:
    last = printed(every_kind(), width=1_000)[-1].strip()
    assert last == conclusion_in_words(report_of(every_kind()))


def test_every_outcome_is_a_word_in_its_row() -> None:
    lines = printed(every_kind())

    for id_, word in {
        "AC-1": "passed",
        "AC-3": "inapplicable",
        "AC-4": "failed",
        "AC-5": "untested",
        "AC-7": "failed, expected",
        "AC-9": "cant_tell",
        "EC-5": "failed",
    }.items():
        assert word in row(lines, id_)
    assert "failed, expected" not in row(lines, "AC-4")


def test_rows_say_what_was_asked_or_why_it_did_not_pass() -> None:
    lines = printed(every_kind(), width=200)

    assert row(lines, "AC-1").rstrip().endswith("A link is mailed")
    assert "mailbox, wire" in row(lines, "AC-1")
    assert "needs clock: nothing is described" in row(lines, "AC-5")


def test_acceptance_criteria_come_first_and_in_order() -> None:
    starts = [line.split()[0] for line in printed(every_kind()) if line[:3] in ("AC-", "EC-")]

    assert starts == [*(f"AC-{number}" for number in range(1, 11)), "EC-5"]


def test_what_was_not_asked_about_stands_in_one_line() -> None:
    lines = printed(run(untested("NFR-4"), untested("EC-1"), untested("EC-2"), untested("EC-3")))

    further = len(load_specification().requirements) - 10 - 4
    assert (
        f"FR, NFR, EC (not asked about): {further} passed, 4 untested (NFR-4, EC-1 to EC-3)"
        in lines
    )


def test_an_asked_requirement_without_a_result_is_untested() -> None:
    lines = printed(run(requirements=(), asked=("AC-1",)))

    assert "untested" in row(lines, "AC-1")
    assert "incomplete: AC-1 untested" in "\n".join(lines)


@pytest.mark.parametrize("width", [80, 40, 132])
@pytest.mark.parametrize("size", ["usual", "huge"])
def test_no_line_is_longer_than_the_console(width: int, size: str) -> None:
    huge = run(
        failed("AC-4", name=HUGE, message=HUGE, expected=HUGE, found=HUGE, points=(HUGE,)),
        scenario(Outcome.CANT_TELL, "AC-9", message=HUGE),
        failed("AC-7", expected_failure=HUGE),
        failed("EC-2", advisory=True, message=HUGE),
        errors=(HarnessError(HUGE, HUGE),),
        stale_expected_failures=(HUGE,),
    )
    result = every_kind() if size == "usual" else huge
    lines = printed(result, width=width, report_dir=Path("a") / ("long" * 30))

    assert max(cell_len(line) for line in lines) <= width


def test_a_failure_takes_at_most_ten_lines() -> None:
    lines = printed(
        run(failed("AC-4", name=HUGE, message=HUGE, expected=HUGE, found=HUGE)),
        report_dir=Path("a" * 120),
    )
    begin = lines.index("1 scenario failed") + 1
    block = lines[begin : lines.index("", begin)]

    assert 5 < len(block) <= 10


def test_a_failure_says_step_expected_found_and_where_the_evidence_is() -> None:
    lines = printed(run(failed("AC-4", "EC-5")))
    begin = lines.index("1 scenario failed") + 1

    assert lines[begin : begin + 6] == [
        "  AC-4, EC-5: an example that failed",
        "    the status of the answer",
        '    step      Then the answer is 400 with the error "TOKEN_USED"',
        "    expected  400",
        "    found     200",
        "    evidence  out/report.html#scenario-4",
    ]
    assert "report: out/report.html (for machines: report.json)" in lines


def test_the_evidence_is_there_where_it_is_said_to_be() -> None:
    result = every_kind()
    page = html_report(report_of(result))
    text = "\n".join(printed(result))
    anchors = re.findall(r"report\.html#([\w-]+)", text)

    assert len(anchors) == 2
    for anchor in anchors:
        assert f'id="{anchor}"' in page
        place = int(anchor.removeprefix("scenario-")) - 1
        assert result.scenarios[place].outcome in (Outcome.FAILED, Outcome.CANT_TELL)


def test_without_a_report_no_file_is_named() -> None:
    text = "\n".join(printed(every_kind(), report_dir=None))

    assert "report." not in text
    assert "evidence" not in text


def test_many_failures_are_counted() -> None:
    many = [failed("AC-4", message=in_letters(number)) for number in range(30)]
    lines = printed(run(*many))

    assert "30 scenarios failed" in lines
    assert "  and 10 more" in lines


def test_scenarios_with_one_cause_are_one_finding_and_say_what_falls_along() -> None:
    lines = printed(run(*(failed(id_) for id_ in ("AC-4", "FR-5", "FR-6"))))
    begin = lines.index("3 scenarios failed, by 1 cause") + 1
    block = lines[begin : lines.index("", begin)]

    assert block[0] == "  AC-4: an example that failed"
    assert block[-1] == "    along     FR-5, FR-6 fail by this"


def test_errors_expected_failures_and_advisories_that_found_something_are_shown() -> None:
    lines = printed(every_kind())
    following = {title: lines[lines.index(title) + 1] for title in lines[:-1]}

    assert following["Errors of the run"] == "  closing: the database did not stop"
    assert following["Stale expected failures"].startswith(
        "  the expected failure of AC-1 is no longer needed"
    )
    assert following["Expected failures"].startswith("  AC-7: an example that failed: known, to be")
    assert following["Advisories (they decide nothing)"].startswith("  an advisory that found some")
    assert not any("found nothing" in line for line in lines)


def test_sections_without_findings_are_left_out() -> None:
    text = "\n".join(printed(run()))

    for title in ("failed", "decided", "Errors", "Stale", "Expected", "Advisories"):
        assert title not in text


def test_without_a_terminal_there_are_no_escape_codes() -> None:
    assert "\x1b" not in "\n".join(printed(every_kind()))


def test_on_a_terminal_colour_only_repeats_the_words() -> None:
    coloured = "\n".join(printed(every_kind(), force_terminal=True, color_system="standard"))
    plain = "\n".join(printed(every_kind(), force_terminal=True, color_system=None))

    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
    assert "cant_tell" in plain


def test_what_a_target_answers_is_printed_literally() -> None:
    nasty = "[bold]x[/bold] [/] :smile: \x1b[2J\x07\u202egnp\nnext"
    result = run(
        failed("AC-4", name=nasty, message=nasty, found=nasty),
        errors=(HarnessError(nasty, nasty),),
        stale_expected_failures=(nasty,),
    )
    text = "\n".join(printed(result))

    assert text.count("[bold]x[/bold] [/] :smile: \ufffd[2J\ufffd\ufffdgnp next") >= 4
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_secrets_are_masked() -> None:
    secret = f"{TOKEN} {JWT}"
    result = run(
        failed("AC-4", name=secret, message=secret, expected=secret, found=secret),
        failed("AC-7", expected_failure=secret),
        failed("EC-2", advisory=True, message=secret),
        errors=(HarnessError(secret, secret),),
        stale_expected_failures=(secret,),
    )
    text = "\n".join(printed(result, width=400))

    assert TOKEN not in text
    assert JWT not in text
    assert text.count("<jwt>") >= 8


def test_a_secret_at_the_cut_is_masked_before_it_is_cut() -> None:
    assert TOKEN[:20] not in one_line(f"{'x' * 40} {TOKEN}", limit=80)


def test_intentions_are_printed_as_they_are() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, _environ={})
    print_intentions(["the reference [in process]", f"token {TOKEN}", "long " * 30], console)
    lines = stream.getvalue().splitlines()

    assert lines[:2] == ["the reference [in process]", "token c0ff…<64 hex characters>"]
    assert max(map(len, lines)) <= 80


def test_durations_name_the_parts_and_the_slowest_scenarios() -> None:
    slow = scenario(Outcome.PASSED, "AC-9", seconds=8.0, name="slow")
    stream = io.StringIO()
    console = Console(file=stream, width=80, _environ={})
    result = run(slow, seconds=9.5, durations={"starting": 1.5, "answers": 4.0})
    print_durations(report_of(result), console, 1)
    lines = [line.strip() for line in stream.getvalue().splitlines()]
    assert "9.5  the run" in lines
    assert "1.5  starting the target and its instances" in lines
    assert "4.0  waiting for the target's answers" in lines
    assert "8.0  AC-9: slow" in lines
    assert not [line for line in lines if line.startswith("0.4")]
