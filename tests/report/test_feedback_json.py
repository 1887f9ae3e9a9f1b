"""`feedback.json` has what `feedback.md` says, for a program, under ids that stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.outcomes import Outcome
from conformance.report.causes import causes
from conformance.report.diagnosis import Likeness
from conformance.report.feedback_json import feedback_json, feedback_schema
from conformance.report.model import Report, report_of
from conformance.requirements.specification import load_specification
from conformance.run.result import RunResult, ScenarioResult
from tests.report.test_report_examples import (
    JWT,
    TOKEN,
    every_kind,
    failed,
    run,
    scenario,
    untested,
)

OTHER_TIME = {"message": "the row of b@example.com", "what": "the row of b@example.com"}
ONE_TIME = {"message": "the row of a@example.com", "what": "the row of a@example.com"}


def data_of(report: Report) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(feedback_json(report))
    assert [*Draft202012Validator(feedback_schema()).iter_errors(data)] == []
    return data


def findings(*scenarios: ScenarioResult) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data_of(report_of(run(*scenarios)))["findings"]
    return found


@pytest.mark.parametrize("result", [run(), every_kind(), run(partial=True)])
def test_every_result_has_the_shape_of_the_schema(result: RunResult) -> None:
    data = data_of(report_of(result))
    assert (data["conclusion"], data["exit_code"]) == (result.conclusion, result.exit_code)
    assert bool(data["findings"]) == (result.conclusion == "nonconformant")


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(feedback_schema())


def test_a_finding_tells_all_that_helps_to_mend_it() -> None:
    [finding] = findings(failed("AC-4", "EC-5", line=31))
    known = load_specification().requirements

    assert finding["sentences"]["AC-4"] == known["AC-4"].sentence
    assert (finding["expected"], finding["found"]) == ("400", "200")
    assert finding["places"]
    assert finding["scenario"]["only"] == "error_states:31"
    assert finding["scenario"] in finding["scenarios"]
    assert [each["outcome"] for each in finding["steps"]] == ["passed", "failed", "skipped"]
    [request] = finding["requests"]
    assert request["curl"].startswith("curl -i -X POST http://127.0.0.1:8000/auth/magic-link/")
    assert request["answer"] == '200 {"userId": "7"}'
    assert request["headers"] == ["set-cookie: auth_token=<cookie>; HttpOnly"]
    assert "magic_link_tokens" in finding["seen"]["rows"][0]


def test_the_order_is_that_of_mending() -> None:
    found = findings(failed("NFR-2", message="form"), failed("AC-8", message="raw token"))
    assert [each["ids"] for each in found] == [["AC-8"], ["NFR-2"]]


def test_what_depends_on_a_finding_names_it() -> None:
    found = findings(
        failed("AC-1", message="no mail"),
        failed("AC-7", message="no limit"),
        scenario(Outcome.CANT_TELL, "AC-4", message="the scenario could not be set up: x"),
    )
    assert [each["may_disappear_with"] for each in found] == [None, found[0]["id"]]


def test_likely_faults_come_with_what_speaks_for_them() -> None:
    report = report_of(run(failed("AC-4")))
    likely = (Likeness("a", "the used link is not refused", ("AC-4",), 0.9),)
    [finding] = data_of(report.model_copy(update={"diagnosis": likely}))["findings"]
    [fault] = finding["likely_faults"]
    assert (fault["name"], fault["similarity"]) == ("a", 0.9)
    assert "evidence" in fault


def test_an_id_is_the_same_whatever_is_found() -> None:
    before = findings(failed("AC-4", found="200", **ONE_TIME))
    after = findings(failed("AC-4", found="500", **OTHER_TIME))
    assert before[0]["id"] == after[0]["id"]


@pytest.mark.parametrize(
    "change", [{"expected": "401"}, {"what": "the body"}, {"rule": "Another rule"}, {"steps": ()}]
)
def test_what_is_broken_makes_the_id(change: dict[str, Any]) -> None:
    [one], [other] = findings(failed("AC-4")), findings(failed("AC-4", **change))
    assert one["id"] != other["id"]


def test_findings_that_are_alike_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(run(failed("AC-4")))
    monkeypatch.setattr("conformance.report.findings.causes", lambda _: causes(report) * 2)
    one, other = (each["id"] for each in data_of(report)["findings"])
    assert other == f"{one}-2"


def test_what_is_not_decided_has_its_reason() -> None:
    data = data_of(report_of(run(untested("AC-5"), untested("EC-4"))))
    [open_] = data["undecided"]
    assert (open_["id"], open_["outcome"]) == ("AC-5", "untested")
    assert "needs clock" in open_["reason"]
    assert "AC-1" in data["passed"]


def test_secrets_are_masked() -> None:
    secret = f"{TOKEN} {JWT}"
    seen = {"log_errors": [secret], "rows": [{"table": secret}]}
    text = feedback_json(
        report_of(run(failed("AC-4", message=secret, found=secret, evidence=seen)))
    )
    assert TOKEN not in text
    assert JWT not in text
