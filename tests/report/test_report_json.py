"""`report.json` holds everything once, validates, and keeps secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.outcomes import Outcome
from conformance.report.files import REPORT_FILES, write_reports
from conformance.report.json_report import as_json, report_schema
from conformance.report.model import report_of
from conformance.requirements.specification import load_specification
from conformance.run.result import HarnessError, RunResult, requirement_result
from tests.report.test_report_examples import (
    JWT,
    TOKEN,
    every_kind,
    failed,
    known_picture,
    report_as_dict,
    run,
    scenario,
    untested,
)


def faults(report: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(report_schema()).iter_errors(report)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize(
    "result",
    [every_kind(), run(), run(partial=True), run(requirements=(), asked=())],
    ids=["every kind", "conformant", "partial", "nothing"],
)
def test_reports_validate(result: RunResult) -> None:
    assert faults(report_as_dict(result)) == []


def test_members_may_be_added() -> None:
    report = report_as_dict(every_kind())
    report["new"] = report["scenarios"][0]["new"] = report["requirements"]["AC-1"]["new"] = 1

    assert faults(report) == []


@pytest.mark.parametrize("member", report_schema()["required"])
def test_a_report_that_lacks_a_member_does_not_validate(member: str) -> None:
    report = report_as_dict(run())
    del report[member]

    assert faults(report)


def test_an_unknown_outcome_does_not_validate() -> None:
    report = report_as_dict(run())
    report["requirements"]["AC-1"]["outcome"] = "skipped"

    assert faults(report)


def test_schema_and_report_have_the_same_members() -> None:
    schema, report = report_schema(), report_as_dict(every_kind())
    parts = {"requirement": report["requirements"]["AC-4"], "scenario": report["scenarios"][0]}

    assert set(schema["properties"]) == set(report)
    for name, part in parts.items():
        assert set(schema["$defs"][name]["properties"]) == set(part)


@pytest.mark.parametrize(
    ("result", "conclusion", "code"),
    [
        (run(), "conformant", 0),
        (run(failed("AC-4")), "nonconformant", 1),
        (run(failed("EC-5")), "nonconformant", 1),
        (run(untested("AC-5")), "incomplete", 3),
        (run(partial=True), "incomplete", 3),
        (run(errors=(HarnessError("here", "broke"),)), "incomplete", 4),
        (
            run(stale_expected_failures=("the expected failure of AC-1 matches nothing",)),
            "conformant",
            5,
        ),
        (run(failed("AC-4", expected_failure="known")), "conformant", 0),
    ],
)
def test_the_conclusion_and_its_exit_code(result: RunResult, conclusion: str, code: int) -> None:
    report = report_as_dict(result)

    assert (report["conclusion"], report["exit_code"]) == (conclusion, code)


def test_requirements_point_to_scenarios_which_stand_once() -> None:
    report = report_as_dict(every_kind())
    requirements, scenarios = report["requirements"], report["scenarios"]

    assert list(requirements)[:2] == ["AC-1", "AC-2"]
    assert requirements["AC-4"]["scenarios"] == requirements["EC-5"]["scenarios"]
    for id_, requirement in requirements.items():
        shown = [scenarios[index] for index in requirement["scenarios"]]
        assert shown
        assert all(id_ in each["ids"] for each in shown)
    used = {index for each in requirements.values() for index in each["scenarios"]}
    assert used == set(range(len(scenarios)))


def test_rows_of_an_outline_are_scenarios_of_their_own() -> None:
    rows = [scenario(Outcome.PASSED, "AC-4", name="row"), failed("AC-4", name="row")]
    report = report_as_dict(run(*rows))

    indices = report["requirements"]["AC-4"]["scenarios"]
    assert [report["scenarios"][index]["outcome"] for index in indices] == ["passed", "failed"]


def test_a_failure_tells_everything() -> None:
    report = report_as_dict(every_kind())
    shown = report["scenarios"][report["requirements"]["AC-4"]["scenarios"][0]]

    assert shown["outcome"] == "failed"
    assert (shown["expected"], shown["found"]) == ("400", "200")
    assert shown["failing_step"] == 'Then the answer is 400 with the error "TOKEN_USED"'
    assert [step["outcome"] for step in shown["steps"]] == ["passed", "failed", "skipped"]
    assert shown["reproduce"][0].startswith("curl -i -X POST http://127.0.0.1:8000/auth/")
    assert shown["evidence"]["rows"][0]["table"] == "magic_link_tokens"
    assert shown["readings"] == [4]


def test_expected_failures_score_and_missing_points_are_told() -> None:
    report = report_as_dict(every_kind())
    requirements = report["requirements"]

    assert report["score"] == {"passed": 5, "asked": 10, "causes": 1}
    assert [id_ for id_, each in requirements.items() if each["failed_as_expected"]] == ["AC-7"]
    assert report["scenarios"][requirements["AC-5"]["scenarios"][0]]["missing"] == "clock"
    assert len(report["advisories"]) == 2


def test_likely_faults_are_told() -> None:
    known, picture = known_picture()
    report = report_as_dict(run(*picture))

    assert faults(report) == []
    assert report["diagnosis"][0] == {
        "name": known.name,
        "fault": known.fault,
        "similarity": 1.0,
        "ids": list(known.ids),
        "evidence": report["diagnosis"][0]["evidence"],
    }
    assert f"{len(picture)} of {len(picture)} failed" in report["diagnosis"][0]["evidence"]


def test_the_spec_s_sentences_are_not_masked() -> None:
    requirements = report_as_dict(run())["requirements"]
    known = load_specification().requirements

    assert {id_: each["sentence"] for id_, each in requirements.items()} == {
        id_: each.sentence for id_, each in known.items()
    }


def test_a_failure_beside_an_expected_one_is_not_expected() -> None:
    report = report_as_dict(run(failed("AC-4", expected_failure="known"), failed("AC-4", line=9)))

    assert report["requirements"]["AC-4"]["failed_as_expected"] is False
    assert report["conclusion"] == "nonconformant"


def test_secrets_are_masked_wherever_they_stand() -> None:
    text = f"token {TOKEN} and {JWT}"
    result = run(
        failed(
            "AC-4", message=text, expected=text, found=text, notes=(text,), expected_failure=text
        ),
        failed("EC-2", advisory=True, message=text),
        errors=(HarnessError(text, text),),
        stale_expected_failures=(text,),
        target={"name": text, "nested": {"list": [text]}},
    )
    written = json.dumps(report_as_dict(result))

    assert TOKEN not in written
    assert JWT not in written
    assert "<jwt>" in written


def test_the_start_is_in_utc() -> None:
    eastern = timezone(timedelta(hours=2))
    result = run(started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=eastern))

    assert report_as_dict(result)["started_at"] == "2026-01-02T01:04:05.000Z"


def test_what_json_cannot_hold_is_put_in_words() -> None:
    measured = {
        "bound": float("inf"),
        "path": Path("somewhere"),
        "bytes": b"\xffx",
        "set": {"b", "a"},
        "broken": "\ud800",
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        3: (1, True, None),
    }
    result = run(scenario(Outcome.PASSED, "AC-1", evidence={"measurements": [measured]}))
    report = json.loads(as_json(report_of(result)))

    assert report["scenarios"][0]["evidence"]["measurements"] == [
        {
            "bound": None,
            "path": "somewhere",
            "bytes": "\ufffdx",
            "set": ["a", "b"],
            "broken": "\ufffd",
            "when": "2026-01-02T00:00:00.000Z",
            "3": [1, True, None],
        }
    ]
    assert faults(report) == []


def test_writing_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    write_reports(report_of(run()), folder)
    write_reports(report_of(replace(run(), version="0.2.0")), folder)

    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["version"] == "0.2.0"
    assert {each.name for each in folder.iterdir()} == set(REPORT_FILES)


def test_the_conclusion_counts_a_part_as_untested_and_expected_failures_as_passed() -> None:
    part = requirement_result("AC-1", "", True, [scenario(Outcome.PASSED, "AC-1")], written=2)
    expected = failed("AC-2", expected_failure="known")
    unclear = scenario(Outcome.CANT_TELL, "AC-2", line=9, message="?")
    whole = run(expected, unclear, failed("AC-3", expected_failure="known"))
    rest = [each for each in whole.requirements if each.id != "AC-1"]
    report = report_of(replace(whole, requirements=(part, *rest)))

    assert [report.counted(id_) for id_ in ("AC-1", "AC-2", "AC-3", "FR-99")] == [
        Outcome.UNTESTED,
        Outcome.CANT_TELL,
        Outcome.PASSED,
        Outcome.UNTESTED,
    ]
