"""Linear congruential generators: state ← a · state + c, of which the bits from 16 up are shown.

Addition and multiplication carry upwards only: the digits above bit 16 depend on nothing but the
16 bits below them, which are few enough to be tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.steps.generators.streams import numbers

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
_GENERATORS = (
    _JAVA,
    _Congruential("rand() of Microsoft's C library", 214013, 2531011),
    _Congruential("the sample rand() of the C standard", 1103515245, 12345),
)


def congruential(tokens: Sequence[str]) -> str | None:
    """Tell which generator's state predicts the digits of consecutive tokens, None for none."""
    for digits in (1, 2):
        outputs = numbers(tokens[:1], digits)
        for generator in _GENERATORS:
            if _follow(generator, outputs, 4 * digits):
                return _found(generator, f"the lowest {4 * digits} bits of each output")
    for words in _java_words(tokens[:1]):
        if _follow(_JAVA, words, 32):
            return _found(_JAVA, "whole words")
    return None


def _found(generator: _Congruential, how: str) -> str:
    return (
        f"{generator.name}, {how}: from the first outputs of one token its state is recovered, "
        f"which predicts {_CHECKED_BITS} further bits of it"
    )


def _follow(generator: _Congruential, outputs: Sequence[int], bits: int) -> bool:
    """Tell whether some hidden bits below the first output lead to those that came after it."""
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


def _java_words(tokens: Sequence[str]) -> Iterator[list[int]]:
    """Yield the outputs behind `nextInt`, `nextBytes` and `nextLong`."""
    words = numbers(tokens, 8)
    yield words
    yield numbers(tokens, 8, little=True)
    # The lower half of a long is added with its sign, which takes one from the upper.
    signed = zip(words[::2], words[1::2], strict=True)
    yield [word for high, low in signed for word in ((high + (low >> 31)) % 2**32, low)]
