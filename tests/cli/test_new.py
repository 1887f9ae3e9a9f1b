"""`new` writes what can be read again, and what belongs to a spec: scenarios and a stub."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.requirements.lint.check import lint
from conformance.requirements.openapi_files import read_openapi
from conformance.requirements.project_trace import ProjectTrace, trace_project
from conformance.requirements.resources import spec_dir
from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.skeleton.features import features_of
from conformance.requirements.skeleton.openapi import openapi_of
from conformance.requirements.spec_forms.forms import FORMS, read_spec
from conformance.requirements.spec_forms.gherkin import criteria_of
from conformance.requirements.spec_forms.model import Role
from tests.place import REPOSITORY
from tests.requirements.test_spec_forms import KIRO, OPENSPEC, SPEC_KIT, TUTORIAL

OWN = (spec_dir() / "magic-link.md").read_text(encoding="utf-8")
SHELF = sorted((REPOSITORY / "tests" / "requirements" / "lint_specs").rglob("*.md"))
SPECS = {"tutorial": TUTORIAL, "spec-kit": SPEC_KIT, "kiro": KIRO, "openspec": OPENSPEC, "own": OWN}


def new(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["new", *arguments], input=text)


def join(folder: Path, spec: str) -> ProjectTrace:
    scenarios = read_scenarios(folder / "features")
    return trace_project(read_spec(spec), scenarios, read_openapi(folder / "openapi.yaml"))


def document(text: str) -> dict[str, Any]:
    """Return a stub, which is a valid OpenAPI document."""
    found: dict[str, Any] = yaml.safe_load(text)
    Draft202012Validator(OPENAPI_31).validate(found)
    return found


def answers(text: str, path: str, method: str = "post") -> dict[str, Any]:
    responses: dict[str, Any] = document(openapi_of(read_spec(text)))["paths"][path][method]
    return dict(responses["responses"])


def written(spec: str, folder: Path) -> dict[str, WrittenScenario]:
    for name, text in features_of(read_spec(spec)).items():
        (folder / name).write_text(text, encoding="utf-8")
    return {each.name: each for each in read_scenarios(folder)}


def test_a_new_spec_has_everything_and_no_gap(tmp_path: Path) -> None:
    done = new(str(tmp_path / "gift-cards"))
    assert done.exit_code == 0, done.output
    folder = tmp_path / "gift-cards"
    text = (folder / "spec.md").read_text(encoding="utf-8")
    spec = read_spec(text)
    assert (spec.title, spec.unread) == ("Gift cards", ())
    assert {*FORMS["markdown"].sections} <= {each.role for each in spec.sections}
    assert all(spec.prose(role) for role in (Role.CONTEXT, Role.PROBLEM))
    assert len({each.group for each in spec.criteria}) == 4
    assert join(folder, text).gaps == ()
    stub = document((folder / "openapi.yaml").read_text(encoding="utf-8"))
    assert list(stub["paths"]) == ["/gift-cards"]
    assert f"lint {folder / 'spec.md'}" in done.output


def test_what_is_left_to_fill_in_is_all_that_lint_finds(tmp_path: Path) -> None:
    new(str(tmp_path / "gift-cards"))
    text = (tmp_path / "gift-cards" / "spec.md").read_text(encoding="utf-8")
    features = criteria_of(tmp_path / "gift-cards" / "features")
    for spec in (read_spec(text), replace(read_spec(text), features=features)):
        findings = lint(spec)
        assert {each.code for each in findings} == {"placeholder"}
        todo = [n for n, line in enumerate(text.split("\n"), 1) if "TBD" in line]
        # The comment at the top says what TBD means; what is open may stay so.
        assert sorted({each.line for each in findings}) == todo[1:-1]


@pytest.mark.parametrize("form", SPECS)
def test_what_belongs_to_a_spec_in_any_form(form: str, tmp_path: Path) -> None:
    source = tmp_path / "spec.md"
    source.write_text(SPECS[form], encoding="utf-8")
    assert new("--from", str(source)).exit_code == 0
    document((tmp_path / "openapi.yaml").read_text(encoding="utf-8"))
    found = join(tmp_path, SPECS[form])
    # A status of no operation has no place in a stub.
    allowed = {"no-scenario", "status-not-described"} if form == "kiro" else {"no-scenario"}
    assert {gap.kind for gap in found.gaps} <= allowed
    criteria = [each for each in found.entries if each.entry.is_criterion]
    assert [each.id for each in criteria if len(each.scenarios) != 1] == []


@pytest.mark.parametrize("source", SHELF, ids=lambda path: path.stem)
def test_what_belongs_to_many_specs(source: Path, tmp_path: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert new("--from", str(source), str(tmp_path)).exit_code == 0
    document((tmp_path / "openapi.yaml").read_text(encoding="utf-8"))
    found = join(tmp_path, text)
    kinds = {gap.kind for gap in found.gaps}
    assert kinds <= (
        {"no-scenario"} if found.operations else {"no-scenario", "status-not-described"}
    )
    assert len(read_scenarios(tmp_path / "features")) == len(read_spec(text).criteria)


def test_from_standard_input_into_a_folder(tmp_path: Path) -> None:
    assert new("--from", "-", str(tmp_path / "here"), text=KIRO).exit_code == 0
    names = [each.name for each in sorted((tmp_path / "here" / "features").iterdir())]
    assert names == ["lending.feature", "requirement_2.feature"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text("mine", encoding="utf-8")
    done = new(str(tmp_path))
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == f"{tmp_path / 'openapi.yaml'} already exists: nothing was written"
    assert [each.name for each in tmp_path.iterdir()] == ["openapi.yaml"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "name the feature"),
        (["--from", "nowhere.md"], "there is no such file"),
        (["--from", "-"], "no requirement was found"),
        (["/proc/nowhere"], "cannot be written"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str], why: str) -> None:
    done = new(*arguments, text="")
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)
    assert "\n" not in str(done.exception)


def test_a_spec_without_criteria_is_refused() -> None:
    done = new("--from", "-", text="## Requirements\n\n- FR-1: It must.\n")
    assert "no acceptance criterion" in str(done.exception)


def test_scenarios_have_the_steps_and_tags_of_their_criteria(tmp_path: Path) -> None:
    text = """\
## Functional requirements
- **FR-1 (Sale):** `POST /cards` must answer 201.
- **FR-2:** It must print a card.
## Acceptance criteria
### Happy path
- **AC-1 (A card is sold):** Given a shop, when a card is bought, then one card is printed (FR-2).
- **AC-2:** Given a shop, when it opens, then `POST /cards` answers 201.
- **AC-3:** Given a bank, when it opens, then a bell rings.
"""
    found = written(text, tmp_path)
    assert [*found] == ["A card is sold", "it opens", "it opens (AC-3)"]
    assert [f"{step.kind} {step.text}" for step in found["A card is sold"].steps] == [
        "given a shop",
        "when a card is bought",
        "then one card is printed",
    ]
    assert [sorted(each.tags) for each in found.values()] == [
        ["AC-1", "FR-2"],
        ["AC-2", "FR-1"],
        ["AC-3"],
    ]
    assert {each.feature for each in found.values()} == {"Happy path"}


def test_a_title_belongs_to_the_operation_that_its_requirement_names() -> None:
    text = (
        "## Requirements\n- FR-1: `POST /cards` must answer 201.\n- FR-2 (Print): It must print.\n"
    )
    assert document(openapi_of(read_spec(text)))["paths"]["/cards"]["post"]["summary"] == "TBD"


def test_operations_statuses_bodies_and_codes() -> None:
    text = """\
## Functional requirements
- **FR-1 (Sale):** `POST /cards` must take the JSON body `{"worth": integer, "to": string}`.
- **FR-2:** It must answer 201 with `{"id": string}`.
- **FR-3 (Look):** `GET /cards/:id` must answer 200, and 404 with `{"code": "NO_CARD"}`.
- **FR-4:** `PUT /cards/{card-id}/` must keep it.
## Edge cases
| Scenario | Status | Body |
|-|-|-|
| Nothing to sell | 409 | `{"code": "SOLD_OUT"}` |
| Broken | 500 | |
| `POST /cards` twice | first 201, second 409 | `{"id": string}`, then `{"code": "TWICE"}` |
## Acceptance criteria
- **AC-1:** When `POST /cards` is sent and none is left, then the answer is 409 `SOLD_OUT`.
- **AC-2:** When `POST /cards` is sent with `{"wrong": string}`, then nothing is sold.
"""
    stub = document(openapi_of(read_spec(text)))
    sale, look = stub["paths"]["/cards"]["post"], stub["paths"]["/cards/{id}"]["get"]
    body = sale["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert body == {"worth": {"type": "integer"}, "to": {"type": "string"}}
    assert (sale["summary"], sale["description"]) == ("Sale", "FR-1, FR-2, EC-1, EC-3, AC-1, AC-2.")
    assert [*sale["responses"]] == ["201", "409", "500"]
    assert sale["responses"]["201"]["content"]["application/json"]["schema"]["required"] == ["id"]
    error = sale["responses"]["409"]["content"]["application/json"]["schema"]["properties"]
    assert error == {"code": {"enum": ["SOLD_OUT", "TWICE"]}}
    assert "Nothing to sell (EC-1)" in sale["responses"]["409"]["description"]
    assert [each["name"] for each in look["parameters"]] == ["id"]
    assert "requestBody" not in look
    assert [*stub["paths"]["/cards/{id}"]] == ["get", "put"]
    assert [*look["responses"]] == ["200", "404", "500"]
    assert "TBD: of this operation?" in look["responses"]["500"]["description"]
    assert "TBD" not in look["responses"]["404"]["description"]


def test_the_stub_of_our_own_spec_is_as_the_document_that_we_keep() -> None:
    ours = yaml.safe_load((spec_dir() / "openapi.yaml").read_text(encoding="utf-8"))
    for path in ours["paths"]:
        kept = {each for each in ours["paths"][path]["post"]["responses"] if each != "4XX"}
        assert {*answers(OWN, path)} == kept
    rejected = answers(OWN, "/auth/magic-link/verify")["400"]
    codes = rejected["content"]["application/json"]["schema"]["properties"]["error"]["enum"]
    assert {*codes} == {"TOKEN_EXPIRED", "TOKEN_USED", "TOKEN_INVALID"}
