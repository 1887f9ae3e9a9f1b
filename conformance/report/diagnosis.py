"""Names the known faults that show the same picture as a run that failed.

A picture is the set of scenarios that failed, each with the step that stopped it. The known faults
(`known_faults.json`) are what the kill matrix found: one faulty implementation each, with its
picture.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from conformance.outcomes import Outcome
from conformance.run.result import ScenarioResult

Picture = Mapping[str, str]
"""Scenario name -> the step that failed."""

_DECIDED = (Outcome.PASSED, Outcome.FAILED)
_AT_MOST = 3
_ALIKE_FROM = 0.5
# The same scenario failed at another step: related, and not the same.
_OTHER_STEP = 0.5


@dataclass(frozen=True)
class Likeness:
    """A known fault that looks like what was found.

    `similarity` is from 0 to 1: the same, and like no other known fault. Faults that are equally
    like what was found share it.
    """

    name: str
    fault: str
    ids: tuple[str, ...]
    similarity: float


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
        KnownFault(each["name"], each["fault"], tuple(each["ids"]), each["picture"])
        for each in json.loads(text)
    )


def diagnose(
    scenarios: Sequence[ScenarioResult], known: Sequence[KnownFault] | None = None
) -> tuple[Likeness, ...]:
    """Return the known faults that look like what a run found, best first, three at most.

    Scenarios that the run did not decide are left out on both sides.
    """
    picture = {
        each.name: each.failing_step or "" for each in scenarios if each.outcome is Outcome.FAILED
    }
    decided = {each.name for each in scenarios if each.outcome in _DECIDED}
    if not picture:
        return ()
    faults = known_faults() if known is None else known
    weights = _weights(faults)
    similar = {
        fault: round(_similarity(picture, _within(fault.picture, decided), weights), 2)
        for fault in faults
    }
    equally = Counter(similar.values())
    ranked = sorted(similar, key=lambda fault: -similar[fault])[:_AT_MOST]
    found = [
        Likeness(each.name, each.fault, each.ids, round(similar[each] / equally[similar[each]], 2))
        for each in ranked
    ]
    # Where the most similar ones are too many to guess, the next are no better guess.
    return tuple(takewhile(lambda each: each.similarity >= _ALIKE_FROM, found))


def _within(picture: Picture, decided: set[str]) -> Picture:
    return {name: step for name, step in picture.items() if name in decided}


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
            shared += weight * (1.0 if one[name] == other[name] else _OTHER_STEP)
    return shared / total if total else 0.0
