"""An outage of the mail provider: which answers tell an address from another."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.mail.sendgrid_sink import SendGridSink
from conformance.outcomes import CantTell, Failed, Inapplicable
from conformance.steps import mail_faults, provider_trouble
from conformance.steps.scene import Scene
from conformance.target.testbed import Testbed

FAILED = {"error": "EMAIL_SEND_FAILED"}


def answer(status: int, body: Any) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    return Exchange("POST", "http://127.0.0.1/", (), b"", status, (), text.encode())


def quick_enough(*milliseconds: float, without: float) -> None:
    """Judge verifies that took so long, against what they take where the provider takes no time."""
    scene = Scene(cast("Testbed", SimpleNamespace()), Evidence())
    scene.answers = [replace(answer(200, {}), elapsed=each / 1000) for each in milliseconds]
    scene.control = lambda: without / 1000
    provider_trouble.quick_enough(scene, 300)


def test_verifies_are_slow_only_beside_a_control_that_is_not() -> None:
    quick_enough(20, 290, 5_000, without=0)
    # A starved processor is slow in any case.
    with pytest.raises(CantTell, match="900 ms, and 850 ms where the provider takes no time"):
        quick_enough(900, 900, 900, without=850)
    with pytest.raises(Failed, match="while requests wait for the mail provider"):
        quick_enough(900, 900, 900, without=30)


def judge(known: Exchange, unknown: Exchange, hits: int = 1) -> None:
    scene = Scene(cast("Testbed", SimpleNamespace()), Evidence())
    scene.fault = cast("Any", SimpleNamespace(hits=hits))
    scene.answers = [known, unknown]
    provider_trouble.answered_alike(scene)


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        (FAILED, FAILED),
        ({**FAILED, "at": "2030-01-01T00:00:00Z"}, {**FAILED, "at": "2030-01-01T00:00:01Z"}),
        ({**FAILED, "requestId": "7f3a"}, {"requestId": "91bc", **FAILED}),
        ("<p>Request 7f3a failed.</p>", "<p>Request 91bc failed.</p>"),
    ],
)
def test_what_differs_from_one_answer_to_the_next_tells_nothing(known: Any, unknown: Any) -> None:
    judge(answer(503, known), answer(503, unknown))


@pytest.mark.parametrize(
    "unknown",
    [
        answer(202, FAILED),
        answer(503, {"error": "RATE_LIMIT_EXCEEDED"}),
        answer(503, {"error": {"code": "EMAIL_SEND_FAILED"}}),
        answer(503, {**FAILED, "detail": "no such user"}),
        answer(503, "EMAIL_SEND_FAILED"),
    ],
)
def test_status_error_code_and_members_tell_addresses_apart(unknown: Exchange) -> None:
    with pytest.raises(Failed, match="the answer for an address nobody registered"):
        judge(answer(503, FAILED), unknown)


def test_nothing_is_told_by_a_provider_that_was_never_reached() -> None:
    with pytest.raises(CantTell, match="never reached the failing provider"):
        judge(answer(202, FAILED), answer(503, FAILED), hits=0)


def test_a_provider_without_a_goodbye_says_why_it_shows_nothing() -> None:
    testbed = SimpleNamespace(need_sink=lambda: SendGridSink)
    scene = Scene(cast("Testbed", testbed), Evidence())
    with pytest.raises(Inapplicable, match="a SendGrid sink takes each mail in a single call"):
        mail_faults.provider_without_goodbye(scene, "says no goodbye")
