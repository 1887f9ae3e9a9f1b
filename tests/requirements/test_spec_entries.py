"""Single entries of a spec: ids, criteria, tables and blocks, wherever they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.requirements.spec_forms.forms import read_spec
from conformance.requirements.spec_forms.gherkin import criteria_of
from conformance.requirements.spec_forms.ids import leading_id, mentioned
from conformance.requirements.spec_forms.model import Entry, Kind, Spec


def only(text: str) -> Entry:
    [entry] = read_spec(text).entries
    return entry


def counts(spec: Spec) -> tuple[int, int, int]:
    return len(spec.requirements), len(spec.edge_cases), len(spec.criteria)


def ids(spec: Spec) -> list[str]:
    return [entry.id for entry in spec.entries]


@pytest.mark.parametrize(
    ("text", "id_", "title", "said"),
    [
        ("### FR-1 · Sale\n\nIt must sell.\n", "FR-1", "Sale", "It must sell."),
        ("#### **FR-001**: It must sell.\n", "FR-001", "It must sell.", "It must sell."),
        ("**REQ-SHOP-2**: It must sell.\n", "REQ-SHOP-2", "", "It must sell."),
        ("1. **FR1 - Sale**: It must sell.\n", "FR1", "Sale", "It must sell."),
        ("- [ ] AC-1 — It sells.\n", "AC-1", "", "It sells."),
        ("- [FR-3] It must sell.\n", "FR-3", "", "It must sell."),
        ("* **FR-1** (Sale) It must sell:\n  * cards\n", "FR-1", "Sale", "It must sell: cards"),
        ("| ID | Requirement |\n|-|-|\n| FR-1 | It must sell. |\n", "FR-1", "", "It must sell."),
        ("| # | Priority | Description |\n|-|-|-|\n| FR-1 | P1 | It must sell. |\n", "FR-1", "",
         "It must sell."),
    ],
)  # fmt: skip
def test_where_an_id_may_stand(text: str, id_: str, title: str, said: str) -> None:
    entry = only(f"## Requirements\n\n{text}")
    assert (entry.id, entry.title, entry.text) == (id_, title, said)


def test_steps_on_lines_of_their_own_are_one_criterion() -> None:
    text = "## Acceptance criteria\n\n- Given a card\n- When it is sold\n- Then 201\n- Given none\n"
    spec = read_spec(text + "- When it is sold\n- Then 404\n")
    assert [entry.text for entry in spec.criteria] == [
        "Given a card When it is sold Then 201",
        "Given none When it is sold Then 404",
    ]


def test_steps_are_read_whatever_the_headings_say() -> None:
    steps = ("1. **Given** a card, **When** sold, **Then** 201", "2. Given none, then 404")
    text = "\n".join(["## Szenarien", "", *steps, ""])
    assert [entry.kind for entry in read_spec(text).entries] == [Kind.CRITERION] * 2


def test_an_empty_item_is_nothing() -> None:
    assert read_spec("## Requirements\n\n-\n\nIt must sell.\n").entries[0].text == "It must sell."


def test_gherkin_in_a_block() -> None:
    text = "## Acceptance criteria\n\n```gherkin\nScenario: Sale\n  Given a card\n  Then 201\n```\n"
    entry = only(text)
    assert (entry.kind, entry.title, entry.line) == (Kind.CRITERION, "Sale", 4)
    assert entry.text == "Given a card Then 201"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("# Nothing\n\nHello.\n", 1, "no requirement was found"),
        ("## Requirements\n\n- FR-1: It must.\n\n<table></table>\n", 5, "HTML is not read"),
        ("## Edge cases\n\n| A | B |\n|-|-|\n| 1 | 2 |\n", 5, "no column of this table"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, line: int, why: str) -> None:
    spec = read_spec(text)
    assert next((each.line, why in each.why) for each in spec.unread) == (line, True)


def test_a_table_below_a_requirement_is_its_own() -> None:
    spec = read_spec(
        "## Requirements\n### FR-1 · T\nIt must.\n\n| column | type |\n|-|-|\n| a | b |\n"
    )
    assert counts(spec) == (1, 0, 0)
    assert "a | b" in spec.entries[0].body


def test_sections_that_hold_no_requirements() -> None:
    scope = "## Out of scope\n\n- FR-9: It must fly.\n\n"
    matrix = "## Traceability\n\n| FR-1 | x |\n|-|-|\n| FR-1 | y |\n"
    assert read_spec(scope + matrix).entries == ()


def test_a_topic_keeps_the_role_of_its_section() -> None:
    spec = read_spec(
        "## Functional requirements\n\n### Notes of a customer\n\n- It must keep notes.\n"
    )
    assert spec.entries[0].kind is Kind.FUNCTIONAL
    assert spec.entries[0].group == "Notes of a customer"


@pytest.mark.parametrize("text", ["SHA-256 is used", "US-1: As a reader", "UTF-8", "plain"])
def test_what_is_no_id(text: str) -> None:
    assert leading_id(text) is None


def test_ids_that_are_mentioned() -> None:
    known = {"FR", "AC"}
    assert mentioned("FR-1 to FR-3, AC-2 and SHA-256", known) == (
        "FR-1",
        "FR-2",
        "FR-3",
        "AC-2",
    )
    assert mentioned("FR-008—FR-010", known) == ("FR-008", "FR-009", "FR-010")


def test_a_requirement_is_one_whatever_its_section_is_called() -> None:
    entry = only("## Errors\n\n### Requirement: Refunds\nThe shop SHALL refund.\n")
    assert (entry.kind, entry.title) == (Kind.FUNCTIONAL, "Refunds")


def test_a_lead_above_requirements_is_none() -> None:
    spec = read_spec("## Requirements\n\nThe system must:\n\n- FR-1: sell cards\n")
    assert ids(spec) == ["FR-1"]
    entry = only("## Requirements\n\nThe system must:\n\n- sell cards\n- take them back\n")
    assert entry.text == "The system must: sell cards take them back"


def test_front_matter_is_left_out() -> None:
    entry = only("---\ntitle: FR-9\n---\n## Requirements\n- FR-1: It must.\n")
    assert (entry.id, entry.line) == ("FR-1", 5)


def test_features_of_any_project(tmp_path: Path) -> None:
    feature = "Feature: F\n  @REQ-7 @wip\n  Scenario: S\n    Given a\n    Then b\n"
    (tmp_path / "f.feature").write_text(feature, encoding="utf-8")
    [entry] = criteria_of(tmp_path)
    assert (entry.references, entry.text) == (("REQ-7",), "given a then b")
