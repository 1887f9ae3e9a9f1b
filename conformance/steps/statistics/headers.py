"""EC-1: the headers that distinguish the answers to known from those to unknown addresses.

Both groups must have been asked for in one random order: with any other order a clock, a counter
or a load balancer's turn distinguishes the groups as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .binomial import fisher_exact

CHANCE = 1e-3
"""The chance, over all headers of both groups, that a target without any relation is flagged."""

MINIMUM_GROUP = 8
"""Fewer responses in a group can hardly be more uneven than chance: 8 against 8 is 1 in 6435."""

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class HeaderDifference:
    """One header that differs: its lower-case name, and a sentence on how, without its value."""

    name: str
    reason: str


@dataclass(frozen=True)
class _Trait:
    """Something that a response shows or not, and which responses show it (known ones first)."""

    name: str
    what: str
    shown_by: frozenset[int]


def systematic_difference(
    known: Sequence[Mapping[str, str]], unknown: Sequence[Mapping[str, str]]
) -> list[HeaderDifference]:
    """Return the headers whose presence, value or length goes with the group, by name.

    Each is judged by Fisher's exact test, Bonferroni's way over the traits that could differ at
    all. Values that are new in each response (dates, request ids, counters) show nothing; their
    length may, with every number in them taken as one character, so that 98 and 102 are alike.
    Raises ValueError for a group of fewer than `MINIMUM_GROUP` responses.
    """
    if min(len(known), len(unknown)) < MINIMUM_GROUP:
        raise ValueError(
            f"{len(known)} and {len(unknown)} responses are too few:"
            f" each group needs {MINIMUM_GROUP} or more"
        )
    responses = [_lower_case(headers) for headers in (*known, *unknown)]
    groups = (len(known), len(unknown))
    telling = [trait for trait in _traits(responses) if _attainable(trait, groups) <= CHANCE]
    tests = len({trait.shown_by for trait in telling})
    found: dict[str, HeaderDifference] = {}
    for trait in telling:
        if _chance(trait, groups) * tests <= CHANCE and trait.name not in found:
            found[trait.name] = HeaderDifference(trait.name, _sentence(trait, groups))
    return [found[name] for name in sorted(found)]


def _lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in headers.items()}


def _traits(responses: Sequence[Mapping[str, str]]) -> Iterator[_Trait]:
    """Yield presence, then each value, then each length cut, of every header seen."""
    for name in sorted({name for headers in responses for name in headers}):
        values = {at: headers[name] for at, headers in enumerate(responses) if name in headers}
        yield _Trait(name, "is present", frozenset(values))
        for value in sorted(set(values.values())):
            same = frozenset(at for at, other in values.items() if other == value)
            yield _Trait(name, "has one same value", same)
        lengths = {at: len(_NUMBER.sub("0", value)) for at, value in values.items()}
        for most in sorted(set(lengths.values())):
            short = frozenset(at for at, length in lengths.items() if length <= most)
            yield _Trait(name, f"is present with a value of at most {most} characters", short)


def _split(trait: _Trait, groups: tuple[int, int]) -> tuple[int, int]:
    in_known = sum(at < groups[0] for at in trait.shown_by)
    return in_known, len(trait.shown_by) - in_known


def _chance(trait: _Trait, groups: tuple[int, int]) -> float:
    in_known, in_unknown = _split(trait, groups)
    return fisher_exact(in_known, groups[0], in_unknown, groups[1])


def _attainable(trait: _Trait, groups: tuple[int, int]) -> float:
    """Return the least chance that a trait shown this often could have."""
    shown = len(trait.shown_by)
    most_known = min(shown, groups[0])
    most_unknown = min(shown, groups[1])
    return min(
        fisher_exact(most_known, groups[0], shown - most_known, groups[1]),
        fisher_exact(shown - most_unknown, groups[0], most_unknown, groups[1]),
    )


def _sentence(trait: _Trait, groups: tuple[int, int]) -> str:
    in_known, in_unknown = _split(trait, groups)
    return (
        f"{trait.name} {trait.what} in {in_known} of {groups[0]} answers to known addresses"
        f" and in {in_unknown} of {groups[1]} to unknown ones"
    )
