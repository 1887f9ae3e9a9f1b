"""A spec with what was found in it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.requirements.lint.finding import Finding
from conformance.requirements.lint.hunt import Question
from conformance.requirements.spec_forms.model import Spec


@dataclass(frozen=True)
class CheckedSpec:
    """A spec, the path that it was read from (`-` is standard input), and what was found.

    Either findings or questions are looked for; the other is empty.
    """

    path: str
    spec: Spec
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
