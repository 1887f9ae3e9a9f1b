"""Rule about contradictions: one error code with two statuses, one limit with two numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import (
    ERROR_CODE,
    METHOD_PATH,
    pattern,
    sentences,
    statuses,
    stems,
)
from conformance.requirements.lint.quantities import Quantity, near, quantities
from conformance.requirements.spec_forms.model import Entry, Kind, Spec


@dataclass(frozen=True)
class _Claim:
    entry: Entry
    quantity: Quantity
    words: frozenset[str]
    clause: str
    firm: bool


def contradiction(spec: Spec) -> Iterator[Spot]:
    """Find two places that cannot both hold."""
    yield from _statuses_of_codes(spec)
    yield from _statuses_of_one_case(spec)
    yield from _numbers(spec)


def _statuses_of_codes(spec: Spec) -> Iterator[Spot]:
    first: dict[str, tuple[str, Entry]] = {}
    for entry in spec.entries:
        for code, status in _pairs(entry):
            before, where = first.setdefault(code, (status, entry))
            if before != status and where is not entry:
                place = f"{where.called} on line {where.line}"
                yield on(
                    entry,
                    status,
                    f"{entry.called} answers {code} with {status}, and {place} with {before}",
                )


def _pairs(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield (error code, status) where a sentence or a row has one of each."""
    parts = (
        [entry.text]
        if entry.cells
        else [p for s in sentences(entry.body) for p in re.split(r"[;]|, and ", s)]
    )
    for part in parts:
        codes, found = set(ERROR_CODE.findall(part)), statuses(part)
        codes = {code for code in codes if not re.search(rf"{code}[`\"]?\s*(?:\(|=|key)", part)}
        if len(codes) == 1 and len(found) == 1:
            yield codes.pop(), found[0]


def _statuses_of_one_case(spec: Spec) -> Iterator[Spot]:
    """Yield places that answer one and the same case with another status."""
    single = [each for each in spec.entries if len(statuses(_answer(each))) == 1]
    for one, other in combinations(single, 2):
        [first], [second] = statuses(_answer(one)), statuses(_answer(other))
        if first != second and one.kind is not other.kind and _is_same_case(one, other):
            place = f"{one.called} on line {one.line}"
            yield on(
                other, second, f"{other.called} answers with {second}, and {place} with {first}"
            )


def _answer(entry: Entry) -> str:
    return entry.cells.get("status", "") if entry.cells else entry.text


def _is_same_case(one: Entry, other: Entry) -> bool:
    """Whether all words of one's condition are in the other's, negations included."""
    cases = _condition(one), _condition(other)
    negative = {bool(pattern("negation").search(case)) for case in cases}
    smaller, larger = sorted((stems(case) for case in cases), key=len)
    return len(negative) == 1 and len(smaller) >= 2 and smaller <= larger


def _condition(entry: Entry) -> str:
    return entry.title if entry.cells else pattern("result_begins").split(entry.text, maxsplit=1)[0]


def _numbers(spec: Spec) -> Iterator[Spot]:
    claims = [claim for entry in spec.entries for claim in _claims(entry)]
    by_entry = {id(claim.entry): [c for c in claims if c.entry is claim.entry] for claim in claims}
    told: set[tuple[int, int]] = set()
    for one, other in combinations(claims, 2):
        pair = id(one.entry), id(other.entry)
        if one.entry is other.entry or pair in told or not _conflict(one, other):
            continue
        if _agree(by_entry[pair[0]], by_entry[pair[1]], one.quantity.dimension):
            continue
        told.add(pair)
        here, there = other.quantity.text, one.quantity.text
        place = f"{one.entry.called} on line {one.entry.line}"
        message = f"{other.entry.called} says “{here}”, and {place} says “{there}”"
        yield on(other.entry, here, message)


def _claims(entry: Entry) -> Iterator[_Claim]:
    text = entry.text
    for quantity in quantities(text):
        before, after = text[: quantity.start], text[quantity.start + len(quantity.text) :]
        limited = (
            pattern("before_number").search(before)
            or pattern("after_number").match(after)
            or quantity.ordinal
        )
        if not limited:
            continue
        start = max((m.end() for m in pattern("clause_end").finditer(before)), default=0)
        ends = [m.start() for m in pattern("clause_end").finditer(after)]
        clause = before[start:] + " " + after[: ends[0] if ends else len(after)]
        words = stems(f"{clause} {entry.title}")
        firm = bool(
            pattern("comparator").search(before[max(0, len(before) - 40) :])
            or pattern("after_number").match(after)
        )
        yield _Claim(entry, quantity, words, clause, firm)


def _conflict(one: _Claim, other: _Claim) -> bool:
    a, b = one.quantity, other.quantity
    if a.dimension != b.dimension or near(a, b) or _far(a, b) or not (one.firm or other.firm):
        return False
    if one.entry.is_criterion and other.entry.is_criterion and not one.entry.parent:
        return False
    if one.entry.kind is Kind.NON_FUNCTIONAL and other.entry.kind is Kind.NON_FUNCTIONAL:
        return False
    paths = (
        {m[0] for m in METHOD_PATH.finditer(one.clause)},
        {m[0] for m in METHOD_PATH.finditer(other.clause)},
    )
    if all(paths) and not paths[0] & paths[1]:
        return False
    shared = one.words & other.words
    smaller = min(len(one.words), len(other.words))
    if len(shared) >= min(2, smaller) and len(shared) / max(smaller, 1) >= 0.5:
        return True
    whole = stems(one.entry.text) & stems(other.entry.text)
    return (
        one.firm and other.firm and bool(shared) and len(whole) >= max(6, 0.4 * _least(one, other))
    )


def _least(one: _Claim, other: _Claim) -> int:
    return min(len(stems(one.entry.text)), len(stems(other.entry.text)))


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
