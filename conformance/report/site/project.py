"""What the pages hold of another feature's spec: its sections, its requirements, its scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from conformance.report.site.content import Content, ShownRequirement, ShownSection
from conformance.report.site.features import read_features
from conformance.report.site.prose import Prose
from conformance.requirements.project_trace import TracedEntry, trace_project
from conformance.requirements.spec_forms.model import Role, Section, Spec
from conformance.requirements.specification import Requirement
from conformance.requirements.trace import TracedRequirement, level_of

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_OWN_LINE = re.compile(r"\**(?:Group|No scenario):")
_HEADING = re.compile(r"#+\s")
_WITHOUT_HEADING = Section("Requirements", Role.FUNCTIONAL, 2, 0)


def gather_project(spec: Spec, folder: Path | None) -> Content:
    """Return the content of the pages; `folder` is that of the features, if there are any.

    Raises `conformance.requirements.scenarios.UnreadableFeature`.
    """
    features = read_features(folder) if folder else ()
    shown = {(s.written.path, s.written.line): s for f in features for s in f.scenarios}
    joined = trace_project(spec, [each.written for each in shown.values()])
    traced = {each.id: each for each in joined.entries}
    prose = Prose(traced, ())
    members: dict[int, list[ShownRequirement]] = {}
    for each in traced.values():
        entries = (each, *(traced[id_] for id_ in each.through))
        scenarios = {(s.path, s.line): s for entry in entries for s in entry.scenarios}
        section = _section_of(each, spec)
        requirement = _requirement(each, section)
        members.setdefault(section.line, []).append(
            ShownRequirement(
                requirement=requirement,
                traced=_traced(each),
                explanation=prose.blocks("\n\n".join(_explanation(each, spec))),
                scenarios=tuple(shown[place] for place in scenarios),
                advisories=(),
                readings=(),
            )
        )
    own = [each for each in spec.sections if each.level > 1]
    return Content(
        title=spec.title or "Spec",
        preface=prose.blocks(_source(spec, 0)),
        passages=tuple(
            (each.title, prose.blocks(_source(spec, each.line)))
            for each in own
            if each.line not in members and each.prose
        ),
        sections=tuple(
            ShownSection(each.title, prose.blocks(each.prose), tuple(members[each.line]))
            for each in [_WITHOUT_HEADING, *spec.sections]
            if each.line in members
        ),
        features=features,
        ledger_preface=prose.blocks(""),
        ledger=(),
        prose=prose,
        outcomes=None,
    )


def _section_of(traced: TracedEntry, spec: Spec) -> Section:
    before = [each for each in spec.sections if each.line <= traced.entry.line and each.level <= 2]
    return before[-1] if before else _WITHOUT_HEADING


def _requirement(traced: TracedEntry, section: Section) -> Requirement:
    entry = traced.entry
    title = "" if entry.title == entry.text else entry.title
    return Requirement(
        traced.id, title, section.title, entry.group or None, entry.text, entry.body, (), entry.line
    )


def _traced(given: TracedEntry) -> TracedRequirement:
    text = given.entry.text
    return TracedRequirement(
        given.id, level_of(text), given.entry.title, text, given.reason, given.scenarios, ()
    )


def _explanation(traced: TracedEntry, spec: Spec) -> Iterator[str]:
    """Yield what an entry says after its binding sentence: below a heading, as it is written."""
    entry = traced.entry
    first = spec.lines[entry.line - 1] if spec.lines else ""
    if _HEADING.match(first):
        text = "\n".join(spec.lines[entry.line : entry.end])
        paragraphs = re.split(r"\n\s*\n", text.strip("\n"))
        yield from (each for each in paragraphs[1:] if not _OWN_LINE.match(each.strip()))
        return
    for line in entry.body.split("\n"):
        if line != entry.title and line not in entry.text and not _OWN_LINE.match(line):
            yield line


def _source(spec: Spec, line: int) -> str:
    """Return the Markdown below a heading, up to the next section; 0: above the first one."""
    after = [each.line for each in spec.sections if each.line > line and each.level > 1]
    start = line or next((each.line for each in spec.sections if each.level == 1), 0)
    lines = spec.lines[start : after[0] - 1 if after else len(spec.lines)]
    return _COMMENT.sub("", "\n".join(lines))
