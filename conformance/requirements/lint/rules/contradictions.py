"""Rule about contradictions: one error code with two statuses, one limit with two numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import (
    ANSWERING,
    ERROR_CODE,
    pattern,
    sentences,
    statuses,
    stems,
)
from conformance.requirements.lint.rules.numbers import numbers_that_differ
from conformance.requirements.spec_forms.model import Entry, Spec


def contradiction(spec: Spec) -> Iterator[Spot]:
    """Find two places that cannot both hold."""
    yield from _statuses_of_codes(spec)
    yield from _statuses_of_one_case(spec)
    yield from numbers_that_differ(spec)


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
    conditions = _condition(one), _condition(other)
    texts = (pattern("status").sub("", each.text) for each in (one, other))
    return _is_alike(*conditions) or _is_alike(*texts)


def _is_alike(*cases: str) -> bool:
    amounts = {frozenset(re.findall(r"\d+", case)) for case in cases}
    negative = {bool(pattern("negation").search(case)) for case in cases}
    smaller, larger = sorted((stems(case) - ANSWERING for case in cases), key=len)
    alike = smaller <= larger and len(larger) <= len(smaller) + 2
    return len(amounts) == len(negative) == 1 and len(smaller) >= 2 and alike


def _condition(entry: Entry) -> str:
    return entry.title if entry.cells else pattern("result_begins").split(entry.text, maxsplit=1)[0]
