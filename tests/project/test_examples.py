"""The specs in `docs/examples`: nothing in them is left to guess, and everything is joined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from conformance.requirements.lint.check import lint
from conformance.requirements.lint.hunt import questions
from conformance.requirements.openapi_files import read_openapi
from conformance.requirements.project_trace import trace_project
from conformance.requirements.scenarios import read_scenarios
from conformance.requirements.spec_forms.forms import read_spec
from conformance.requirements.spec_forms.gherkin import criteria_of
from tests.place import REPOSITORY

EXAMPLES = sorted(path.parent for path in (REPOSITORY / "docs" / "examples").glob("*/spec.md"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name, name="example")
def fixture_example(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_lint_finds_nothing(example: Path) -> None:
    spec = read_spec((example / "spec.md").read_text(encoding="utf-8"))
    assert lint(spec) == []
    assert lint(replace(spec, features=criteria_of(example / "features"))) == []


def test_no_edge_case_is_left_open(example: Path) -> None:
    assert questions(read_spec((example / "spec.md").read_text(encoding="utf-8"))) == []


def test_spec_features_and_openapi_document_are_joined(example: Path) -> None:
    spec = read_spec((example / "spec.md").read_text(encoding="utf-8"))
    scenarios = read_scenarios(example / "features")
    found = trace_project(spec, scenarios, read_openapi(example / "openapi.yaml"))
    assert found.gaps == ()
    assert len(spec.criteria) == len(scenarios) >= 15
    text = (example / "openapi.yaml").read_text(encoding="utf-8")
    Draft202012Validator(OPENAPI_31).validate(yaml.safe_load(text))
    assert "TBD" not in text


def test_there_is_an_example() -> None:
    assert [path.name for path in EXAMPLES] == ["password-reset"]
