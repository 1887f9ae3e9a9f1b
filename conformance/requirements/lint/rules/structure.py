"""Rules about the document: sections, parts that cannot be read, and gaps left to be filled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import unquoted
from conformance.requirements.spec_forms.forms import FORMS
from conformance.requirements.spec_forms.model import Role, Section, Spec

_PLACEHOLDER = re.compile(
    r"\b(?:TBD|TBC|TBA|TODO|FIXME|XXX)\b|\?\?\?+|\[NEEDS CLARIFICATION[^\]]*\]?|\blorem ipsum\b"
    r"|\b(?i:to be (?:defined|decided|determined|discussed|clarified|confirmed|specified|agreed))\b"
    r"|\b(?i:tbd|tbc|todo)\b|\[(?i:insert|your|fill in|add)\b[^\]]*\]"
    r"|<(?i:insert|your|fill in)\b[^>]*>|\[[A-Z][A-Z _-]{2,}\](?!\()|(?<![\w_])__+(?![\w_])"
    r"|\b[XYN] (?:days|hours|minutes|seconds|ms|requests|times|MB|KB|characters|percent|%)"
    r"|\b(?i:(?:is|are) (?:still open|not yet (?:decided|defined|known)))\b"
    r"|\((?i:\w* ?pending)\)|(?:\.\.\.|…)\s*$"
)
_INTERROGATIVE = re.compile(r"(?:[^?]*[.:]\s+)?[^?]+\?$")


def unread(spec: Spec) -> Iterator[Spot]:
    """Find what the reader could make nothing of."""
    for part in spec.unread:
        yield Spot(part.line, part.line, "", part.why)


def missing_section(spec: Spec) -> Iterator[Spot]:
    """Find a section that the spec's form asks for and that is not there."""
    there = {section.role for section in spec.sections}
    there |= {Role.CRITERIA} if spec.criteria else set()
    there |= {Role.EDGE_CASES} if spec.edge_cases else set()
    there |= {Role.FUNCTIONAL} if spec.requirements else set()
    for role in FORMS[spec.form].sections:
        if role not in there:
            yield Spot(1, 1, "", f"there is no section “{role.value.capitalize()}”")


def empty_section(spec: Spec) -> Iterator[Spot]:
    """Find a section with a heading and nothing below it."""
    for section in spec.sections:
        if section.role is not Role.OTHER and not section.prose and not _has_entries(spec, section):
            yield Spot(section.line, section.line, "", f"the section “{section.title}” is empty")


def _has_entries(spec: Spec, section: Section) -> bool:
    later = (s.line for s in spec.sections if s.line > section.line and s.level <= section.level)
    end = next(later, len(spec.lines) + 1)
    return any(section.line < entry.line < end for entry in spec.entries)


def placeholder(spec: Spec) -> Iterator[Spot]:
    """Find a gap that its author marked, or a question where an answer belongs."""
    closed = _lines_of(spec, Role.OTHER)
    for number, line in enumerate(spec.lines, 1):
        match = None if number in closed else _PLACEHOLDER.search(unquoted(line))
        if match:
            yield Spot(number, number, match[0], f"“{match[0]}” is not decided")
    for entry in spec.entries:
        asked = entry.text.rstrip("*_ ")
        if not entry.cells and _INTERROGATIVE.match(asked) and not _PLACEHOLDER.search(asked):
            yield on(entry, "?", f"{entry.called} asks a question and gives no answer")


def _lines_of(spec: Spec, role: Role) -> frozenset[int]:
    """Return the lines of the sections with a role."""
    starts = [*spec.sections, None]
    found: set[int] = set()
    for section, after in zip(spec.sections, starts[1:], strict=True):
        if section.role is role:
            found |= set(range(section.line, after.line if after else len(spec.lines) + 1))
    return frozenset(found)
