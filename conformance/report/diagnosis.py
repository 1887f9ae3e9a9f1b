"""Names the known faults that show the same picture as a run that failed.

A picture is the set of scenarios that failed, each with its symptom: the step that stopped it and
what was found there. The known faults (`known_faults.json`) are what the kill matrix found: one
faulty implementation each, with its picture. How often a guess is right is measured
(`docs/diagnosis.md`).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from conformance.outcomes import Outcome
from conformance.report.symptom import Symptom, symptom
from conformance.run.result import ScenarioResult

Picture = Mapping[str, Symptom]
"""Scenario name -> how it failed."""

_DECIDED = (Outcome.PASSED, Outcome.FAILED)
_AT_MOST = 3
_ALIKE_FROM = 0.9
# What one scenario shows has more than one possible cause.
_SCENARIOS_ALIKE = 2


@dataclass(frozen=True)
class Likeness:
    """A known fault that looks like what was found.

    `similarity` is from 0 to 1: the same, and like no other known fault. Faults that are equally
    like what was found share it. `evidence` says in a sentence what speaks for it.
    """

    name: str
    fault: str
    ids: tuple[str, ...]
    similarity: float
    evidence: str = ""


@dataclass(frozen=True, eq=False)
class KnownFault:
    """A fault of the kill matrix: its name, the fault in a sentence, the ids that it violates."""

    name: str
    fault: str
    ids: tuple[str, ...]
    picture: Picture


@lru_cache(maxsize=1)
def known_faults() -> tuple[KnownFault, ...]:
    """Return the faults whose pictures are known."""
    text = Path(__file__).with_name("known_faults.json").read_text(encoding="utf-8")
    return tuple(
        KnownFault(each["name"], each["fault"], tuple(each["ids"]), _picture(each["picture"]))
        for each in json.loads(text)
    )


def _picture(stored: Mapping[str, Mapping[str, Any]]) -> Picture:
    return {name: Symptom(**each) for name, each in stored.items()}


def diagnose(
    scenarios: Sequence[ScenarioResult], known: Sequence[KnownFault] | None = None
) -> tuple[Likeness, ...]:
    """Return the known faults that look like what a run found, best first, three at most.

    Scenarios that the run did not decide are left out on both sides.
    """
    picture = {each.name: symptom(each) for each in scenarios if each.outcome is Outcome.FAILED}
    undecided = {each.name for each in scenarios if each.outcome not in _DECIDED}
    return liken(picture, known_faults() if known is None else known, undecided)


def liken(
    picture: Picture, known: Sequence[KnownFault], undecided: Set[str] = frozenset()
) -> tuple[Likeness, ...]:
    """Return the known faults whose pictures look like this one, best first, three at most."""
    weights = _weights(known)
    similar = {
        fault: round(_similarity(picture, _without(fault.picture, undecided), weights), 2)
        for fault in known
        if len(_alike(picture, fault.picture)) >= _SCENARIOS_ALIKE
        and not _contradicts(picture, fault.picture)
    }
    equally = Counter(similar.values())
    ranked = sorted(similar, key=lambda fault: -similar[fault])[:_AT_MOST]
    found = [
        Likeness(
            each.name,
            each.fault,
            each.ids,
            round(similar[each] / equally[similar[each]], 2),
            _evidence(picture, each.picture, weights),
        )
        for each in ranked
    ]
    # Where the most similar ones are too many to choose from, the next are no better guess.
    return tuple(takewhile(lambda each: each.similarity >= _ALIKE_FROM, found))


def _without(picture: Picture, names: Set[str]) -> Picture:
    return {name: symptom for name, symptom in picture.items() if name not in names}


def _alike(one: Picture, other: Picture) -> list[str]:
    """Return the scenarios that fail in the same way."""
    return [name for name in one if name in other and one[name].agreement(other[name])]


def _contradicts(one: Picture, other: Picture) -> bool:
    """Tell whether a scenario that stops at the same step finds something else."""
    return any(
        one[name].step == other[name].step and not one[name].agreement(other[name])
        for name in one.keys() & other.keys()
    )


def _weights(faults: Sequence[KnownFault]) -> dict[str, float]:
    """Return how telling each scenario is: the fewer faults fail it, the more."""
    times = Counter(name for fault in faults for name in fault.picture)
    return {name: math.log(1 + len(faults) / count) for name, count in times.items()}


def _similarity(one: Picture, other: Picture, weights: Mapping[str, float]) -> float:
    """Return the weighted share of what both show in what either shows (Jaccard)."""
    rarest = max(weights.values(), default=1.0)
    shared = total = 0.0
    for name in one.keys() | other.keys():
        weight = weights.get(name, rarest)
        total += weight
        if name in one and name in other:
            shared += weight * one[name].agreement(other[name])
    return shared / total if total else 0.0


def _evidence(one: Picture, other: Picture, weights: Mapping[str, float]) -> str:
    """Return what both pictures show, with the most telling scenario as the example."""
    alike = _alike(one, other)
    telling = max(alike, key=lambda name: weights[name])
    return (
        f"{len(alike)} of {len(one)} failed scenarios fail in the same way with it, such as "
        f'"{telling}", which finds {one[telling].found}'
    )
