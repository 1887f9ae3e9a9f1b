"""The schema of `report.json` only grows within its major version."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.report.badge import badge
from conformance.report.comparison import compare
from conformance.report.feedback import feedback
from conformance.report.github import summary
from conformance.report.json_report import read_report, report_schema
from conformance.report.model import SCHEMA_VERSION, report_of
from tests.place import REPOSITORY
from tests.report.test_report_examples import every_kind, report_as_dict

_DATA = REPOSITORY / "tests" / "report" / "data"
FIRST: dict[str, Any] = json.loads((_DATA / "report-2.0.schema.json").read_text("utf-8"))
OLD_REPORT = _DATA / "report-1.0.json"
_DESCRIPTIVE = {"$id", "$schema", "title", "description"}


def breaking(first: Any, present: Any, place: str = "#") -> list[str]:
    """Return what a reader of the first schema, or an older report, would stumble over."""
    if not isinstance(first, dict) or not isinstance(present, dict):
        return [] if first == present else [f"{place} is another"]
    faults = [f"{place}/{key} is new" for key in _binding(present) - _binding(first)]
    for key in _binding(first):
        here = f"{place}/{key}"
        if key not in present:
            faults.append(f"{here} is gone")
        elif key == "required":
            faults += [] if set(first[key]) == set(present[key]) else [f"{here} is another"]
        else:
            faults += breaking(first[key], present[key], here)
    # Members may be added, where they are listed by name.
    for key in ("properties", "$defs"):
        for name, part in first.get(key, {}).items():
            faults += breaking(part, present.get(key, {}).get(name), f"{place}/{key}/{name}")
    return faults


def _binding(schema: dict[str, Any]) -> set[str]:
    return set(schema) - _DESCRIPTIVE - {"properties", "$defs"}


def faults(report: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(report)]


def test_nothing_of_the_first_schema_has_changed() -> None:
    assert breaking(FIRST, report_schema()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["required"].append("diagnosis"), "#/required is another"),
        (lambda s: s["required"].remove("score"), "#/required is another"),
        (lambda s: s["properties"].pop("seconds"), "#/properties/seconds is another"),
        (
            lambda s: s["$defs"]["outcome"]["enum"].append("skipped"),
            "#/$defs/outcome/enum is another",
        ),
        (
            lambda s: s["$defs"]["step"]["properties"]["text"].update(type="object"),
            "#/$defs/step/properties/text/type is another",
        ),
        (lambda s: s.update(additionalProperties=False), "#/additionalProperties is new"),
        (
            lambda s: s["$defs"]["scenario"]["properties"]["evidence"].update(required=["mails"]),
            "#/$defs/scenario/properties/evidence/required is new",
        ),
    ],
)
def test_what_would_break_a_reader_is_noticed(change: Any, message: str) -> None:
    schema = copy.deepcopy(report_schema())
    change(schema)

    assert message in breaking(FIRST, schema)


def test_a_present_report_validates_against_the_first_schema() -> None:
    assert faults(report_as_dict(every_kind()), FIRST) == []


def test_the_version_stands_in_the_schema_and_in_the_report() -> None:
    assert report_schema()["$id"].endswith(f":{SCHEMA_VERSION}")
    assert report_as_dict(every_kind())["schema_version"] == SCHEMA_VERSION


def test_a_report_of_version_1_is_read_as_one_of_version_2() -> None:
    stored = json.loads(OLD_REPORT.read_text("utf-8"))
    old = read_report(OLD_REPORT)

    assert (stored["schema_version"], old.schema_version) == ("1.0", "2.0")
    assert list(old.stale_expected_failures) == stored["stale_pins"] != []
    assert old.requirements["AC-7"].failed_as_expected is True
    assert [each.expected_failure for each in old.scenarios] == [
        each["pin"] for each in stored["scenarios"]
    ]
    assert old.failures[0].what == "the status of the answer"
    assert old.failures[0].message == "the status of the answer: expected 400, found 200"


def test_an_older_report_can_still_be_shown() -> None:
    old, present = read_report(OLD_REPORT), report_of(every_kind())

    assert "AC-4" in feedback(old)
    assert "AC-4" in summary(old)
    assert "nonconformant 5/10" in badge(old)
    assert not compare(old, present).regressed
