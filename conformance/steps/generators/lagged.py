"""Additive generators: each output is the sum, or difference, of two earlier ones.

The highest or lowest digits of the outputs obey the same rule, but for a carry of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.steps.generators.streams import ENOUGH_BITS, numbers


@dataclass(frozen=True)
class _Additive:
    """x[i] = x[i - longer] + sign · x[i - shorter], and the carries that digits may show."""

    name: str
    longer: int
    shorter: int
    sign: int
    carries: frozenset[int]


_GENERATORS = (
    _Additive("the C library's rand() or random() (glibc)", 31, 3, 1, frozenset({0, 1})),
    _Additive("Go's math/rand", 607, 273, 1, frozenset({0, 1})),
    _Additive(".NET's System.Random with a seed", 55, 34, -1, frozenset({0, -1})),
)


def additive(tokens: Sequence[str]) -> str | None:
    """Return which additive generator predicts the digits of consecutive tokens, None for none."""
    for digits in (1, 2, 4, 8):
        outputs = numbers(tokens, digits)
        for generator in _GENERATORS:
            if predicted := _predicted(generator, outputs, 16**digits):
                return (
                    f"{generator.name}, {digits} digits at a time: {predicted} outputs in a row "
                    f"follow from those {generator.shorter} and {generator.longer} before them"
                )
    return None


def _predicted(generator: _Additive, outputs: Sequence[int], modulus: int) -> int:
    """Return how many outputs came as predicted: all that were looked at, or none."""
    bits_each = (modulus // len(generator.carries)).bit_length() - 1
    wanted = -(-ENOUGH_BITS // bits_each)
    if len(outputs) < generator.longer + wanted:
        return 0
    for at in range(generator.longer, generator.longer + wanted):
        sum_ = outputs[at - generator.longer] + generator.sign * outputs[at - generator.shorter]
        allowed = {(sum_ + carry) % modulus for carry in generator.carries}
        if outputs[at] not in allowed:
            return 0
    return wanted
