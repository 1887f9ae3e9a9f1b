"""Results of every kind, which the tests of the reports share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from conformance.observe.evidence import Evidence, Exchange
from conformance.outcomes import Conclusion, Outcome
from conformance.report.diagnosis import KnownFault, known_faults, liken
from conformance.report.model import report_of
from conformance.requirements.specification import load_specification, sort_key
from conformance.run.result import (
    HarnessError,
    RunResult,
    ScenarioResult,
    StepResult,
    requirement_result,
    scenarios_of,
)

TOKEN = "c0ffee" + "0123456789abcdef" * 3 + "0123456789"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl"
STEPS = (
    StepResult("Given", "a registered user who logged in with a link", "passed", 0.2),
    StepResult("Then", 'the answer is 400 with the error "TOKEN_USED"', "failed", 0.1),
    StepResult("And", "a new link of another user still works", "skipped"),
)


def evidence() -> dict[str, Any]:
    exchange = Exchange(
        method="POST",
        url="http://127.0.0.1:8000/auth/magic-link/verify",
        request_headers=(("content-type", "application/json"),),
        request_body=b'{"token": "%s"}' % TOKEN.encode(),
        status=200,
        headers=(("set-cookie", f"auth_token={JWT}; HttpOnly"),),
        body=b'{"userId": "7"}',
        elapsed=0.0123,
    )
    seen = Evidence(exchanges=[exchange], measurements=[{"median_ms": 12.5}])
    seen.row("magic_link_tokens", {"id": 1, "usedAt": None})
    return seen.as_dict()


def scenario(outcome: Outcome, *ids: str, **changes: Any) -> ScenarioResult:
    """Return a scenario; its `line` is as good as unique for its ids."""
    example = ScenarioResult(
        name=f"an example that {outcome.value}",
        feature="Error states",
        rule="A rule",
        path="features/error_states.feature",
        line=crc32("".join(ids).encode()),
        ids=ids,
        outcome=outcome,
        points=("mailbox", "wire"),
        seconds=0.42,
    )
    return replace(example, **{"what": changes.get("message", ""), **changes})


def failed(*ids: str, **changes: Any) -> ScenarioResult:
    details: dict[str, Any] = {
        "message": "the status of the answer: expected 400, found 200",
        "what": "the status of the answer",
        "expected": "400",
        "found": changes.get("message", "200"),
        "steps": STEPS,
        "evidence": evidence(),
        "readings": (4,),
        "notes": ("seen twice",),
    }
    return scenario(Outcome.FAILED, *ids, **{**details, **changes})


def known_picture() -> tuple[KnownFault, list[ScenarioResult]]:
    """Return a known fault without measured times, and failures that look like it alone."""
    fault = next(
        each
        for each in known_faults()
        if all(symptom.size is None for symptom in each.picture.values())
        and [found.name for found in liken(each.picture, known_faults())[:1]] == [each.name]
    )
    return fault, [
        failed(fault.ids[0], name=name, steps=(failed_at(each.step),), found=each.found)
        for name, each in fault.picture.items()
    ]


def failed_at(sentence: str) -> StepResult:
    """Return the step, with its keyword, that stopped a scenario."""
    keyword, _, text = sentence.partition(" ")
    return StepResult(keyword, text, "failed")


def in_letters(number: int) -> str:
    """Return a number below 1000 in letters: numbers in a message do not tell causes apart."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")


def untested(*ids: str) -> ScenarioResult:
    message = "needs clock: nothing is described that moves the target's time"
    return scenario(Outcome.UNTESTED, *ids, message=message, missing="clock")


def run(*scenarios: ScenarioResult, **changes: Any) -> RunResult:
    """Return a run that was asked about AC-1 to AC-10; what `scenarios` leave out passed."""
    specification = load_specification()
    shown = {id_ for each in scenarios if not each.advisory for id_ in each.ids}
    rest = [scenario(Outcome.PASSED, id_) for id_ in specification.requirements if id_ not in shown]
    judged = [*scenarios, *rest]
    result = RunResult(
        target={"name": "the reference", "base_url": "http://127.0.0.1:8000", "database": None},
        asked=specification.gate,
        partial=False,
        requirements=tuple(
            requirement_result(id_, each.sentence, id_.startswith("AC"), scenarios_of(id_, judged))
            for id_, each in sorted(
                specification.requirements.items(), key=lambda e: sort_key(e[0])
            )
        ),
        advisories=tuple(each for each in scenarios if each.advisory),
        errors=(),
        stale_expected_failures=(),
        started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        seconds=12.5,
        version="0.1.0",
    )
    return replace(result, **changes)


def report_as_dict(result: RunResult) -> dict[str, Any]:
    """Return what `report.json` holds."""
    return report_of(result).model_dump(mode="json")


def every_kind() -> RunResult:
    """Return a run with every outcome, an error, advisories, expected failures (one stale)."""
    return run(
        failed("AC-4", "EC-5"),
        failed("AC-7", expected_failure="known, to be mended in spring"),
        scenario(Outcome.CANT_TELL, "AC-9", message="the interval lies neither inside nor outside"),
        untested("AC-5"),
        untested("NFR-4"),
        scenario(Outcome.INAPPLICABLE, "AC-3", message="there is no other endpoint"),
        failed("EC-2", name="an advisory that found something", advisory=True),
        scenario(Outcome.PASSED, "EC-3", name="an advisory that found nothing", advisory=True),
        errors=(HarnessError("closing", "the database did not stop"),),
        stale_expected_failures=(
            "the expected failure of AC-1 is no longer needed: nothing failed",
        ),
    )


def test_the_examples_hold_every_outcome() -> None:
    result = every_kind()

    assert {each.outcome for each in result.requirements} == set(Outcome)
    assert result.conclusion is Conclusion.NONCONFORMANT
    assert run().conclusion is Conclusion.CONFORMANT
