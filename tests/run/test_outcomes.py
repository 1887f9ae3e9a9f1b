"""What scenarios add up to: requirement, conclusion, exit code."""

from __future__ import annotations

import itertools

import pytest

from conformance.outcomes import (
    Conclusion,
    ExitCode,
    Failed,
    Outcome,
    Point,
    Untested,
    conclude,
    exit_code,
    harness_fault,
    worst,
)

P, F, C, U, N = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.CANT_TELL,
    Outcome.UNTESTED,
    Outcome.INAPPLICABLE,
)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], U),
        ([N], N),
        ([P, N], P),
        ([P, U], U),
        ([U, C], C),
        ([P, U, C, F, N], F),
    ],
)
def test_the_worst_outcome_is_the_requirement_s(outcomes: list[Outcome], expected: Outcome) -> None:
    assert worst(outcomes) is expected


def test_only_what_is_passed_or_inapplicable_is_conformant() -> None:
    for pair in itertools.product(Outcome, repeat=2):
        conclusion = conclude(dict(zip(("AC-1", "AC-2"), pair, strict=True)), ["AC-1", "AC-2"])
        assert (conclusion is Conclusion.CONFORMANT) == (set(pair) <= {P, N})


def test_an_asked_id_that_nothing_ran_for_is_not_green() -> None:
    assert conclude({"AC-1": P}, ["AC-1", "AC-2"]) is Conclusion.INCOMPLETE


def test_what_was_not_asked_about_need_not_be_decided() -> None:
    assert conclude({"AC-1": P, "FR-1": U, "EC-1": C}, ["AC-1"]) is Conclusion.CONFORMANT


def test_a_failure_counts_asked_about_or_not() -> None:
    assert conclude({"AC-1": P, "FR-1": F}, ["AC-1"]) is Conclusion.NONCONFORMANT


def test_a_part_is_never_conformant() -> None:
    assert conclude({"AC-1": P}, ["AC-1"], partial=True) is Conclusion.INCOMPLETE
    assert conclude({"AC-1": F}, ["AC-1"], partial=True) is Conclusion.NONCONFORMANT


@pytest.mark.parametrize(
    ("conclusion", "errors", "stale", "expected"),
    [
        (Conclusion.CONFORMANT, False, False, ExitCode.CONFORMANT),
        (Conclusion.INCOMPLETE, False, False, ExitCode.INCOMPLETE),
        (Conclusion.NONCONFORMANT, False, False, ExitCode.NONCONFORMANT),
        (Conclusion.CONFORMANT, False, True, ExitCode.STALE_EXPECTED_FAILURE),
        (Conclusion.INCOMPLETE, False, True, ExitCode.STALE_EXPECTED_FAILURE),
        (Conclusion.NONCONFORMANT, False, True, ExitCode.NONCONFORMANT),
        (Conclusion.CONFORMANT, True, False, ExitCode.HARNESS),
        (Conclusion.NONCONFORMANT, True, True, ExitCode.HARNESS),
    ],
)
def test_the_exit_code(
    conclusion: Conclusion, errors: bool, stale: bool, expected: ExitCode
) -> None:
    assert exit_code(conclusion, harness_errors=errors, stale_expected_failures=stale) is expected


def test_the_exit_codes_are_the_documented_numbers() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5]


def test_the_exceptions_read_as_sentences() -> None:
    assert str(Failed("the status", expected=202, found=404)) == (
        "the status: expected 202, found 404"
    )
    assert str(Failed("the mail is empty")) == "the mail is empty"
    assert str(Untested(Point.MAILBOX, "not described")) == "needs mailbox: not described"


def test_an_unforeseen_error_without_a_place_of_ours() -> None:
    assert harness_fault(KeyError("x")) == "the harness failed: KeyError: 'x'"
