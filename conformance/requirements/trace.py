"""The join: every sentence of the spec with its scenarios, or the reason why it has none.

A reason is a paragraph `No scenario: …` under the requirement, or in the ledger's entry. What is
advice is marked *Advisory* in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.specification import (
    Reading,
    Requirement,
    Specification,
    load_specification,
    sort_key,
)

_REASON = re.compile(r"^\**No scenario:\**\s*(.+)$", re.DOTALL)
_ADVISORY = re.compile(r"\*Advisory\.?\*")
_SHOULD = re.compile(r"\b(should|recommended)\b", re.IGNORECASE)


@dataclass(frozen=True)
class TracedRequirement:
    """One sentence; `level` is must or should. `reason` says why it has no scenario, else ""."""

    id: str
    level: str
    title: str
    sentence: str
    reason: str
    scenarios: tuple[WrittenScenario, ...]
    advisories: tuple[WrittenScenario, ...]


@dataclass(frozen=True)
class TracedReading:
    """One entry of the ledger with the scenarios that depend on it; `ids` are what it bears on."""

    number: int
    question: str
    advises: bool
    ids: tuple[str, ...]
    reason: str
    scenarios: tuple[WrittenScenario, ...]


@dataclass(frozen=True)
class Trace:
    """The whole join; requirements in the order of reports, readings by number."""

    requirements: tuple[TracedRequirement, ...]
    readings: tuple[TracedReading, ...]
    scenarios: tuple[WrittenScenario, ...]


def load_trace() -> Trace:
    """Return the join of the spec and the features that this package ships."""
    return trace(load_specification(), read_scenarios())


def trace(specification: Specification, scenarios: Sequence[WrittenScenario]) -> Trace:
    """Join a spec and its scenarios by the scenarios' tags."""
    requirements = sorted(specification.requirements.values(), key=lambda each: sort_key(each.id))
    return Trace(
        tuple(_requirement(each, scenarios) for each in requirements),
        tuple(_reading(each, scenarios) for each in specification.readings.values()),
        tuple(scenarios),
    )


def is_reason(paragraph: str) -> bool:
    """Return whether a paragraph says why there is no scenario."""
    return _REASON.match(paragraph) is not None


def level_of(sentence: str) -> str:
    """Return the level of a sentence: should where it says so, else must."""
    return "should" if _SHOULD.search(sentence) else "must"


def gaps(joined: Trace) -> list[str]:
    """Return a sentence for every place at which the join is not whole."""
    return [
        *_without_scenario(joined),
        *(gap for scenario in joined.scenarios for gap in _loose_ends(scenario, joined)),
    ]


def _requirement(given: Requirement, scenarios: Sequence[WrittenScenario]) -> TracedRequirement:
    own = [scenario for scenario in scenarios if given.id in scenario.ids]
    return TracedRequirement(
        id=given.id,
        level=level_of(given.sentence),
        title=given.title,
        sentence=given.sentence,
        reason=_reason(given.text),
        scenarios=tuple(scenario for scenario in own if not scenario.advisory),
        advisories=tuple(scenario for scenario in own if scenario.advisory),
    )


def _reading(given: Reading, scenarios: Sequence[WrittenScenario]) -> TracedReading:
    return TracedReading(
        number=given.number,
        question=given.title,
        advises=_ADVISORY.search(given.text) is not None,
        ids=given.ids,
        reason=_reason(given.text),
        scenarios=tuple(each for each in scenarios if given.number in each.readings),
    )


def _reason(text: str) -> str:
    found = (_REASON.match(paragraph) for paragraph in text.split("\n\n"))
    return next((" ".join(match[1].split()) for match in found if match), "")


def _without_scenario(joined: Trace) -> Iterator[str]:
    for each in joined.requirements:
        yield from _unexplained(each.id, each.scenarios, each.reason)
    for entry in joined.readings:
        name = f"reading {entry.number}"
        yield from _unexplained(name, entry.scenarios, entry.reason)
        advises = any(scenario.advisory for scenario in entry.scenarios)
        if entry.advises and not advises and not entry.reason:
            yield f"{name} is marked as advisory and no advisory scenario names it"


def _unexplained(name: str, scenarios: Iterable[WrittenScenario], reason: str) -> Iterator[str]:
    has = any(True for _ in scenarios)
    if not has and not reason:
        yield f"{name} has no scenario and states no reason why"
    if has and reason:
        yield f"{name} has scenarios and states a reason why it has none"


def _loose_ends(scenario: WrittenScenario, joined: Trace) -> Iterator[str]:
    where = f"{scenario.path}:{scenario.line} “{scenario.name}”"
    known = {each.id for each in joined.requirements}
    readings = {entry.number: entry for entry in joined.readings}
    for id_ in scenario.ids:
        if id_ not in known:
            yield f"{where} names {id_}, which the spec does not have"
    if not scenario.ids:
        yield f"{where} names no requirement"
    for number in scenario.readings:
        if number not in readings:
            yield f"{where} names reading {number}, which the ledger does not have"
        elif not {*readings[number].ids} & {*scenario.ids}:
            yield f"{where} names reading {number}, which bears on none of its requirements"
    named = [readings[number] for number in scenario.readings if number in readings]
    if scenario.advisory and not any(entry.advises for entry in named):
        yield f"{where} is advice that no entry of the ledger gives"
