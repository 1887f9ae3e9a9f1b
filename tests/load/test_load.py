"""The load file, with a master and two workers on this machine."""

from __future__ import annotations

import pytest

from tests.load.local import percentile, run

pytestmark = pytest.mark.run

_VERIFY = "POST /auth/magic-link/verify"
# This machine may be busy: what is tried here is the judging, not the machine.
_LENIENT = ("--request-p99-ms", "20000", "--verify-p99-ms", "20000", "--fewest-answers", "20")


def test_two_workers_add_up_to_what_the_database_saw() -> None:
    outcome = run(workers=2, users=10, seconds=6, options=_LENIENT)
    assert outcome.code == 0, outcome.messages
    counts = {name: entry["num_requests"] for name, entry in outcome.stats.items()}
    assert counts[_VERIFY] == outcome.tokens_used >= 20
    assert counts["GET /auth/me"] == counts[_VERIFY]
    assert all(entry["num_failures"] == 0 for entry in outcome.stats.values())


def test_a_percentile_over_its_limit_ends_with_1() -> None:
    outcome = run(workers=0, users=10, seconds=6, options=(*_LENIENT, "--verify-p99-ms", "0.01"))
    assert outcome.code == 1
    assert "/auth/magic-link/verify: P99 is" in outcome.messages
    assert "the limit 0.01 ms" in outcome.messages


def test_too_few_answers_are_no_pass() -> None:
    outcome = run(workers=0, users=1, seconds=1, options=(*_LENIENT, "--fewest-answers", "299"))
    assert outcome.code == 1
    assert "; 299 are needed" in outcome.messages


@pytest.mark.parametrize(("share", "milliseconds"), [(0.5, 10), (0.9, 20), (0.99, 100)])
def test_percentiles_of_counted_times(share: float, milliseconds: float) -> None:
    assert percentile({"100": 1, "10": 8, "20": 1}, share) == milliseconds
