"""Rules about coverage: what no criterion shows, and what shows nothing.

Few teams cite ids in criteria, so an entry is also covered by what both speak of: an error code, an
endpoint, a table, an event, or most of the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import ANSWERING, endpoints, names, statuses, stems
from conformance.requirements.lint.quantities import Quantity, near, quantities
from conformance.requirements.lint.rules.limits import is_measured
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

# How much of a requirement's meaning a criterion has to share: rare words weigh more.
_ENOUGH = 0.23
_LITTLE = 0.2
_ALONE = 0.3


@dataclass(frozen=True)
class _Meaning:
    entry: Entry
    names: frozenset[str]
    endpoints: frozenset[str]
    stems: frozenset[str]
    peculiar: frozenset[str]
    amounts: tuple[Quantity, ...]


def not_covered(spec: Spec) -> Iterator[Spot]:
    """Find a requirement that no criterion and no scenario shows."""
    criteria = (*spec.criteria, *spec.features)
    named = {id_ for each in criteria for id_ in each.references}
    parents = {each.parent for each in criteria if each.parent}
    peculiar = _peculiar_words(spec)
    meanings = [_meaning(each, peculiar) for each in criteria]
    weights = _weights(spec, criteria)
    asked = [_meaning(each, peculiar) for each in _to_be_covered(spec)]
    showing = {id(c): any(_shows(each, c, weights) for each in asked) for c in meanings}
    for own in asked:
        if own.entry.id in named or own.entry.name in parents:
            continue
        # What shows nothing else belongs to what it shares a word with that nobody else has.
        if not any(
            _shows(own, each, weights) or (not showing[id(each)] and own.peculiar & each.peculiar)
            for each in meanings
        ):
            yield on(own.entry, "", f"no criterion and no scenario shows {own.entry.called}")


def _to_be_covered(spec: Spec) -> Iterator[Entry]:
    """Yield the requirements, and the edge cases that have an id of their own."""
    for entry in spec.entries:
        if not entry.is_criterion and (entry.kind is not Kind.EDGE_CASE or entry.id):
            yield entry


def covers_nothing(spec: Spec) -> Iterator[Spot]:
    """Find a criterion that shows nothing that the spec requires."""
    if not spec.requirements:
        return
    others = [each for each in spec.entries if not each.is_criterion]
    known = {each.id for each in others if each.id}
    peculiar = _peculiar_words(spec)
    meanings = [_meaning(each, peculiar) for each in others]
    prose = stems(spec.prose())
    weights = _weights(spec, spec.criteria)
    for entry in spec.criteria:
        # Success criteria measure the whole feature.
        if (
            entry.parent
            or entry.is_story
            or entry.id.startswith("SC")
            or known & set(entry.references)
        ):
            continue
        own = _meaning(entry, peculiar)
        if any(each.peculiar & own.peculiar for each in meanings):
            continue
        score = max((_score(each, own, weights) for each in meanings), default=0.0)
        if score < _LITTLE and _share(own.stems, prose, weights) < _ALONE:
            yield on(entry, "", f"{entry.called} shows nothing that a requirement asks for")


def _peculiar_words(spec: Spec) -> frozenset[str]:
    """Return the words that one requirement alone has: what else uses them speaks of it."""
    texts = (f"{each.title} {each.body}" for each in spec.requirements)
    counts = Counter(word for text in texts for word in stems(text))
    return frozenset(word for word, count in counts.items() if count == 1) - ANSWERING


def _meaning(entry: Entry, peculiar: frozenset[str]) -> _Meaning:
    text = f"{entry.title} {entry.body}"
    said = stems(text)
    seen = (Quantity(float(each), 0, "status", each, 0) for each in statuses(text))
    amounts = (*quantities(text), *seen)
    return _Meaning(entry, names(text), endpoints(text), said, said & peculiar, amounts)


def _weights(spec: Spec, criteria: tuple[Entry, ...]) -> dict[str, float]:
    """Return the weight of each word: the fewer entries have it, the more it says."""
    counts: Counter[str] = Counter()
    for entry in (*spec.entries, *(each for each in criteria if each.path)):
        counts.update(stems(f"{entry.title} {entry.body}"))
    return {word: 1.0 / count**0.5 for word, count in counts.items()}


def _share(of: frozenset[str], among: frozenset[str], weights: dict[str, float]) -> float:
    """Return which part of one text's meaning another has, from 0 to 1."""
    whole = sum(weights.get(word, 1.0) for word in of)
    return sum(weights.get(word, 1.0) for word in of & among) / whole if whole else 0.0


def _shows(requirement: _Meaning, criterion: _Meaning, weights: dict[str, float]) -> bool:
    if is_measured(requirement.entry) and not _amounts_shared(requirement, criterion, "time"):
        return False
    return _score(requirement, criterion, weights) >= _ENOUGH


def _score(requirement: _Meaning, criterion: _Meaning, weights: dict[str, float]) -> float:
    """Return how much a criterion says of what a requirement says: 0 nothing, 1 all."""
    share = _share(requirement.stems, criterion.stems, weights)
    back = _share(criterion.stems, requirement.stems, weights)
    together = 2 * share * back / (share + back) if share + back else 0.0
    kinds = (
        requirement.names & criterion.names,
        requirement.names & criterion.names,  # a name says as much as two of the others
        requirement.endpoints & criterion.endpoints,
        _amounts_shared(requirement, criterion),
        _amounts_shared(requirement, criterion, "size", "text", "time"),
    )
    return max(together, share, 0.7 * back) + 0.1 * sum(bool(each) for each in kinds)


def _amounts_shared(one: _Meaning, other: _Meaning, *dimensions: str) -> bool:
    """Whether two name the same amount of something (of one of these dimensions), or nearly."""
    return any(
        a.dimension == b.dimension and near(a, b)
        for a in one.amounts
        for b in other.amounts
        if not dimensions or a.dimension in dimensions
    )
