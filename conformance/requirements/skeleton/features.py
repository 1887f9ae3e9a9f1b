"""Features with a scenario for each criterion of a spec, tagged with the ids that it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from conformance.requirements.project_trace import numbered, speaks_of
from conformance.requirements.skeleton.steps import TO_FILL_IN, Step, steps_of
from conformance.requirements.spec_forms.model import Entry, Spec

_NAME_LENGTH = 80


def features_of(spec: Spec) -> dict[str, str]:
    """Return the text of each feature by its file's name: one for each group of criteria."""
    ids = numbered(spec)
    groups: dict[str, dict[str, Entry]] = {}
    for id_, entry in ids.items():
        if entry.is_criterion:
            groups.setdefault(_group(entry, spec), {})[id_] = entry
    return {
        f"{_file(group)}.feature": "\n".join(_feature(group, criteria, ids))
        for group, criteria in groups.items()
    }


def _group(criterion: Entry, spec: Spec) -> str:
    parents = (each for each in spec.entries if criterion.parent in (each.id, each.title))
    parent = next(
        (each.title or f"Requirement {each.id}" for each in parents if criterion.parent), ""
    )
    words = " ".join((criterion.group or parent or "Acceptance criteria").split())
    return words[0].upper() + words[1:]


def _file(group: str) -> str:
    return re.sub(r"\W+", "_", group.lower()).strip("_")[:60] or "criteria"


def _feature(group: str, criteria: Mapping[str, Entry], ids: Mapping[str, Entry]) -> Iterator[str]:
    yield f"Feature: {group}"
    names: Counter[str] = Counter()
    for id_, criterion in criteria.items():
        steps = steps_of(criterion.text)
        name = _name(criterion, steps)
        names[name] += 1
        cited = (other for other, entry in ids.items() if speaks_of(criterion, entry))
        yield ""
        yield f"  {' '.join(f'@{tag}' for tag in (id_, *cited))}"
        yield f"  Scenario: {name}{f' ({id_})' if names[name] > 1 else ''}"
        yield from (f"    {step.keyword} {step.text}" for step in steps)
    yield ""


def _name(criterion: Entry, steps: tuple[Step, ...]) -> str:
    """Return a criterion's title, else what happens in it, else what is expected."""
    if criterion.title and criterion.title != criterion.text:
        return criterion.title
    said = [(each.keyword, each.text) for each in steps if each.text != TO_FILL_IN]
    whens = [text for keyword, text in said if keyword == "When"]
    name = (whens or [text for _, text in said] or [criterion.name])[0]
    return name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH].rsplit(' ', 1)[0]} …"
