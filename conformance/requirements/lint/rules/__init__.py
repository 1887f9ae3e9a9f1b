"""The rules by their codes; each is a function from a spec to the spots that it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from conformance.requirements.lint.finding import Spot
from conformance.requirements.lint.rules import (
    contradictions,
    coverage,
    limits,
    protection,
    references,
    responses,
    shapes,
    structure,
    terms,
    wording,
)
from conformance.requirements.spec_forms.model import Spec

Rule = Callable[[Spec], Iterator[Spot]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "unread": structure.unread,
        "missing-section": structure.missing_section,
        "empty-section": structure.empty_section,
        "no-id": references.no_id,
        "repeated-id": references.repeated_id,
        "dangling-reference": references.dangling_reference,
        "placeholder": structure.placeholder,
        "vague-word": wording.vague_word,
        "escape-clause": wording.escape_clause,
        "no-duty": wording.no_duty,
        "several-duties": wording.several_duties,
        "no-actor": wording.no_actor,
        "not-testable": wording.not_testable,
        "no-observable": responses.no_observable,
        "unspecified-response": responses.unspecified_response,
        "incomplete-error-row": responses.incomplete_error_row,
        "not-covered": coverage.not_covered,
        "covers-nothing": coverage.covers_nothing,
        "contradiction": contradictions.contradiction,
        "incomplete-limit": limits.incomplete_limit,
        "unspecified-performance": limits.unspecified_performance,
        "unspecified-crypto": protection.unspecified_crypto,
        "no-shape": shapes.no_shape,
        "undefined-term": terms.undefined_term,
    }
)
