"""The figures about diagnoses count what they say, on reports made by hand."""

from __future__ import annotations

import pytest

from conformance.report.model import report_of
from tests.diagnosis.findings import blamed, looked
from tests.diagnosis.guesses import Guess, left_out, recognised
from tests.diagnosis.page import page
from tests.diagnosis.stored import Stored
from tests.mutants.registry import all_mutants
from tests.report.test_report_examples import failed, failed_at, run

# The first two replace `hash_token`, so does none of the others.
MD5, BASE64 = "hashed-with-md5", "hash-in-base64"
LIMIT, LOG = "no-limit", "request-not-logged"


def stored(name: str, *ids: str, found: str = "a", step: str = "Then it is so") -> Stored:
    failures = [
        failed(*ids, name=f"{number} of {step}", found=found, steps=(failed_at(step),))
        for number in range(2)
    ]
    return Stored(all_mutants()[name], report_of(run(*failures)), reference=True)


@pytest.mark.parametrize(
    ("other", "guess"),
    [(BASE64, Guess.RIGHT), (LIMIT, Guess.WRONG), ("link-stored-beside-the-hash", Guess.NEAR)],
)
def test_a_guess_is_worth_what_it_has_in_common(other: str, guess: Guess) -> None:
    first, _ = left_out([stored(MD5, "AC-8"), stored(other, "AC-8")])
    assert first.guess is guess
    assert first.first is not None
    assert first.first.name == other


def test_what_was_found_silences_a_guess() -> None:
    first, _ = left_out([stored(MD5, "AC-8", found="a"), stored(BASE64, "AC-8", found="b")])
    assert first.guess is Guess.SILENT


def test_a_fault_in_the_list_is_recognised() -> None:
    others = [stored(LIMIT, "AC-7", step="Then a limit"), stored(LOG, "NFR-4", step="Then a log")]
    assert recognised([stored(MD5, "AC-8"), *others]) == 3
    assert recognised([stored(MD5, "AC-8"), stored(BASE64, "AC-8")]) == 0


def test_what_is_named_is_compared_with_what_is_declared() -> None:
    found = blamed(stored(LIMIT, "AC-7", "FR-7", "AC-4"))

    assert (found.failed, found.beyond, found.named_beyond) == (3, 1, 1)
    assert (found.unnamed, found.none_named, found.findings) == (0, False, 1)


def test_where_to_look_is_right_where_the_change_is() -> None:
    (right,) = looked([stored(LIMIT, "AC-7")])
    (wrong,) = looked([stored(LIMIT, "NFR-2")])

    assert (right.right, right.first) == (True, True)
    assert not wrong.right


def test_the_page_has_the_shares() -> None:
    shown = page([stored(MD5, "AC-8"), stored(LIMIT, "AC-8")])

    assert "| wrong | 2 | 100.0 % |" in shown
    assert "Wrong: `hashed-with-md5` is taken for `no-limit`" in shown
    assert "| the first of each report | 2 | 1 | 50.0 % |" in shown
