"""Linear congruential generators: state ← a · state + c, of which some bits are shown.

Addition and multiplication carry upwards only: digits right above bit 16 depend on
nothing but the 16 bits below them, which are few enough to be tried. Where the highest bits of 48
are shown, the states are a vector of a lattice, near the one that the digits give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from conformance.steps.generators.lattice import ReducedBasis
from conformance.steps.generators.streams import DIGITS, numbers

_HIDDEN_BITS = 16
_HIDDEN = 1 << _HIDDEN_BITS
# More than ENOUGH_BITS, since 65,536 states are tried.
_CHECKED_BITS = 96


@dataclass(frozen=True)
class _Congruential:
    name: str
    factor: int
    summand: int


_JAVA = _Congruential("java.util.Random", 0x5DEECE66D, 11)
# The states from one shown to the next, and what shows them so.
_HIGHEST = {1: "nextInt", 2: "nextDouble() or Math.random()"}
# How many values a draw has, by the digits that it gives: 255 for 256 is a usual mistake.
_RANGES = ((1, 16), (2, 256), (2, 255))
_STATE_BITS = 48
_MODULUS = 1 << _STATE_BITS
# With so many outputs of four bits the nearest vector is the states; the others are predicted.
_DIMENSIONS = 24
_GENERATORS = (
    _JAVA,
    _Congruential("rand() of Microsoft's C library", 214013, 2531011),
    _Congruential("the sample rand() of the C standard", 1103515245, 12345),
)


def congruential(tokens: Sequence[str]) -> str | None:
    """Return which generator's state predicts the digits of consecutive tokens, None for none."""
    for digits in (1, 2):
        outputs = numbers(tokens[:1], digits)
        for generator in _GENERATORS:
            if _follow(generator, outputs, 4 * digits):
                return _found(generator, f"the lowest {4 * digits} bits of each output")
    for words in _java_words(tokens[:1]):
        if _follow(_JAVA, words, 32):
            return _found(_JAVA, "whole words")
    for digits, values in _RANGES:
        for draws, name in _HIGHEST.items():
            if _is_near_a_vector(numbers(tokens[:1], digits), values, draws):
                predicted = DIGITS * 4 - _DIMENSIONS * 4 * digits
                how = f"{name}, {values} values (Perl's rand has the same)"
                return _found(_JAVA, how, predicted)
    return None


def _found(generator: _Congruential, how: str, predicted: int = _CHECKED_BITS) -> str:
    return (
        f"{generator.name}, {how}: from the first outputs of one token its state is recovered, "
        f"which predicts {predicted} further bits of it"
    )


def _follow(generator: _Congruential, outputs: Sequence[int], bits: int) -> bool:
    """Return whether some hidden bits below the first output lead to those that came after it."""
    mask = (1 << _HIDDEN_BITS + bits) - 1
    factor, summand = generator.factor, generator.summand
    known, (second, *others) = outputs[0] << _HIDDEN_BITS, outputs[1 : 1 + _CHECKED_BITS // bits]
    for hidden in range(_HIDDEN):
        state = ((known | hidden) * factor + summand) & mask
        if state >> _HIDDEN_BITS != second:
            continue
        for output in others:
            state = (state * factor + summand) & mask
            if state >> _HIDDEN_BITS != output:
                break
        else:
            return True
    return False


def _is_near_a_vector(outputs: Sequence[int], values: int, draws: int) -> bool:
    """Return whether every state, or every second one, shows as one of so many values."""
    summands = _orbit(0, draws, _DIMENSIONS)
    target = [
        (2 * output + 1) * _MODULUS // (2 * values) - summand
        for output, summand in zip(outputs, summands, strict=False)
    ]
    first = _lattice(draws).nearest(target)[0] % _MODULUS
    states = _orbit(first, draws, len(outputs))
    return [state * values >> _STATE_BITS for state in states] == list(outputs)


def _orbit(state: int, draws: int, length: int) -> list[int]:
    """Return every state, or with 2 `draws` every second one, from the given one on."""
    states = [state]
    for _ in range((length - 1) * draws):
        state = (state * _JAVA.factor + _JAVA.summand) % _MODULUS
        states.append(state)
    return states[::draws]


@cache
def _lattice(draws: int) -> ReducedBasis:
    """Return the lattice of the states that a generator without a summand goes through."""
    factor = pow(_JAVA.factor, draws, _MODULUS)
    powers = [pow(factor, at, _MODULUS) for at in range(_DIMENSIONS)]
    multiples = [
        [_MODULUS if at == place else 0 for at in range(_DIMENSIONS)]
        for place in range(1, _DIMENSIONS)
    ]
    return ReducedBasis([powers, *multiples])


def _java_words(tokens: Sequence[str]) -> Iterator[list[int]]:
    """Yield the outputs behind `nextInt`, `nextBytes` and `nextLong`."""
    words = numbers(tokens, 8)
    yield words
    yield numbers(tokens, 8, little=True)
    # The lower half of a long is added with its sign, which takes one from the upper.
    signed = zip(words[::2], words[1::2], strict=True)
    yield [word for high, low in signed for word in ((high + (low >> 31)) % 2**32, low)]
