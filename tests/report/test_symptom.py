"""What a failure looks like is the same on every run, and tells faults apart."""

from __future__ import annotations

import pytest

from conformance.report.symptom import Symptom, constant


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ('200 {"userId":"ec0c6943-4843-4439-bea3-35ef7539f621"}', '200 {"userId":"…"}'),
        ('400 {"error":"TOKEN_USED"}', '400 {"error":"TOKEN_USED"}'),
        ("mails to a%b@example.com: found 2", "mails to …: found #"),
        ("found 0, and 1 of 16", "found 0, and 1 of #"),
        ("13 times 200, 3 times 400", "200, 400"),
        ("-332 ms (between -347 and -318 ms)", "-# ms (between # and -# ms)"),
        ("1800.0 s", "# s"),
        ("GET http://127.0.0.1:40123/auth/me", "GET http://…/auth/me"),
        ("500 (application/json) {}", "500 {}"),
    ],
)
def test_what_differs_from_run_to_run_is_left_out(told: str, kept: str) -> None:
    assert constant(told) == kept


def test_it_agrees_with_what_looks_the_same() -> None:
    seen = Symptom("Then one", "200, 400")

    assert seen.agreement(seen) == 1
    assert seen.agreement(Symptom("Then one", "200")) == 0.5
    assert seen.agreement(Symptom("Then one", "500")) == 0
    assert seen.agreement(Symptom("Then two", "200, 400")) == 0


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [(0.3, 0.2, True), (0.3, 0.08, False), (0.3, -0.3, False), (None, 0.3, False), (0, 0, True)],
)
def test_a_size_agrees_within_a_factor(here: float | None, there: float | None, same: bool) -> None:
    one, other = Symptom("Then alike", "# ms", here), Symptom("Then alike", "# ms", there)

    assert bool(one.agreement(other)) is same


def test_a_long_text_is_read_to_a_point_only() -> None:
    assert constant("x" * 4_000_000) == "x" * 200
    assert constant(f"{'x' * 990} later") == constant(f"{'x' * 990} sooner")
