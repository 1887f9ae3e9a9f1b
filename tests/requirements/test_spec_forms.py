"""Specs are read in the forms that people write, and what cannot be read is said."""

from __future__ import annotations

from conformance.requirements.resources import features_dir, spec_dir
from conformance.requirements.spec_forms.forms import FORMS, read_spec
from conformance.requirements.spec_forms.gherkin import criteria_of
from conformance.requirements.spec_forms.model import Entry, Role, Spec


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


def test_a_form_may_be_named() -> None:
    assert read_spec(TUTORIAL, "kiro").form == "kiro"
    assert "markdown" in FORMS
