"""A folder of Gherkin as criteria: each scenario is one, and its tags are its references."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.spec_forms.ids import ID
from conformance.requirements.spec_forms.model import Entry, Kind


def criteria_of(folder: Path) -> tuple[Entry, ...]:
    """Return the scenarios below a folder as criteria; advice is left out.

    Raises `UnreadableFeature`.
    """
    return tuple(as_criterion(each) for each in read_scenarios(folder) if not each.advisory)


def as_criterion(scenario: WrittenScenario) -> Entry:
    """Return a scenario as a criterion: its steps are one sentence, its tags the ids it shows."""
    text = " ".join(f"{step.kind} {step.text}" for step in scenario.steps)
    ids = tuple(sorted(tag for tag in scenario.tags if re.fullmatch(ID, tag)))
    last = max((step.line for step in scenario.steps), default=scenario.line)
    return Entry(
        Kind.CRITERION,
        "",
        scenario.name,
        text,
        scenario.line,
        last,
        body=text,
        group=scenario.rule or scenario.feature,
        references=ids,
        path=scenario.path,
    )
