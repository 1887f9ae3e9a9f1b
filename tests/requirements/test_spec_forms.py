"""Specs are read in the forms that people write, and what cannot be read is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.requirements.resources import features_dir, spec_dir
from conformance.requirements.spec_forms.forms import FORMS, read_spec
from conformance.requirements.spec_forms.gherkin import criteria_of
from conformance.requirements.spec_forms.ids import leading_id, mentioned
from conformance.requirements.spec_forms.model import Entry, Kind, Role, Spec


def only(text: str) -> Entry:
    [entry] = read_spec(text).entries
    return entry


def counts(spec: Spec) -> tuple[int, int, int]:
    return len(spec.requirements), len(spec.edge_cases), len(spec.criteria)


def ids(spec: Spec) -> list[str]:
    return [entry.id for entry in spec.entries]


TUTORIAL = """\
# Feature: Gift cards

Author: A. Writer | Status: Draft

## 1. Context

There is a shop.

## 2) Problem Statement

Customers want to give.

## **Functional Requirements**

- **FR-1:** The system must sell `POST /cards`.
- FR-2: The system must
  print a card.
  - on paper
- **FR-3a (Codes)**: A code must have 16 characters.

## 4. Non-Functional Requirements:

- **NFR-1 (Code generation):** Codes are made with `randomBytes(16)`.

## Edge Cases & Error Handling

| Side Effect | HTTP Status | Scenario | Response Body |
|---|---|---|---|
| none | 404 | Unknown code | `{"error": "NO_CARD"}` |
| Log WARN | 409 | Spent twice | `{"error": "SPENT"}` |

## ✅ Acceptance Criteria

**Happy Path**
- **AC-1:** Given a card, the response is 201 (FR-1 to FR-2).

**Error States**
1. AC-2: A spent card returns 409.
"""


def test_the_tutorials_form() -> None:
    spec = read_spec(TUTORIAL)
    assert spec.form == "markdown"
    assert spec.title == "Feature: Gift cards"
    assert [each.role for each in spec.sections[1:]] == list(Role)[:6]
    assert ids(spec) == ["FR-1", "FR-2", "FR-3a", "NFR-1", "", "", "AC-1", "AC-2"]
    assert counts(spec) == (4, 2, 2)
    by_id = {entry.id: entry for entry in spec.entries}
    assert by_id["FR-2"].text == "The system must print a card."
    assert by_id["FR-2"].body.endswith("on paper")
    assert (by_id["FR-2"].line, by_id["FR-2"].end) == (16, 18)
    assert by_id["FR-3a"].title == "Codes"
    assert by_id["NFR-1"].title == "Code generation"
    assert by_id["NFR-1"].text == "Codes are made with `randomBytes(16)`."
    assert by_id["AC-1"].group == "Happy Path"
    assert by_id["AC-1"].references == ("FR-1", "FR-2")
    assert by_id["AC-2"].group == "Error States"
    assert spec.edge_cases[0].cells == {
        "scenario": "Unknown code",
        "status": "404",
        "body": '`{"error": "NO_CARD"}`',
        "side_effect": "none",
    }
    assert spec.edge_cases[1].line == 30
    assert spec.unread == ()


def test_our_own_spec_and_its_features() -> None:
    spec = read_spec((spec_dir() / "magic-link.md").read_text(encoding="utf-8"))
    assert counts(spec) == (13, 8, 10)
    assert spec.unread == ()
    assert {entry.id: entry.group for entry in spec.criteria}["AC-4"] == "error states"
    assert spec.criteria[0].text.startswith("Given a registered, active user, when")
    shown = {id_ for each in criteria_of(features_dir()) for id_ in each.references}
    assert {entry.id for entry in spec.entries} <= shown


SPEC_KIT = """\
# Feature Specification: Playlists

**Feature Branch**: `001-playlists`

## User Scenarios & Testing *(mandatory)*

### User Story 1 - Make a playlist (Priority: P1)

A listener makes a list.

**Why this priority**: It must be there first.

**Acceptance Scenarios**:

1. **Given** no list, **When** I add one, **Then** it is shown.
2. **Given** a list, **When** I add
   it again, **Then** I see "exists".

### Edge Cases

- What happens when the name is empty?

## Requirements *(mandatory)*

### Functional Requirements

- **FR-001**: System MUST keep lists.
- **FR-002**: System MUST share lists via [NEEDS CLARIFICATION: how?].

### Key Entities *(include if feature involves data)*

- **Playlist**: A named list that will hold songs.

## Success Criteria *(mandatory)*

### Measurable Outcomes

- **SC-001**: A list is shared in under 10 seconds.
"""


def test_spec_kit() -> None:
    spec = read_spec(SPEC_KIT)
    assert spec.form == "spec-kit"
    assert counts(spec) == (2, 1, 3)
    assert ids(spec) == ["", "", "", "FR-001", "FR-002", "SC-001"]
    assert spec.criteria[1].text == 'Given a list, When I add it again, Then I see "exists".'
    assert spec.criteria[0].group.startswith("User Story 1")


KIRO = """\
# Requirements Document

## Introduction

A library lends books.

## Requirements

### Requirement 1: Lending

**User Story:** As a reader, I want to borrow a book, so that I can read it at home.

#### Acceptance Criteria

1. WHEN a reader borrows a book THE SYSTEM SHALL set its status to `lent`
2. IF the book is lent THEN the system SHALL answer 409

### Requirement 2

**User Story:** As a librarian, I want to see what is late.

#### Acceptance Criteria

2.1. WHEN a loan is 21 days old
THE SYSTEM SHALL list it as late
"""


def test_kiro() -> None:
    spec = read_spec(KIRO)
    assert spec.form == "kiro"
    assert ids(spec) == ["1", "1.1", "1.2", "2", "2.1"]
    assert counts(spec) == (2, 0, 3)
    assert [entry.parent for entry in spec.criteria] == ["1", "1", "2"]
    assert spec.criteria[2].text.endswith("THE SYSTEM SHALL list it as late")
    assert spec.requirements[0].title == "Lending"


OPENSPEC = """\
## Purpose

Parcels are tracked.

## ADDED Requirements

### Requirement: Tracking number
The system SHALL give each parcel a number of 12 digits.

#### Scenario: New parcel
- **GIVEN** an order
- **WHEN** it is packed
- **THEN** it has a number
- **AND** the number is mailed

## REMOVED Requirements

### Requirement: Paper list
**Reason**: nobody reads it.
"""


def test_openspec() -> None:
    spec = read_spec(OPENSPEC)
    assert spec.form == "openspec"
    assert counts(spec) == (1, 0, 1)
    [criterion] = spec.criteria
    assert criterion.parent == "Tracking number"
    assert (
        criterion.text
        == "GIVEN an order WHEN it is packed THEN it has a number AND the number is mailed"
    )
    assert (criterion.line, criterion.end) == (10, 14)


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


def test_a_form_may_be_named() -> None:
    assert read_spec(TUTORIAL, "kiro").form == "kiro"
    assert "markdown" in FORMS


def test_front_matter_is_left_out() -> None:
    entry = only("---\ntitle: FR-9\n---\n## Requirements\n- FR-1: It must.\n")
    assert (entry.id, entry.line) == ("FR-1", 5)


def test_features_of_any_project(tmp_path: Path) -> None:
    feature = "Feature: F\n  @REQ-7 @wip\n  Scenario: S\n    Given a\n    Then b\n"
    (tmp_path / "f.feature").write_text(feature, encoding="utf-8")
    [entry] = criteria_of(tmp_path)
    assert (entry.references, entry.text) == (("REQ-7",), "given a then b")
