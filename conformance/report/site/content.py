"""What the pages hold: the spec, the features, the ledger and a report, joined."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from conformance.report.model import Report
from conformance.report.site.features import ShownFeature, ShownScenario, read_features
from conformance.report.site.outcomes import Outcomes
from conformance.report.site.prose import Prose
from conformance.requirements.resources import spec_dir
from conformance.requirements.scenarios import WrittenScenario
from conformance.requirements.specification import Passage, Requirement, load_specification
from conformance.requirements.trace import TracedReading, TracedRequirement, is_reason, load_trace

_BEARS_ON = re.compile(r"\**Bears on:")


@dataclass(frozen=True)
class ShownRequirement:
    """A requirement with what shows it; `explanation` is its prose after the binding sentence."""

    requirement: Requirement
    traced: TracedRequirement
    explanation: Markup
    scenarios: tuple[ShownScenario, ...]
    advisories: tuple[ShownScenario, ...]
    readings: tuple[TracedReading, ...]


@dataclass(frozen=True)
class ShownSection:
    """A section of the spec that holds requirements."""

    title: str
    prose: Markup
    requirements: tuple[ShownRequirement, ...]

    @property
    def kind(self) -> str:
        """The first part of its requirements' ids."""
        return self.requirements[0].requirement.id.partition("-")[0]


@dataclass(frozen=True)
class ShownReading:
    """An entry of the ledger with the scenarios that depend on it."""

    traced: TracedReading
    text: Markup
    scenarios: tuple[ShownScenario, ...]


@dataclass(frozen=True)
class Content:
    """Everything; `passages` are the sections of the spec that hold no requirement."""

    title: str
    preface: Markup
    passages: tuple[tuple[str, Markup], ...]
    sections: tuple[ShownSection, ...]
    features: tuple[ShownFeature, ...]
    ledger_preface: Markup
    ledger: tuple[ShownReading, ...]
    prose: Prose
    outcomes: Outcomes | None


def gather(report: Report | None) -> Content:
    """Return the content of the pages, from what this package ships and from a report."""
    spec, joined, features = load_specification(), load_trace(), read_features()
    prose = Prose(spec.requirements, spec.readings)
    shown = {_place(each.written): each for feature in features for each in feature.scenarios}

    def of(scenarios: tuple[WrittenScenario, ...]) -> tuple[ShownScenario, ...]:
        return tuple(shown[_place(each)] for each in scenarios)

    traced = {each.id: each for each in joined.requirements}
    requirements = [
        ShownRequirement(
            requirement=each,
            traced=traced[each.id],
            explanation=prose.blocks(_explanation(each)),
            scenarios=of(traced[each.id].scenarios),
            advisories=of(traced[each.id].advisories),
            readings=tuple(
                entry
                for entry in joined.readings
                if entry.number in each.readings or each.id in entry.ids
            ),
        )
        for each in spec.requirements.values()
    ]
    title, preface = _opening("magic-link.md")
    return Content(
        title=title,
        preface=prose.blocks(preface),
        passages=tuple(
            (section, _prose_of(section, spec.unidentified, prose))
            for section in spec.sections
            if not any(each.requirement.section == section for each in requirements)
        ),
        sections=tuple(
            ShownSection(section, _prose_of(section, spec.unidentified, prose), members)
            for section in spec.sections
            if (members := tuple(r for r in requirements if r.requirement.section == section))
        ),
        features=features,
        ledger_preface=prose.blocks(_opening("ledger.md")[1]),
        ledger=tuple(
            ShownReading(entry, prose.blocks(_entry(entry.number)), of(entry.scenarios))
            for entry in joined.readings
        ),
        prose=prose,
        outcomes=Outcomes(report, shown.values()) if report is not None else None,
    )


def _place(scenario: WrittenScenario) -> tuple[str, int]:
    return scenario.path, scenario.line


def _opening(file: str) -> tuple[str, str]:
    """Return the title of a document of the spec, and its prose before the first section."""
    text = (spec_dir() / file).read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    return title.lstrip("# "), re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def _prose_of(section: str, passages: tuple[Passage, ...], prose: Prose) -> Markup:
    own = (passage for passage in passages if passage.section == section)
    texts = (f"### {each.heading}\n\n{each.text}" if each.heading else each.text for each in own)
    return prose.blocks("\n\n".join(texts))


def _explanation(requirement: Requirement) -> str:
    """Return the paragraphs after the binding one, without the reason for having no scenario."""
    paragraphs = requirement.text.split("\n\n")[1:]
    return "\n\n".join(each for each in paragraphs if not is_reason(each))


def _entry(number: int) -> str:
    """Return an entry's text without what the page shows by itself."""
    paragraphs = load_specification().readings[number].text.split("\n\n")
    return "\n\n".join(each for each in paragraphs if not _BEARS_ON.match(each))
