"""Numbers with units: durations, sizes, counts of things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
]
# The dimension and the size of each unit, in seconds or bytes.
_UNITS = {
    name: (dimension, size)
    for dimension, names, size in (
        ("time", "ms millisecond", 0.001),
        ("time", "s sec second", 1),
        ("time", "min minute", 60),
        ("time", "h hour", 3600),
        ("time", "day", 86_400),
        ("time", "week", 604_800),
        ("time", "month", 2_592_000),
        ("time", "year", 31_536_000),
        ("size", "bit", 0.125),
        ("size", "byte", 1),
        ("size", "kb kib", 1e3),
        ("size", "mb mib", 1e6),
        ("size", "gb gib", 1e9),
        ("text", "character char", 1),
    )
    for name in names.split()
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBER = rf"\d{{1,3}}(?:[,  ]\d{{3}})+|\d+(?:\.\d+)?|{'|'.join(_NUMBER_WORDS[2:])}"
_QUANTITY = re.compile(
    rf"(?<![\w./-])(?P<number>{_NUMBER})(?:\s*|-)(?P<unit>{_UNIT})s?(?![\w])", re.IGNORECASE
)
_AND_ONE = re.compile(rf"\s+and\s+(?:one|an?|1)\s+(?P<unit>{_UNIT})\b", re.IGNORECASE)
_COUNT = re.compile(
    rf"(?<![\w./#-])(?P<number>{_NUMBER})\s+(?:[a-z]+\s+)??(?P<thing>[a-z]{{3,}}s|people|entries)\b",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"\b(?P<word>{'|'.join(_ORDINALS[1:])})\s+(?P<thing>[a-z]{{3,}})\b", re.IGNORECASE
)
_NO_THINGS = frozenset({"times", "status", "less"})


@dataclass(frozen=True)
class Quantity:
    """A number with what it counts: `value` in seconds, bytes, characters or pieces."""

    value: float
    step: float
    dimension: str
    text: str
    start: int
    ordinal: bool = False


def quantities(text: str) -> Iterator[Quantity]:
    """Yield the quantities of a text, in their order."""
    taken: set[int] = set()
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(text):
        dimension, size = _UNITS[match["unit"].lower()]
        taken.add(match.start())
        value = _value(match["number"]) * size
        # “24 months and one day”: the day is the step.
        if more := _AND_ONE.match(text, match.end()):
            size = _UNITS[more["unit"].lower()][1]
            value += size
        found.append(Quantity(value, size, dimension, match[0], match.start()))
    for match in _COUNT.finditer(text):
        if match.start() not in taken and match["thing"].lower() not in _NO_THINGS:
            thing = match["thing"].lower().removesuffix("s")
            found.append(Quantity(_value(match["number"]), 1, thing, match[0], match.start()))
    for match in _ORDINAL.finditer(text):
        value = _ORDINALS.index(match["word"].lower()) + 1
        thing = match["thing"].lower().removesuffix("s")
        found.append(Quantity(value, 1, thing, match[0], match.start(), ordinal=True))
    yield from sorted(found, key=lambda each: each.start)


def _value(number: str) -> float:
    word = number.lower()
    if word in _NUMBER_WORDS:
        return float(_NUMBER_WORDS.index(word))
    return float(re.sub(r"[,  ]", "", number))


def near(a: Quantity, b: Quantity) -> bool:
    """Return whether one may test the other: equal, or a step beside it, as a sixth of five."""
    step = max(a.step, b.step)
    apart = abs(a.value - b.value)
    return apart <= step * 1.01 or apart <= 0.04 * max(a.value, b.value)
