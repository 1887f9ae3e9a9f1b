"""Numbers that cannot both hold: two limits of one thing, or a criterion beyond a limit.

A criterion tests a limit: it may be on either side of it, if its outcome is the right one. Where a
criterion tests just beside another round number, the limit was probably changed in one place only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import METHOD_PATH, pattern, stems
from conformance.requirements.lint.quantities import Quantity, near, quantities
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

_REFUSED, _ACCEPTED = "refused", "accepted"
# Beyond the limit, these are refused; other words also begin what is allowed from there on.
_ABOVE = re.compile(r"\b(?:more|longer|older|over|beyond|exceed\w*|after|later)\b", re.IGNORECASE)
# A window in which events are counted is no age.
_WINDOW = re.compile(r"\b(?:per|rolling|every|each|last)\s+(?:window of\s+)?$", re.IGNORECASE)
_SHARE = re.compile(r"\d\s?%|\bp\d{2}\b|percentile", re.IGNORECASE)
_AHEAD = re.compile(r"\b(?:away|ahead|before)\b", re.IGNORECASE)
# As many words have two entries in common that speak of one case.
_WORDS_OF_ONE_CASE = 3
_UNITS = stems("ms second minute hour day week month year byte bytes character characters")


@dataclass(frozen=True)
class _Claim:
    """A number in its clause. `tests` says that a criterion tries it, `firm` that it is a limit."""

    entry: Entry
    quantity: Quantity
    words: frozenset[str]
    clause: str
    comparator: str
    firm: bool
    tests: bool
    window: bool
    ahead: bool
    outcome: str


def numbers_that_differ(spec: Spec) -> Iterator[Spot]:
    """Yield the later of two places with numbers that cannot both hold, once for each pair."""
    claims = [claim for entry in spec.entries for claim in _claims(entry)]
    by_entry = {id(claim.entry): [c for c in claims if c.entry is claim.entry] for claim in claims}
    reported: set[tuple[int, int]] = set()
    for one, other in combinations(claims, 2):
        pair = id(one.entry), id(other.entry)
        if one.entry is other.entry or pair in reported or not _is_about_the_same(one, other):
            continue
        if _agree(by_entry[pair[0]], by_entry[pair[1]], one.quantity.dimension):
            continue
        if not _conflict(one, other, claims):
            continue
        reported.add(pair)
        here, there = other.quantity.text, one.quantity.text
        place = f"{one.entry.called} on line {one.entry.line}"
        message = f"{other.entry.called} says “{here}”, and {place} says “{there}”"
        yield on(other.entry, here, message)


def _claims(entry: Entry) -> Iterator[_Claim]:
    text = entry.text
    for quantity in quantities(text):
        before, after = text[: quantity.start], text[quantity.start + len(quantity.text) :]
        start = max((m.end() for m in pattern("clause_end").finditer(before)), default=0)
        ends = [m.start() for m in pattern("clause_end").finditer(after)]
        clause = before[start:] + " " + after[: ends[0] if ends else len(after)]
        compared = list(pattern("comparator").finditer(before[max(0, len(before) - 40) :]))
        follows = pattern("after_number").match(after)
        limited = pattern("before_number").search(before) or follows or quantity.ordinal
        tests = entry.is_criterion and not entry.parent
        if tests and pattern("together").search(after[:60]):
            # How many try it at once is no number of the spec's.
            continue
        if limited or tests:
            yield _Claim(
                entry,
                quantity,
                stems(f"{text if tests else clause} {entry.title}") - _UNITS,
                clause,
                comparator=compared[-1][0] if compared else "",
                firm=bool(compared or follows),
                tests=tests and not (compared and pattern("window").match(compared[-1][0])),
                window=bool(_WINDOW.search(before)),
                ahead=bool(follows and _AHEAD.search(follows[0])),
                outcome=_outcome(after) or _outcome(text),
            )


def _outcome(text: str) -> str:
    refused, accepted = pattern("refused").search(text), pattern("accepted").search(text)
    if refused and accepted:
        return _REFUSED if refused.start() < accepted.start() else _ACCEPTED
    return _REFUSED if refused else _ACCEPTED if accepted else ""


def _is_about_the_same(one: _Claim, other: _Claim) -> bool:
    a, b = one.quantity, other.quantity
    if a.dimension != b.dimension or near(a, b) or _far(a, b) or not (one.firm or other.firm):
        return False
    kinds = {one.entry.kind, other.entry.kind}
    if kinds == {Kind.NON_FUNCTIONAL} or (kinds == {Kind.CRITERION} and not one.entry.parent):
        return False
    if (one.window and other.tests) or (one.tests and other.window):
        return False
    if one.ahead != other.ahead or _is_share(one) != _is_share(other):
        return False
    paths = [{m[0] for m in METHOD_PATH.finditer(each.clause)} for each in (one, other)]
    if all(paths) and not paths[0] & paths[1]:
        return False
    shared = one.words & other.words
    smaller = min(len(one.words), len(other.words))
    # A count has its thing in common already, a time or a size has not.
    least = min(2, smaller) if a.dimension in ("time", "size", "text") else 1
    enough = 0.34 if one.tests or other.tests else 0.5
    if len(shared) >= least and len(shared) / max(smaller, 1) >= enough:
        return True
    texts = stems(one.entry.text), stems(other.entry.text)
    most = max(7, 0.4 * min(map(len, texts)))
    return one.firm and other.firm and bool(shared) and len(texts[0] & texts[1]) >= most


def _is_share(claim: _Claim) -> bool:
    """Whether it is a goal for a share of cases, which is another number than that of each."""
    return bool(_SHARE.search(claim.entry.text))


def _conflict(one: _Claim, other: _Claim, claims: list[_Claim]) -> bool:
    if _is_confirmed(one, claims) and _is_confirmed(other, claims):
        # Two cases, each with a number of its own: a mistake is made in one place only.
        return False
    if one.tests == other.tests:
        return True
    limit, test = (other, one) if one.tests else (one, other)
    if limit.outcome == _ACCEPTED and _ABOVE.search(limit.comparator):
        return False
    value, bound = test.quantity.value, limit.quantity.value
    if test.outcome == _ACCEPTED:
        return value > bound
    if test.outcome == _REFUSED and value <= bound:
        return True
    return value > 1.4 * bound and _is_beside_round(test.quantity) and not _tested(limit, claims)


def _is_confirmed(claim: _Claim, claims: list[_Claim]) -> bool:
    """Whether another entry that speaks of the same has the same number or tests this one."""
    return any(
        claim.entry is not other.entry
        and claim.quantity.dimension == other.quantity.dimension
        and (_tries(claim, other) or _tries(other, claim))
        and len(stems(claim.entry.text) & stems(other.entry.text)) >= _WORDS_OF_ONE_CASE
        for other in claims
    )


def _tries(test: _Claim, limit: _Claim) -> bool:
    """Whether a number is a limit's, or the next one in a criterion."""
    beyond = test.quantity.value - limit.quantity.value
    return beyond == 0 or (test.tests and 0 < beyond <= limit.quantity.step)


def _is_beside_round(quantity: Quantity) -> bool:
    """Whether it is one step above a round number, as tests of a limit are: 61, 1,001, sixth."""
    below = quantity.value / quantity.step - 1
    return below >= 5 and below % 5 == 0


def _tested(limit: _Claim, claims: list[_Claim]) -> bool:
    """Whether some criterion tests a limit where it is."""
    return any(
        claim.tests
        and claim.quantity.dimension == limit.quantity.dimension
        and near(claim.quantity, limit.quantity)
        for claim in claims
    )


def _far(a: Quantity, b: Quantity) -> bool:
    """Whether they can hardly be about the same: milliseconds and days."""
    return max(a.value, b.value) > 200 * min(a.value, b.value)


def _agree(ones: list[_Claim], others: list[_Claim], dimension: str) -> bool:
    """Whether two entries share a number of this dimension anyway: then they speak of several."""
    return any(
        near(one.quantity, other.quantity)
        for one in ones
        for other in others
        if one.quantity.dimension == other.quantity.dimension == dimension
    )
