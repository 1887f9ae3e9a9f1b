"""What keeps a spec of the form of `spec/magic-link.md` from being tested.

Form and wording are looked at, not sense: no issue means that the text can be tested, not that
it is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.requirements.phrasing import has_observable, is_testable, states_duty, weak_words
from conformance.requirements.scenarios import WrittenScenario
from conformance.requirements.specification import (
    SECTIONS,
    Passage,
    Requirement,
    Specification,
    parse_specification,
)

# The sections whose sentences need an id; what comes before them is background.
_OF_REQUIREMENTS = SECTIONS[2:]
_CRITERIA = "AC-"
_ID = re.compile(r"\b(?:AC|FR|NFR|EC)-\d+\b")


@dataclass(frozen=True)
class LintIssue:
    """One thing to mend. `kind` is one of `KINDS`, `line` counts from 1."""

    line: int
    kind: str
    message: str


KINDS = (
    "missing-section",
    "no-id",
    "repeated-id",
    "not-testable",
    "not-binary",
    "no-observable",
    "not-covered",
)


def lint(text: str, scenarios: Sequence[WrittenScenario] = ()) -> list[LintIssue]:
    """Return what is wrong with a spec, by line; `scenarios` are those that refer to its ids."""
    specification = parse_specification(text)
    lines = text.splitlines()
    found = [
        *_sections(specification, len(lines)),
        *_without_id(specification, lines),
        *_repeated(specification),
        *_not_covered(specification, scenarios),
    ]
    again = [each for each in specification.repeated if isinstance(each, Requirement)]
    for requirement in [*specification.requirements.values(), *again]:
        found += _sentence(requirement, lines)
    return sorted(found, key=lambda issue: issue.line)


def _sections(specification: Specification, last_line: int) -> Iterator[LintIssue]:
    for name in SECTIONS:
        if name not in specification.sections:
            yield LintIssue(max(last_line, 1), "missing-section", f"there is no section “{name}”")


def _without_id(specification: Specification, lines: list[str]) -> Iterator[LintIssue]:
    for passage in specification.unidentified:
        if passage.section not in _OF_REQUIREMENTS:
            continue
        if passage.heading:
            message = (
                f"“{passage.heading}” has no id (a heading such as ### FR-1 · {passage.heading})"
            )
            yield LintIssue(passage.line, "no-id", message)
            continue
        for duty in _duties(passage):
            message = f"“{_shortened(duty)}” stands under no id (a heading such as ### FR-1 · …)"
            yield LintIssue(_line_of(duty, lines, passage.line), "no-id", message)


def _duties(passage: Passage) -> Iterator[str]:
    """Yield the paragraphs and list items that state a duty."""
    for part in re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)", passage.text):
        if states_duty(part):
            yield part


def _repeated(specification: Specification) -> Iterator[LintIssue]:
    for again in specification.repeated:
        if isinstance(again, Requirement):
            first = specification.requirements[again.id].line
            yield LintIssue(again.line, "repeated-id", f"{again.id} stands on line {first} already")


def _sentence(requirement: Requirement, lines: list[str]) -> Iterator[LintIssue]:
    sentence, name = requirement.sentence, requirement.id
    line = _line_of(sentence, lines, requirement.line)
    if not is_testable(sentence):
        yield LintIssue(line, "not-testable", f"{name} has no “must” and no “when … then”")
    for word in weak_words(sentence):
        place = _line_of(word, lines, line)
        yield LintIssue(place, "not-binary", f"{name} says “{word}”: who decides whether it is?")
    if name.startswith(_CRITERIA) and sentence and not has_observable(sentence):
        message = f"{name} names nothing that can be seen (a status, a body, a mail, a row, …)"
        yield LintIssue(line, "no-observable", message)


def _not_covered(
    specification: Specification, scenarios: Sequence[WrittenScenario]
) -> Iterator[LintIssue]:
    covered = {id_ for each in scenarios if not each.advisory for id_ in each.ids}
    for requirement in specification.requirements.values():
        if requirement.id.startswith(_CRITERIA):
            covered.update(_ID.findall(requirement.text))
    for requirement in specification.requirements.values():
        # A criterion is how something is seen: it covers, and need not be covered.
        if requirement.id not in covered and not requirement.id.startswith(_CRITERIA):
            message = f"no criterion and no scenario names {requirement.id}"
            yield LintIssue(requirement.line, "not-covered", message)


def _line_of(text: str, lines: list[str], start: int) -> int:
    """Return the line on which a text begins, from `start` on; `start` when it is not found."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    for number in range(start, len(lines) + 1):
        line = lines[number - 1].strip()
        if first and line and (first.lower() in line.lower() or first.startswith(line)):
            return number
    return start


def _shortened(text: str, limit: int = 60) -> str:
    words = " ".join(text.split()).lstrip("-*+ ")
    return words if len(words) <= limit else f"{words[:limit].rstrip()}…"
