"""Spec, features and OpenAPI document of any project are joined, and each hole is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.requirements.openapi_files import read_openapi
from conformance.requirements.project_trace import ProjectTrace, numbered, trace_project
from conformance.requirements.resources import features_dir, spec_dir
from conformance.requirements.scenarios import read_scenarios
from conformance.requirements.spec_forms.forms import read_spec

SPEC = """\
# Gift cards

## Functional requirements

- **FR-1:** `POST /cards` must answer 201.
- **FR-2 (Balance):** `GET /cards/{id}` must answer 200.
- **FR-3:** It must be pretty.

  No scenario: nobody can measure it.

## Edge cases

| Scenario | Status | Body |
|---|---|---|
| Spent | 409 | `{"error": "CARD_SPENT"}` |

## Acceptance criteria

- **AC-1:** When a card is made, then the answer is 201 (FR-1).
- **AC-2:** When a spent card is used, then the answer is 409 with `CARD_SPENT`.
"""
FEATURES = """\
Feature: Cards

  @AC-1 @wip
  Scenario: a card is made
    When a card is made
    Then the answer is 201

  @AC-002 @FR-2
  Scenario: a card is spent
    Then the answer is 409
"""
OPENAPI = """\
openapi: 3.1.0
paths:
  /cards:
    post: {responses: {"201": {description: a}, "409": {description: b, x: CARD_SPENT}}}
  /cards/{card}:
    get: {responses: {"200": {description: c}}}
"""


def joined(
    tmp_path: Path, spec: str = SPEC, features: str = FEATURES, openapi: str | None = OPENAPI
) -> ProjectTrace:
    (tmp_path / "cards.feature").write_text(features, encoding="utf-8")
    (tmp_path / "api.yaml").write_text(openapi or "", encoding="utf-8")
    document = read_openapi(tmp_path / "api.yaml") if openapi else None
    return trace_project(read_spec(spec), read_scenarios(tmp_path), document)


def gaps(found: ProjectTrace) -> list[tuple[str, str]]:
    return [(gap.kind, gap.message) for gap in found.gaps]


def test_a_whole_join_has_no_gaps(tmp_path: Path) -> None:
    found = joined(tmp_path)
    assert gaps(found) == []
    by_id = {each.id: each for each in found.entries}
    assert list(by_id) == ["FR-1", "FR-2", "FR-3", "EC-1", "AC-1", "AC-2"]
    assert by_id["FR-1"].through == ("AC-1",)
    assert by_id["EC-1"].through == ("AC-2",)
    assert [each.name for each in by_id["FR-2"].scenarios] == ["a card is spent"]
    assert by_id["FR-3"].reason == "nobody can measure it."
    assert [(str(each.operation), each.ids) for each in found.operations] == [
        ("POST /cards", ("FR-1",)),
        ("GET /cards/{id}", ("FR-2",)),
    ]


def test_another_status_of_an_operation_shows_nothing(tmp_path: Path) -> None:
    spec = SPEC.replace("the answer is 201 (FR-1)", "`POST /cards` answers 201")
    assert gaps(joined(tmp_path, spec=spec)) == []
    other = spec.replace("`POST /cards` answers 201", "`POST /cards` answers 409")
    assert ("no-scenario", "FR-1 has no scenario") in gaps(joined(tmp_path, spec=other))


def test_our_own_join_is_whole() -> None:
    spec = read_spec((spec_dir() / "magic-link.md").read_text(encoding="utf-8"))
    found = trace_project(
        spec, read_scenarios(features_dir()), read_openapi(spec_dir() / "openapi.yaml")
    )
    assert gaps(found) == []
    assert all(each.described for each in found.operations)


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ("@AC-1 ", "", ("no-scenario", "AC-1 has no scenario")),
        ("@AC-1 ", "", ("no-scenario", "FR-1 has no scenario")),
        ("@FR-2", "", ("no-scenario", "FR-2 (Balance) has no scenario")),
        ("@AC-1 ", "", ("no-requirement", "“a card is made” names no requirement")),
        ("@FR-2", "@FR-3 @FR-2",
         ("needless-reason", "FR-3 has scenarios and states a reason why it has none")),
        ("@FR-2", "@FR-2 @FR-9",
         ("unknown-id", "“a card is spent” names FR-9, which the spec does not have")),
    ],
)  # fmt: skip
def test_a_gap_of_the_features(old: str, new: str, gap: tuple[str, str], tmp_path: Path) -> None:
    assert gap in gaps(joined(tmp_path, features=FEATURES.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ("    get: {", "    put: {",
         ("operation-not-described", "GET /cards/{id} (FR-2) is not in the OpenAPI document")),
        ("    get: {", "    put: {",
         ("operation-not-specified", "no requirement speaks of PUT /cards/{card}")),
        ('"201"', '"202"',
         ("status-not-described", "FR-1: the OpenAPI document has no 201 for POST /cards")),
        ('"409"', '"410"', ("status-not-described", "EC-1: the OpenAPI document has no 409")),
        ('"201"', '"202"',
         ("status-not-specified", "POST /cards answers 202, which no requirement names")),
        ("CARD_SPENT", "CARD_GONE",
         ("code-not-described", "EC-1: the OpenAPI document has no CARD_SPENT")),
        ("CARD_SPENT", "CARD_GONE",
         ("code-not-specified",
          "POST /cards has the error code CARD_GONE, which no requirement names")),
    ],
)  # fmt: skip
def test_a_gap_of_the_openapi_document(
    old: str, new: str, gap: tuple[str, str], tmp_path: Path
) -> None:
    assert gap in gaps(joined(tmp_path, openapi=OPENAPI.replace(old, new)))


def test_a_range_describes_each_of_its_statuses(tmp_path: Path) -> None:
    document = OPENAPI.replace('"409"', "4XX")
    assert gaps(joined(tmp_path, openapi=document)) == []


def test_a_prefix_of_the_document_may_be_missing_in_the_spec(tmp_path: Path) -> None:
    document = OPENAPI.replace("  /cards", "  /api/v1/cards")
    found = joined(tmp_path, openapi=document)
    assert gaps(found) == []
    assert [str(each.operation) for each in found.operations] == ["POST /cards", "GET /cards/{id}"]
    wrong = gaps(joined(tmp_path, openapi=document.replace('"201"', '"202"')))
    assert ("status-not-described",
            "FR-1: the OpenAPI document has no 201 for POST /api/v1/cards") in wrong  # fmt: skip


def test_a_status_belongs_to_its_operation(tmp_path: Path) -> None:
    spec = SPEC.replace("must answer 200", "must answer 200, after `POST /cards` 201")
    assert gaps(joined(tmp_path, spec=spec)) == []
    spec = SPEC.replace("must answer 200", "must answer 201")
    assert ("status-not-described",
            "FR-2: the OpenAPI document has no 201 for GET /cards/{card}"
            ) in gaps(joined(tmp_path, spec=spec))  # fmt: skip


def test_numbers_are_ids_only_where_the_spec_has_such(tmp_path: Path) -> None:
    kiro = (
        "### Requirement 1: Lend\n\n#### Acceptance Criteria\n\n1. WHEN asked THEN it SHALL lend\n"
    )
    feature = "Feature: F\n  @1.1 @1.2 @FR-1\n  Scenario: S\n    Then it lends\n"
    found = joined(tmp_path, spec=kiro, features=feature, openapi=None)
    assert gaps(found) == [
        ("unknown-id", "“S” names 1.2, which the spec does not have"),
        ("unknown-id", "“S” names FR-1, which the spec does not have"),
    ]
    numbers = FEATURES.replace("@wip", "@1.2")
    assert gaps(joined(tmp_path, features=numbers)) == []


def test_ids_of_other_systems_and_advice_are_let_be(tmp_path: Path) -> None:
    features = FEATURES.replace("@wip", "@JIRA-12")
    advice = "\n  @advisory\n  Scenario: be nice\n    Then it is nice\n"
    assert gaps(joined(tmp_path, features=features + advice)) == []


def test_files_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    stray = FEATURES.replace("@AC-1 ", "")
    (tmp_path / "more" / "cards.feature").write_text(stray, encoding="utf-8")
    [gap] = joined(tmp_path).gaps
    assert (gap.kind, gap.path, gap.line) == ("no-requirement", "more/cards.feature", 4)


def test_criteria_without_ids_are_known_by_their_names(tmp_path: Path) -> None:
    spec = """\
## ADDED Requirements

### Requirement: Tracking number
The system SHALL give each parcel a number.

#### Scenario: New parcel
- **WHEN** it is packed
- **THEN** it has a number
"""
    features = "Feature: Parcels\n  Scenario: New parcel\n    Then it has a number\n"
    found = joined(tmp_path, spec=spec, features=features, openapi=None)
    assert gaps(found) == []
    assert [(each.id, each.through) for each in found.entries] == [
        ("FR-1", ("AC-1",)),
        ("AC-1", ()),
    ]


def test_numbers_leave_ids_alone() -> None:
    text = "## Requirements\n\n- FR-1: It must.\n- It must not.\n- FR 3: It must.\n"
    assert list(numbered(read_spec(text))) == ["FR-1", "FR-2", "FR-3"]


def run(tmp_path: Path, *options: str, features: str = FEATURES) -> Result:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "cards.feature").write_text(features, encoding="utf-8")
    (tmp_path / "spec.md").write_text(SPEC, encoding="utf-8")
    (tmp_path / "api.yaml").write_text(OPENAPI, encoding="utf-8")
    return CliRunner().invoke(cli, ["trace", str(tmp_path / "spec.md"), *options])


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_form_names_ids_scenarios_and_operations(form: str, tmp_path: Path) -> None:
    done = run(tmp_path, "--openapi", str(tmp_path / "api.yaml"), "--format", form)
    assert (done.exit_code, done.stderr) == (0, "")
    for part in ("AC-2", "a card is spent", "by way of AC-1", "nobody can measure", "CARD_SPENT"):
        assert part in done.stdout
    assert "GET /cards/{id}" in done.stdout


def test_as_json_with_a_gap(tmp_path: Path) -> None:
    done = run(tmp_path, "--format", "json", features=FEATURES.replace(" @FR-2", ""))
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["gaps"] == [
        {
            "kind": "no-scenario",
            "file": "spec",
            "line": 6,
            "message": "FR-2 (Balance) has no scenario",
        }
    ]
    assert f"{tmp_path / 'spec.md'}:6: [no-scenario] FR-2" in done.stderr


def test_into_a_file(tmp_path: Path) -> None:
    out = tmp_path / "trace.html"
    done = run(tmp_path, "--format", "html", "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "<strong>Balance</strong>" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--features", "x"], "name the spec"),
        (["nowhere.md"], "there is no such file"),
        (["/dev/null"], "no requirement was found"),
        ([str(spec_dir() / "magic-link.md"), "--features", "nowhere"], "is not a folder"),
        (
            [str(spec_dir() / "magic-link.md"), "--openapi", str(spec_dir() / "ledger.md")],
            "is neither YAML nor JSON",
        ),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str], why: str) -> None:
    done = CliRunner().invoke(cli, ["trace", *arguments])
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)
    assert "\n" not in str(done.exception)
