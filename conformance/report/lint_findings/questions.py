"""The questions of the hunt for edge cases, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.report.lint_findings.checked import CheckedSpec
from conformance.report.safe_text import json_text, terminal


def as_text(checked: Sequence[CheckedSpec]) -> str:
    """Return each question with where it arose, a requirement to edit, and its sources."""
    lines: list[str] = []
    for each in checked:
        for question in each.questions:
            place = f"{each.path}:{question.line}"
            lines += [
                terminal(f"{place}: [{question.mode}] {question.question}"),
                terminal(f"  because of {question.because_of}; {', '.join(question.sources)}"),
                terminal(f"  for example: {question.requirement}"),
            ]
    return "\n".join(lines)


def as_json(checked: Sequence[CheckedSpec]) -> str:
    """Return the questions as JSON; `edge-cases.schema.json` beside this module describes it."""
    shape = {
        "version": 1,
        "specs": [
            {
                "path": each.path,
                "form": each.spec.form,
                "questions": [
                    {
                        "mode": question.mode,
                        "line": question.line,
                        "because_of": question.because_of,
                        "question": question.question,
                        "requirement": question.requirement,
                        "sources": list(question.sources),
                    }
                    for question in each.questions
                ],
            }
            for each in checked
        ],
    }
    return json_text(shape)
