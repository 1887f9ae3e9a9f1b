"""Each rule finds its bad example and says nothing of its good one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.requirements.lint.check import lint
from conformance.requirements.lint.hunt import modes
from conformance.requirements.lint.pages import pages
from conformance.requirements.lint.rules import RULES
from conformance.requirements.spec_forms.forms import read_spec
from tests.place import REPOSITORY

# An example is a part of a spec.
OF_WHOLE_SPECS = {"missing-section", "not-covered"}


def codes(text: str) -> set[str]:
    return {finding.code for finding in lint(read_spec(text))}


def test_each_rule_has_a_page() -> None:
    assert set(pages()) == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_the_bad_example_is_found(code: str) -> None:
    assert code in codes(pages()[code].bad)


@pytest.mark.parametrize("code", RULES)
def test_the_good_example_is_not(code: str) -> None:
    assert codes(pages()[code].good) - OF_WHOLE_SPECS == set()
    assert code not in codes(pages()[code].good)


PAIRS = tomllib.loads(
    (Path(__file__).parent / "data" / "contradictions.toml").read_text(encoding="utf-8")
)["pair"]
FOUND = tomllib.loads(
    (Path(__file__).parent / "data" / "sentences.toml").read_text(encoding="utf-8")
)
SECTIONS = {
    "FR": "Functional requirements",
    "NFR": "Non-functional requirements",
    "AC": "Acceptance criteria",
}


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["criterion"] for pair in PAIRS])
def test_what_cannot_both_hold(pair: dict[str, Any]) -> None:
    text = (
        f"## Functional requirements\n\n- FR-1: {pair['requirement']}\n\n"
        f"## Acceptance criteria\n\n- AC-1: {pair['criterion']}\n"
    )
    assert ("contradiction" not in codes(text)) is pair["holds"]


def of(kind: str, sentence: str) -> set[str]:
    """The codes that a sentence alone has, under an id of its kind."""
    text = f"## Context\n\nA shop.\n\n## {SECTIONS[kind]}\n\n- {kind}-1: {sentence}\n"
    return codes(text) - OF_WHOLE_SPECS - {"covers-nothing"}


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        (code, kind, sentence)
        for code, kinds in FOUND["bad"].items()
        for kind, sentences in kinds.items()
        for sentence in sentences
    ],
)
def test_sentences_with_a_defect(code: str, kind: str, sentence: str) -> None:
    assert code in of(kind, sentence)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [(kind, sentence) for kind, group in FOUND["good"].items() for sentence in group],
)
def test_sentences_without_one(kind: str, sentence: str) -> None:
    assert of(kind, sentence) == set()


def test_a_story_may_wish_for_anything() -> None:
    text = (
        "# Requirements\n\n## Requirements\n\n### Requirement 1\n\n**User Story:** As a rider, "
        "I want a fast app, so that it is easy.\n\n#### Acceptance Criteria\n\n"
        "1. WHEN a rider opens it THEN the App SHALL show the map\n"
    )
    assert codes(text) - OF_WHOLE_SPECS == set()
    assert "vague-word" in codes(text.replace("show the map", "show a nice map"))


def test_the_page_of_lint_has_each_rule_and_each_mode() -> None:
    text = (REPOSITORY / "docs" / "lint-a-spec.md").read_text(encoding="utf-8")
    assert [code for code in RULES if f"`{code}`" not in text] == []
    said = " ".join(text.split())
    words = [word for mode in modes() for word in mode.name.split()]
    assert [word for word in words if word not in said] == []
